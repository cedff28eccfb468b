"""Decides where a post's front matter begins and ends, and what it says, by the rules of gray-matter.

Docusaurus reads with it, and Eleventy with its fences and js-yaml 4. The settings end at the first line that begins
with three dashes, whatever follows on it; without such a line the whole file is settings. After the first dashes may
stand a language.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from digest.collect.headers import front_matter, js_yaml
from digest.collect.headers.bounds import checked
from digest.collect.headers.front_matter import Document
from digest.collect.headers.yaml_text import Parsed
from digest.collect.problems import BrokenPostError

_MEANT = re.compile(r"\A\s*(?:---|\+\+\+)[^\r\n]*[\r\n]\s*['\"]?[\w-]+['\"]?\s*[:=](?:\s|$)")
_EMPTY = re.compile(r"(?:[ \t]*(?:#[^\n]*)?(?:\n|\Z))*")
_CODE = "post.front-matter"
_KNOWN = {"", "yaml", "yml", "json"}


def read(raw: bytes, parse: Callable[[str], Parsed] = js_yaml.parse) -> Document:
    """Split a file into front matter and body.

    `parse` reads YAML: js-yaml 3, which gray-matter brings along, or another. A file without front matter is a
    document without data. Raise `BrokenPostError` when the bytes are not text, when the front matter is neither a YAML
    mapping nor a JSON object, or when it was meant but stands where gray-matter does not see it.
    """
    text = front_matter.decode(raw)
    language, block, words = _split(text)
    if block is None:
        if _MEANT.match(text):
            raise BrokenPostError(
                _CODE,
                "The settings at the top are not read as front matter.",
                line=len(text[: len(text) - len(text.lstrip())].splitlines()) + 1,
                fix="Begin the file with a line of exactly three dashes, and nothing before it.",
            )
        return Document(body=words)
    if language not in _KNOWN:
        raise BrokenPostError(
            _CODE,
            f"The settings at the top are written in “{language}”, which the digest does not read.",
            line=1,
            fix="Write them as YAML: a line of exactly three dashes, then key: value.",
        )
    if _EMPTY.fullmatch(block):
        return Document(body=words, body_line=block.count("\n") + 3)
    if language == "json":
        return _json(block, words)
    return front_matter.interpret(f"---\n{block}\n---\n", words, parse)


def body(raw: bytes) -> str:
    """Return the text of a file that `read` could read, without parsing its settings."""
    return _split(front_matter.decode(raw))[2]


def _split(text: str) -> tuple[str, str | None, str]:
    """Return the language, the settings (None where there are none) and the words of a file."""
    if not text.startswith("---") or text.startswith("----"):
        return "", None, text
    first, _, rest = text[3:].partition("\n")
    block, closing, words = f"\n{rest}".partition("\n---")
    if closing:
        words = words.removeprefix("\n")
    return first.strip().lower(), block.removeprefix("\n"), words


def _json(block: str, words: str) -> Document:
    try:
        data = checked(json.loads(block, parse_constant=_refuse))
    except (ValueError, RecursionError) as error:
        line = error.lineno + 1 if isinstance(error, json.JSONDecodeError) else 1
        raise BrokenPostError(
            _CODE, f"The front matter is not valid JSON: {error}.", line=line, fix="Correct the line."
        ) from error
    if not isinstance(data, dict):
        raise BrokenPostError(
            _CODE, "The front matter is no JSON object.", line=2, fix="Write each setting as “key: value”."
        )
    return Document(data=data, body=words, body_line=block.count("\n") + 3)


def _refuse(constant: str) -> object:
    raise ValueError(f"{constant} is no JSON")
