"""One-click unsubscribe (RFC 8058): looking at the link does nothing, a POST does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from starlette.concurrency import run_in_threadpool as run_sync
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from digest.app import Project
from digest.web.pages import NOBODY, nobody_page, unsubscribe_page, unsubscribed_page
from digest.web.whose import TOKEN, whose


def leaving(project: Project, clock: Callable[[], datetime]) -> list[Route]:
    """Return the routes of `/u/`."""

    async def nobody(_request: Request) -> Response:
        return HTMLResponse(nobody_page("ja"))

    async def ask(request: Request) -> Response:
        holder = await run_sync(whose, project, request.path_params["token"])
        return HTMLResponse(unsubscribe_page(holder.language, holder.preferences))

    async def unsubscribe(request: Request) -> Response:
        token = request.path_params["token"]
        holder = await run_sync(whose, project, token)
        await run_sync(leave, project, token, clock())
        return HTMLResponse(unsubscribed_page(holder.language, holder.preferences))

    return [
        Route(f"/u/{NOBODY}", nobody, methods=["GET", "POST"]),
        Route("/u/{token}", ask, methods=["GET"]),
        Route("/u/{token}", unsubscribe, methods=["POST"]),
    ]


def leave(project: Project, token: str, now: datetime) -> None:
    """Unsubscribe whoever the token stands for, if anybody."""
    if TOKEN.fullmatch(token):
        project.store.readers.suppress(token, "unsubscribed", now)
