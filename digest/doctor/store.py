"""Whether the database is sound, how large it is, and whether a server's clock is ours."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

from digest.doctor.examined import Examined
from digest.doctor.patient import Patient
from digest.models import Finding, Level

_CLOCKS_APART = timedelta(seconds=5)
"""Leases of batches are compared with the moment of whoever looks: hosts that differ by more take over too early."""


def store(patient: Patient) -> Iterator[Examined]:
    """Open the database, which brings its schema up to date, and let it look at itself."""
    opened = patient.store()
    known = opened.issues.latest(limit=1)
    timed = patient.sound()
    sound = timed.answer
    said = (
        f"{_without_password(patient.project.store_url)}, {sound.octets / 1e6:.1f} MB, schema {sound.schema}, "
        f"last issue {known[0].name if known else 'none yet'}"
    )
    if not sound.looked_at:
        said += "; too large to be looked at as a whole (`PRAGMA integrity_check` does it)"
    found = []
    if sound.broken:
        what = f"The database is damaged: {sound.broken}."
        found.append(Finding(Level.ERROR, "store.damaged", what, fix="send nothing, and restore a backup"))
    if sound.now and abs(sound.now - timed.at) > _CLOCKS_APART:
        apart = abs(sound.now - timed.at).total_seconds()
        what = f"The database's clock and this machine's are {apart:.0f} seconds apart."
        fix = "let both follow a time server (NTP): hosts that share the store judge each other by these clocks"
        found.append(Finding(Level.WARNING, "store.clock", what, fix=fix))
    yield Examined("store", said, tuple(found))


def _without_password(url: str) -> str:
    return re.sub(r"//[^/@]*@", "//…@", url)
