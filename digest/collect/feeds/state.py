"""Decides what of a feed is written down until the next reading, and whether it can be trusted then."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime
from typing import Any

from digest import __version__
from digest.collect.feeds.items import Item
from digest.collect.memory import Memory

_FEED = "feed"
_ITEM = "item:"
_FORM = "1"
"""Changes when what is written down here changes its form."""


@dataclass(frozen=True, slots=True)
class Known:
    """An item, and what is known of it from earlier readings."""

    identity: str
    item: Item
    """As it was when it was last there."""
    first_seen: datetime
    rank: int = 0
    """Its place in the feed when it was first seen; of what came at once, the higher is the older."""
    at_first: bool = False
    """It was there at the first reading, so that it may be of any age."""
    first_updated: str = ""
    """The date of its last change when it was first seen."""
    gone: bool = False
    """The blog took it back."""


@dataclass(frozen=True, slots=True)
class State:
    """What is known of a feed."""

    url: str
    """As configured."""
    address: str = ""
    """Where the feed has moved for good; else as configured."""
    etag: str = ""
    """Of `address`, byte for byte, as is the next."""
    last_modified: str = ""
    read_at: datetime | None = None
    """When the feed last answered; None when it never did."""
    whole_at: datetime | None = None
    """When it was last read to its end."""
    cut: bool = False
    """It broke off when it last answered."""
    fresh_until: datetime | None = None
    """Before that the server wants no other request."""
    complete_since: datetime | None = None
    """Every post from then on has been seen; None when nobody can tell."""
    language: str = ""
    author: str = ""
    there: tuple[str, ...] = ()
    """The identities of the items that the feed held, in its order."""
    known: Mapping[str, Known] = field(default_factory=dict)


def recall(memory: Memory, url: str) -> State:
    """Return what is written down of the feed at `url`; what is spoilt, or was another address's, is left out."""
    entries = memory.recall()
    known = {}
    for key, entry in entries.items():
        if key.startswith(_ITEM) and (found := _known(entry)) and key == _ITEM + found.identity:
            known[found.identity] = found
    state = _state(entries.get(_FEED, ""), url, known)
    if state is None:
        return State(url, url, known=known)
    if len(state.there) != len([each for each in state.there if each in known]):
        state = replace(state, etag="", last_modified="", fresh_until=None)  # “the same” would not be all of it
    return state


def remember(memory: Memory, state: State) -> None:
    """Write down what is known."""
    entries = {_ITEM + each.identity: _sealed(_plain(asdict(each))) for each in state.known.values()}
    said = {each.name: getattr(state, each.name) for each in fields(state) if each.name not in {"url", "known"}}
    said["address"] = "" if state.address == state.url else state.address  # the configured one may hold a password
    entries[_FEED] = _sealed({**_plain(said), "mark": _mark(), "of": _name(state.url)})
    old = memory.recall()
    changed = {key: entry for key, entry in entries.items() if old.get(key) != entry}
    if forgotten := [key for key in old if key not in entries]:
        memory.remember(changed, forgotten)
    elif changed:
        memory.remember(changed)


def _mark() -> str:
    return f"{_FORM} {__version__}"


def _name(url: str) -> str:
    """Return by what an address is known here, which does not give it away."""
    return hashlib.sha256(url.encode(errors="replace")).hexdigest()


def _plain(said: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value.isoformat() if isinstance(value, datetime) else value for key, value in said.items()}


def _sealed(said: Mapping[str, Any]) -> str:
    written = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
    return f"{zlib.crc32(written.encode()):08x} {written}"


def _unsealed(entry: str) -> dict[str, Any]:
    """Return what was written; raise `ValueError` when it is spoilt."""
    seal, _, written = entry.partition(" ")
    if seal != f"{zlib.crc32(written.encode(errors='replace')):08x}":
        raise ValueError(entry)
    said = json.loads(written)
    if not isinstance(said, dict):
        raise TypeError(entry)
    return said


def _known(entry: str) -> Known | None:
    try:
        said = _unsealed(entry)
        item = said["item"]
        item = Item(**{**item, "categories": tuple(item["categories"])})
        return Known(**{**said, "item": item, "first_seen": datetime.fromisoformat(said["first_seen"])})
    except (ValueError, TypeError, KeyError):
        return None


def _state(entry: str, url: str, known: Mapping[str, Known]) -> State | None:
    try:
        said = _unsealed(entry)
        if said.pop("of") != _name(url):
            return None
        if said.pop("mark") != _mark():  # another version may read the same feed another way
            said |= {"etag": "", "last_modified": "", "fresh_until": None}
        said.setdefault("whole_at", said["read_at"])  # as versions wrote it that did not know the difference
        for key in ("read_at", "whole_at", "fresh_until", "complete_since"):
            said[key] = datetime.fromisoformat(said[key]) if said[key] else None
        said |= {"url": url, "address": said["address"] or url, "there": tuple(said["there"]), "known": known}
        return State(**said)
    except (ValueError, TypeError, KeyError):
        return None
