"""Whether there is room where the store and the project's state lie."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from digest.doctor.examined import Examined
from digest.doctor.patient import Patient
from digest.errors import DigestError
from digest.models import Finding, Level

LITTLE = 1_000_000_000
"""Octets: logs, backups and the log beside a SQLite file grow by as much within weeks; there is time to mend it."""
NEARLY_NONE = 100_000_000
"""Octets: SQLite needs room beside its file to write at all, and a run that cannot write sends nothing."""
A_READER = 1_000
"""Octets that a reader of an issue takes in the store: 125 measured, then the provider's id or words, and as much again
in the log beside a SQLite file."""
A_FILE = 150_000
"""Octets of one .eml, where the provider `file` writes them: mails are clipped by Gmail above 102 kB."""


def disk(patient: Patient) -> Iterator[Examined]:
    """Tell the free space of each file system that is written to, and whether the next issue fits."""
    needed = _next_issue(patient)
    places = {patient.project.root / "var"}
    with suppress(DigestError):  # the store's own line says what is wrong
        places |= {place for place in (patient.sound().answer.place,) if place}
    seen: set[int] = set()
    for place in sorted(map(_there, places)):
        device = place.stat().st_dev
        if device not in seen:
            seen.add(device)
            free = shutil.disk_usage(place).free
            said = f"{free / 1e9:.1f} GB free at {place}, the next issue takes about {max(needed, 1e6) / 1e6:.0f} MB"
            yield Examined("disk", said, _judged(free, needed, place))


def _judged(free: int, needed: int, place: Path) -> tuple[Finding, ...]:
    if free >= max(LITTLE, needed):
        return ()
    level = Level.ERROR if free < NEARLY_NONE else Level.WARNING
    what = f"Only {free / 1e6:,.0f} MB are free at {place}; the next issue takes about {needed / 1e6:,.0f} MB."
    return (Finding(level, "disk.full", what, fix="make room: nothing is sent while the store cannot be written to"),)


def _next_issue(patient: Patient) -> int:
    """Return the octets that the next issues take, by the readers of the last ones."""
    try:
        figures = [patient.store().figures.of(slug) for slug in patient.project.newsletters]
    except DigestError:
        return 0
    each = A_READER + (A_FILE if patient.project.operator.provider.kind == "file" else 0)
    return each * sum(sum(figure.deliveries.values()) for figure in figures)


def _there(place: Path) -> Path:
    """Return the folder, or the next one above it that exists."""
    return next(each for each in (place, *place.parents) if each.is_dir())
