"""Decides at which address a post stands when a person wrote the pattern of addresses down."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from string import Formatter
from urllib.parse import quote

from digest.errors import ConfigError
from digest.models import Finding, Level

PARTS = ("year", "month", "day", "hour", "minute", "second", "slug", "path", "category")
"""What a pattern can be made of."""

_SAFE = "%/:=&?~#+!$,;'@()*[]-._"


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern such as `https://example.com/{year}/{month}/{day}/{slug}/`."""

    written: str

    def check(self, source: str) -> None:
        """Raise `ConfigError` unless every brace is closed and holds a known part."""
        try:
            used = {field for _, field, _, _ in Formatter().parse(self.written) if field is not None}
        except ValueError as error:
            raise ConfigError(
                f"the url_pattern of the source “{source}” has a brace without its partner", fix="close it"
            ) from error
        if unknown := sorted(used - set(PARTS)):
            raise ConfigError(
                f"the url_pattern of the source “{source}” uses {{{unknown[0]}}}", fix="known: " + ", ".join(PARTS)
            )

    @property
    def site(self) -> str:
        """Scheme and host; empty when the pattern begins with a path."""
        found = re.match(r"https?://[^/{}]+", self.written)
        return found[0] if found else ""

    def address(self, moment: datetime, slug: str, path: str, categories: Sequence[str]) -> str:
        """Fill in the parts; `moment` is local to the blog, `path` has no ending and no final `index`."""
        values = {
            "year": f"{moment.year:04}",
            "month": f"{moment.month:02}",
            "day": f"{moment.day:02}",
            "hour": f"{moment.hour:02}",
            "minute": f"{moment.minute:02}",
            "second": f"{moment.second:02}",
            "slug": quote(slug, safe="~"),
            "path": quote(path, safe="/~"),
            "category": quote(categories[0], safe="~") if categories else "",
        }
        scheme, separator, rest = self.written.format(**values).rpartition("://")
        return quote(scheme + separator + re.sub("/{2,}", "/", rest), safe=_SAFE)


def no_address(fix: str, file: str = "", line: int = 0) -> Finding:
    """Say that nobody knows where the blog is read."""
    return Finding(
        Level.ERROR,
        "blog.url",
        "Nobody said at which address the posts are read, so they cannot be linked.",
        file,
        line,
        fix,
    )
