"""Decides where a post's front matter begins and ends, and what it says, by Jekyll's rules.

python-frontmatter does the parsing; its own idea of the fences differs from Jekyll's (four dashes, blank lines
before them, no `...`), so a handler of ours draws them, and the values are Ruby's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import frontmatter
import yaml
from frontmatter.default_handlers import YAMLHandler

from digest.collect.headers import psych
from digest.collect.headers.yaml_text import Parsed
from digest.collect.problems import BrokenPostError, whole_characters

_OPENED = re.compile(r"---\s*\n", re.ASCII)
_CLOSED = re.compile(r"^(?:---|\.\.\.)\s*$\n?", re.MULTILINE | re.ASCII)
_MEANT = re.compile(r"\A\s*(?:---|\+\+\+)[^\r\n]*[\r\n]\s*['\"]?[\w-]+['\"]?\s*[:=](?:\s|$)")
_KEY = re.compile(r"^[ \t'\"]*([A-Za-z_-]{4,20})['\"]?[ \t]*[:=](?:\s|$)", re.MULTILINE)
_PARAGRAPH_END = re.compile(r"\S[^\n]*\n[ \t\r]*\n")
_USUAL = {"title", "date", "published", "draft", "layout", "categories", "category", "tags", "permalink", "slug",
          "author", "description", "excerpt", "newsletter"}  # fmt: skip
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_CODE = "post.front-matter"

_REMEDIES = (
    ("mapping values are not allowed", "Put the value in quotes: it holds a colon followed by a blank."),
    ("found character '\\t'", "Indent with blanks, not with tabs."),
    ("cannot start any token", "Put the value in quotes: it begins with a character that YAML keeps for itself."),
    ("Unicode character escape", "Write the character itself instead of its number after the backslash."),
    ("quoted scalar", "Close the quotation mark, or write it twice where it belongs to the text."),
    ("expected <block end>", "Put the value in quotes, and let all settings begin in the same column."),
    ("expected ',' or ']'", "Close the list with ]."),
    ("expected ',' or '}'", "Close the mapping with }; put a value that begins with { in quotes."),
    ("symbol", "Put the value in quotes."),
    ("undefined alias", "Put the value in quotes: a leading * means something else in YAML."),
    (
        "could not find expected ':'",
        "Write it as “key: value”, and close the front matter with a line of three dashes.",
    ),
    ("expected a single document", "Let all settings begin in the same column."),
    ("<document start>", "Let all settings begin in the same column."),
    ("special characters are not allowed", "Delete the invisible control character."),
)


@dataclass(frozen=True, slots=True)
class Document:
    """A file that holds a post."""

    data: Mapping[str, object] = field(default_factory=dict)
    body: str = ""
    """Everything after the front matter, as written."""
    lines: Mapping[str, int] = field(default_factory=dict)
    """Key -> line in the file, from 1."""
    duplicates: tuple[tuple[str, int], ...] = ()
    """Keys that are written twice, with the line of the later one."""
    body_line: int = 1


def read(raw: bytes, encoding: str = "utf-8") -> Document:
    """Split a file into front matter and body.

    A file without front matter is a document without data. Raise `BrokenPostError` when the bytes are not text,
    when the front matter is no YAML mapping, or when it was meant but stands where Jekyll does not see it.
    """
    text = decode(raw, encoding)
    end = _end(text)
    if not end:
        if _OPENED.match(text):
            raise BrokenPostError(
                _CODE,
                "The front matter begins but never ends.",
                line=1,
                fix="Put a line of exactly three dashes between the settings and the text.",
            )
        if looks_meant(text):
            raise BrokenPostError(
                _CODE,
                "The settings at the top are not read as front matter.",
                line=len(text[: len(text) - len(text.lstrip())].splitlines()) + 1,
                fix="Begin the file with a line of exactly three dashes, and nothing before it.",
            )
        return Document(body=text)
    return interpret(text[:end], text[end:], psych.parse)


def looks_meant(text: str) -> bool:
    """Tell whether a text without front matter begins with what was meant as such, but is fenced wrongly or not at all.

    A generator would show such a post, with its settings as its text, however much they say that it is hidden.
    """
    if _MEANT.match(text):
        return True
    end = _PARAGRAPH_END.search(text, 0, 4_000)
    first = text[: end.end() if end else 4_000]
    return len({key.lower() for key in _KEY.findall(first)} & _USUAL) >= 2


def interpret(header: str, words: str, parse: Callable[[str], Parsed]) -> Document:
    """Make a document of a header, which is lines of YAML between a first and a last line, and the words below it.

    `parse` reads YAML as the blog's generator does. Raise `BrokenPostError` when the header is no YAML mapping.
    """
    handler = _Handler(parse)
    try:
        metadata, _ = frontmatter.parse(header, handler=handler)
    except yaml.YAMLError as error:
        raise _broken(error, header) from error
    except BrokenPostError:
        raise
    except (ValueError, TypeError, LookupError, AttributeError) as error:  # PyYAML, on a value that breaks its own tag
        raise BrokenPostError(
            _CODE,
            f"The front matter holds a value that cannot be read: {error}.",
            line=1,
            fix="Remove tags such as !!int.",
        ) from error
    except RecursionError as error:
        raise BrokenPostError(
            _CODE, "The front matter is nested too deeply.", line=1, fix="Write it flatter."
        ) from error
    return Document(
        data={key: value for key, value in metadata.items() if isinstance(key, str)},
        body=words,
        lines={key: line + 1 for key, line in handler.parsed.key_lines.items()},
        duplicates=tuple((key, line + 1) for key, line in handler.parsed.duplicates),
        body_line=header.count("\n") + 1,
    )


def body(raw: bytes, encoding: str = "utf-8") -> str:
    """Return the text of a file that `read` could read, without parsing its settings."""
    text = decode(raw, encoding)
    return text[_end(text) :]


def _end(text: str) -> int:
    """Return where the front matter ends, its fences included; 0 when there is none."""
    closed = _CLOSED.search(text, 3) if _OPENED.match(text) else None
    return closed.end() if closed else 0


class _Handler(YAMLHandler):
    """Our fences and the generator's values for python-frontmatter; made anew for each file."""

    def __init__(self, parse: Callable[[str], Parsed]) -> None:
        super().__init__()
        self.parsed = Parsed(None, {}, ())
        self._parse = parse

    def split(self, text: str) -> tuple[str, str]:
        """Return what stands between the fences of a text that has both."""
        return text[text.index("\n") + 1 : text.rindex("\n") + 1], ""

    def load(self, fm: str, **_: object) -> dict[str, object]:
        """Return the settings; raise `BrokenPostError` when they are not settings but a list or a sentence."""
        self.parsed = self._parse(fm)
        if self.parsed.value is None or self.parsed.value is False:
            return {}
        if not isinstance(self.parsed.value, dict):
            kind = "a list" if isinstance(self.parsed.value, list) else "plain text"
            raise BrokenPostError(
                _CODE, f"The front matter is {kind}, not settings.", line=2, fix="Write each setting as “key: value”."
            )
        return self.parsed.value


def decode(raw: bytes, encoding: str = "utf-8") -> str:
    """Return the text of a file, without a byte order mark and with lines that end in a line feed only.

    Raise `BrokenPostError` when it is not text in this encoding.
    """
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as error:
        raise BrokenPostError(
            "post.encoding",
            f"The file is not {encoding.upper()} text.",
            line=raw.count(b"\n", 0, error.start) + 1,
            fix=f"Save the file as {encoding.upper()}.",
        ) from error
    text = text.removeprefix("\ufeff")
    if b"\r" in raw:
        text = text.replace("\r\n", "\n")
    return text if encoding == "utf-8" else whole_characters(text)  # UTF-8 refuses halves of characters by itself


def _broken(error: yaml.YAMLError, block: str) -> BrokenPostError:
    """Say in plain words where and why YAML stopped."""
    line, reason = 0, "unreadable"
    if isinstance(error, yaml.MarkedYAMLError):
        mark = error.problem_mark or error.context_mark
        line = mark.line + 2 if mark else 0  # the fence is line 1, marks count from 0
        if error.context and "quoted scalar" in error.context and error.context_mark:
            line = error.context_mark.line + 2  # where the quotation mark opens, not where the text ran out
        reason = " ".join(part for part in (error.context, error.problem) if part)
    elif isinstance(error, yaml.reader.ReaderError):
        unprintable = _UNPRINTABLE.search(block)
        line = block.count("\n", 0, unprintable.start()) + 1 if unprintable else 0
        reason = "special characters are not allowed"
    remedy = next(
        (fix for sign, fix in _REMEDIES if sign in reason), "Correct the line; when in doubt, put the value in quotes."
    )
    return BrokenPostError(_CODE, f"The front matter is not valid YAML: {reason}.", line=line, fix=remedy)
