"""Decides what the name of a file says about the post in it, by the pattern that Hexo names new posts with.

Read after parseFilename in lib/plugins/processor/post.ts of github.com/hexojs/hexo (8).
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from digest.collect.hexo.slugs import slugize

PART = re.compile(r":(\w*[^_\W])", re.ASCII)
"""A part of a name or an address, such as `:title`."""
_PARTS = {
    "year": r"(\d{4})",
    "month": r"(\d{2})",
    "day": r"(\d{2})",
    "i_month": r"(\d{1,2})",
    "i_day": r"(\d{1,2})",
    "hash": r"([0-9a-f]{12})",
}
_FREE_PARTS = 3
_LONGEST = 300


class TooManyPartsError(ValueError):
    """A pattern has so many parts of any length that finding them could take forever."""


@dataclass(frozen=True)
class Names:
    """A pattern of names such as `:year-:month-:day-:title.md`."""

    pattern: str
    _parts: tuple[str, ...] = field(init=False, repr=False)
    _expression: re.Pattern[str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        rule = os.path.splitext(self.pattern)[0]  # noqa: PTH122 - a pattern, not a file
        parts = tuple(PART.findall(rule))
        if sum(part not in _PARTS for part in parts) > _FREE_PARTS:
            raise TooManyPartsError(f"the new_post_name “{self.pattern}” has more parts than can be told apart")
        literals = PART.split(rule)[::2]
        expression = re.escape(literals[0])
        for part, literal in zip(parts, literals[1:], strict=True):
            expression += _PARTS.get(part, "(.+?)") + re.escape(literal)
        object.__setattr__(self, "_parts", parts)
        object.__setattr__(self, "_expression", re.compile(expression, re.ASCII))

    @property
    def ending(self) -> str:
        """The ending of new posts."""
        return os.path.splitext(self.pattern)[1]  # noqa: PTH122 - a pattern, not a file

    def parse(self, below: str) -> Mapping[str, str]:
        """Return the parts of a path below the folder of posts, `title` always among them."""
        stem = os.path.splitext(below)[0]  # noqa: PTH122 - as JavaScript takes it off
        found = self._expression.fullmatch(stem) if len(stem) <= _LONGEST or len(self._parts) == 1 else None
        values = dict(zip(self._parts, found.groups(), strict=True)) if found else {}
        return values if "title" in values else {**values, "title": slugize(stem)}
