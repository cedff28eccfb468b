"""The public endpoints: one-click unsubscribe (RFC 8058), an issue in the browser, and a sign of life.

GET  /u/{token}                      a page with a button, so that link scanners unsubscribe nobody
POST /u/{token}                      unsubscribes; the same answer for every token, known or not
any  /u/-                            the link in an issue shown to everybody is nobody's, and says so
GET  /issues/{newsletter}/{period}   the issue as it was sent; nothing that has not left yet
GET  /healthz                        200 when the store can be read
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool as run_sync
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from digest.app import Project
from digest.errors import StoreError
from digest.models import READER_TOKEN, IssueState
from digest.web.pages import nobody_page, unsubscribe_page, unsubscribed_page

_PUBLIC = {IssueState.SENDING, IssueState.SETTLING, IssueState.SENT, IssueState.NEEDS_REVIEW}
NOBODY = "-"
"""Stands for a reader's token where an issue is shown to everybody."""

_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,64}")
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src https:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",  # an unsubscribe link holds a reader's token
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}


def create_app(project: Project, clock: Callable[[], datetime]) -> Starlette:
    """Return the application; it uses the project's store, which stays the caller's to close."""

    async def nobody(_request: Request) -> Response:
        return HTMLResponse(nobody_page(_language(project, NOBODY)))

    async def ask(request: Request) -> Response:
        language = await run_sync(_language, project, request.path_params["token"])
        return HTMLResponse(unsubscribe_page(language))

    async def unsubscribe(request: Request) -> Response:
        token = request.path_params["token"]
        language = await run_sync(_language, project, token)
        if _TOKEN.fullmatch(token):
            await run_sync(project.store.readers.suppress, token, "unsubscribed", clock())
        return HTMLResponse(unsubscribed_page(language))

    async def issue(request: Request) -> Response:
        html = await run_sync(_sent_html, project, request.path_params["newsletter"], request.path_params["period"])
        return HTMLResponse(html) if html else Response("Not found", status_code=404, media_type="text/plain")

    async def health(_request: Request) -> Response:
        await run_sync(project.store.issues.latest, None, 1)
        return JSONResponse({"status": "ok"})

    async def store_failed(_request: Request, _error: Exception) -> Response:
        # Not 200: a mailbox provider that gets an error tries the unsubscription again.
        return Response("The store cannot be used now. Try again later.", status_code=503, media_type="text/plain")

    return Starlette(
        routes=[
            Route(f"/u/{NOBODY}", nobody, methods=["GET", "POST"]),
            Route("/u/{token}", ask, methods=["GET"]),
            Route("/u/{token}", unsubscribe, methods=["POST"]),
            Route("/issues/{newsletter}/{period}", issue),
            Route("/healthz", health),
        ],
        middleware=[Middleware(_SafeHeaders)],
        exception_handlers={StoreError: store_failed},
    )


def serve(root: Path, clock: Callable[[], datetime], host: str, port: int) -> None:
    """Answer on `host:port` until SIGINT or SIGTERM. Meant to stand behind a reverse proxy that speaks https."""
    import uvicorn

    with Project(root) as project:
        # No access log: its lines would hold readers' tokens.
        uvicorn.run(create_app(project, clock), host=host, port=port, access_log=False, server_header=False)


class _SafeHeaders(BaseHTTPMiddleware):
    """Adds the headers that every answer carries."""

    async def dispatch(self, request: Request, call_next: RequestResponseEndpoint) -> Response:
        """Pass the request on and complete its answer."""
        response = await call_next(request)
        response.headers.update(_HEADERS)
        return response


def _language(project: Project, token: str) -> str:
    """Return the language of the newsletter that a token belongs to; Japanese for one that belongs to none."""
    reader = project.store.readers.by_token(token) if _TOKEN.fullmatch(token) else None
    newsletter = project.newsletters.get(reader.newsletter) if reader else None
    return newsletter.language if newsletter else "ja"


def _sent_html(project: Project, newsletter: str, period: str) -> str | None:
    issue = project.store.issues.find(newsletter, period)
    if issue is None or issue.state not in _PUBLIC:
        return None
    frozen = project.store.issues.frozen(issue)
    return frozen.email.html.replace(READER_TOKEN, NOBODY) if frozen else None
