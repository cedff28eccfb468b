"""`digest metrics`: how the newsletters are doing, in numbers for Prometheus."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from digest.app import Project
from digest.cli.options import HERE, AsOfOption, ProjectOption, clock


def metrics(
    project: ProjectOption = HERE,
    file: Annotated[
        Path | None,
        typer.Option(
            "--file", metavar="FILE", help="Write them to this file, e.g. for node_exporter's textfile collector."
        ),
    ] = None,
    as_of: AsOfOption = None,
) -> None:
    """Print the numbers of all newsletters as Prometheus reads them. What `[monitor]` serves, for who has only cron."""
    from digest import monitor

    with Project(project) as opened:
        _ = opened.store  # a project or store that cannot be read is an error here, and not a number
        root = opened.root
    if file:
        monitor.write_file(root, clock(as_of), file)
    else:
        typer.echo(monitor.text_of(root, clock(as_of)), nl=False)
