"""What is said once about something that a person did: kept for the page that the answer leads to."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field

_MOST = 200
"""Sentences that are kept: those of the last people who did something."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One sentence."""

    good: bool
    key: str = ""
    """In `words/`; empty for an error of the digest, whose English sentence is `detail`."""
    values: Mapping[str, object] = field(default_factory=dict)
    detail: str = ""
    fix: str = ""


class Notices:
    """The sentences, by a name that nobody can guess."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Notice] = OrderedDict()

    def keep(self, notice: Notice) -> str:
        """Return the name under which a sentence is found."""
        name = secrets.token_urlsafe(8)
        self._kept[name] = notice
        while len(self._kept) > _MOST:
            self._kept.popitem(last=False)
        return name

    def find(self, name: str) -> Notice | None:
        """Return a sentence; None when there is none of that name any more."""
        return self._kept.get(name)
