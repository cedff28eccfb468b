"""`digest backup`: the store as one file, taken while everything runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from digest.app import Project
from digest.cli.options import HERE, AsOfOption, JsonOption, ProjectOption, clock
from digest.cli.output import Report, counted, shown


def backup(
    file: Annotated[
        Path | None,
        typer.Argument(metavar="[FILE]", help="A new file, or a folder; var/backups when it is not given."),
    ] = None,
    keep: Annotated[
        int | None, typer.Option("--keep", metavar="N", min=1, help="Then remove all but the newest N of that folder.")
    ] = None,
    project: ProjectOption = HERE,
    as_of: AsOfOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write all that the store knows to one file, as it is at one moment. Nothing waits for it.

    JSON: {file, taken_at, schema, octets, rows: {table: count}, removed}.
    """
    from digest.app.backups import back_up

    report = Report(as_json)
    with Project(project) as opened:
        written, removed = back_up(opened, clock(as_of)(), file, keep)
        root = opened.root
    manifest = written.manifest
    rows = {name: part.rows for name, part in manifest.tables.items()}
    report.data(
        {
            "file": str(written.place),
            "taken_at": manifest.taken_at.isoformat(),
            "schema": manifest.schema,
            "octets": written.octets,
            "rows": rows,
            "removed": [str(each) for each in removed],
        }
    )
    contents = f"{counted(rows['issue'], 'issue')}, {counted(rows['reader'], 'reader')}"
    report.line(f"{shown(written.place, root)}: {contents}, {written.octets / 1e6:,.1f} MB", "bold")
    for each in removed:
        report.line(f"removed {shown(each, root)}", "dim")
    report.line("It holds readers' addresses: keep it on another machine, where only few can read it.", "dim")
