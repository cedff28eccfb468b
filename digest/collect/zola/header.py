"""Decides where the settings at the top of a Zola page begin and end, and what they say, in TOML or in YAML.

The rules are those of components/content/src/front_matter/split.rs of github.com/getzola/zola: blank lines may stand
above, and the closing signs may end a line that begins with something else. Zola reads no file without settings.
"""

from __future__ import annotations

import re
from dataclasses import replace

from digest.collect.headers import front_matter, toml_header, yaml_text
from digest.collect.headers.front_matter import Document
from digest.collect.headers.yaml_text import Parsed
from digest.collect.problems import BrokenPostError

_FENCED = re.compile(r"\A([ \t\n\f\v]*)(\+\+\+|---)(\n.*?)\2[ \t\r\f\v]*(?:\n|\Z)", re.DOTALL)
_OPENED = re.compile(r"\A\s*(\+\+\+|---)[ \t]*\n")
_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_TRUTH = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,99})")
_FLOAT = re.compile(r"[-+]?(?:[0-9]{1,99}\.[0-9]{0,99}|\.[0-9]{1,99}|[0-9]{1,99}(?=[eE]))(?:[eE][-+]?[0-9]{1,3})?")
_CODE = "post.front-matter"

_AS_WRITTEN = frozenset({"title", "description", "slug", "path", "date", "updated", "authors", "taxonomies"})
"""Settings that Zola wants as text, so that `title: 2026` in YAML is the text “2026”."""


class _Plain(str):
    """A scalar without quotes, which is what Zola wants it to be: text for a title, a truth for `draft`."""

    __slots__ = ()


def read(raw: bytes) -> Document:
    """Split a page into settings and text; raise `BrokenPostError` with the place where Zola would stop."""
    text = front_matter.decode(raw)
    fenced = _FENCED.match(text)
    if fenced is None:
        raise _without(text)
    above, fence, settings = fenced[1].count("\n"), fenced[2], fenced[3]
    words = text[fenced.end() :]
    if fence == "+++":
        return toml_header.interpret(settings, words, above)
    return _yaml(settings, words, above)


def body(raw: bytes) -> str:
    """Return the text of a page that `read` could read."""
    text = front_matter.decode(raw)
    fenced = _FENCED.match(text)
    return text[fenced.end() :] if fenced else text


def _yaml(settings: str, words: str, above: int) -> Document:
    header = f"---{settings}" + ("---" if settings.endswith("\n") else "\n---")
    try:
        document = front_matter.interpret(header, words, _parse)
    except BrokenPostError as error:
        error.line += above if error.line else 0
        raise
    if document.duplicates:
        key, line = document.duplicates[0]
        raise BrokenPostError(_CODE, f"“{key}” is written twice.", line=line + above, fix="Delete one of the two.")
    return replace(
        document,
        data={key: value if key in _AS_WRITTEN else _meant(value) for key, value in document.data.items()},
        lines={key: line + above for key, line in document.lines.items()},
        body_line=document.body_line + above,
    )


def _parse(text: str) -> Parsed:
    return yaml_text.parse(text, _plain)


def _plain(scalar: str) -> object:
    return None if scalar in _NULL else _Plain(scalar)


def _meant(value: object) -> object:
    """Return a value with its plain scalars read as YAML 1.2 does, which has no dates and no yes."""
    match value:
        case _Plain():
            if value in _TRUTH:
                return _TRUTH[value]
            if _INTEGER.fullmatch(value):
                return int(value)
            return float(value) if _FLOAT.fullmatch(value) else str(value)
        case list():
            return [_meant(item) for item in value]
        case dict():
            return {_meant(key): _meant(item) for key, item in value.items()}
        case _:
            return value


def _without(text: str) -> BrokenPostError:
    if opened := _OPENED.match(text):
        return BrokenPostError(
            _CODE,
            "The settings begin but never end.",
            line=text.count("\n", 0, opened.start(1)) + 1,
            fix=f"Put a line of {opened[1]} between the settings and the text, and nothing else after the first one.",
        )
    return BrokenPostError(
        _CODE,
        "The file has no settings at its top, at which Zola stops.",
        line=1,
        fix="Begin the file with a line of +++, the settings, and another line of +++.",
    )
