"""Where an issue is acted on: a form of its page comes in, a step is done, and the answer leads back to the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from urllib.parse import quote, urlencode

import anyio
from anyio import to_thread
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from digest.errors import DigestError
from digest.models import Slot
from digest.pipeline import Press
from digest.studio.acts import Deed, Said, Step
from digest.studio.desk import Desk, NoSuchWeekError
from digest.studio.forms import sent_form
from digest.studio.listening import hearing
from digest.studio.notices import Notice, Notices
from digest.studio.pages import missing, refusal
from digest.studio.people.persons import remember_name, who_acts
from digest.studio.watching import News

TOLD = "told"
"""Names what is said about the last step, in an address."""
PROOF_COOKIE = "digest-studio-proof"
"""Remembers to whom proofs go."""
_LONGEST_ADDRESSES = 1_000
_A_YEAR = 365 * 24 * 60 * 60
_KEPT = ("shown", "dark", "gmail", "images")
"""What of an address the answer leads back to."""


@dataclass(slots=True)
class IssueDesk:
    """Takes the forms of issues' pages."""

    desk: Desk
    news: News
    turn: anyio.CapacityLimiter
    notices: Notices
    steps: Mapping[str, Step]
    """By the name that a form says as `step`."""

    async def act(self, request: Request) -> Response:
        """Do what a form asks for, and lead back to the page, which says what became of it."""
        fields = sent_form(request)
        step = self.steps.get(fields.get("step", ""))
        if step is None:
            return refusal(hearing(request), 400, "form")
        slug, period = request.path_params["newsletter"], request.path_params["period"]
        who = who_acts(request, fields)
        work = partial(self._do, step, fields, who)
        try:
            key, values = await to_thread.run_sync(partial(self.desk.act, slug, period, work), limiter=self.turn)
            notice = Notice(good=True, key=f"acts.{key}", values=values)
        except NoSuchWeekError as unknown:
            return missing(hearing(request), str(unknown))
        except DigestError as error:
            notice = Notice(good=False, detail=error.message, fix=error.fix)
        self.news.announce()  # for everybody else who looks at it
        kept = {name: value for name in _KEPT if (value := request.query_params.get(name))}
        query = urlencode({**kept, TOLD: self.notices.keep(notice)})
        answer = RedirectResponse(f"/issues/{quote(slug)}/{quote(period)}?{query}", 303)
        remember_name(request, answer, who)
        if to := fields.get("proof_to", "")[:_LONGEST_ADDRESSES]:
            answer.set_cookie(PROOF_COOKIE, quote(to), max_age=_A_YEAR, httponly=True, samesite="strict")
        return answer

    def _do(self, step: Step, fields: Mapping[str, str], who: str, press: Press, slot: Slot, now: datetime) -> Said:
        issue = press.store.issues.find(press.newsletter.slug, slot.period)
        return step(Deed(press, slot, issue, fields, who, now))
