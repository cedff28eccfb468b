"""How the cases of a contact sheet are grouped by the worst that was found in them, and what each is called."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from digest.models import Level
from digest.pipeline.stress import Tried
from digest.studio.contact.making import Making, Shot

FINE = "fine"
"""The group of the cases in which nothing was found."""
GROUPS = (*map(str, Level), FINE)
"""Worst first."""
_SAMPLE, _ISSUE = "sample ", "issue "
_NUMBER = re.compile(r"^\d+-")


@dataclass(frozen=True, slots=True)
class Named:
    """A case, as people call it."""

    key: str
    """In the words `cases` or `samples`; of a sample that somebody added the name of its file."""
    is_sample: bool
    period: str = ""
    """Of a stored issue; it has no other name."""


@dataclass(frozen=True, slots=True)
class Picture:
    """One small picture."""

    number: int
    """In its sheet, from 1."""
    shot: Shot
    named: Named
    counts: Mapping[str, int]
    """How many findings there are of each level that occurs, worst first."""

    @property
    def group(self) -> str:
        """The worst of its levels, or `fine`."""
        return next(iter(self.counts), FINE)


def named(tried: Tried) -> Named:
    """Return what a case is called."""
    if tried.name.startswith(_ISSUE):
        return Named("issue", False, tried.name.removeprefix(_ISSUE))
    if tried.name.startswith(_SAMPLE):
        return Named(_NUMBER.sub("", tried.name.removeprefix(_SAMPLE)), True)
    return Named(tried.name.replace(" ", "_"), False)


def picture(number: int, shot: Shot) -> Picture:
    """Return a case with its name and counts."""
    findings = shot.tried.findings
    counts = {str(level): sum(each.level is level for each in findings) for level in Level}
    return Picture(number, shot, named(shot.tried), {level: count for level, count in counts.items() if count})


def grouped(shots: Sequence[Shot]) -> tuple[tuple[str, tuple[Picture, ...]], ...]:
    """Return the groups that there are, worst first, each in the order of the cases."""
    pictures = [picture(number, shot) for number, shot in enumerate(shots, 1)]
    found = ((group, tuple(each for each in pictures if each.group == group)) for group in GROUPS)
    return tuple((group, some) for group, some in found if some)


def progress_of(making: Making) -> Mapping[str, Any]:
    """Return how far a sheet is, for the page's script."""
    return {"version": making.version, "made": len(making.shots), "total": making.total, "done": making.is_done}
