"""When each newsletter is due next, in its own local time, and what is wrong with the files of others."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta

from digest.app.reviewers import nobody_asked
from digest.doctor.examined import Examined, failed
from digest.doctor.patient import Patient
from digest.errors import DigestError
from digest.models import Finding, Level, Newsletter, Schedule, Slot
from digest.pipeline.reaching import reach
from digest.pipeline.review_times import cautions
from digest.select import next_slot

_RUNS = 3
_SKIPPED_OR_TWICE = time(0), time(4)
"""From and until: in every zone of our days, clocks change at night within these hours."""
_A_YEAR = 366


def newsletters(patient: Patient) -> Iterator[Examined]:
    """Tell the next three runs of each."""
    for slug, letter in patient.project.newsletters.items():
        slot = next_slot(letter.schedule, patient.now)
        found = (
            *_reach(patient, letter),
            *_in_the_night(letter, patient.now),
            *cautions(letter, slot),
            *nobody_asked(letter, patient.project.operator),
        )
        yield Examined(f"newsletter {slug}", f"{_coming(letter.schedule, patient.now)}{_built(letter, slot)}", found)
    for slug, error in patient.project.broken.items():
        yield failed(f"newsletter {slug}", error)


def _coming(schedule: Schedule, now: datetime) -> str:
    slots, after = [], now
    for _ in range(_RUNS):
        slots.append(next_slot(schedule, after))
        after = slots[-1].due_at
    first, *others = (f"{slot.due_at:%a %Y-%m-%d %H:%M %z}" for slot in slots)
    return f"issue {slots[0].period} is due {first}, then {', '.join(others)} ({schedule.time_zone.key})"


def _built(letter: Newsletter, slot: Slot) -> str:
    if not letter.is_reviewed:
        return ""
    return f"; built {slot.build_at:%a %Y-%m-%d %H:%M %z} for people to look at (review = {letter.review})"


def _reach(patient: Patient, letter: Newsletter) -> tuple[Finding, ...]:
    try:
        return reach(letter, patient.project.provider)
    except DigestError:
        return ()  # the provider's own line says what is wrong


def _in_the_night(letter: Newsletter, now: datetime) -> Iterator[Finding]:
    begins, ends = _SKIPPED_OR_TWICE
    zone, at = letter.schedule.time_zone, letter.schedule.at
    offsets = {(now + timedelta(days=day)).astimezone(zone).utcoffset() for day in range(_A_YEAR)}
    if len(offsets) > 1 and begins <= at < ends:
        yield Finding(
            Level.WARNING,
            "schedule.clock-change",
            f"{at:%H:%M} is skipped, or comes twice, in a night in which the clocks of {zone.key} change; "
            "the issue is then due later, or at the first of the two.",
            file=letter.file,
            fix="choose a time from 04:00 on",
        )
