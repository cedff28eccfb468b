"""What the page of a design says: the files, the one that is open, what came of an edit, and what was there before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from starlette.responses import HTMLResponse

from digest.errors import DigestError, TemplateError
from digest.models import Finding
from digest.pipeline.designing import (
    DesignFile,
    DesignText,
    Earlier,
    Histories,
    Outcome,
    Result,
    design_files,
    read_text,
    text_after,
)
from digest.pipeline.designing.files import decoded, encoded
from digest.pipeline.differences import DifferentLine, differences
from digest.pipeline.stress import Found
from digest.studio.desk import View
from digest.studio.forms import TOKEN
from digest.studio.framing import Looks, framed
from digest.studio.listening import Hearing
from digest.studio.pages import filled
from digest.studio.trouble import SourceLine, Trouble, lines_around, trouble_from

_MOST = 20
"""Findings of one kind that are shown."""
_NAMED = 3
"""Cases that are named below a finding."""


@dataclass(frozen=True, slots=True)
class Told:
    """A finding about an edit, ready to be shown."""

    finding: Finding
    cases: tuple[str, ...]
    """In which mails it is so, the first of them; empty for all, and for what is not about mails."""
    more_cases: int
    """How many such mails are not named."""
    address: str
    """The page of the file that is meant, when that can be edited; empty otherwise."""
    here: bool
    """Whether that is the file that is open."""
    lines: tuple[SourceLine, ...]
    """Of the text in the text area."""


@dataclass(frozen=True, slots=True)
class OpenFile:
    """A file of a design, as it is edited."""

    design: str
    file: DesignFile
    files: tuple[DesignFile, ...]
    now: DesignText | None
    """What is on disk; None when it cannot be read."""
    text: str
    """What stands in the text area."""
    result: Result | None
    trouble: Trouble | None
    """Why it cannot be read, or an edit cannot be tried."""
    formers: Sequence[Earlier]
    former: Earlier | None
    """The one whose save is looked at."""
    changes: tuple[DifferentLine, ...] | None
    """What that save changed, or what is different between the text area and a file that somebody else saved."""
    in_git: bool
    """Whether the history is git's."""

    def address(self, file: DesignFile, **query: str) -> str:
        """Return the address of the page of a file."""
        name = f"{file.folder}/{file.name}" if file.shared else file.name
        asked = urlencode({key: value for key, value in query.items() if value})
        return f"/designs/{quote(self.design)}/{quote(name)}{'?' if asked else ''}{asked}"

    def told(self, found: Sequence[Found]) -> tuple[Told, ...]:
        """Return findings as they are shown; not more than a person reads."""
        known = {each.place: each for each in self.files}
        return tuple(self._told(each, known) for each in found[:_MOST])

    def _told(self, found: Found, known: Mapping[str, DesignFile]) -> Told:
        finding = found.finding
        here = finding.file == self.file.place
        line = f"#L{finding.line}" if finding.line else ""
        address = self.address(known[finding.file]) + line if finding.file in known else ""
        lines = lines_around(self.text, finding.line) if here and finding.line else ()
        mails = self.result.verdict.mails if self.result else 0
        cases = _cases(found, mails)
        return Told(finding, cases[:_NAMED], max(0, len(cases) - _NAMED), address, here, lines)

    def unshown(self, found: Sequence[Found]) -> int:
        """Return how many findings are not shown."""
        return max(0, len(found) - _MOST)


def open_file(
    root: Path,
    histories: Histories,
    design: str,
    file: DesignFile,
    text: str | None = None,
    result: Result | None = None,
    error: DigestError | None = None,
    former: Earlier | None = None,
) -> OpenFile:
    """Read all that the page shows of a file; `text` is what a person wrote, and `result` what came of it."""
    now = result.now if result else None
    if now is None:
        try:
            now = read_text(file)
        except TemplateError as unreadable:
            error = error or unreadable
    shown = text if text is not None and (error or _is_kept(result)) else now.text if now else ""
    formers = histories.of(file)
    changes = None
    if now and result and result.outcome is Outcome.CHANGED:
        changes = differences(now.text, shown)
    elif now and former:
        changes = _changes(formers, former, now, file)
    return OpenFile(
        design,
        file,
        design_files(root / "templates", design),
        now,
        shown,
        result,
        trouble_from(error, root) if error else None,
        formers,
        former,
        changes,
        histories.in_git(file),
    )


def design_page(
    view: View | None,
    looks: Looks,
    version: int,
    token: str,
    opened: OpenFile,
    who: str,
    hearing: Hearing,
    status: int = 200,
) -> HTMLResponse:
    """Return the page; `view` is of a newsletter that wears the design, None when none does; `who` would save."""
    sheet = view.draft if view else None
    values: dict[str, Any] = {
        "view": view,
        "looks": looks,
        "sheet": sheet,
        "stale": bool(view and view.trouble and sheet),
        "version": version,
        "frame": framed(sheet.email.html, looks) if sheet else "",
        "token_field": TOKEN,
        "token": token,
        "opened": opened,
        "who": who,
        "dark": "1" if looks.dark else "",
    }
    return filled("design.html", hearing, values, status)


def _is_kept(result: Result | None) -> bool:
    """Whether the person's text is not what the file says."""
    return result is not None and result.outcome not in {Outcome.SAVED, Outcome.SAME}


def _changes(
    formers: Sequence[Earlier], former: Earlier, now: DesignText, file: DesignFile
) -> tuple[DifferentLine, ...] | None:
    """Return what the save changed."""
    try:
        older = decoded(former.before(), file.place).text
        newer = decoded(text_after(formers, former, encoded(now.text, now)), file.place).text
    except (OSError, TemplateError):
        return None
    return differences(older, newer)


def _cases(found: Found, mails: int) -> tuple[str, ...]:
    if not found.cases or len(found.cases) == mails:
        return ()
    return tuple(dict.fromkeys(f"{case.name} ({case.language})" for case in found.cases))
