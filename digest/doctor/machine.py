"""Whether this machine's clock is right, by what others answered anyway: nobody is asked for the time alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from digest.doctor.examined import Examined
from digest.doctor.patient import Patient
from digest.errors import DigestError
from digest.models import Finding, Level

_OFF = timedelta(seconds=30)
"""An HTTP date has whole seconds and an answer takes some; what is signed by time is refused from minutes on."""


def machine(patient: Patient) -> Iterator[Examined]:
    """Compare the clock with those of the provider and of a database server."""
    compared = dict(_others(patient))
    if not compared:
        yield Examined("clock", "nobody was asked for the time")
        return
    found = tuple(
        Finding(
            Level.WARNING,
            "clock.off",
            f"This machine's clock is {abs(apart).total_seconds():.0f} seconds "
            f"{'ahead of' if apart > timedelta(0) else 'behind'} {whose}.",
            fix="let it follow a time server (NTP): issues would leave at the wrong time, and signatures be refused",
        )
        for whose, apart in compared.items()
        if abs(apart) > _OFF
    )
    said = ", ".join(f"{apart.total_seconds():+.0f} seconds from {whose}" for whose, apart in compared.items())
    yield Examined("clock", said, found)


def _others(patient: Patient) -> Iterator[tuple[str, timedelta]]:
    try:
        asked = patient.key()
        if asked.answer and asked.answer.answered_at:
            yield "the provider's", asked.at - _middle(asked.answer.answered_at)
    except DigestError:
        pass  # the provider's own line says what is wrong
    try:
        timed = patient.sound()
        if timed.answer.now:
            yield "the database's", timed.at - timed.answer.now
    except DigestError:
        pass  # likewise the store's


def _middle(whole_second: datetime) -> datetime:
    return whole_second + timedelta(milliseconds=500)
