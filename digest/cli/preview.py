"""`digest preview`: the studio, in a browser."""

from __future__ import annotations

import webbrowser
from datetime import timedelta
from typing import Annotated

import typer

from digest.app import Project
from digest.cli.options import HERE, AsOfOption, NewsletterOption, ProjectOption, clock
from digest.cli.output import Report


def preview(
    project: ProjectOption = HERE,
    newsletter: NewsletterOption = None,
    port: Annotated[
        int | None, typer.Option("--port", min=0, max=65535, help="0 takes any free port; else as configured, or 8025.")
    ] = None,
    open_browser: Annotated[bool, typer.Option("--open/--no-open", help="Open the page in a browser.")] = True,
    as_of: AsOfOption = None,
) -> None:
    """Show the issue of any week as readers will see it, with the reason for every post in and out."""
    from digest.studio import Team, serve
    from digest.studio.people.directory import Directory

    report = Report()
    with Project(project) as opened:
        zone = opened.newsletter(newsletter).schedule.time_zone if newsletter or len(opened.newsletters) == 1 else None
        root, settings = opened.root, opened.operator.studio
    team = None
    if settings.users:
        idle, longest = timedelta(minutes=settings.idle_minutes), timedelta(hours=settings.session_hours)
        team = Team(settings.address, settings.trusted_proxies, idle, longest)
        for name in Directory(root).without_password():
            report.line(f"{name} has no password yet, and cannot sign in: digest studio-password {name!r}", "yellow")

    def ready(url: str) -> None:
        report.line(f"The studio is at {url} (Ctrl-C stops it)")
        if open_browser and team is None:
            webbrowser.open(url)

    host, chosen = settings.host, settings.port if port is None else port
    serve(root, clock(as_of, zone), newsletter=newsletter, host=host, port=chosen, team=team, on_ready=ready)
