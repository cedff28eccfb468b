"""Decides how something is read from the network: politely, within bounds, and never from inside of a private net.

    fetcher.py     several addresses at once, redirects by hand, tries
    addresses.py   which machines may be asked, and which of a name's addresses is connected to
    exchange.py    one request and its answer
    bodies.py      how much of an answer is read, and how it is unpacked
    redirects.py   where an answer sends on to, and what is told there
    retrying.py    which answers are worth asking again, and when
    answers.py     what comes of it: an answer, or an error that says what happened

    with Fetcher() as fetcher:
        answer = fetcher.get("https://example.com/feed.xml", {"Accept": "application/rss+xml"})

Every status is an answer; only what prevents an answer is a `FetchError`. Nothing comes from the environment: no
proxy, since it would look the names up itself and reach what is refused here, and no password from a `.netrc`.
"""

from __future__ import annotations

from digest.collect.fetching.answers import Answer, FetchError, asked, shown
from digest.collect.fetching.fetcher import Fetcher

__all__ = ["Answer", "FetchError", "Fetcher", "asked", "shown"]
