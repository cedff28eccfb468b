"""The public endpoints: for readers, for who wants to be one, and for who only wants to look.

GET  /u/{token}                       a page with a button, so that link scanners unsubscribe nobody   `leaving.py`
POST /u/{token}                       unsubscribes; one-click (RFC 8058)
     /p/{token}                       sections, name, language, to leave and to come back              `preferences.py`
     /u/- and /p/-                    the links in an issue shown to everybody are nobody's, and say so
GET  /subscribe/{newsletter}          the form for new readers; POST asks for one confirmation mail    `joining.py`
GET  /confirm/{token}                 a page with a button; POST puts the reader on the list
GET  /issues/{newsletter}/{period}    the issue as it was sent; nothing that has not left yet          `archive.py`
GET  /archive/{newsletter}            all that have left, newest first; below it `feed.xml` for Atom   `feed.py`
POST /webhooks/{kind}                 what providers tell later about mail that they took               `webhooks.py`
GET  /healthz                         200 when the store can be read

Links are made from `site.public_url`, never from what a request says of its host.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool as run_sync
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from digest.app import Project
from digest.errors import StoreError
from digest.web.archive import archive
from digest.web.guard import SafeHeaders
from digest.web.joining import joining
from digest.web.leaving import leaving
from digest.web.pages import NOBODY
from digest.web.preferences import preferences
from digest.web.webhooks import webhooks

__all__ = ["NOBODY", "create_app", "serve"]

_LARGEST_HEAD = 16_384
"""Octets of a request line and its headers."""
_AT_ONCE = 512
"""Connections; what is more is told to come back."""
_GRACE_SECONDS = 60
"""For a confirmation mail that is on its way when the server stops: a provider has less than that."""


def create_app(project: Project, clock: Callable[[], datetime]) -> Starlette:
    """Return the application; it uses the project's store, which stays the caller's to close.

    Raises `ConfigError` for a webhook that lacks something.
    """

    async def health(_request: Request) -> Response:
        await run_sync(project.store.issues.latest, None, 1)
        return JSONResponse({"status": "ok"})

    async def store_failed(_request: Request, _error: Exception) -> Response:
        # Not 200: a mailbox provider that gets an error tries the unsubscription again.
        return Response("The store cannot be used now. Try again later.", status_code=503, media_type="text/plain")

    app = Starlette(
        routes=[
            *leaving(project, clock),
            *preferences(project, clock),
            *joining(project, clock),
            *archive(project),
            *webhooks(project, clock),
            Route("/healthz", health),
        ],
        middleware=[Middleware(SafeHeaders)],
        exception_handlers={StoreError: store_failed},
    )
    app.router.redirect_slashes = False  # it would redirect to whatever host the request names
    return app


def serve(root: Path, clock: Callable[[], datetime], host: str, port: int, *, own_lines: bool = True) -> None:
    """Answer on `host:port` until SIGINT or SIGTERM. Meant to stand behind a reverse proxy that speaks https.

    Without `own_lines` the server's lines go where all of the log goes.
    """
    import uvicorn

    with Project(root) as project:
        project.store.signups.erase_unconfirmed(clock())  # likewise with forms, but nobody may ever fill one in again
        uvicorn.run(
            create_app(project, clock),
            host=host,
            port=port,
            access_log=False,  # its lines would hold readers' tokens
            log_config=uvicorn.config.LOGGING_CONFIG if own_lines else None,
            server_header=False,
            http="h11",  # the one that bounds the size of headers
            h11_max_incomplete_event_size=_LARGEST_HEAD,
            limit_concurrency=_AT_ONCE,
            timeout_graceful_shutdown=_GRACE_SECONDS,
            # Whose X-Forwarded-For is believed: a proxy on this machine. Anybody else could claim any network.
            proxy_headers=True,
            forwarded_allow_ips="127.0.0.1,::1",
            ws="none",
            lifespan="off",
        )
