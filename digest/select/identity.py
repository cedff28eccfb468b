"""Decides which posts are posts that the readers' ledger knows under another id: moved, renamed or copied files."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from digest.models import KnownPost, Ledger, Post
from digest.select.vocabulary import fold


class Identities:
    """The posts that the ledger knows, by what stays the same when a file is moved."""

    def __init__(self, ledger: Ledger, there: Collection[str]) -> None:
        self._known = ledger.known
        gone = [each for each in ledger.known.values() if each.id not in there]
        self._by_url = {each.url: each for each in _told_last(ledger.known) if each.url}
        last = _told_last({each.id: each for each in gone})
        self._by_words = {_words(each.title, each.published_at): each for each in last if each.title}

    def of(self, post: Post) -> KnownPost | None:
        """Return what the ledger knows of a post, under its id, its address, or its title and moment.

        Of several, the one that readers got counts, then one that is history: a file that was moved has been seen under
        its new id since, but is no news. Title and moment only tell a post whose former id is gone: two posts may well
        share them.
        """
        found = (
            self._known.get(post.id),
            self._by_url.get(post.url),
            self._by_words.get(_words(post.title, post.published_at)) if self._by_words else None,
        )
        return max(filter(None, found), key=_weight, default=None)


def _words(title: str, moment: datetime) -> tuple[str, float]:
    return fold(title), moment.timestamp()


def _told_last(known: Mapping[str, KnownPost]) -> list[KnownPost]:
    """Sort so that of two that share an address the weightier one counts."""
    return sorted(known.values(), key=lambda each: (*_weight(each), each.id))


def _weight(known: KnownPost) -> tuple[bool, bool]:
    return bool(known.issue), known.history
