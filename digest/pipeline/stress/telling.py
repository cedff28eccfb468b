"""Decides how what was found in many cases is told: each thing once, worst first, with the cases in which it is so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from digest.models import Finding, Level
from digest.render.rendered import Part


@dataclass(frozen=True, slots=True)
class Tried:
    """One case in one language, rendered and checked."""

    newsletter: str
    """Its slug."""
    name: str
    language: str
    size: int
    """Bytes of HTML; 0 when it could not be rendered."""
    findings: tuple[Finding, ...]
    parts: tuple[Part, ...] = ()
    """Where its bytes are, from top to bottom."""


@dataclass(frozen=True, slots=True)
class Found:
    """A finding, and where it occurs."""

    finding: Finding
    cases: tuple[Tried, ...]
    """None for what is wrong before anything is rendered."""


@dataclass(frozen=True, slots=True)
class Report:
    """All that came of trying a design."""

    tried: tuple[Tried, ...]
    beforehand: tuple[Finding, ...] = ()
    """About what the cases are made of: a sample that cannot be read, a post of an old issue that is gone."""

    @property
    def found(self) -> tuple[Found, ...]:
        """Every finding once, worst first, otherwise in the order of the cases."""
        where: dict[Finding, list[Tried]] = {finding: [] for finding in self.beforehand}
        times: dict[Finding, int] = {}
        for tried in self.tried:
            for finding in dict.fromkeys(tried.findings):
                one = replace(finding, times=1)
                where.setdefault(one, []).append(tried)
                times[one] = max(finding.times, times.get(one, 1))
        levels = list(Level)
        merged = (Found(replace(each, times=times.get(each, 1)), tuple(cases)) for each, cases in where.items())
        return tuple(sorted(merged, key=lambda each: levels.index(each.finding.level)))

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Every finding once, worst first."""
        return tuple(each.finding for each in self.found)

    @property
    def refused(self) -> bool:
        """Whether the design must not be saved like this: something is an error."""
        return any(finding.level is Level.ERROR for finding in self.findings)


def joined(reports: Sequence[Report]) -> Report:
    """Return several newsletters' reports as one."""
    beforehand = dict.fromkeys(finding for report in reports for finding in report.beforehand)
    return Report(tuple(tried for report in reports for tried in report.tried), tuple(beforehand))
