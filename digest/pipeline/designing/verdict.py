"""Decides which errors refuse a save: those that the edit brings to a mail, and those that break the file itself.

What was wrong before and is no worse now is told and refuses nothing: whoever mends one thing need not first mend all
others. See docs/decisions/0021-which-errors-refuse-a-save.md.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from digest.models import Finding, Level
from digest.pipeline.designing.files import DesignFile
from digest.pipeline.stress import Found, Report, Tried

_BROKEN = "template.broken"
_Kind = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of trying an edit."""

    refusing: tuple[Found, ...] = ()
    """The errors for which it is not saved."""
    standing: tuple[Found, ...] = ()
    """The errors that were there before."""
    others: tuple[Found, ...] = ()
    """Warnings and notes."""
    mails: int = 0
    """How many were tried."""

    @property
    def refused(self) -> bool:
        """Whether it must not be saved."""
        return bool(self.refusing)


def judge(file: DesignFile, after: Report, before: Callable[[], Report | None]) -> Verdict:
    """Judge an edit of a file by the report on it.

    `before`, on what is on disk, is asked for only in doubt; None when no mail could be made of that.
    """
    errors = [found for found in after.found if found.finding.level is Level.ERROR]
    others = tuple(found for found in after.found if found.finding.level is not Level.ERROR)
    # What was found before anything was rendered is about posts and settings: no edit of a design mends or brings it.
    rendered = [found for found in errors if found.cases]
    doubtful = [found for found in rendered if not _breaks(file, found.finding)]
    brought = set(_brought(file, after, before())) if doubtful else set()
    refusing = tuple(
        found
        for found in rendered
        if _breaks(file, found.finding) or any((_name(case), _kind(found.finding)) in brought for case in found.cases)
    )
    standing = tuple(found for found in errors if found not in refusing)
    return Verdict(refusing, standing, others, len(after.tried))


def _breaks(file: DesignFile, finding: Finding) -> bool:
    """Whether a finding says that no mail can be made of the file."""
    return finding.code == _BROKEN and finding.file == file.place


_Name = tuple[str, str, str]


def _name(tried: Tried) -> _Name:
    return (tried.newsletter, tried.name, tried.language)


def _brought(file: DesignFile, after: Report, before: Report | None) -> Iterator[tuple[_Name, _Kind]]:
    """Yield the mails that have an error that they had not, or have it more often, each with the kind of error."""
    known = {_name(tried): tried for tried in before.tried} if before else {}
    for tried in after.tried:
        was = known.get(_name(tried))
        made = before is not None and (was is None or was.size > 0)
        counted, had = _errors(tried), _errors(was) if was else {}
        for kind, times in counted.items():
            if not made and kind[1] != file.place:
                continue  # nobody knows what this mail would have had: it could not be made, and is no worse now
            if times > had.get(kind, 0):
                yield _name(tried), kind


def _errors(tried: Tried) -> Mapping[_Kind, int]:
    counts: Counter[_Kind] = Counter()
    for finding in tried.findings:
        if finding.level is Level.ERROR:
            counts[_kind(finding)] += finding.times
    return counts


def _kind(finding: Finding) -> _Kind:
    """Return what two findings about the same thing have in common, wherever it has moved in the file.

    What is said about a mail as a whole holds figures that change with every letter; its code says enough.
    """
    return (finding.code, finding.file, replace(finding, times=1).message if finding.line else "")
