"""`digest preview`: the studio, in a browser."""

from __future__ import annotations

import webbrowser
from typing import Annotated

import typer

from digest.app import Project
from digest.cli.options import HERE, AsOfOption, NewsletterOption, ProjectOption, clock
from digest.cli.output import Report


def preview(
    project: ProjectOption = HERE,
    newsletter: NewsletterOption = None,
    port: Annotated[int, typer.Option("--port", help="0 takes any free port.")] = 8025,
    open_browser: Annotated[bool, typer.Option("--open/--no-open", help="Open the page in a browser.")] = True,
    as_of: AsOfOption = None,
) -> None:
    """Show the issue of any week as readers will see it, with the reason for every post in and out."""
    from digest.studio import serve

    report = Report()
    with Project(project) as opened:
        zone = opened.newsletter(newsletter).schedule.time_zone if newsletter or len(opened.newsletters) == 1 else None
        root = opened.root

    def ready(url: str) -> None:
        report.line(f"The studio is at {url} (Ctrl-C stops it)")
        if open_browser:
            webbrowser.open(url)

    serve(root, clock(as_of, zone), newsletter=newsletter, port=port, on_ready=ready)
