"""Decides which of a page's dates count, after Hugo's `frontmatter` settings: shown, published, changed, expired."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo

from digest.collect.headers import go_time

FILENAME = ":filename"
UNKNOWABLE = (":filemodtime", ":git")
"""Sources of dates that a copy of the blog does not have."""

_ALIASES = {"lastmod": ("modified",), "publishdate": ("pubdate", "published"), "expirydate": ("unpublishdate",)}
_DEFAULTS = {
    "date": ("date", "publishdate", "lastmod"),
    "publishdate": ("publishdate", "date"),
    "lastmod": ("lastmod", "date", "publishdate"),
    "expirydate": ("expirydate",),
}
_OF_PUBLICATION = ("date", "publishdate", "pubdate", "published")
_AROUND_SLUG = " -_"


class BadDateError(ValueError):
    """What stands under `key` is no date."""

    def __init__(self, key: str, value: object) -> None:
        super().__init__(key)
        self.key = key
        self.value = value


@dataclass(frozen=True, slots=True)
class DateKeys:
    """The names under which dates are looked for, in lower case; the first that is there counts."""

    date: tuple[str, ...]
    publishdate: tuple[str, ...]
    lastmod: tuple[str, ...]
    expirydate: tuple[str, ...]

    @property
    def all(self) -> tuple[str, ...]:
        """Every name in a page's front matter that can hold a date."""
        names = dict.fromkeys((*self.date, *self.publishdate, *self.lastmod, *self.expirydate))
        return tuple(name for name in names if not name.startswith(":"))

    @property
    def change(self) -> tuple[str, ...]:
        """The names that tell of a change, and not of the publication."""
        return tuple(
            name for name in self.lastmod if not name.startswith(":") and name not in (*self.date[:1], *_OF_PUBLICATION)
        )

    @property
    def unknowable(self) -> str:
        """The source of the shown date that would come first and that nobody here can know; mostly empty."""
        return self.date[0] if self.date and self.date[0] in UNKNOWABLE else ""


def date_keys(said: object) -> DateKeys:
    """Read the `frontmatter` settings of a site."""
    settings = said if isinstance(said, Mapping) else {}

    def names(field: str) -> tuple[str, ...]:
        wanted = settings.get(field)
        wanted = [wanted] if isinstance(wanted, str) else wanted
        written = [str(name).lower() for name in wanted] if isinstance(wanted, list) else [":default"]
        expanded = (each for name in written for each in (_DEFAULTS[field] if name == ":default" else (name,)))
        return tuple(dict.fromkeys(each for name in expanded for each in (name, *_ALIASES.get(name, ()))))

    return DateKeys(names("date"), names("publishdate"), names("lastmod"), names("expirydate"))


def moment(names: tuple[str, ...], data: Mapping[str, object], stem: str, zone: tzinfo) -> tuple[datetime | None, str]:
    """Return the first date that is there with its name, or None; raise `BadDateError` when it is none.

    `stem` is the name of the file, or of the folder of a page that has one. The year one stands for no date.
    """
    for name, value in _values(names, data, stem, zone):
        try:
            found = go_time.parse(value, zone)
        except ValueError as error:
            raise BadDateError(name, value) from error
        if found.year > 1:
            return found, name
    return None, ""


def in_name(stem: str, zone: tzinfo) -> tuple[datetime | None, str]:
    """Split `2026-01-31-slug` or `2026-01-31-09-30-00-slug` into its moment and slug."""
    for size, written in ((19, f"{stem[:10]}T{stem[11:19].replace('-', ':')}"), (10, stem[:10])):
        try:
            if len(stem) >= size:
                return go_time.parse(written, zone), stem[size:].strip(_AROUND_SLUG)
        except ValueError:
            continue
    return None, ""


def _values(
    names: tuple[str, ...], data: Mapping[str, object], stem: str, zone: tzinfo
) -> Iterator[tuple[str, object]]:
    for name in names:
        if name == FILENAME:
            named, _ = in_name(stem, zone)
            if named:
                yield name, named
        elif (value := data.get(name)) is not None and value != "" and not (name == "published" and _is_flag(value)):
            yield name, value


def _is_flag(value: object) -> bool:
    """Tell whether `published` says yes or no; what that means is decided elsewhere."""
    return isinstance(value, bool) or (isinstance(value, str) and value in {"true", "false"})
