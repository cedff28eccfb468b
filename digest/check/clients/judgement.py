"""Whether a lack matters: which ones nobody has to do anything about, and what helps against the others."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from digest.check.clients.knowledge import knowledge
from digest.check.clients.uses import Use


@dataclass(frozen=True, slots=True)
class Accepted:
    """One entry of `accepted.toml`; what is not narrowed down holds for all."""

    ground: str
    features: tuple[str, ...]
    clients: frozenset[str] = frozenset()
    note: str = ""
    kept: bool | None = None
    on: frozenset[str] = frozenset()
    not_on: frozenset[str] = frozenset()
    value: re.Pattern[str] | None = None
    not_value: re.Pattern[str] | None = None
    beside: frozenset[str] = frozenset()
    not_beside: frozenset[str] = frozenset()
    attribute: frozenset[str] = frozenset()
    check: str = ""
    """The module of `digest.check` that tells of it instead."""

    def covers(self, use: Use, client: str, note: str) -> bool:
        """Tell whether this use is nothing that `client`, with this note of its lack, would spoil."""
        return (
            self.note in note
            and (not self.clients or client in self.clients or client.partition(".")[0] in self.clients)
            and (self.kept is None or self.kept == use.kept)
            and (not self.on or use.element in self.on)
            and (not self.not_on or use.element not in self.not_on)
            and (self.value is None or bool(self.value.search(use.value)))
            and (self.not_value is None or not self.not_value.search(use.value))
            and (not self.beside or not self.beside.isdisjoint(use.beside))
            and self.not_beside.isdisjoint(use.beside)
            and (not self.attribute or not self.attribute.isdisjoint(use.attributes))
        )


@cache
def accepted() -> Mapping[str, tuple[Accepted, ...]]:
    """Return the accepted lacks by feature."""
    found: dict[str, tuple[Accepted, ...]] = {}
    for entry in _file()["accepted"]:
        made = Accepted(**{name: _READ.get(name, frozenset)(value) for name, value in entry.items()})
        for slug in made.features:
            found[slug] = (*found.get(slug, ()), made)
    return found


def is_accepted(use: Use, client: str, note: str = "") -> bool:
    """Tell whether nobody has to do anything about a lack, or about one note of a partial support."""
    return any(entry.covers(use, client, note) for entry in accepted().get(use.feature, ()))


def fix(feature: str) -> str:
    """Say what to do instead, or where to read about it."""
    known = str(_file()["fixes"].get(feature, ""))
    address = knowledge().features[feature].address
    return known or (f"Do without it, or see {address}" if address else "Do without it")


@cache
def _file() -> dict[str, Any]:
    return tomllib.loads((resources.files(__package__) / "accepted.toml").read_text("utf-8"))


def _same(value: Any) -> Any:
    return value


_READ: Mapping[str, Any] = {
    "ground": _same,
    "note": _same,
    "kept": _same,
    "check": _same,
    "features": tuple,
    "value": re.compile,
    "not_value": re.compile,
}
"""How the values of an entry are read; all others are sets of names."""
