"""Decides what stands at the top of a Pelican post: `Key: value` lines in Markdown, fields in reStructuredText.

The lines are read as the `meta` extension of Python-Markdown 3 reads them (docs/extensions/meta_data.md), the fields
as docutils finds the bibliographic ones (docs/ref/rst/restructuredtext, “Bibliographic Fields”).
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from digest.collect.problems import BrokenPostError
from digest.collect.words import restructured
from digest.collect.words.markdown_text import plain_text

_LINE = re.compile(r" {0,3}([A-Za-z0-9_-]+):\s*(.*)")
_MORE = re.compile(r" {4,}(.*)")
_BEGIN = re.compile(r"-{3}(?:\s.*)?")
_END = re.compile(r"(?:-{3}|\.{3})(?:\s.*)?")
_LONGEST = 10_000
"""Characters of a line that docutils takes."""


@dataclass(frozen=True, slots=True)
class Header:
    """What a file says before its text."""

    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Name in small letters -> what stands behind it, a line each in Markdown; only `title` may hold HTML entities."""
    lines: Mapping[str, int] = field(default_factory=dict)
    duplicates: tuple[tuple[str, int], ...] = ()
    """Names that are written twice, with the line of the later one."""
    body: str = ""


def from_markdown(text: str) -> Header:
    """Read the lines at the top of a Markdown text, up to the first blank line or a line of three dashes or dots.

    A text that begins with a blank line, or with anything that is no such line, has no header.
    """
    lines = re.sub(r"(?m)^ +$", "", text.replace("\r\n", "\n").replace("\r", "\n").expandtabs(4)).split("\n")
    values: dict[str, list[str]] = {}
    places: dict[str, int] = {}
    duplicates: list[tuple[str, int]] = []
    at = 1 if _BEGIN.fullmatch(lines[0]) else 0
    key = ""
    while at < len(lines):
        line = lines[at]
        if not line.strip() or _END.fullmatch(line):
            at += 1
            break
        if found := _LINE.fullmatch(line):
            key = found[1].lower()
            if key in values:
                duplicates.append((key, at + 1))
            values.setdefault(key, []).append(found[2].strip())
            places.setdefault(key, at + 1)
        elif key and (more := _MORE.fullmatch(line)):
            values[key].append(more[1].strip())
        else:
            break
        at += 1
    settled = {name: tuple(said) for name, said in values.items()}
    return Header(settled, places, tuple(duplicates), "\n".join(lines[at:]))


def from_restructured(text: str) -> Header:
    """Read title and fields at the top of a text in reStructuredText.

    A heading is the title only where no other heading of the text is of its order, and fields count only where
    nothing but comments stands before them. Raise `BrokenPostError` for the errors of form that are easily made and
    for which Pelican leaves a post out.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").expandtabs(8).split("\n")
    _check(lines)
    values: dict[str, tuple[str, ...]] = {}
    places: dict[str, int] = {}
    duplicates: list[tuple[str, int]] = []
    at = _past_comments(lines, 0)
    heading = restructured.heading_at(lines, at) if at < len(lines) else None
    if heading and heading.style not in {later.style for _, later in _headings(lines, heading.end)}:
        values["title"] = (_escaped(heading.text),)
        places["title"] = at + 1
        at = _past_comments(lines, heading.end)
        lower = restructured.heading_at(lines, at) if at < len(lines) else None
        if lower and lower.style not in {later.style for _, later in _headings(lines, lower.end)}:
            at = _past_comments(lines, lower.end)
    while at < len(lines) and (found := restructured.field_at(lines, at)):
        key = found[0].replace("\\", "").lower()
        if key in values and key != "title":
            duplicates.append((key, at + 1))
        values[key] = (found[1] if key == "summary" else _bare(found[1]),)
        places[key] = at + 1
        at = found[2]
        while at < len(lines) and not lines[at].strip():
            at += 1
    return Header(values, places, tuple(duplicates), text)


def _past_comments(lines: Sequence[str], at: int) -> int:
    """Return the number of the first line that is neither blank nor a comment, a target or a replacement."""
    while at < len(lines):
        line = lines[at]
        if not line.strip():
            at += 1
        elif line.strip() == ".." or line.startswith((".. _", ".. |")) or (line.startswith(".. ") and "::" not in line):
            at += 1
            while at < len(lines) and lines[at][:1] == " ":
                at += 1
        else:
            break
    return at


def _headings(lines: Sequence[str], start: int) -> Iterator[tuple[int, restructured.Heading]]:
    """Yield the headings that follow, with the numbers of their lines."""
    at = start
    while at < len(lines):
        heading = restructured.heading_at(lines, at) if lines[at].strip() else None
        blank = at == 0 or not lines[at - 1].strip()
        if heading and (blank or len(heading.style) == 2 or at == start):
            yield at, heading
            at = heading.end
        else:
            at += 1


def _check(lines: Sequence[str]) -> None:
    for number, line in enumerate(lines):
        if len(line) > _LONGEST:
            message = f"The line has more than {_LONGEST} characters, for which Pelican leaves the post out."
            raise BrokenPostError("post.restructured", message, line=number + 1, fix="Break the line.")
    for number, heading in _headings(lines, 0):
        if heading.short:
            message = "The line under the heading is shorter than its words, for which Pelican leaves the post out."
            raise BrokenPostError("post.restructured", message, line=number + 1, fix="Make it as long as the words.")


def _escaped(words: str) -> str:
    """Return a heading as docutils writes it into HTML, without its marks."""
    return html.escape(plain_text(restructured.inline(words)), quote=False)


def _bare(words: str) -> str:
    """Return the words of a field without their marks."""
    if "`" in words or "*" in words:
        return plain_text(restructured.inline(words))
    return re.sub(r"\\\s?(.?)", r"\1", words, flags=re.DOTALL)
