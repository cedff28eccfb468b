"""Decides who is told how a run ended, by which ways, and that each thing is told once.

What is told is noted in the issue's history first (`digest.store.reported`), so that neither another host nor a
restart tells it again. A way that fails is tried once: it is a finding, and never spoils the run.
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from html import escape
from pathlib import Path
from string import Template
from typing import Any

from digest.errors import DigestError
from digest.models import Email, Finding, Issue, IssueState, Level, Newsletter, Recipient, Secret
from digest.options import fit
from digest.pipeline.press import Outcome
from digest.pipeline.report_words import Report
from digest.pipeline.run_report import Known, failure_report, report, why
from digest.pipeline.single_mail import NO_SINGLE_MAIL, send_single
from digest.pipeline.speaking import WORDS, spoken
from digest.select import latest_slot
from digest.send.chat_hook import ChatHook
from digest.send.detail import retell
from digest.send.providers import Provider
from digest.store import Store
from digest.tracing import stage

WENT_ON = (IssueState.APPROVED, IssueState.SENDING, "resolved")
"""What a person brings about: an issue that stops again after it for the same reason is told again."""
_WAITING = {IssueState.PAUSED, IssueState.NEEDS_REVIEW, IssueState.HELD, IssueState.FROZEN}
_OTHER_EACH_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?|\d+\.\d+")
"""Moments and seconds in a reason: with others it is still the same."""


@dataclass(frozen=True, slots=True)
class Channels:
    """The ways by which people are told; its fields are the keys of `[reports]`."""

    mail: tuple[str, ...] = ()
    webhook: Secret | None = None
    file: Path | None = None
    """A folder: one Markdown file a report."""


def channels(asked: Mapping[str, object], environment: Mapping[str, str], *, root: Path, file: Path) -> Channels:
    """Return the ways that `[reports]` asks for; raise `ConfigError` for one that cannot be meant."""
    options: Any = fit(Channels, "[reports]", asked, environment, root=root, file=file)
    return Channels(**options)


@dataclass(frozen=True, slots=True)
class Teller:
    """Tells people how runs ended. Store and provider are opened when there is something to tell."""

    channels: Channels
    store: Callable[[], Store]
    provider: Callable[[], Provider]

    async def tell(self, outcome: Outcome, newsletter: Newsletter, now: datetime) -> tuple[Finding, ...]:
        """Tell people of an issue, unless they know; return what could not be told."""
        issue = outcome.issue
        if self.channels == Channels() or issue.state is IssueState.PLANNED:
            return ()
        wanted = list(things(outcome, now))
        if wanted == [str(IssueState.SENDING)]:
            return ()  # others are at it, on this host or another: how it ends will be told
        try:
            store = self.store()
            events = store.issues.events(issue)
            anew_after = WENT_ON if issue.state in _WAITING else ()
            if not store.reported.claim(issue, wanted, now, anew_after=anew_after):
                return ()
            made = report(outcome, newsletter, Known(store.issues.frozen(issue), events), now)
        except Exception as error:  # noqa: BLE001 - the run is over and done: no report may change how it ended
            return (untold(issue.name, "by any way", reason_of(error)),)
        with stage("report", newsletter=issue.newsletter, issue=issue.name):
            return await self.deliver(made, newsletter, issue, str(issue.state), now)

    async def tell_missed(self, newsletter: Newsletter, now: datetime) -> tuple[Finding, ...]:
        """Tell people of issues that ended in a run which died before it could; return what could not be told."""
        if self.channels == Channels():
            return ()
        found: list[Finding] = []
        with suppress(Exception):  # what cannot be found out now is told by a later run
            store = self.store()
            for period in store.reported.unheard(newsletter.slug, now):
                if issue := store.issues.find(newsletter.slug, period):
                    outcome = Outcome(issue, str(issue.state), tally=store.outbox.tally(issue))
                    found += await self.tell(outcome, newsletter, now)
        return tuple(found)

    async def tell_failure(
        self, newsletter: Newsletter | None, slug: str, error: Exception, now: datetime, about: Issue | None = None
    ) -> tuple[Finding, ...]:
        """Tell people that a run failed: each message once an issue. Return what could not be told.

        `newsletter` is None when its file cannot be read. While the store cannot be read it is told each time. `about`
        is the issue, where it is another than the one that is due.
        """
        if self.channels == Channels():
            return ()
        missed = await self.tell_missed(newsletter, now) if newsletter else ()
        issue = None
        with suppress(Exception):  # where nothing can be remembered, telling twice is better than not at all
            issue = about or self._issue(newsletter, slug, now)
            said = reason_of(error) if isinstance(error, DigestError) else type(error).__name__
            if issue and not self.store().reported.claim(issue, [_same(f"failed: {said}")], now):
                return missed
        name = issue.name if issue else slug
        try:
            made = failure_report(newsletter, slug, issue, error, now)
        except Exception as bug:  # noqa: BLE001 - as in `tell`
            return (*missed, untold(name, "by any way", reason_of(bug)))
        with stage("report", newsletter=slug):
            return (*missed, *await self._deliver(made, newsletter, issue, name, "failed", now))

    def problems(self) -> Iterator[str]:
        """Yield what keeps a configured way from being used, one sentence each, without telling anybody anything."""
        with suppress(DigestError):  # a provider that cannot be opened is told as such
            if self.channels.mail and self.provider().keeps_list:
                yield f"nobody can be told by mail: {NO_SINGLE_MAIL}"
        if self.channels.webhook:
            yield from ChatHook(self.channels.webhook).problems()
        if folder := self.channels.file:
            there = next(each for each in (folder, *folder.parents) if each.exists())
            if not there.is_dir() or not os.access(there, os.W_OK):
                yield f"{there} is no folder that can be written to"

    def _issue(self, newsletter: Newsletter | None, slug: str, now: datetime) -> Issue | None:
        """Return the issue that the run was about; where it is not known, the newest of the newsletter."""
        issues = self.store().issues
        due = issues.find(slug, latest_slot(newsletter.schedule, now).period) if newsletter else None
        return due or next(iter(issues.latest(slug, limit=1)), None)

    async def deliver(
        self, made: Report, newsletter: Newsletter, issue: Issue, about: str, now: datetime
    ) -> tuple[Finding, ...]:
        """Tell something of an issue by every way; return what could not be told."""
        return await self._deliver(made, newsletter, issue, issue.name, about, now)

    async def _deliver(
        self, made: Report, newsletter: Newsletter | None, issue: Issue | None, name: str, state: str, now: datetime
    ) -> tuple[Finding, ...]:
        ways: dict[str, Callable[[], Awaitable[str]]] = {}
        if self.channels.mail:
            ways["by mail"] = partial(self._mail, made, newsletter, name, now)
        if self.channels.webhook:
            ways["to the webhook"] = partial(ChatHook(self.channels.webhook).tell, f"{made.subject}\n{made.text}")
        if self.channels.file:
            ways["to a file"] = partial(asyncio.to_thread, _write, self.channels.file, made, f"{name}-{state}", now)
        found = []
        for way, go in ways.items():
            try:
                trouble = await go()
            except Exception as error:  # noqa: BLE001 - as above, and the other ways are still to be gone
                trouble = reason_of(error)
            if trouble:
                found.append(untold(name, way, trouble))
                with suppress(DigestError):
                    if issue:
                        self.store().reported.failed(issue, f"{way}: {trouble}", now)
        return tuple(found)

    async def _mail(self, made: Report, newsletter: Newsletter | None, name: str, now: datetime) -> str:
        if newsletter is None:
            return "the newsletter's file cannot be read, so the mail has no sender"
        provider = self.provider()
        if problems := provider.problems():
            return "; ".join(problems)
        staff = [Recipient(address, token="report") for address in self.channels.mail]  # noqa: S106 - nobody's token
        slug, _, period = name.partition("/")
        return await send_single(provider, mail(made, newsletter), staff, f"{slug}/report-{period}", now)


def mail(made: Report, newsletter: Newsletter) -> Email:
    """Return the report as a mail."""
    language = spoken(newsletter.language)
    told = {"subject": made.subject, "text": made.text, "language": language}
    frame = Template((WORDS / "report.html").read_text(encoding="utf-8"))
    return Email(
        sender=newsletter.sender,
        reply_to=newsletter.reply_to,
        subject=made.subject,
        preheader="",
        html=frame.substitute({key: escape(value) for key, value in told.items()}),
        text=made.text,
        headers=(("Auto-Submitted", "auto-generated"),),
        language=language,
    )


def _write(folder: Path, made: Report, name: str, now: datetime) -> str:
    file = folder / re.sub(r"[^\w.-]", "-", f"{now.astimezone(UTC):%Y%m%dT%H%M%SZ}-{name}.md")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file.write_text(f"# {made.subject}\n\n{made.text}", encoding="utf-8", errors="replace")
    except OSError as error:
        return f"{folder} cannot be written to: {error.strerror}"
    return ""


def things(outcome: Outcome, now: datetime) -> Iterator[str]:
    """Yield what there is to tell: where the issue stands and why, and each error that was found."""
    state, reason = outcome.issue.state, why(outcome)
    if state is IssueState.SENDING:  # it goes on by itself: other numbers are no news
        reason = re.sub(r"\d+", "…", reason)
    # Approved before its time, it is where somebody wants it.
    if state is not IssueState.APPROVED or now >= outcome.issue.due_at:
        yield _same(f"{state}: {reason}" if reason else str(state))
    draft = outcome.draft
    found: Sequence[Finding] = (*draft.findings, *draft.problems) if draft else ()
    for each in found:
        if each.level is Level.ERROR:
            yield _same(f"{each.code} {each.place}".strip())


def _same(thing: str) -> str:
    return retell(_OTHER_EACH_TIME.sub("…", thing))


def reason_of(error: Exception) -> str:
    """Return what an error may tell people: ours in full, any other by its name."""
    return retell(str(error)) if isinstance(error, DigestError) else type(error).__name__


def untold(name: str, way: str, trouble: str) -> Finding:
    """Return the finding that people could not be told of an issue by a way."""
    message = f"The report of {name} did not go out {way}: {trouble}."
    return Finding(Level.WARNING, "report.not-told", message, fix="see [reports] in config/digest.toml")
