"""Decides where the front matter of a Hugo page begins and ends, in which of four languages it is, and what it says.

YAML stands between lines that begin with `---`, TOML between `+++`, JSON in balanced braces, and Org in lines that
begin with `#+`. Blank lines before it and a byte order mark are passed over. Names of settings are known in any case.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace

from digest.collect.headers import front_matter, go_yaml, toml_header
from digest.collect.headers.bounds import checked
from digest.collect.headers.front_matter import Document
from digest.collect.problems import BrokenPostError

_CODE = "post.front-matter"
_ORG_LINE = re.compile(r"#\+([\w-]+(?:\[\])?):[ \t]*(.*)")
_ORG_DATE = re.compile(r"[<\[](\d{4}-\d{2}-\d{2}) .*[>\]]")
_ORG_DATES = ("date", "lastmod", "publishdate", "expirydate")
_JSON_SIGN = re.compile(r'[{}"\\]')


def read(raw: bytes) -> Document:
    """Split a file into front matter, whose names are in lower case, and body.

    A file without front matter is a document without data. Raise `BrokenPostError` where Hugo stops.
    """
    text = front_matter.decode(raw)
    kind, settings, words, above = _split(text)
    match kind:
        case "---":
            first = settings.partition("\n")[0].strip()
            header = "---" + "\n" * (above + bool(first))  # settings may begin on the line of the fence itself
            document = front_matter.interpret(f"{header}{settings}---", words, go_yaml.parse)
        case "+++":
            document = toml_header.interpret(settings, words, above)
        case "{":
            document = _json(settings, words, above)
        case "#+":
            document = _org(settings, words, above)
        case _:
            return Document(body=text)
    return replace(
        document,
        data=lowered(document.data),
        lines={key.lower(): line for key, line in document.lines.items()},
        body_line=text.count("\n", 0, len(text) - len(words)) + 1,
    )


def body(raw: bytes) -> str:
    """Return the text of a file that `read` could read, without parsing its settings."""
    return _split(front_matter.decode(raw))[2]


def lowered(data: Mapping[str, object]) -> dict[str, object]:
    """Return the settings with all names in lower case, those of inner settings too."""
    known: dict[int, object] = {}

    def lower(value: object) -> object:
        if not isinstance(value, dict | list):
            return value
        if id(value) not in known:  # what many aliases in YAML share is walked through once
            known[id(value)] = (
                {str(key).lower(): lower(inner) for key, inner in value.items()}
                if isinstance(value, dict)
                else [lower(inner) for inner in value]
            )
        return known[id(value)]

    return {key.lower(): lower(value) for key, value in data.items()}


def _split(text: str) -> tuple[str, str, str, int]:
    """Return the kind of front matter, its settings, the body, and how many lines stand above the first fence."""
    start = re.match(r"[ \t\r\n\ufeff]*", text, re.ASCII)
    begin = start.end() if start else 0
    above = text.count("\n", 0, begin)
    if text[begin : begin + 1] in {"-", "+"}:
        return _fenced(text, begin, above)
    if text.startswith("{", begin):
        end = _end_of_json(text, begin)
        if end < 0:
            raise _never_ends(above)
        return "{", text[begin:end], text[end:].removeprefix("\n"), above
    if text.startswith("#+", begin):
        lines = re.match(r"(?:#\+[^\n]*(?:\n|\Z))+", text[begin:])
        end = begin + (lines.end() if lines else 0)
        return "#+", text[begin:end], text[end:], above
    return "", "", text, above


def _fenced(text: str, begin: int, above: int) -> tuple[str, str, str, int]:
    fence = text[begin] * 3
    if not text.startswith(fence, begin) or text[begin + 3 : begin + 4] == fence[0]:
        raise BrokenPostError(
            _CODE,
            f"Hugo takes a “{text[begin]}” at the very top for the beginning of front matter, which this is not.",
            line=above + 1,
            fix=f"Begin the file with a line of exactly {fence}, or with other words.",
        )
    close = re.compile(rf"^{re.escape(fence)}\n?", re.MULTILINE).search(text, begin + 3)
    if close is None:
        raise _never_ends(above)
    return fence, text[begin + 3 : close.start()], text[close.end() :], above


def _never_ends(above: int) -> BrokenPostError:
    return BrokenPostError(
        _CODE,
        "The front matter begins but never ends.",
        line=above + 1,
        fix="Close the settings with the same sign that opens them: ---, +++ or }.",
    )


def _end_of_json(text: str, begin: int) -> int:
    depth, quoted, at = 0, False, begin
    while sign := _JSON_SIGN.search(text, at):
        at = sign.end()
        match sign[0]:
            case "\\":
                at += 1
            case '"':
                quoted = not quoted
            case "{" if not quoted:
                depth += 1
            case "}" if not quoted:
                depth -= 1
                if depth == 0:
                    return at
    return -1


def _json(settings: str, words: str, above: int) -> Document:
    try:
        data = checked(json.loads(settings))
    except RecursionError as error:
        raise BrokenPostError(
            _CODE, "The settings are nested too deeply.", line=above + 1, fix="Write them flatter."
        ) from error
    except ValueError as error:
        line = getattr(error, "lineno", 1) + above
        reason = getattr(error, "msg", str(error))
        raise BrokenPostError(
            _CODE, f"The front matter is not valid JSON: {reason}.", line=line, fix="Correct the line."
        ) from error
    places = {found[1]: found.start() for found in reversed(list(re.finditer(r'"([^"\\\n]*)"\s*:', settings)))}
    return Document(
        data=data, body=words, lines={key: settings.count("\n", 0, at) + above + 1 for key, at in places.items()}
    )


def _org(settings: str, words: str, above: int) -> Document:
    data: dict[str, object] = {}
    lines: dict[str, int] = {}
    for number, line in enumerate(settings.splitlines(), above + 1):
        found = _ORG_LINE.match(line)
        if found is None:
            continue
        key, value = found[1].lower(), found[2].strip()
        lines[key.removesuffix("[]")] = number
        if key.endswith("[]"):
            data[key[:-2]] = value.split()
        elif key == "filetags":
            data[key] = value.strip(":").split(":")
        elif key in _ORG_DATES:
            dated = _ORG_DATE.fullmatch(value)
            data[key] = dated[1] if dated else value
        elif key in data:
            before = data[key]
            data[key] = [*before, value] if isinstance(before, list) else [before, value]
        else:
            data[key] = value
    return Document(data=data, body=words, lines=lines)
