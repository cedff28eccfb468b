"""Decides what staff read who are asked about an issue: when it leaves, what to do, what is in it, what changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from digest.models import Newsletter
from digest.pipeline.press import Question
from digest.pipeline.report_words import Report, Said, findings_told
from digest.pipeline.review_times import leaves_at
from digest.pipeline.since import Since, between
from digest.pipeline.speaking import words
from digest.send.detail import retell
from digest.store import Frozen

_POSTS = 40
"""Titles that are told; an issue with more says how many."""


@dataclass(frozen=True, slots=True)
class _Fate:
    """What becomes of an issue when nobody does anything."""

    name: str
    """`leaves`, `hold`, `drop` or `run`."""
    at: datetime


def review_message(question: Question, newsletter: Newsletter, frozen: Frozen, link: str) -> Report:
    """Write the question in the newsletter's language and local time; `frozen` is the version that it is about."""
    said = Said(newsletter, question.now)
    mine = words(newsletter.language, "review")
    issue, draft = question.issue, question.draft
    fate = _fate(question, newsletter)
    kind = _kind(question, newsletter, fate)
    moments = {"due": said.moment(issue.due_at), "moment": said.moment(fate.at)}
    changed = _changed(question, frozen)
    version = issue.fingerprint[:12]
    lines = [
        mine["happened"][kind].format(**moments),
        "",
        *said.field("issue", issue.name),
        *_pair(said, mine["subject_line"], issue.subject),
        *_pair(said, mine["due"], moments["due"]),
        *_pair(said, mine["otherwise"], mine["fate"][fate.name].format(**moments)),
        *_pair(said, mine["link"], link),
        *_pair(said, mine["approve"], f"`digest approve {issue.name} --fingerprint {version}`"),
        *_pair(said, mine["hold"], f"`digest hold {issue.name}`"),
        *_pair(said, mine["skip"], f"`digest skip {issue.name}`"),
        *(_changes(said, changed) if changed and not question.is_reminder else ()),
        *_posts(said, frozen),
        *findings_told(said, "findings", frozen.findings),
        *findings_told(said, "problems", draft.problems if draft else ()),
    ]
    subject = mine["subject"].format(mark=mine["mark"][kind], title=newsletter.title, period=issue.period)
    return Report(subject, "\n".join(lines).rstrip() + "\n")


def _kind(question: Question, newsletter: Newsletter, fate: _Fate) -> str:
    """Return which words begin the message."""
    if question.is_reminder:
        return "due" if _is_due(question) else "reminder"
    if newsletter.review == "window" and fate.name != "leaves":
        return "too_late"
    return f"{newsletter.review}_again" if question.before else newsletter.review


def _is_due(question: Question) -> bool:
    """Tell whether this is the first time since the due moment that people are told."""
    before = question.before
    due_at = question.issue.due_at
    return question.now >= due_at and (before is None or before.told_at < due_at)


def _fate(question: Question, newsletter: Newsletter) -> _Fate:
    due_at, ends = question.issue.due_at, question.ends_at
    leaves = leaves_at(newsletter, due_at, question.now)
    if ends is None or (newsletter.review == "window" and (leaves <= ends or newsletter.late == "run")):
        return _Fate("leaves", leaves)
    return _Fate(newsletter.late, ends)


def _changed(question: Question, frozen: Frozen) -> Since | None:
    before = question.before
    if before is None or before.frozen is None or before.is_about(question.issue):
        return None
    return between(before.at, "", before.frozen, frozen)


def _changes(said: Said, since: Since) -> Iterator[str]:
    """Yield what is different from what people were asked about before."""
    mine = words(said.language, "review")
    yield from ("", mine["changed"].format(moment=said.moment(since.at)))
    for name, was, became in since.headers:
        yield f"- {mine['header'][name]}: {retell(was)} → {retell(became)}"
    kinds = {"came": since.posts_in, "went": since.posts_out, "moved": since.posts_moved}
    for name, titles in kinds.items():
        yield from (f"- {mine[name]}: {retell(title)}" for title in titles[:_POSTS])
    if since.only_markup:
        yield f"- {mine['only_markup']}"
    elif not (since.headers or any(kinds.values())):
        yield f"- {mine['other_words']}"


def _posts(said: Said, frozen: Frozen) -> Iterator[str]:
    """Yield the titles, by section."""
    mine = words(said.language, "review")
    sections: list[tuple[str, Sequence[str]]] = [
        (
            str(section.get("heading") or section.get("key", "")),
            [str(pick.get("title", "")) for pick in section["picks"]],
        )
        for section in frozen.selection.get("sections", ())
    ]
    sections.append((mine["more"], [str(pick.get("title", "")) for pick in frozen.selection.get("more", ())]))
    titles = list(chain.from_iterable(titles for _, titles in sections))
    yield ""
    yield from said.field("posts_in", str(len(titles)))
    left = _POSTS
    for heading, told in sections:
        if told[:left]:
            yield f"{retell(heading)}"
        yield from (f"- {retell(title)}" for title in told[:left])
        left = max(0, left - len(told))
    yield from said.more(len(titles) - _POSTS)


def _pair(said: Said, label: str, value: str) -> Iterator[str]:
    if value:
        yield str(said.words["pair"].format(label=label, value=value))
