"""Decides what of a Markdown text is words for readers: code, comments, tags and addresses are not."""

from __future__ import annotations

import re
from collections.abc import Iterator

_TEXT, _CODE, _CLOSING = "text", "code", "closing"
_FENCE = re.compile(r"\s{0,3}(?:>\s?)?(`{3,}|~{3,})")
_TAG = re.compile(r"<[a-zA-Z/!][^<>]{0,1000}>|\{[{%][^{}]{0,1000}[%}]\}|\{:[^{}\n]{0,300}\}")
_ADDRESS = re.compile(r"\]\([^()\n]{0,1000}\)|(?:https?://|www\.)[!-~]{1,2000}")
_SPAN = re.compile(r"`[^`\n]{1,300}`")
_SHOWN = re.compile(
    r"!\[|<(?:img|picture|video|audio|iframe|embed|object|svg|script)\b|\{%-?\s*(?!end|comment)\w", re.IGNORECASE
)

_SOON = 1_000
"""Characters within which most texts have shown something."""


def without_code(text: str, stand_in: str | None = None) -> str:
    """Return the text without comments and without fenced code, which may be open at the end.

    A block of code leaves `stand_in` as a line of its own, where there is one.
    """
    written = without_comments(text)
    if "```" not in written and "~~~" not in written:
        return written
    kept = ((stand_in if part is _CLOSING else line) for line, part in _lines(written) if part is not _CODE)
    return "\n".join(line for line in kept if line is not None)


def ends_in_code(text: str) -> bool:
    """Tell whether the last fence of code is open at the end."""
    if "```" not in text and "~~~" not in text:
        return False
    last = _TEXT
    for _, part in _lines(without_comments(text)):
        last = part
    return last is _CODE


def words(text: str) -> str:
    """Return what a reader reads of a text, in its lines, without tags, addresses and pieces of code."""
    return _ADDRESS.sub("]", _TAG.sub(" ", _SPAN.sub(" ", without_code(text))))


def shows_something(text: str) -> bool:
    """Tell whether a text has a letter or digit for readers, a picture, a film, or a tag that may bring one."""
    if len(text) > _SOON and "<!--" not in text[:_SOON] and shows_something(text[:_SOON]):
        return True
    written = without_comments(text)
    return bool(_SHOWN.search(written)) or any(map(str.isalnum, _TAG.sub(" ", written)))


def without_comments(text: str) -> str:
    """Return the text without HTML comments; one that never ends hides the rest."""
    if "<!--" not in text:
        return text
    kept: list[str] = []
    at = 0
    while (start := text.find("<!--", at)) >= 0:
        kept.append(text[at:start])
        end = text.find("-->", start + 4)
        if end < 0:
            return "".join(kept)
        at = end + 3
    return "".join([*kept, text[at:]])


def _lines(text: str) -> Iterator[tuple[str, str]]:
    """Yield each line, and whether it is text, code with its opening fence, or the closing fence."""
    fence = ""
    for line in text.split("\n"):
        found = _FENCE.match(line)
        if fence:
            if found and found[1].startswith(fence) and not line[found.end() :].strip():
                fence = ""
            yield line, _CODE if fence else _CLOSING
        else:
            fence = found[1] if found and "`" not in line[found.end() :] else ""
            yield line, _CODE if fence else _TEXT
