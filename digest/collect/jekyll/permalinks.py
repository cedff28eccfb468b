"""Decides at which path of the site Jekyll shows a post: permalink styles, placeholders, slugs, escaping."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from functools import cached_property, lru_cache
from urllib.parse import quote

STYLES = {
    "none": "/:categories/:title:output_ext",
    "date": "/:categories/:year/:month/:day/:title:output_ext",
    "ordinal": "/:categories/:year/:y_day/:title:output_ext",
    "pretty": "/:categories/:year/:month/:day/:title/",
    "weekdate": "/:categories/:year/W:week/:short_day/:title:output_ext",
}
"""Jekyll's names for templates; known in the site's settings only."""

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
           "November", "December")  # fmt: skip
_PRETTY = "._~!$&'()+,;=@"
_SEGMENT_SAFE = "-._~!$&'()*+,;=:@/?"
_SLUG = re.compile(r"[A-Za-z0-9](?:-?[A-Za-z0-9])*")
_SLASHES = re.compile("/+")
_ESCAPED = re.compile(f"[A-Za-z0-9_{re.escape(_SEGMENT_SAFE)}%#\\[\\]]*")
_PLACEHOLDER = re.compile(r":([a-z_]+)")


class UnknownPlaceholderError(ValueError):
    """A permalink names a placeholder that Jekyll does not have, which stops Jekyll's whole build."""

    def __init__(self, name: str) -> None:
        nearest = get_close_matches(name, PLACEHOLDERS, 1)
        hint = f"did you mean :{nearest[0]}?" if nearest else "Jekyll knows :" + ", :".join(sorted(PLACEHOLDERS)) + "."
        super().__init__(f"the permalink uses :{name}, which Jekyll does not know; {hint}")


@dataclass(frozen=True)
class Address:
    """What a permalink can be made of."""

    date: datetime
    """In the site's zone."""
    slug: str
    """Front matter `slug`, or the file's name without date and ending."""
    relative_path: str
    """Below the folder that holds the collections: `news/_posts/2026-01-02-a.md`."""
    categories: tuple[str, ...] = ()
    output_ending: str = ".html"

    @cached_property
    def basename(self) -> str:
        """The file's name without its ending."""
        name = self.relative_path.rpartition("/")[2]
        stem, dot, _ = name.rpartition(".")
        return stem if dot and stem else name

    @property
    def cleaned_path(self) -> str:
        """The path without `_posts`, ending and final dots."""
        folder, _, _ = self.relative_path.rpartition("/")
        return f"{folder}/{self.basename}".replace("_posts", "", 1).rstrip(".")


PLACEHOLDERS: dict[str, Callable[[Address], str]] = {
    "year": lambda post: f"{post.date.year:04}",
    "short_year": lambda post: f"{post.date.year % 100:02}",
    "month": lambda post: f"{post.date.month:02}",
    "i_month": lambda post: f"{post.date.month}",
    "short_month": lambda post: _MONTHS[post.date.month - 1][:3],
    "long_month": lambda post: _MONTHS[post.date.month - 1],
    "day": lambda post: f"{post.date.day:02}",
    "i_day": lambda post: f"{post.date.day}",
    "short_day": lambda post: _DAYS[post.date.weekday()][:3],
    "long_day": lambda post: _DAYS[post.date.weekday()],
    "y_day": lambda post: f"{post.date.timetuple().tm_yday:03}",
    "week": lambda post: f"{post.date.isocalendar().week:02}",
    "w_year": lambda post: f"{post.date.isocalendar().year:04}",
    "w_day": lambda post: f"{post.date.isoweekday()}",
    "hour": lambda post: f"{post.date.hour:02}",
    "minute": lambda post: f"{post.date.minute:02}",
    "second": lambda post: f"{post.date.second:02}",
    "title": lambda post: slugify(post.slug, keep=_PRETTY, cased=True),
    "slug": lambda post: slugify(post.slug),
    "name": lambda post: slugify(post.basename),
    "path": lambda post: post.cleaned_path,
    "collection": lambda post: "posts",  # noqa: ARG005 - every entry takes the post
    "categories": lambda post: "/".join(_once(category.lower() for category in post.categories)),
    "slugified_categories": lambda post: "/".join(_once(slugify(category) for category in post.categories)),
    "output_ext": lambda post: post.output_ending,
}
"""Placeholder -> its value, not yet escaped."""


def path_of(template: str, post: Address) -> str:
    """Return the post's path on the site, percent-encoded, with a leading `/`.

    Raise `UnknownPlaceholderError` when the template holds a placeholder that Jekyll does not know.
    """

    path = "".join([part if made is None else _escape(made(post)) for part, made in _parts(template)])
    if ".." in path or "./" in path or "//" in path:
        path = _SLASHES.sub("/", path.replace("..", "/").replace("./", ""))
    return path if _ESCAPED.fullmatch(path) else quote(path, safe=_SEGMENT_SAFE + "%#[]")


@lru_cache(maxsize=1_000)
def _parts(template: str) -> tuple[tuple[str, Callable[[Address], str] | None], ...]:
    """Split a template into what stands in it as it is, and what makes the rest of the post."""
    parts: list[tuple[str, Callable[[Address], str] | None]] = [("/", None)]
    place = 0
    for found in _PLACEHOLDER.finditer(template):
        name, rest = found[1], ""
        if name not in PLACEHOLDERS and name.endswith("_"):
            name, rest = name[:-1], "_"
        if name not in PLACEHOLDERS:
            raise UnknownPlaceholderError(name)
        parts += [(template[place : found.start()], None), ("", PLACEHOLDERS[name]), (rest, None)]
        place = found.end()
    return tuple(part for part in (*parts, (template[place:], None)) if any(part))


def slugify(text: str, *, keep: str = "", cased: bool = False) -> str:
    """Turn every run of characters other than letters, marks and digits (and `keep`) into one hyphen."""
    if cased and _SLUG.fullmatch(text):
        return text
    slug = "".join(character if _belongs(character) or character in keep else "\0" for character in text)
    slug = re.sub("\0+", "-", slug).removeprefix("-").removesuffix("-")
    return slug if cased else slug.lower()


def _belongs(character: str) -> bool:
    if character.isascii():
        return character.isalnum()
    category = unicodedata.category(character)
    return category[0] in "LM" or category == "Nd"


@lru_cache(maxsize=10_000)
def _escape(value: str) -> str:
    return quote(value, safe=_SEGMENT_SAFE)


def _once(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))
