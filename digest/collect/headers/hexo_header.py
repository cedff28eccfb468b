"""Decides where a post's front matter begins and ends, and what it says, by the rules of hexo-front-matter 4.

The line above the settings may be missing, the line below them may be longer than three dashes, and after `;;;` the
settings are the inside of a JSON object. A date without an offset stays so: js-yaml reads it as UTC, and Hexo takes
what is then in the fields of the date for local time.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace

from digest.collect.headers import front_matter, js_yaml
from digest.collect.headers.bounds import checked
from digest.collect.headers.front_matter import Document
from digest.collect.problems import BrokenPostError

_CLOSED = re.compile(r"(-{3,}|;{3,})\n(.+?)\n\1\n?", re.DOTALL)
_OPENED = re.compile(r"-{3,}|;{3,}")
_WITHOUT_OPENING = re.compile(r"(.+?)\n(-{3,}|;{3,})\n?", re.DOTALL)
_TABS = re.compile(r"\n(\t+)")
_SETTING = re.compile(r"[\w-]['\"]?[ \t]*:(?:[ \t]|$)", re.MULTILINE)
_CODE = "post.front-matter"
_FIX = "Write the settings as “key: value” between two lines of exactly three dashes."


def read(raw: bytes) -> Document:
    """Split a file into front matter and body.

    A file without front matter is a document without data. Raise `BrokenPostError` where Hexo leaves the file out,
    or shows the settings as text because it does not understand them.
    """
    text = front_matter.decode(raw)
    separator, settings, words, opened = _split(text)
    if not separator:
        if opened and _SETTING.search(text):
            raise BrokenPostError(_CODE, "The front matter begins but never ends.", line=1, fix=_FIX)
        return Document(body=words)
    if separator[0] == ";":
        return _json(settings, words, opened)
    document = _yaml(settings, words, opened)
    if document is None:
        return Document(body=text)
    return document


def body(raw: bytes) -> str:
    """Return the text of a file that `read` could read."""
    text = front_matter.decode(raw)
    separator, settings, words, opened = _split(text)
    if separator and not opened and separator[0] == "-" and not _SETTING.search(settings):
        return text
    return words


def _split(text: str) -> tuple[str, str, str, bool]:
    """Return separator, settings and words, and whether the file begins with a separator."""
    opening = _OPENED.match(text)
    found = _CLOSED.match(text) if opening else _WITHOUT_OPENING.match(text)
    if found is None:
        return "", "", text, opening is not None
    separator, settings = (found[1], found[2]) if opening else (found[2], found[1])
    return separator, settings, text[found.end() :], opening is not None


def _yaml(settings: str, words: str, opened: bool) -> Document | None:
    """Read settings in YAML; None when what stands above the dashes is plain text and no settings."""
    if not opened and not _SETTING.search(settings):
        return None
    untabbed = _TABS.sub(lambda found: "\n" + "  " * len(found[1]), settings)
    try:
        document = front_matter.interpret(f"---\n{untabbed}\n---\n", words, js_yaml.parse_4)
    except BrokenPostError as error:
        error.line -= 1 if error.line and not opened else 0
        raise
    if opened:
        return document
    lines = {key: line - 1 for key, line in document.lines.items()}
    return replace(document, lines=lines, body_line=document.body_line - 1)


def _json(settings: str, words: str, opened: bool) -> Document:
    above = 1 if opened else 0
    try:
        data = checked(json.loads(f"{{{settings}}}", parse_constant=_refuse))
    except RecursionError as error:
        raise BrokenPostError(
            _CODE, "The settings are nested too deeply.", line=1, fix="Write them flatter."
        ) from error
    except ValueError as error:
        line = error.lineno if isinstance(error, json.JSONDecodeError) else 1
        raise BrokenPostError(
            _CODE,
            "The front matter is not valid JSON, so Hexo shows it as text.",
            line=line + above,
            fix='Write each setting as "key": "value", with a comma between two, and no braces around all.',
        ) from error
    lines = {
        key: number
        for number, line in reversed([*enumerate(settings.split("\n"), 1 + above)])
        if (key := line.strip().partition('"')[2].partition('"')[0]) in data
    }
    return Document(data=data, body=words, lines=lines, body_line=settings.count("\n") + 2 + above)


def _refuse(name: str) -> float:
    raise ValueError(name)
