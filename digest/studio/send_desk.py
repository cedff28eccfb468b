"""Where an issue is let go: the last question, the button that begins it, and how far it is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TypeVar
from urllib.parse import quote

import anyio
from anyio import to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from digest import pipeline
from digest.app import Project
from digest.errors import DigestError, IssueStateError
from digest.models import Issue, IssueState, Newsletter
from digest.studio.desk import Desk, NoSuchWeekError
from digest.studio.forms import sent_form
from digest.studio.issue_desk import TOLD
from digest.studio.last_question import LastQuestion, last_question
from digest.studio.leaving import Leaving, leaving_of
from digest.studio.listening import chosen, hearing
from digest.studio.notices import Notice, Notices
from digest.studio.pages import filled, missing, refusal
from digest.studio.people.persons import person_of, who_acts
from digest.studio.sending import Sendings, Work, asking, sending
from digest.studio.watching import News

T = TypeVar("T")


@dataclass(slots=True)
class SendDesk:
    """Answers below an issue's address: `/send` and `/progress`."""

    desk: Desk
    news: News
    turn: anyio.CapacityLimiter
    notices: Notices
    sendings: Sendings

    async def question(self, request: Request) -> Response:
        """Show the last question before an issue leaves."""
        if led_on := chosen(request):
            return led_on
        try:
            newsletter, question = await self._of(request, _asked)
        except NoSuchWeekError as unknown:
            return missing(hearing(request), str(unknown))
        except DigestError as error:
            return self._back(request, Notice(good=False, detail=error.message, fix=error.fix))
        if self.sendings.is_running(question.issue.name):
            return RedirectResponse(_address(request), 303)
        values = {"ask": question, "newsletter": newsletter, "form_token": person_of(request).form_token}
        return filled("send.html", hearing(request, newsletter.language), values)

    async def begin(self, request: Request) -> Response:
        """Begin to send, to go on, or to ask the provider, and lead back to the issue's page, which shows how far."""
        fields = sent_form(request)
        if fields.get("step") not in {"send", "ask"}:
            return refusal(hearing(request), 400, "form")
        who = who_acts(request, fields)
        try:
            name, work = await self._of(request, partial(_work, fields, who))
        except NoSuchWeekError as unknown:
            return missing(hearing(request), str(unknown))
        except DigestError as error:
            return self._back(request, Notice(good=False, detail=error.message, fix=error.fix))
        begun = self.sendings.begin(name, work, partial(_in_loop, asyncio.get_running_loop(), self.news.announce))
        self.news.announce()
        if not begun:
            return self._back(request, Notice(good=False, detail=f"something is under way about {name} already"))
        return self._back(request, Notice(good=True, key=f"ended.{'begun' if fields['step'] == 'send' else 'asking'}"))

    async def progress(self, request: Request) -> Response:
        """Tell how far an issue is."""
        try:
            how_far = await self._of(request, self._how_far)
        except NoSuchWeekError:
            return JSONResponse({"error": "no such issue"}, 404)
        except DigestError as error:
            return JSONResponse({"error": error.message}, 503)
        return JSONResponse(how_far.progress())

    def about(self, slug: str, period: str) -> Leaving | None:
        """Return how far an issue is; None where that cannot be read. Call it in the desk's turn."""
        with suppress(DigestError):
            return self.desk.read(partial(self._leaving, slug, period))
        return None

    def _leaving(self, slug: str, period: str, project: Project, now: datetime) -> Leaving | None:
        issue = project.store.issues.find(slug, period)
        return leaving_of(project, issue, self.sendings, now) if issue else None

    def _how_far(self, project: Project, issue: Issue, now: datetime) -> Leaving:
        return leaving_of(project, issue, self.sendings, now)

    async def _of(self, request: Request, work: Callable[[Project, Issue, datetime], T]) -> T:
        """Do something with the issue of an address; raise `NoSuchWeekError` where the store has none."""
        slug, period = request.path_params["newsletter"], request.path_params["period"]

        def found(project: Project, now: datetime) -> T:
            issue = project.store.issues.find(slug, period) if slug in project.newsletters else None
            if issue is None:
                raise NoSuchWeekError(f"{slug}/{period}")
            return work(project, issue, now)

        return await to_thread.run_sync(partial(self.desk.read, found), limiter=self.turn)

    def _back(self, request: Request, notice: Notice) -> Response:
        return RedirectResponse(f"{_address(request)}?{TOLD}={self.notices.keep(notice)}", 303)


def _asked(project: Project, issue: Issue, _: datetime) -> tuple[Newsletter, LastQuestion]:
    return project.newsletter(issue.newsletter), last_question(project, issue)


def _work(fields: Mapping[str, str], who: str, project: Project, issue: Issue, now: datetime) -> tuple[str, Work]:
    """Return what is to be done, once it is certain that it is what the person was asked about."""
    if fields["step"] == "ask":
        return issue.name, asking(issue, resend_missing=fields.get("missing") == "resend")
    question = last_question(project, issue)
    if question.refused:
        raise question.refused
    if issue.fingerprint != fields.get("fingerprint"):
        raise IssueStateError(f"{issue.name} has changed since you were asked", fix="look at it again, then send it")
    if str(question.readers) != fields.get("readers"):
        raise IssueStateError(
            f"it is now {question.readers:,} readers, not those that you were asked about",
            fix="read the question again, then send it",
        )
    if issue.state is IssueState.PAUSED:
        issue = pipeline.go_on(project.store, issue, who, now)
    return issue.name, sending(issue, who)


def _in_loop(loop: asyncio.AbstractEventLoop, announce: Callable[[], None]) -> None:
    with suppress(RuntimeError):  # the studio has stopped meanwhile
        loop.call_soon_threadsafe(announce)


def _address(request: Request) -> str:
    path = request.path_params
    return f"/issues/{quote(path['newsletter'])}/{quote(path['period'])}"
