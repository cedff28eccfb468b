"""Where people look back: all issues of a newsletter, everything about one, and its copies as a file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from urllib.parse import quote

import anyio
from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from digest.app import Project
from digest.errors import DigestError
from digest.models import DeliveryState, EventKind, Newsletter
from digest.store import Store
from digest.studio.desk import Desk, NoSuchWeekError
from digest.studio.framing import Looks, framed
from digest.studio.listening import chosen, hearing
from digest.studio.pages import filled, missing
from digest.studio.past.plot import BARS, RATES, plot_of
from digest.studio.past.reading import overview, whole
from digest.studio.past.spreadsheet import as_csv
from digest.studio.trouble import trouble_from

_HEARD = (EventKind.DELIVERED, EventKind.BOUNCED, EventKind.COMPLAINED, EventKind.OPENED, EventKind.CLICKED)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What an address is about."""

    project: Project
    newsletter: Newsletter
    store: Store
    now: datetime


Answer = Callable[[_Asked], Response]


@dataclass(frozen=True, slots=True)
class BackDesk:
    """Shows what was. The desk is asked for the project only: what is long ago keeps nobody waiting."""

    desk: Desk
    turn: anyio.CapacityLimiter

    async def all(self, request: Request) -> Response:
        """Show all issues of a newsletter."""
        return await self._shown(request, request.query_params.get("newsletter"), partial(self._all, request))

    async def one(self, request: Request) -> Response:
        """Show everything about an issue."""
        return await self._shown(request, request.path_params["newsletter"], partial(self._one, request))

    async def copies(self, request: Request) -> Response:
        """Give what became of each reader's copy as a file."""
        return await self._shown(request, request.path_params["newsletter"], partial(self._copies, request))

    async def _shown(self, request: Request, slug: str | None, answer: Answer) -> Response:
        if led_on := chosen(request):
            return led_on
        try:
            asked = await to_thread.run_sync(self.desk.read, partial(_asked, slug), limiter=self.turn)
            return await to_thread.run_sync(answer, asked)
        except NoSuchWeekError as unknown:
            return missing(hearing(request), str(unknown))
        except DigestError as error:
            values = {"trouble": trouble_from(error, self.desk.root)}
            return filled("past_trouble.html", hearing(request), values, 500)

    def _all(self, request: Request, asked: _Asked) -> Response:
        shown = overview(asked.store, asked.newsletter.slug, request.query_params.get("page", ""))
        values = _around(asked) | {
            "overview": shown,
            "plot": plot_of(shown.issues),
            "bars_height": BARS,
            "rates_height": RATES,
        }
        return filled("past.html", hearing(request, asked.newsletter.language), values)

    def _one(self, request: Request, asked: _Asked) -> Response:
        period, wanted = request.path_params["period"], request.query_params.get("page", "")
        found = whole(asked.store, asked.newsletter, period, wanted, asked.now)
        if found is None:
            raise NoSuchWeekError(period)
        frame = framed(found.email.html, Looks()) if found.email else ""
        values = _around(asked) | {"whole": found, "past": found.past, "frame": frame}
        return filled("past_issue.html", hearing(request, asked.newsletter.language), values)

    def _copies(self, request: Request, asked: _Asked) -> Response:
        issue = asked.store.issues.find(asked.newsletter.slug, request.path_params["period"])
        if issue is None:
            raise NoSuchWeekError(request.path_params["period"])
        name = quote(f"{issue.newsletter}-{issue.period}.csv")
        headers = {"Content-Disposition": f"attachment; filename=\"{name}\"; filename*=UTF-8''{name}"}
        return StreamingResponse(as_csv(asked.store.events.copies(issue)), 200, headers, "text/csv; charset=utf-8")


def _asked(slug: str | None, project: Project, now: datetime) -> _Asked:
    """Take what is needed in turn: two threads would open two stores."""
    newsletter = project.newsletters.get(slug) if slug else next(iter(project.newsletters.values()), None)
    if newsletter is None:
        raise NoSuchWeekError(slug)
    return _Asked(project, newsletter, project.store, now)


def _around(asked: _Asked) -> dict[str, object]:
    return {
        "newsletters": tuple(asked.project.newsletters.values()),
        "newsletter": asked.newsletter,
        "zone": asked.newsletter.schedule.time_zone,
        "states": tuple(DeliveryState),
        "heard": _HEARD,
    }
