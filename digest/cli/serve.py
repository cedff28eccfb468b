"""`digest serve`: the public endpoints."""

from __future__ import annotations

from typing import Annotated

import typer

from digest.app import Project
from digest.cli import logs
from digest.cli.options import HERE, AsOfOption, ProjectOption, clock
from digest.cli.output import Report


def serve(
    project: ProjectOption = HERE,
    host: Annotated[str, typer.Option("--host", help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port")] = 8026,
    as_of: AsOfOption = None,
) -> None:
    """Answer readers (unsubscribe, preferences, sign-up, archive, "view online") and providers' webhooks.

    Put a reverse proxy that speaks https in front of it.
    """
    from digest.web import serve as serve_web

    with Project(project) as opened:
        logs.begin(opened, "serve")
        root, public = opened.root, opened.operator.site.public_url
    Report().line(f"Listening on http://{host}:{port}, which {public} should lead to")
    serve_web(root, clock(as_of), host, port, own_lines=False)
