"""Decides where an answer sends on to, and what the next server is told of what the first one was told."""

from __future__ import annotations

from collections.abc import Mapping

import httpx

from digest.collect.fetching.answers import FetchError, shown

MOST = 5
"""Redirects that are followed."""
_SENDING_ON = frozenset({301, 302, 303, 307, 308})
_FOR_GOOD = frozenset({301, 308})
_OF_ONE_PAGE = frozenset({"if-none-match", "if-modified-since", "if-match", "if-unmodified-since", "if-range", "range"})
_HARMLESS = frozenset({"accept", "accept-language"})


def next_address(status: int, headers: Mapping[str, str], url: httpx.URL) -> httpx.URL | None:
    """Return where the answer sends on to, or None; raise `FetchError` when nobody should go there."""
    location = headers.get("location", "").strip()
    if status not in _SENDING_ON or not location:
        return None
    try:
        found = url.join(location.encode("latin-1").decode("utf-8", "replace")).copy_with(fragment=None)
    except (httpx.InvalidURL, ValueError) as error:
        raise FetchError(f"{shown(str(url))} sends on to what is no address", fix="check the address") from error
    if url.scheme == "https" and found.scheme == "http":
        raise FetchError(
            f"{shown(str(url))} sends on from https to the open {shown(str(found))}",
            fix="if that is right, write the new address into the source's configuration",
        )
    return found


def for_good(status: int) -> bool:
    """Tell whether a redirect means that the address has moved."""
    return status in _FOR_GOOD


def carried(headers: Mapping[str, str], old: httpx.URL, new: httpx.URL) -> dict[str, str]:
    """Return the headers for the next address: none that tell of one page's state, to another server no secret."""
    kept = {name: value for name, value in headers.items() if name.lower() not in _OF_ONE_PAGE}
    if _same_server(old, new):
        return kept
    return {name: value for name, value in kept.items() if name.lower() in _HARMLESS}


def _same_server(old: httpx.URL, new: httpx.URL) -> bool:
    """Tell whether both are one server, which may have gone over to https."""
    if old.host != new.host:
        return False
    if (old.scheme, old.port) == (new.scheme, new.port):
        return True
    return (old.scheme, new.scheme) == ("http", "https") and old.port is None and new.port is None
