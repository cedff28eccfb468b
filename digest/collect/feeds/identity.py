"""Decides by which name each item of a feed is known, so that a post is the same one week after week.

That is its guid; else its link; else its title and date. A guid that two items share tells neither of them apart, and
one that changes, as when a blog moves, leaves the post what it was: its link and title are still the same.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from digest.collect.feeds.items import Item
from digest.collect.feeds.links import trimmed, without_campaign
from digest.collect.words.repetition import fold

_LONGEST = 300


def identify(items: Sequence[Item], known: Iterable[tuple[str, Item]]) -> list[tuple[str, Item]]:
    """Return the items with their identities, in order; copies of an item within the feed are left out.

    `known` are the identities that were given before, with the item as it was then.
    """
    book = _Book(known, items := _without_copies(items))
    given: dict[int, str] = {}
    for number, item in enumerate(items):
        if identity := book.same(item):
            given[number] = book.take(identity)
    for number, item in reversed([*enumerate(items)]):  # feeds begin with the newest; the oldest has the first claim
        if number not in given and (identity := book.new(item)):
            given[number] = book.take(identity)
    return [(given[number], item) for number, item in enumerate(items) if number in given]


class _Book:
    """The identities that were given."""

    def __init__(self, known: Iterable[tuple[str, Item]], items: Iterable[Item]) -> None:
        known = [*known]
        self._taken: set[str] = set()
        self._reserved = {identity for identity, _ in known}
        self._by_pair = {(item.guid, trimmed(item.link)): identity for identity, item in known}
        self._by_guid = {item.guid: identity for identity, item in known if item.guid}
        self._by_link = {trimmed(item.link): (identity, item) for identity, item in known if item.link}
        links = Counter(trimmed(item.link) for _, item in known)
        self._shared_links = {link for link, count in links.items() if count > 1}
        self._shared_guids = _shared(item for _, item in known) | _shared(items)

    def take(self, identity: str) -> str:
        """Give an identity away."""
        self._taken.add(identity)
        return identity

    def same(self, item: Item) -> str:
        """Return the identity of an item that was known before, or nothing."""
        link = trimmed(item.link)
        found = self._by_pair.get((item.guid, link), "") if item.guid or link else ""
        if not found and item.guid and item.guid not in self._shared_guids:
            found = self._by_guid.get(item.guid, "")
        if not found and link and link not in self._shared_links and link in self._by_link:
            identity, before = self._by_link[link]
            found = identity if _alike(item, before) else ""
        return found if found not in self._taken else ""

    def new(self, item: Item) -> str:
        """Return an identity for an item that was never seen; nothing when it is a copy after all."""
        for candidate in _candidates(item):
            if candidate not in self._taken and candidate not in self._reserved:
                return candidate
        return ""


def _candidates(item: Item) -> Iterator[str]:
    for said in (item.guid, trimmed(item.link), without_campaign(item.link)):
        if said:
            yield said if len(said) <= _LONGEST else _hash(said)
    yield _hash(f"{item.title}\n{item.published or item.updated}")


def _hash(said: str) -> str:
    return hashlib.sha256(said.encode()).hexdigest()[:32]


def _alike(item: Item, other: Item) -> bool:
    """Tell whether two items at one address are one post."""
    return fold(item.title) == fold(other.title) or (bool(item.published) and item.published == other.published)


def _without_copies(items: Iterable[Item]) -> list[Item]:
    """Leave out what is there twice: the same guid and link, or the same link and title."""
    kept: list[Item] = []
    seen: set[tuple[str, str, str]] = set()
    for item in items:
        link = without_campaign(item.link)
        marks = {("guid", item.guid, link)} if item.guid else set()
        if link:
            marks.add(("title", fold(item.title), link))
        if not marks & seen:
            kept.append(item)
        seen |= marks
    return kept


def _shared(items: Iterable[Item]) -> set[str]:
    """Return the guids that stand at items with different links."""
    links: dict[str, set[str]] = {}
    for item in items:
        if item.guid:
            links.setdefault(item.guid, set()).add(trimmed(item.link))
    return {guid for guid, found in links.items() if len(found) > 1}
