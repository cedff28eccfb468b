"""Decides how a post that cannot be read is told to a person: one finding with file, line and remedy."""

from __future__ import annotations

import re
from collections.abc import Iterable

from digest.models import Finding, Level

_DATE_FIX = "Write it as 2026-01-31 09:00:00 +0900."
_LONE_SURROGATE = re.compile(r"[\ud800-\udfff]")


class BrokenPostError(ValueError):
    """One post cannot be read as its author meant it; never leaves this room."""

    def __init__(self, code: str, message: str, *, line: int = 0, fix: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.line = line
        self.fix = fix

    def finding(self, file: str, level: Level = Level.ERROR) -> Finding:
        """Tell it as a finding about `file`."""
        return Finding(level, self.code, self.message, file, self.line, self.fix)


def folded(problems: Iterable[Finding], code: str, most: int = 10) -> list[Finding]:
    """Join findings of one code that say the same about more than `most` files: one counts them and names three."""
    kept, alike = [], dict[tuple[str, Level], list[Finding]]()
    for problem in problems:
        if problem.code == code:
            alike.setdefault((problem.message, problem.level), []).append(problem)
        else:
            kept.append(problem)
    for (message, level), several in alike.items():
        if len(several) <= most:
            kept += several
            continue
        files = sorted(problem.file for problem in several)
        named = f"{message} So it is with {len(files)} files: {', '.join(files[:3])} and others."
        kept.append(Finding(level, code, named, fix=several[0].fix))
    return kept


def legible(path: str) -> str:
    r"""Return a path as text that can be written anywhere: a byte that is no UTF-8 is shown as `\xff`."""

    if path.isascii():
        return path

    def escape(found: re.Match[str]) -> str:
        code = ord(found[0])
        return f"\\x{code - 0xDC00:02x}" if 0xDC80 <= code <= 0xDCFF else f"\\u{code:04x}"  # as Python decodes names

    return _LONE_SURROGATE.sub(escape, path)


def whole_characters(text: str) -> str:
    """Return the text with U+FFFD for every half of a surrogate pair, which is no character and cannot be written."""
    return _LONE_SURROGATE.sub("\ufffd", text)


def misnamed(relative: str) -> Finding:
    """Say that the path of a post is no text."""
    return Finding(
        Level.ERROR,
        "post.file-name",
        "The name of the file or of its folder is not valid UTF-8, so the post is left out.",
        legible(relative),
        fix="rename the file",
    )


def outside(relative: str) -> Finding:
    """Say that a link leads out of the blog."""
    return Finding(
        Level.ERROR,
        "post.outside",
        "This is a link to a place outside the blog's folder; it is not followed.",
        legible(relative),
        fix="Copy the file or folder into the blog.",
    )


def doubles(keys: Iterable[tuple[str, int]], relative: str) -> tuple[Finding, ...]:
    """Say which settings are written twice, each with the line of the later one."""
    return tuple(
        Finding(
            Level.WARNING,
            "post.duplicate-key",
            f"“{key}” is written twice; the later one counts.",
            relative,
            line,
            "Delete one of the two.",
        )
        for key, line in keys
    )


def no_date(said: str, line: int) -> BrokenPostError:
    """Say that what stands after the date is none."""
    message = f"“{said}” is no date." if said else "The date is empty."
    return BrokenPostError("post.date", message, line=line, fix=_DATE_FIX)


def no_update(said: str, key: str, relative: str, line: int) -> Finding:
    """Say that the date of the last change is none."""
    message = f"“{said}” after {key} is no date; it is ignored."
    return Finding(Level.WARNING, "post.updated", message, relative, line, _DATE_FIX)


def empty(folder: str = "") -> Finding:
    """Say that there is no post at all, not even a draft or a broken one, as in a folder that is not mounted."""
    return Finding(
        Level.WARNING,
        "blog.empty",
        "The blog has no posts at all.",
        legible(folder),
        fix="check that the folder is the right one and fully there",
    )
