"""Decides what becomes of each line of a list of readers: taken, known, or refused with a reason."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from uuid import uuid4

from digest.models import Finding, Newsletter, Subscriber
from digest.send.list_file import Entry, read_list, refused
from digest.store import Store
from digest.store.subscribers import KNOWN, TWICE

_PAGE = 2_000
"""Lines that are taken together: few enough to be in memory, and to keep nobody waiting."""


@dataclass(slots=True)
class Imported:
    """How an import goes."""

    new: int = 0
    known: int = 0
    """Who was on the list already; what the file says of them is kept."""
    refused: int = 0


def import_list(
    store: Store, newsletter: Newsletter, file: Path, shown: str, *, consent: str, now: datetime, done: Imported
) -> Iterator[Finding]:
    """Put the readers of a CSV file on a newsletter's list; yield a finding for every line that is refused.

    `done` is counted up on the way. A page of lines is taken as a whole, and an import that was stopped can be run
    again. Raise `AudienceError` when the file cannot be used; of a mistake in its middle, what came before is taken.
    """
    keys, run = {section.key for section in newsletter.sections}, uuid4().hex
    lines = read_list(file, shown, consent=consent, now=now, zone=newsletter.schedule.time_zone)
    for page in _pages(lines):
        usable = [each for each in page if isinstance(each, Entry) and not _unknown(each.subscriber, keys)]
        answers = store.subscribers.take(
            newsletter.slug, [(each.identity, each.subscriber) for each in usable], now, run
        )
        told = {each.line: answer for each, answer in zip(usable, answers, strict=True)}
        for each in page:
            finding = each if isinstance(each, Finding) else _told(each, told.get(each.line), keys, shown)
            if finding:
                done.refused += 1
                yield finding
            elif isinstance(each, Entry):
                done.known += told[each.line] == KNOWN
                done.new += told[each.line] != KNOWN


def _told(entry: Entry, answer: str | None, keys: set[str], shown: str) -> Finding | None:
    """Return what is to be told of a line; nothing when its reader is on the list now."""
    if answer in {"", KNOWN}:
        return None
    if answer is None:
        unknown = " and ".join(f"“{key}”" for key in _unknown(entry.subscriber, keys))
        why = f"the newsletter has no section {unknown} (it has {', '.join(sorted(keys))})"
    else:
        why = "an earlier line has the address" if answer == TWICE else f"it must get nothing ({answer})"
    return refused(entry.line, shown, entry.subscriber.address, why)


def _unknown(subscriber: Subscriber, keys: set[str]) -> list[str]:
    return [key for key in subscriber.sections if key not in keys]


def _pages(lines: Iterable[Entry | Finding]) -> Iterator[Sequence[Entry | Finding]]:
    rest = iter(lines)
    while page := list(islice(rest, _PAGE)):
        yield page
