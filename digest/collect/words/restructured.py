"""Decides which words a text in reStructuredText holds, written as Markdown; nothing in it is executed.

The grammar is that of docutils (docs/ref/rst/restructuredtext): code, tables, pictures, comments and directives go,
save those that only set words apart, such as notes, which become quotations.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass

_ADORNMENT = re.compile(r"([!-/:-@[-`{-~])\1*[ \t]*")
_EXPLICIT = re.compile(r"\.\.(?:[ \t]+(.*))?")
_DIRECTIVE = re.compile(r"([\w:.+-]+?)[ \t]?::(?:[ \t]+(.*))?")
_REPLACEMENT = re.compile(r"\|([^|\n]+)\|[ \t]+replace::[ \t]+(.*)")
_FIELD = re.compile(r":((?:[^:\\\n]|\\.|:(?=[^\s`]))+):(?:[ \t]+(.*))?")
_BULLET = re.compile(r"([-*+•‣⁃])(?:[ \t]+|$)")
_NUMBER = re.compile(r"(?:\(?(?:\d+|[A-Za-z#]|[ivxlcdmIVXLCDM]+)[.)])(?:[ \t]+|$)")
_TABLE = re.compile(r"\+[-=+]{2,}\+|={2,}(?:[ \t]+={2,})+")
_SET_APART = frozenset({"admonition", "attention", "caution", "danger", "error", "hint", "important", "note", "tip",
                        "warning", "seealso", "epigraph", "highlights", "pull-quote", "topic", "sidebar", "compound",
                        "container", "class"})  # fmt: skip
_MARKER = re.compile(r"(?:PELICAN_END_SUMMARY|(?:read[ _-]?)?more|TEASER_END)", re.IGNORECASE)
_DEPTH = 12
"""Lists and quotations that lie deeper in one another are left out."""
_INLINE = re.compile(
    r"""\\(?P<escaped>.)
      | ``(?P<literal>[^\n]{0,500}?[^\s`]|`)``
      | (?P<role>:[\w:.+-]{1,40}:)?`(?P<phrase>[^`\n]+(?:\n[^`\n]+)*)`(?P<target>_{0,2})(?P<after>:[\w:.+-]{1,40}:)?
      | \|(?P<name>[^|\s](?:[^|\n]*[^|\s])?)\|_{0,2}
      | \[(?:\#?[\w.-]*|\*)\]_(?!\w)
      | (?P<word>(?<!\w)[^\W_][\w.+-]{0,60}?)__?(?!\w)
      | (?P<mark>[<\[\]_\#~])""",
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Heading:
    """A section's title."""

    text: str
    style: str
    """The sign that underlines it, twice where it stands above, too."""
    end: int
    """Number of the line after it, from 0."""
    short: bool = False
    """Whether its line is shorter than its words, which docutils calls an error."""


def to_markdown(text: str) -> str:
    """Return the words as Markdown: headings, paragraphs, lists and quotations."""
    lines = text.expandtabs(8).split("\n")
    replaced = {found[1]: found[2] for line in lines if (found := _REPLACEMENT.match(line.removeprefix(".. ")))}
    return "\n".join(_blocks(lines, replaced, 0)).strip("\n") + "\n"


def heading_at(lines: Sequence[str], start: int) -> Heading | None:
    """Return the section's title that begins on a line, or None."""
    first = lines[start].rstrip()
    second = lines[start + 1].rstrip() if start + 1 < len(lines) else ""
    third = lines[start + 2].rstrip() if start + 2 < len(lines) else ""
    if _ADORNMENT.fullmatch(first):
        if second.strip() and first == third and len(first) >= min(4, len(second.strip())):
            return Heading(second.strip(), first[0] * 2, start + 3, len(first) < _columns(second))
        return None
    if first and not first[0].isspace() and _ADORNMENT.fullmatch(second) and len(second) >= min(4, len(first)):
        return Heading(first, second[0], start + 2, len(second) < _columns(first))
    return None


def _columns(text: str) -> int:
    """Return how wide a text is to docutils: East Asian characters count two, combining ones nothing."""
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    return len(text) + wide - sum(unicodedata.combining(character) != 0 for character in text)


def field_at(lines: Sequence[str], start: int) -> tuple[str, str, int] | None:
    """Return name, text and the end of a field such as `:date: 2026-01-31`, or None."""
    found = _FIELD.fullmatch(lines[start].rstrip())
    if not found:
        return None
    end = _indented_end(lines, start + 1)
    body = [found[2] or "", *_dedented(lines[start + 1 : end])]
    return found[1], "\n".join(body).strip(), end


def inline(text: str, replaced: Mapping[str, str] | None = None) -> str:
    """Return a paragraph's words as Markdown: links and roles as their text, code between ticks."""

    def shown(found: re.Match[str]) -> str:
        if found["escaped"] is not None:
            return "" if found["escaped"].isspace() else f"\\{found['escaped']}"
        if found["literal"] is not None:
            return _code(found["literal"])
        if found["phrase"] is not None:
            return _phrase(found["phrase"], (found["role"] or found["after"] or "").strip(":"))
        if found["name"] is not None:
            return (replaced or {}).get(found["name"], "")
        if found["word"] is not None:
            return found["word"]
        return f"\\{found['mark']}" if found["mark"] else ""

    return _INLINE.sub(shown, text)


def _phrase(text: str, role: str) -> str:
    if role in {"code", "literal", "raw", "math"}:
        return "" if role == "raw" else _code(text)
    words = text
    if text.endswith(">") and "<" in text:
        words = text.rpartition("<")[0].rstrip() or text.strip("<>")
    elif role == "abbr" and text.endswith(")"):
        words = text.rpartition("(")[0].rstrip()
    return re.sub(r"([<\[\]_*])", r"\\\1", re.sub(r"\\(.)", r"\1", words)).removeprefix("~")


def _code(text: str) -> str:
    return f"`` {text} ``" if "`" in text else f"`{text}`"


def _blocks(lines: Sequence[str], replaced: Mapping[str, str], depth: int) -> Iterator[str]:
    """Yield the lines of Markdown for some lines that all begin at the same column."""
    at = 0
    while at < len(lines):
        line = lines[at]
        if not line.strip():
            at += 1
        elif line[0] == " ":
            end = _indented_end(lines, at)
            yield from _quoted(lines[at:end], replaced, depth)
            at = end
        elif found := heading_at(lines, at):
            yield from (f"## {inline(found.text, replaced)}", "")
            at = found.end
        elif explicit := _EXPLICIT.fullmatch(line):
            end = _indented_end(lines, at + 1)
            yield from _explicit(explicit[1] or "", lines[at + 1 : end], replaced, depth)
            at = end
        elif field := field_at(lines, at):
            at = field[2]
        elif marker := _BULLET.match(line) or _NUMBER.match(line):
            end = _indented_end(lines, at + 1)
            item = [line[marker.end() :], *_dedented(lines[at + 1 : end])]
            yield from _prefixed("- ", "  ", item, replaced, depth)
            at = end
        elif line.startswith("__ ") or _ADORNMENT.fullmatch(line):
            at += 1
        else:
            at = yield from _paragraph(lines, at, replaced, depth)


def _paragraph(lines: Sequence[str], at: int, replaced: Mapping[str, str], depth: int) -> Generator[str, None, int]:
    """Yield a paragraph, or none for a table or an example; return the number of the line after it."""
    example = lines[at].startswith(">>> ") or _TABLE.match(lines[at])
    end = at + 1
    while end < len(lines) and lines[end].strip() and (example or lines[end][0] != " " or lines[at][:2] == "| "):
        end += 1
    if example:
        return end if lines[at][0] != "=" else _table_end(lines, at, end)
    if end == at + 1 and lines[end : end + 1] and lines[end].strip():
        stop = _indented_end(lines, end)
        yield from _prefixed("- ", "  ", [lines[at].split(" : ")[0], *_dedented(lines[end:stop])], replaced, depth)
        return stop
    text = "\n".join(line[2:] if line[:2] == "| " else line for line in lines[at:end])
    literal = text.endswith("::")
    if literal:
        text = text[:-2].rstrip() if text[:-2].endswith((" ", "\n")) or text == "::" else text[:-1]
    if text.strip():
        made = re.sub(r"(?m)^([-+>])", r"\\\1", inline(text, replaced))
        yield from (re.sub(r"(?m)^(\d{1,9})([.)])", r"\1\\\2", made), "")
    if not literal:
        return end
    start = next((n for n in range(end, len(lines)) if lines[n].strip()), len(lines))
    return _indented_end(lines, start)


def _table_end(lines: Sequence[str], at: int, end: int) -> int:
    """Return where a simple table ends, which may hold blank lines between its rules."""
    rules = [n for n in range(at, min(len(lines), at + 200)) if _TABLE.match(lines[n])]
    last = rules[2] if len(rules) > 2 else rules[-1]
    return max(end, last + 1)


def _explicit(first: str, block: Sequence[str], replaced: Mapping[str, str], depth: int) -> Iterator[str]:
    """Yield what a comment, target, footnote or directive leaves: the words of those that set words apart."""
    if _MARKER.fullmatch(first.strip()):
        yield from ("<!-- more -->", "")
        return
    directive = _DIRECTIVE.fullmatch(first)
    if not directive or directive[1].lower() not in _SET_APART:
        return
    content = _dedented(block)
    while content and _FIELD.fullmatch(content[0].rstrip()):
        content = content[1:]
    titled = directive[1].lower() in {"admonition", "topic", "sidebar", "class", "container"}
    if directive[2] and not titled:
        content = [directive[2], *content]
    if directive[1].lower() in {"class", "compound", "container"}:
        yield from _deeper(content, replaced, depth)
    else:
        yield from _prefixed("> ", "> ", content, replaced, depth)


def _quoted(block: Sequence[str], replaced: Mapping[str, str], depth: int) -> Iterator[str]:
    yield from _prefixed("> ", "> ", _dedented(block), replaced, depth)


def _prefixed(first: str, rest: str, lines: Sequence[str], replaced: Mapping[str, str], depth: int) -> Iterator[str]:
    made = "\n".join(_deeper(lines, replaced, depth)).strip("\n").split("\n")
    for number, line in enumerate(made):
        yield (rest if number else first) + line
    yield ""


def _deeper(lines: Sequence[str], replaced: Mapping[str, str], depth: int) -> Iterator[str]:
    if depth < _DEPTH:
        yield from _blocks(lines, replaced, depth + 1)


def _indented_end(lines: Sequence[str], start: int) -> int:
    """Return where indented lines end; blank lines behind them do not belong to them."""
    end = start
    for number in range(start, len(lines)):
        if lines[number][:1] == " " and lines[number].strip():
            end = number + 1
        elif lines[number].strip():
            break
    return end


def _dedented(lines: Sequence[str]) -> list[str]:
    margin = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    return [line[margin:] for line in lines]
