"""Where two versions of an issue are compared."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import anyio
from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response

from digest.errors import DigestError
from digest.render.tag_offsets import numbered
from digest.studio.comparing.pairs import Pair, offered, pair_of
from digest.studio.desk import Desk, NoSuchWeekError, View
from digest.studio.framing import Looks, framed
from digest.studio.listening import chosen, hearing
from digest.studio.pages import filled, missing
from digest.studio.trouble import trouble_from
from digest.studio.watching import News


@dataclass(slots=True)
class CompareDesk:
    """Answers `/issues/{newsletter}/{period}/compare`."""

    desk: Desk
    news: News
    turn: anyio.CapacityLimiter

    async def page(self, request: Request) -> Response:
        """Show what differs: `?with=approved` since the approval, `rebuilt` between the stored mail and today's."""
        if led_on := chosen(request):
            return led_on
        version = self.news.version  # before looking: what changes meanwhile is announced once more
        slug, period = request.path_params["newsletter"], request.path_params["period"]
        wanted = request.query_params.get("with", "")
        try:
            work = partial(self._found, slug, period, wanted)
            view, ways, pair = await to_thread.run_sync(work, limiter=self.turn)
        except NoSuchWeekError as unknown:
            return missing(hearing(request), str(unknown))
        except DigestError as error:
            troubled = {"trouble": trouble_from(error, self.desk.root)}
            return filled("past_trouble.html", hearing(request), troubled, 500)
        looks = Looks(dark=request.query_params.get("dark") == "1")
        values = {
            "view": view,
            "newsletter": view.newsletter,
            "week": view.calendar.shown if view.calendar else None,
            "version": version,
            "ways": ways,
            "pair": pair,
            "looks": looks,
            "here": f"/issues/{slug}/{period}/compare",
            "frames": tuple(
                framed(numbered(each.frozen.email.html), looks) for each in ((pair.before, pair.after) if pair else ())
            ),
        }
        spoken = view.newsletter.language if view.newsletter else ""
        return filled("compare.html", hearing(request, spoken), values)

    def _found(self, slug: str, period: str, wanted: str) -> tuple[View, tuple[str, ...], Pair | None]:
        view = self.desk.view(slug, period)
        if view.newsletter is None or view.calendar is None:
            raise NoSuchWeekError(slug)
        ways = self.desk.read(lambda project, _: offered(project, view))
        what = wanted if wanted in ways else ways[0] if ways else ""
        pair = self.desk.read(lambda project, _: pair_of(project, view, what)) if what else None
        return view, ways, pair
