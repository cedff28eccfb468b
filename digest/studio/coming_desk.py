"""Where the calendar is shown."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import anyio
from anyio import to_thread
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from digest.errors import DigestError
from digest.studio.coming import coming_issues
from digest.studio.desk import Desk
from digest.studio.listening import chosen, hearing
from digest.studio.pages import filled


@dataclass(slots=True)
class ComingDesk:
    """Answers `/calendar`."""

    desk: Desk
    turn: anyio.CapacityLimiter

    async def page(self, request: Request) -> Response:
        """Show the coming issues of all newsletters."""
        if led_on := chosen(request):
            return led_on
        try:
            coming = await to_thread.run_sync(partial(self.desk.read, coming_issues), limiter=self.turn)
        except DigestError:
            return RedirectResponse("/", 303)  # that page tells what is wrong, and where
        spoken = coming[0].newsletter.language if coming else ""
        return filled("calendar.html", hearing(request, spoken), {"coming": coming})
