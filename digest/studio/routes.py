"""Which address shows what."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from urllib.parse import unquote

import anyio
from anyio import to_thread
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, Response, StreamingResponse
from starlette.routing import Route

from digest.studio.acts.steps import STEPS
from digest.studio.coming_desk import ComingDesk
from digest.studio.comparing.compare_desk import CompareDesk
from digest.studio.contact.contact_desk import ContactDesk
from digest.studio.contact.making import Sheets
from digest.studio.designs import Designs
from digest.studio.desk import Desk, NoSuchWeekError
from digest.studio.framing import Looks
from digest.studio.guard import HEADERS, Guard
from digest.studio.issue_desk import PROOF_COOKIE, TOLD, IssueDesk
from digest.studio.listening import chosen, hearing
from digest.studio.look_desk import LookDesk
from digest.studio.notices import Notices
from digest.studio.pages import Around, crashed, missing, studio_page
from digest.studio.past.back_desk import BackDesk
from digest.studio.people.doors import Door, TokenDoor
from digest.studio.people.persons import person_of, who_acts
from digest.studio.people.rights import ask_rights
from digest.studio.picture_desk import PictureDesk
from digest.studio.place_desk import PlaceDesk
from digest.studio.send_desk import SendDesk
from digest.studio.sending import Sendings
from digest.studio.wardrobe import Wardrobe, elsewhere
from digest.studio.watching import News, watch

_STATIC = Path(__file__).parent / "static"
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_HEARTBEAT = 15
"""Seconds of silence after which a line is sent, to find out who is gone."""


def create_app(
    root: Path,
    clock: Callable[[], datetime],
    *,
    newsletter: str | None,
    token: str = "",
    hosts: Sequence[str] = (),
    door: Door | None = None,
) -> Starlette:
    """Return the studio of the project in `root`.

    `newsletter` is the one that is shown first; `hosts` are the values of the Host header that are answered, each
    with its port, to who comes with the token; a `door` of another kind takes the place of both.
    `app.state.news.end()` lets the open event streams go before the server stops.
    """
    door = door or TokenDoor(token, hosts)
    studio = _Studio(Desk(root, clock, newsletter), Sendings(root, clock), door)
    app = Starlette(
        routes=[
            Route("/", studio.page),
            Route("/issues/{newsletter}", studio.page),
            Route("/issues/{newsletter}/{period}", studio.page),
            Route("/issues/{newsletter}/{period}", studio.issues.act, methods=["POST"]),
            Route("/issues/{newsletter}/{period}/send", studio.sends.question),
            Route("/issues/{newsletter}/{period}/send", studio.sends.begin, methods=["POST"]),
            Route("/issues/{newsletter}/{period}/progress", studio.sends.progress),
            Route("/calendar", studio.coming.page),
            Route("/history", studio.past.all),
            Route("/history/{newsletter}/{period}", studio.past.one),
            Route("/history/{newsletter}/{period}/copies.csv", studio.past.copies),
            Route("/designs/{design}", studio.designs.page),
            Route("/designs/{design}", studio.designs.change, methods=["POST"]),
            Route("/designs/{design}/{file:path}", studio.designs.page),
            Route("/designs/{design}/{file:path}", studio.designs.change, methods=["POST"]),
            Route("/issues/{newsletter}/{period}/place", studio.places.place),
            Route("/issues/{newsletter}/{period}/picture", studio.pictures.picture),
            Route("/look/{newsletter}", studio.look.page),
            Route("/look/{newsletter}", studio.look.change, methods=["POST"]),
            Route("/issues/{newsletter}/{period}/compare", studio.compares.page),
            Route("/stress/{newsletter}", studio.contact.page),
            Route("/stress/{newsletter}/state", studio.contact.state),
            Route("/stress/{newsletter}/{number:int}", studio.contact.one),
            Route("/stress/{newsletter}/{number:int}/mail", studio.contact.mail),
            Route("/trying", studio.designs.trying),
            Route("/events", studio.events),
            Route("/static/{name}", _static),
            *door.routes,
        ],
        middleware=[Middleware(Guard, door=door)],
        exception_handlers={Exception: _crashed},
        lifespan=studio.lifespan,
    )
    ask_rights(app)
    app.state.news = studio.news
    app.state.sendings = studio.sendings
    app.state.sheets = studio.sheets
    app.state.desk = studio.desk
    return app


class _Studio:
    def __init__(self, desk: Desk, sendings: Sendings, door: Door) -> None:
        self.door = door
        self.desk = desk
        self.sendings = sendings
        self.news = News()
        self.turn = anyio.CapacityLimiter(1)  # the desk is for one thread at a time; events need none
        # Histories tell when something really happened, whatever time the studio looks at.
        self.designs = Designs(desk, self.news, self.turn, lambda: datetime.now(UTC))
        self.past = BackDesk(desk, self.turn)
        self.places = PlaceDesk(desk, self.news, self.turn)
        self.pictures = PictureDesk(desk, self.turn)
        self.look = LookDesk(desk, self.news, self.turn, self.designs)
        self.notices = Notices()
        self.issues = IssueDesk(desk, self.news, self.turn, self.notices, STEPS)
        self.sends = SendDesk(desk, self.news, self.turn, self.notices, sendings)
        self.coming = ComingDesk(desk, self.turn)
        self.sheets = Sheets(desk.root, lambda: datetime.now(UTC))
        self.wardrobe = Wardrobe(desk)
        self.compares = CompareDesk(desk, self.news, self.turn)
        self.contact = ContactDesk(desk, self.news, self.turn, self.sheets)

    @asynccontextmanager
    async def lifespan(self, _: Starlette) -> AsyncIterator[None]:
        async with anyio.create_task_group() as tasks:
            await tasks.start(watch, self.desk, self.news, self.turn)
            tasks.start_soon(self._look_first)
            yield
            # What is being sent stops within a batch, and what became of that is written down.
            await to_thread.run_sync(self.sendings.stop)
            await to_thread.run_sync(self.sheets.stop)
            tasks.cancel_scope.cancel()
        self.desk.close()

    async def _look_first(self) -> None:
        """Make what is looked at first while the browser still opens: the first mail takes a second of reading code."""
        with suppress(Exception):  # whatever it is, who looks is told
            await to_thread.run_sync(self.desk.view, limiter=self.turn)

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
        dark, gmail = query.get("dark") == "1", query.get("gmail") == "1"
        looks = Looks(dark=dark, images=query.get("images") != "0", turned=gmail)
        if view.newsletter and (led_on := elsewhere(view.newsletter, query)):
            return led_on
        try_on = partial(self.wardrobe.tried_on, view, looks, query, version)
        view, looks = await to_thread.run_sync(try_on, limiter=self.turn)
        spoken = view.newsletter.language if view.newsletter else ""
        who, form_token = who_acts(request), person_of(request).form_token
        leaving, to = None, unquote(request.cookies.get(PROOF_COOKIE, ""))
        if view.newsletter and view.calendar:
            where = view.newsletter.slug, view.calendar.shown.slot.period
            leaving = await to_thread.run_sync(partial(self.sends.about, *where), limiter=self.turn)
        around = Around(version, form_token, who, self.notices.find(query.get(TOLD, "")), leaving=leaving, proof_to=to)
        around = replace(around, wearable=self.wardrobe.offered())
        return studio_page(view, looks, query.get("shown", ""), around, hearing(request, spoken))

    async def events(self, request: Request) -> Response:
        """Tell the version now, and each later one, until the studio stops or who asked is let in no more."""
        person = person_of(request)

        async def lines() -> AsyncIterator[str]:
            told = 0
            yield "retry: 500\n\n"
            while not self.news.over and self.door.still(person):
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
