"""Which address shows what."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import anyio
from anyio import to_thread
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, Response, StreamingResponse
from starlette.routing import Route

from digest.studio.designs import Designs
from digest.studio.desk import Desk, NoSuchWeekError
from digest.studio.framing import Looks
from digest.studio.guard import HEADERS, Guard
from digest.studio.listening import chosen, hearing
from digest.studio.pages import crashed, missing, studio_page
from digest.studio.watching import News, watch

_STATIC = Path(__file__).parent / "static"
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_HEARTBEAT = 15
"""Seconds of silence after which a line is sent, to find out who is gone."""


def create_app(
    root: Path, clock: Callable[[], datetime], *, newsletter: str | None, token: str, hosts: Sequence[str]
) -> Starlette:
    """Return the studio of the project in `root`.

    `newsletter` is the one that is shown first; `hosts` are the values of the Host header that are answered, each
    with its port. `app.state.news.end()` lets the open event streams go before the server stops.
    """
    studio = _Studio(Desk(root, clock, newsletter))
    app = Starlette(
        routes=[
            Route("/", studio.page),
            Route("/issues/{newsletter}", studio.page),
            Route("/issues/{newsletter}/{period}", studio.page),
            Route("/designs/{design}", studio.designs.page),
            Route("/designs/{design}", studio.designs.change, methods=["POST"]),
            Route("/designs/{design}/{file:path}", studio.designs.page),
            Route("/designs/{design}/{file:path}", studio.designs.change, methods=["POST"]),
            Route("/trying", studio.designs.trying),
            Route("/events", studio.events),
            Route("/static/{name}", _static),
        ],
        middleware=[Middleware(Guard, token=token, hosts=hosts)],
        exception_handlers={Exception: _crashed},
        lifespan=studio.lifespan,
    )
    app.state.news = studio.news
    return app


class _Studio:
    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.news = News()
        self.turn = anyio.CapacityLimiter(1)  # the desk is for one thread at a time; events need none
        # Histories tell when something really happened, whatever time the studio looks at.
        self.designs = Designs(desk, self.news, self.turn, secrets.token_urlsafe(24), lambda: datetime.now(UTC))

    @asynccontextmanager
    async def lifespan(self, _: Starlette) -> AsyncIterator[None]:
        async with anyio.create_task_group() as tasks:
            await tasks.start(watch, self.desk, self.news, self.turn)
            yield
            tasks.cancel_scope.cancel()
        self.desk.close()

    async def page(self, request: Request) -> Response:
        """Show a week."""
        if led_on := chosen(request):
            return led_on
        version = self.news.version  # before looking: what changes meanwhile is announced once more
        slug, period = request.path_params.get("newsletter"), request.path_params.get("period")
        try:
            view = await to_thread.run_sync(partial(self.desk.view, slug, period), limiter=self.turn)
        except NoSuchWeekError as unknown:
            return missing(hearing(request), str(unknown))
        query = request.query_params
        looks = Looks(dark=query.get("dark") == "1", images=query.get("images") != "0")
        spoken = view.newsletter.language if view.newsletter else ""
        return studio_page(view, looks, query.get("shown", ""), version, hearing(request, spoken))

    async def events(self, _: Request) -> Response:
        """Tell the version now, and each later one."""

        async def lines() -> AsyncIterator[str]:
            told = 0
            yield "retry: 500\n\n"
            while not self.news.over:
                if self.news.version == told:
                    yield ": still here\n\n"
                else:
                    told = self.news.version
                    yield f"event: version\ndata: {told}\n\n"
                with anyio.move_on_after(_HEARTBEAT):
                    await self.news.after(told)

        return StreamingResponse(lines(), media_type="text/event-stream")


async def _static(request: Request) -> Response:
    # Looked up among the names that there are: nothing in an address can lead out of the folder.
    files = {file.name: file for file in _STATIC.iterdir() if file.suffix in _TYPES}
    file = files.get(request.path_params["name"])
    if file is None:
        raise HTTPException(404)
    return FileResponse(file, media_type=_TYPES[file.suffix])


async def _crashed(request: Request, _: Exception) -> Response:
    answer = crashed(hearing(request))
    answer.headers.update(HEADERS)  # this one is made outside the guard
    return answer
