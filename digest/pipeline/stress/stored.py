"""Decides how the last issues of the store are made again: their posts, sections and lead, from what the blogs show."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from digest.errors import SourceError
from digest.models import Collection, Finding, Issue, Level, Newsletter, Pick, Post, Section, Selection, Slot, Window
from digest.pipeline.drafting import for_readers
from digest.pipeline.stress.cases import Case
from digest.store import Store

MOST = 3
_LOOKED_AT = 20
"""Issues, of which some may never have been built."""


def stored_cases(
    store: Store, newsletter: Newsletter, read_posts: Callable[[datetime], Collection], now: datetime, most: int = MOST
) -> tuple[tuple[Case, ...], tuple[Finding, ...]]:
    """Return the newest issues that have a mail, newest first, and what is missing of them. Writes nothing.

    A post that no source shows any more is left out. Without a readable source there are no such cases.
    """
    latest = store.issues.latest(newsletter.slug, _LOOKED_AT)
    frozen = [(issue, found) for issue in latest if issue.fingerprint and (found := store.issues.frozen(issue))]
    if not frozen:
        return (), ()
    try:
        posts = {post.id: post for post in read_posts(now).posts}
    except SourceError as error:
        said = f"The stored issues were not tried, since no blog can be read: {error.message}."
        return (), (Finding(Level.WARNING, "stored.unread", said, error.file or "", error.line or 0, error.fix),)
    cases: list[Case] = []
    problems: list[Finding] = []
    for issue, found in frozen[:most]:
        selection, gone = _selection(issue, found.selection, posts)
        if gone:
            said = f"{issue.name} is tried without {len(gone)} of its posts, which no blog shows any more: {gone[0]}"
            problems.append(Finding(Level.INFO, "stored.post-gone", f"{said}{', …' if gone[1:] else '.'}"))
        cases.append(Case(f"issue {issue.period}", for_readers(selection, newsletter.excerpt_columns), issue.number))
    return tuple(cases), tuple(problems)


def _selection(issue: Issue, stored: Mapping[str, Any], posts: Mapping[str, Post]) -> tuple[Selection, list[str]]:
    """Make a selection of what `select.as_json` wrote; also return the ids of the posts that are gone."""
    gone: list[str] = []

    def post(told: Mapping[str, Any]) -> Post | None:
        found = posts.get(told["id"])
        if found is None:
            gone.append(told["id"])
            return None
        return replace(found, title=told.get("title") or found.title)  # a person may have reworded it

    def picks(told: list[Mapping[str, Any]]) -> tuple[Pick, ...]:
        chosen = ((each, post(each)) for each in told)
        return tuple(
            Pick(found, each.get("score", 0.0), each.get("parts", {}), each.get("reason", ""), also=also(each))
            for each, found in chosen
            if found
        )

    def also(told: Mapping[str, Any]) -> tuple[Post, ...]:
        return tuple(found for each in told.get("also", []) if (found := post(each)))

    window = Window(*(datetime.fromisoformat(stored["window"][end]) for end in ("start", "end")))
    sections = (Section(each["key"], each["heading"], picks(each["picks"])) for each in stored["sections"])
    selection = Selection(
        Slot(issue.period, issue.due_at, window, issue.due_at),
        tuple(section for section in sections if section.picks),
        (),
        more=picks(stored.get("more", [])),
        lead=stored.get("lead", ""),
    )
    kept = {pick.post.id for pick in selection.picks}
    return replace(selection, lead=selection.lead if selection.lead in kept else ""), gone
