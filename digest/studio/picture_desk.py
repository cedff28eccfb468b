"""Where an edit is seen first: the mail of a draft alone, before anybody has checked it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import anyio
from anyio import to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from digest.render.tag_offsets import numbered
from digest.studio.desk import Desk, NoSuchWeekError
from digest.studio.framing import Looks, dressed
from digest.studio.wardrobe import DESIGN, SPOKEN


@dataclass(frozen=True, slots=True)
class PictureDesk:
    """Answers `/picture` below an issue's address."""

    desk: Desk
    turn: anyio.CapacityLimiter

    async def picture(self, request: Request) -> Response:
        """Answer `{frame, turned}` with what the frames show; `{}` where only the whole page can tell."""
        if request.query_params.get(DESIGN) or request.query_params.get(SPOKEN):
            return JSONResponse({})  # it is tried on in other clothes than its own
        slug, period = request.path_params["newsletter"], request.path_params["period"]
        wants_draft = request.query_params.get("shown") == "draft"
        find = partial(self.desk.picture, slug, period, wants_draft=wants_draft)
        try:
            mail = await to_thread.run_sync(find, limiter=self.turn)
        except NoSuchWeekError:
            mail = None
        return picture_of(numbered(mail.html) if mail else "", looks_of(request))


def picture_of(html: str, looks: Looks) -> Response:
    """Return the answer that is a mail's picture; `{}` for none."""
    return JSONResponse(dressed(html, looks) if html else {})


def looks_of(request: Request) -> Looks:
    """Return how an address asks for the mail to be looked at."""
    query = request.query_params
    return Looks(dark=query.get("dark") == "1", images=query.get("images") != "0", turned=query.get("gmail") == "1")
