"""Decides of which type a setting of Pelican's must be to count, and which patterns are safe to search with."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from digest.collect.pelican.literals import Settings, texts
from digest.errors import SourceError

MOST_REPETITIONS = 3
_REPETITION = re.compile(r"(?<![\\(])(?:[*+?]|\{\d*,\d*\})[?+]?")
_CERTAIN = re.compile(r"\[\^([^\]\\])\][*+]\)*(?=\1)|\\d[*+]\)*(?=[-_./A-Za-z])")
"""Repetitions that can end at one place only, such as `[^/]+/`."""


class Lookup:
    """The settings by name, each as the type that is wanted, else what holds without it."""

    def __init__(self, said: Settings, root: Path) -> None:
        self.said = said
        self.root = root

    def text(self, name: str, otherwise: str = "") -> str:
        """Return a text; an empty one for None and False."""
        value = self.said.values.get(name, otherwise)
        return value if isinstance(value, str) else "" if value is None or value is False else otherwise

    def texts(self, name: str, otherwise: tuple[str, ...] = ()) -> tuple[str, ...]:
        """Return the texts of a list, or a single one."""
        value = self.said.values.get(name)
        return texts(value) if isinstance(value, str | list) else otherwise

    def flag(self, name: str, otherwise: bool) -> bool:
        """Tell whether a value counts as true in Python."""
        return bool(self.said.values.get(name, otherwise))

    def mapping(self, name: str) -> Mapping[object, object]:
        """Return a mapping, empty where none is written."""
        value = self.said.values.get(name)
        return value if isinstance(value, dict) else {}

    def pattern(self, name: str, otherwise: str) -> str:
        """Return a regular expression; raise `SourceError` for one that is none or could run for years."""
        written = self.text(name, otherwise)
        self.check(name, written)
        return written

    def check(self, name: str, pattern: str, most: int = MOST_REPETITIONS) -> None:
        """Raise `SourceError` for a regular expression that is none or could run for years."""
        try:
            re.compile(pattern)
            wrong = "repeats what holds a repetition, or too often" if is_explosive(pattern, most) else ""
        except (re.error, RecursionError, OverflowError) as error:
            wrong = f"is no regular expression ({error})"
        if wrong:
            raise self.refused(name, wrong)

    def refused(self, name: str, wrong: str) -> SourceError:
        """Make the error that says what is wrong with a setting, and where it stands."""
        file, line = self.said.place(name)
        return SourceError(f"{name} {wrong}", file=self.root / file, line=line or None, fix="write it otherwise")


def is_explosive(pattern: str, most: int = MOST_REPETITIONS) -> bool:
    """Tell whether a search may never end: a group is repeated that holds a repetition or a choice, or the pattern
    has more than `most` repetitions that can divide a text among them.
    """  # fmt: skip
    return _nests(pattern) or len(_REPETITION.findall(_CERTAIN.sub("", pattern))) > most


def _nests(pattern: str) -> bool:
    opened: list[bool] = []
    at, in_set = 0, False
    while at < len(pattern):
        sign = pattern[at]
        if sign == "\\":
            at += 1
        elif in_set:
            in_set = sign != "]"
        elif sign == "[":
            in_set = True
        elif sign == "(":
            opened.append(False)
            at += pattern[at + 1 : at + 2] == "?"
        elif sign == ")" and opened:
            holds = opened.pop()
            repeated = pattern[at + 1 : at + 2] in {"*", "+", "{"}
            if holds and repeated:
                return True
            if opened and (holds or repeated):
                opened[-1] = True
        elif opened and sign in "*+?|{":
            opened[-1] = True
        at += 1
    return False
