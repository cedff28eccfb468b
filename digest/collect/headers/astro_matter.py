"""Decides where a post's front matter begins and ends, and what it says, by Astro's rules.

Blank lines may stand above it, and it ends at the first line that begins with three dashes (YAML, read by js-yaml 4)
or three plus signs (TOML); a file in which it never ends has none.
"""

from __future__ import annotations

import re
from dataclasses import replace

from digest.collect.headers import front_matter, js_yaml, toml_header
from digest.collect.headers.front_matter import Document
from digest.collect.problems import BrokenPostError

_FENCED = re.compile(r"\A(\s*\n)?(---|\+\+\+)(.*?\n)(?:---|\+\+\+)", re.DOTALL)
_MEANT = re.compile(r"\A\s*(?:---|\+\+\+)[^\r\n]*[\r\n]\s*['\"]?[\w-]+['\"]?\s*[:=](?:\s|$)")


def read(raw: bytes) -> Document:
    """Split a file into front matter and body.

    A file without front matter is a document without data. Raise `BrokenPostError` when the bytes are not text, when
    the front matter is no mapping, or when it was meant but Astro does not see it.
    """
    text = front_matter.decode(raw)
    found = _FENCED.match(text)
    if not found:
        if _MEANT.match(text):
            raise BrokenPostError(
                "post.front-matter",
                "The settings at the top are not read as front matter.",
                line=text[: len(text) - len(text.lstrip())].count("\n") + 1,
                fix="Put a line of exactly three dashes above the settings, and another below them.",
            )
        return Document(body=text)
    above = (found[1] or "").count("\n")
    words = text[found.end() :]
    if found[2] == "+++":
        return toml_header.interpret(found[3], words, above)
    if not found[3].strip():
        return Document(body=words)
    return _moved(found[3], words, above)


def body(raw: bytes) -> str:
    """Return the text of a file that `read` could read, without parsing its settings."""
    text = front_matter.decode(raw)
    found = _FENCED.match(text)
    return text[found.end() :] if found else text


def _moved(block: str, words: str, above: int) -> Document:
    """Read YAML between fences that stand below some blank lines."""
    try:
        document = front_matter.interpret(f"---{block}---\n", words, js_yaml.parse_4)
    except BrokenPostError as error:
        line = error.line + above if error.line else 0
        raise BrokenPostError(error.code, error.message, line=line, fix=error.fix) from error
    return replace(document, lines={key: line + above for key, line in document.lines.items()})
