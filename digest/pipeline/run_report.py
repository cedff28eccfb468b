"""Decides what staff read about the end of a run: a subject that says the state first, and a text on one page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from digest.errors import DigestError
from digest.models import DeliveryState, Finding, Issue, IssueState, Newsletter, Out
from digest.pipeline.press import Outcome
from digest.pipeline.report_words import Report, Said, findings_told
from digest.pipeline.steps import AUTOMATIC, UNOPPOSED
from digest.select import as_json
from digest.send.detail import retell
from digest.store import Frozen
from digest.store.issues import Event
from digest.store.reported import REPORTED

_POSTS = 20
_EVENTS = 8
_NAMED = 5
"""Posts that are out and told by name."""
_NO_NEWS = {Out.HISTORY, Out.TOO_OLD, Out.COVERED, Out.AFTER_WINDOW}
"""Why a post is out that nobody expected to be in; counted, not named."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the store knows of an issue beside its outcome."""

    frozen: Frozen | None = None
    events: Sequence[Event] = ()
    """Oldest first."""


def report(outcome: Outcome, newsletter: Newsletter, known: Known, now: datetime) -> Report:
    """Write what became of an issue, in the newsletter's language and local time.

    No reader's address is in it, nor what may hold one: a line of the list of readers is told by its place.
    """
    issue, draft = outcome.issue, outcome.draft
    said = Said(newsletter, now)
    selection, findings = _shown(outcome, known)
    tally = outcome.tally or {}
    numbers = {"accepted": tally.get(DeliveryState.ACCEPTED, 0), "all": sum(tally.values())}
    sentence = said.words["happened"].get(issue.state)
    lines = [
        sentence.format(**numbers) if sentence else outcome.says,
        "",
        *said.field("reason", retell(why(outcome))),
        *said.field("next_step", _next_step(said, issue, tally)),
        *said.about(issue),
        *said.field("window", said.window(issue, selection)),
        *said.field("approved_by", _approved_by(said, issue)),
        *said.field("readers", _readers(said, tally)),
        *said.coming(),
        *_posts(said, selection),
        *findings_told(said, "findings", findings),
        *findings_told(
            said, "problems", [*(draft.problems if draft else ()), *map(_placed, outcome.audience_problems)]
        ),
        *_history(said, known.events),
    ]
    return Report(said.subject(issue.state, issue.period), "\n".join(lines).rstrip() + "\n")


def failure_report(
    newsletter: Newsletter | None, slug: str, issue: Issue | None, error: Exception, now: datetime
) -> Report:
    """Write that a run failed; `newsletter` is None when its file cannot be read."""
    said = Said(newsletter, now, slug)
    ours = isinstance(error, DigestError)  # those are sentences for people; another may hold anything
    message = str(error) if ours else said.words["unexpected"].format(kind=type(error).__name__)
    lines = [
        said.words["happened"]["failed"],
        "",
        *said.field("reason", "\n".join(retell(line) for line in message.splitlines())),
        *said.field("next_step", said.words["next"]["failed"]),
        *(said.about(issue) if issue else ()),
        *said.coming(),
    ]
    return Report(said.subject("failed", issue.period if issue else ""), "\n".join(lines).rstrip() + "\n")


def why(outcome: Outcome) -> str:
    """Return the reason for the state in which a run left an issue; empty when it needs none."""
    if outcome.issue.state is IssueState.SENDING and outcome.delivered:
        return outcome.delivered.stopped_because
    return outcome.issue.reason


def _shown(outcome: Outcome, known: Known) -> tuple[Mapping[str, Any], Sequence[Finding]]:
    """Return the selection as JSON and the findings about the mail: of this run, or of the one that froze it."""
    if outcome.draft:
        return as_json(outcome.draft.selection, without={Out.HISTORY}), outcome.draft.findings
    return (known.frozen.selection, known.frozen.findings) if known.frozen else ({}, ())


def _next_step(said: Said, issue: Issue, tally: Mapping[DeliveryState, int]) -> str:
    key = str(issue.state)
    if issue.state is IssueState.NEEDS_REVIEW:
        key = "unknown" if tally.get(DeliveryState.UNKNOWN) else "rejected"
    return str(said.words["next"].get(key, "")).format(issue=issue.name)


def _approved_by(said: Said, issue: Issue) -> str:
    if issue.approved_by == AUTOMATIC:
        return str(said.words["nobody_had_to"])
    if issue.approved_by == UNOPPOSED:
        return str(said.words["nobody_held_it"])
    return issue.approved_by or str(said.words["nobody_yet"])


def _readers(said: Said, tally: Mapping[DeliveryState, int]) -> str:
    parts = [said.words["reader"][state].format(count=tally[state]) for state in DeliveryState if tally.get(state)]
    return said.aside(str(sum(tally.values())), *parts) if parts else ""


def _posts(said: Said, selection: Mapping[str, Any]) -> Iterator[str]:
    """Yield the posts that are in by title, and those that are out by reason."""
    picks = [pick for section in selection.get("sections", ()) for pick in section["picks"]]
    picks += selection.get("more", ())
    if selection:
        yield ""
        yield from said.field("posts_in", str(len(picks)))
    for pick in picks[:_POSTS]:
        yield f"- {retell(pick['title'])}"
    yield from said.more(len(picks) - _POSTS)
    names = said.words["out"]
    left_out = [each for each in selection.get("left_out", ()) if each["code"] in names]
    if left_out:
        counts = Counter(each["code"] for each in left_out)
        reasons = (f"{names[code]} {count}" for code, count in counts.most_common())
        yield ""
        yield from said.field("posts_out", said.aside(str(len(left_out)), *reasons))
    named = [each for each in left_out if each["code"] not in _NO_NEWS]
    for each in named[:_NAMED]:
        yield f"- {said.aside(retell(each['title']), names[each['code']])}"
    yield from said.more(len(named) - _NAMED)


def _placed(finding: Finding) -> Finding:
    """Return a finding about a reader without its sentence, which quotes the reader's line."""
    return Finding(finding.level, finding.code, finding.code, finding.file, finding.line, finding.fix)


def _history(said: Said, events: Sequence[Event]) -> Iterator[str]:
    """Yield what happened since people were told last, so that a run which died is told by the next one."""
    last = max((place for place, each in enumerate(events) if each.what == REPORTED), default=-1)
    since = events[last + 1 :]
    if since:
        yield from ("", said.words["history"])
    yield from said.more(len(since) - _EVENTS)
    for each in since[-_EVENTS:]:
        yield f"- {said.moment(each.at)} {each.what} · {each.who} · {retell(each.detail)}".rstrip(" ·")
