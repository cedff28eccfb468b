"""Decides who is shown an issue before it leaves, and how: a proof of the mail, and a message by every way of reports.

What is asked was noted before, so that no other host asks it again. A way that fails is a finding, and never spoils
the run.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import quote

from digest.models import Finding, Issue
from digest.pipeline.press import Outcome, Press, Question
from digest.pipeline.reporting import WENT_ON, Channels, Teller, reason_of, things, untold
from digest.pipeline.review_message import review_message
from digest.pipeline.steps import send_as_proof
from digest.store import Frozen


@dataclass(frozen=True, slots=True)
class Asker:
    """Asks people about an issue."""

    teller: Callable[[], Teller]
    """Opens who tells how runs end."""
    reviewers: tuple[str, ...]
    """Addresses of those who get the proof and, instead of those who get the reports, the message."""
    studio: str
    """With what the addresses of its pages begin; empty when that is not known."""

    async def ask(self, press: Press, question: Question) -> tuple[Finding, ...]:
        """Tell people of a version; return what could not be told. Never raises."""
        issue, now = question.issue, question.now
        try:
            frozen = press.store.issues.frozen(issue)
            if frozen is None or frozen.email.fingerprint != issue.fingerprint:
                return ()  # it was built again just now: whoever did asks about that version
            teller = self.teller()
            _leave_nothing_to_report(teller, press, question)
            message = review_message(question, press.newsletter, frozen, self._link(issue))
            found = () if question.is_reminder else await self._proof(press, issue, frozen, now)
            kind = "reminder" if question.is_reminder else "review"
            ways = replace(teller.channels, mail=self.reviewers)
            told = await replace(teller, channels=ways).deliver(message, press.newsletter, issue, kind, now)
        except Exception as error:  # noqa: BLE001 - whoever looks every minute goes on, and the studio shows the issue
            return (untold(issue.name, "by any way", reason_of(error)),)
        return (*found, *told)

    async def _proof(self, press: Press, issue: Issue, frozen: Frozen, now: datetime) -> tuple[Finding, ...]:
        if not self.reviewers:
            return ()
        try:
            await send_as_proof(press, issue, frozen.email, self.reviewers, now)
        except Exception as error:  # noqa: BLE001 - the message can still be told
            trouble = reason_of(error)
            press.store.reported.failed(issue, f"a proof: {trouble}", now)
            return (untold(issue.name, "as a proof", trouble),)
        return ()

    def _link(self, issue: Issue) -> str:
        """Return the address of the issue's page; without a studio that listens somewhere, how to start it."""
        page = f"/issues/{quote(issue.newsletter)}/{quote(issue.period)}"
        return f"{self.studio}{page}" if self.studio else "`digest preview`"


def _leave_nothing_to_report(teller: Teller, press: Press, question: Question) -> None:
    """Note that the report of this run would say nothing new."""
    if teller.channels != Channels():
        issue, now = question.issue, question.now
        known = list(things(Outcome(issue, "", question.draft), now))
        press.store.reported.claim(issue, known, now, anew_after=WENT_ON)
