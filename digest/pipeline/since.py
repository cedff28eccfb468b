"""What is different between the version that was approved last and the one that would leave now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from digest.models import Issue
from digest.pipeline.differences import DifferentLine, differences
from digest.store import Frozen, Store


@dataclass(frozen=True, slots=True)
class Since:
    """What has changed since an approval."""

    at: datetime
    who: str
    fingerprint: str
    """Of the version that was approved."""
    posts_in: tuple[str, ...]
    """Titles, in the order of the mail."""
    posts_out: tuple[str, ...]
    posts_moved: tuple[str, ...]
    """Of posts that stand elsewhere among those that were in before, too."""
    headers: tuple[tuple[str, str, str], ...]
    """`subject`, `preheader` or `sender` where it differs, before and after."""
    lines: tuple[DifferentLine, ...] | None
    """Of the text part; None when it is too long to be compared."""
    bytes_before: int
    """Of the HTML."""
    bytes_now: int

    @property
    def only_markup(self) -> bool:
        """Whether readers of the text would notice nothing: only the HTML differs."""
        return not (self.posts_in or self.posts_out or self.posts_moved or self.headers or self.lines)


def changed_since_approval(store: Store, issue: Issue) -> Since | None:
    """Return what differs from the last approval; None when there was none, or nothing differs."""
    approval = store.approvals.last(issue)
    if approval is None or approval.frozen.email.fingerprint == issue.fingerprint:
        return None
    now = store.issues.frozen(issue)
    return between(approval.at, approval.who, approval.frozen, now) if now else None


def between(at: datetime, who: str, before: Frozen, now: Frozen) -> Since:
    """Return what is different in a newer version."""
    old, new = _titles(before.selection), _titles(now.selection)
    stayed_before = [each for each in old if each in new]
    stayed_now = [each for each in new if each in old]
    places = {each: place for place, each in enumerate(stayed_before)}
    sections_before, sections_now = _sections(before.selection), _sections(now.selection)
    moved = _out_of_order([places[each] for each in stayed_now])
    elsewhere = [
        each
        for place, each in enumerate(stayed_now)
        if place in moved or sections_before.get(each) != sections_now.get(each)
    ]
    headers = (
        ("subject", before.email.subject, now.email.subject),
        ("preheader", before.email.preheader, now.email.preheader),
        ("sender", _mailbox(before), _mailbox(now)),
    )
    return Since(
        at,
        who,
        before.email.fingerprint,
        tuple(new[each] for each in new if each not in old),
        tuple(old[each] for each in old if each not in new),
        tuple(new[each] for each in elsewhere),
        tuple((name, was, became) for name, was, became in headers if was != became),
        differences(before.email.text, now.email.text),
        len(before.email.html.encode()),
        len(now.email.html.encode()),
    )


def _titles(selection: Mapping[str, Any]) -> dict[str, str]:
    """Return what a reader meets, in order: id -> title."""
    return {pick["id"]: pick["title"] for _, pick in _shown(selection)}


def _sections(selection: Mapping[str, Any]) -> dict[str, str]:
    return {pick["id"]: key for key, pick in _shown(selection)}


def _shown(selection: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    picks = [(str(section.get("key", "")), pick) for section in selection["sections"] for pick in section["picks"]]
    return [*picks, *(("", pick) for pick in selection.get("more", ()))]


def _out_of_order(numbers: list[int]) -> set[int]:
    """Return the places of the fewest numbers that must be taken out so that the others rise."""
    longest: list[list[int]] = []
    for at, number in enumerate(numbers):
        before: list[int] = max((longest[each] for each in range(at) if numbers[each] < number), key=len, default=[])
        longest.append([*before, at])
    kept: list[int] = max(longest, key=len, default=[])
    return set(range(len(numbers))) - set(kept)


def _mailbox(frozen: Frozen) -> str:
    sender = frozen.email.sender
    return f"{sender.name} <{sender.address}>".strip()
