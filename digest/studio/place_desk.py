"""Where a part of a mail comes from: a tag of what is shown leads to the file and line that wrote it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

import anyio
from anyio import to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from digest.errors import DigestError
from digest.models import Email, Finding, Level, Slot, Spot
from digest.pipeline import Draft, Press, draft, placed
from digest.render.tag_offsets import tag_at
from digest.studio.desk import Desk, NoSuchWeekError
from digest.studio.listening import hearing
from digest.studio.pages import missing
from digest.studio.watching import News
from digest.studio.ways import way_to

_DIGITS = 7
"""Of a place in a mail; longer ones are in none."""
_ASKED = "asked"
"""Stands where a finding has its code: this one is only asked about."""
_Key = tuple[str, str, int]


@dataclass(slots=True)
class PlaceDesk:
    """Answers where the parts of the mail come from that is looked at."""

    desk: Desk
    news: News
    turn: anyio.CapacityLimiter
    _made: tuple[_Key, Press, Draft] | None = field(default=None)
    """The draft that was asked about last."""

    async def place(self, request: Request) -> Response:
        """Answer `{file, line, address}` for the tag that begins at `?offset=` of the mail; `{}` where nobody knows."""
        asked = request.query_params.get("offset", "")
        if not (asked.isascii() and asked.isdigit() and len(asked) <= _DIGITS):
            return JSONResponse({}, 400)
        slug, period = request.path_params["newsletter"], request.path_params["period"]
        wants_draft = request.query_params.get("shown") == "draft"
        try:
            found = await to_thread.run_sync(self._found, slug, period, int(asked), wants_draft, limiter=self.turn)
        except NoSuchWeekError as unknown:
            return missing(hearing(request), str(unknown))
        return JSONResponse(found)

    def _found(self, slug: str, period: str, offset: int, wants_draft: bool) -> dict[str, str | int]:
        view = self.desk.view(slug, period)
        sheet = view.draft if wants_draft or view.frozen is None else view.frozen
        tag = tag_at(sheet.email.html, offset) if sheet else -1
        if sheet is None or tag < 0 or view.newsletter is None:
            return {}
        about = Finding(Level.INFO, _ASKED, "", spot=Spot("html", tag))
        try:
            press, made = self._draft(slug, period)
            (found,) = placed(press, _wearing(made, sheet.email), [about])
        except DigestError:  # the design has changed since, and cannot be rendered now: the page says so
            return {}
        address = way_to(found.file, found.line, view.newsletter.template, slug)
        return {"file": found.file, "line": found.line, "address": address}

    def _draft(self, slug: str, period: str) -> tuple[Press, Draft]:
        def work(press: Press, slot: Slot, now: datetime) -> tuple[Press, Draft]:
            return press, draft(press, slot, now)

        key = (slug, period, self.news.version)
        if self._made is None or self._made[0] != key:
            self._made = (key, *self.desk.act(slug, period, work))
        return self._made[1:]


def _wearing(made: Draft, email: Email) -> Draft:
    """Return the draft with the mail that is shown: a frozen one may be older, and then no line is told."""
    return replace(made, email=email)
