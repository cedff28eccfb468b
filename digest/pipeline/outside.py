"""Decides what is asked of the world about one mail when a person wants it: its links' servers, and SpamAssassin."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from threading import BoundedSemaphore, Event
from typing import Literal

from digest.check.reachable import AT_ONCE, SECONDS_EACH, Answer, Ask, check_links
from digest.check.spam import check_spam
from digest.collect.fetching import Fetcher, FetchError, shown
from digest.models import Email, Finding, Recipient
from digest.pipeline.spamassassin import scan
from digest.send.mime import reader_copy
from digest.send.providers import Mailing

_READER = Recipient("reader@example.com", token="a-reader")  # noqa: S106 - nobody's: it opens nothing


def try_links(email: Email, *, allow_private: bool = False) -> tuple[Finding, ...]:
    """Ask for every link of a mail over the network, and return what is wrong with them.

    What is in a private network is not asked for, by whatever name or redirect it is reached; `allow_private` is for
    tests.
    """
    with asking(allow_private=allow_private) as ask:
        return check_links(email, ask)


@contextmanager
def asking(*, allow_private: bool = False) -> Iterator[Ask]:
    """Provide what asks the network for single pages; it is of no use afterwards, and says so."""
    fetcher = Fetcher(allow_private=allow_private, timeout_seconds=SECONDS_EACH, attempts=1, bodies=False)
    asking = _Asking(fetcher)
    try:
        yield asking
    finally:
        asking.close()


def try_spam(email: Email, issue: str, now: datetime) -> tuple[Finding, ...]:
    """Run a mail, as one reader would get it, through the SpamAssassin of this machine; return what it finds.

    Raise `TemplateError` when the mail cannot be written.
    """
    mailing = Mailing(email, (_READER,), issue, f"{issue}/check", sent_at=now)
    return check_spam(reader_copy(mailing, _READER).content, scan)


class _Asking:
    """An `Ask` whose fetcher keeps the seconds: it is made with those that every page has."""

    def __init__(self, fetcher: Fetcher) -> None:
        self._fetcher = fetcher
        self._places = BoundedSemaphore(AT_ONCE)
        self._over = Event()

    def __call__(self, method: Literal["HEAD", "GET"], address: str, seconds: float) -> Answer:
        with self._places:
            if self._over.is_set():
                return Answer(reason="was given up")
            try:
                answer = self._fetcher.head(address) if method == "HEAD" else self._fetcher.get(address)
            except FetchError as error:
                return Answer(private=True) if error.private else Answer(reason=_reason(error, address))
            return Answer(answer.status, answer.url)

    def close(self) -> None:
        """Let nothing more begin, wait for what is under way, each within its seconds, and close the connections."""
        self._over.set()
        for _ in range(AT_ONCE):
            self._places.acquire()
        self._fetcher.close()
        self._places.release(AT_ONCE)


def _reason(error: FetchError, address: str) -> str:
    """Say why there is no answer as the end of a sentence about the link."""
    said = error.message.removeprefix(f"{shown(address)} ")
    return said if said != error.message else f"could not be opened ({said})"
