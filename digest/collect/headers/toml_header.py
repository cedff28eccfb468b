"""Decides what settings in TOML at the top of a post say, and in which line each stands."""

from __future__ import annotations

import re
from collections.abc import Mapping

from digest.collect.headers import bounds
from digest.collect.headers.front_matter import Document
from digest.collect.problems import BrokenPostError

_CODE = "post.front-matter"
_PLACE = re.compile(r"^(?P<reason>.*?)\s*\(at (?:line (?P<line>\d+), column \d+|end of document)\)$", re.DOTALL)
_TABLE = re.compile(r"""\s*\[{1,2}([\w.\-\t "']+)\]{1,2}\s*(?:#.*)?""")
_KEY = re.compile(r"""\s*((?:[\w-]+|"[^"\\]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"\\]*"|'[^']*'))*)\s*=""")
_LONG_QUOTES = ('"""', "'''")
_NO_SECONDS = re.compile(r"=\s*\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(?!:)")


def interpret(settings: str, words: str, above: int = 0) -> Document:
    """Make a document of settings and the words below them.

    `settings` is everything between the fences, the line break after the first fence included, and `above` the
    number of lines that stand over that fence. The lines of inner settings are known by their path: `extra.image`.
    Raise `BrokenPostError` with the line where the settings are no TOML.
    """
    try:
        data = bounds.toml(settings)
    except RecursionError as error:
        raise BrokenPostError(
            _CODE, "The settings are nested too deeply.", line=above + 1, fix="Write them flatter."
        ) from error
    except ValueError as error:
        raise _broken(str(error), settings, above) from error
    return Document(
        data=data,
        body=words,
        lines={key: line + above for key, line in lines_of(settings).items()},
        body_line=settings.count("\n") + above + 2,
    )


def lines_of(settings: str) -> Mapping[str, int]:
    """Return the line, from 1, in which each setting stands first, by its path and by the first part of it."""
    found: dict[str, int] = {}
    table, closing = "", ""
    for number, line in enumerate(settings.split("\n"), 1):
        if closing:
            closing = "" if closing in line else closing
            continue
        if header := _TABLE.fullmatch(line):
            table = _path(header[1])
            _note(found, table, number)
        elif key := _KEY.match(line):
            _note(found, f"{table}.{_path(key[1])}" if table else _path(key[1]), number)
        closing = next((quotes for quotes in _LONG_QUOTES if line.count(quotes) % 2), "")
    return found


def _note(found: dict[str, int], path: str, number: int) -> None:
    found.setdefault(path, number)
    found.setdefault(path.partition(".")[0], number)


def _path(written: str) -> str:
    return ".".join(part.strip().strip("\"'") for part in written.split("."))


def _broken(said: str, settings: str, above: int) -> BrokenPostError:
    place = _PLACE.match(said)
    reason = place["reason"] if place else said
    line = int(place["line"]) if place and place["line"] else settings.count("\n") if place else 0
    written = settings.split("\n")[line - 1] if line else ""
    fix = "Correct the line; a text needs quotation marks, and a date is written as 2026-01-31T09:00:00+09:00."
    if _NO_SECONDS.search(written):
        fix = "Write the time with seconds: 2026-01-31T09:00:00."
    elif "overwrite" in reason or "twice" in reason:
        fix = "Delete one of the two."
    return BrokenPostError(
        _CODE, f"The settings are not valid TOML: {reason}.", line=line + above if line else 0, fix=fix
    )
