"""Decides whether a project is fit for its next run, before the run finds out: one file a subject.

newsletters.py  when each is due next
designs.py      every design that a newsletter uses, really rendered
store.py        the database: sound, how large, and whether its clock is ours
disk.py         whether there is room for the next issue
machine.py      whether this machine's clock is right
looking.py      whether anybody looks after it
sources.py      every blog: can it be read, and are its addresses and time zone known
provider.py     what the provider's settings lack, and whether it lets us in
domain.py       what mail programs find about the sender's domain (dns_answers.py, spf.py)
telling.py      the ways by which people hear of runs, and webhooks
patient.py      what several of them ask, asked once; thresholds with their reasons are in each file
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from digest.app import Project
from digest.doctor.designs import designs
from digest.doctor.disk import disk
from digest.doctor.domain import domain, sender_domains
from digest.doctor.examined import Examined, failed
from digest.doctor.looking import looking
from digest.doctor.machine import machine
from digest.doctor.newsletters import newsletters
from digest.doctor.patient import Patient
from digest.doctor.provider import key, provider
from digest.doctor.sources import source
from digest.doctor.store import store
from digest.doctor.telling import ping, reports, webhooks
from digest.errors import DigestError
from digest.models import Finding, Level

if TYPE_CHECKING:
    from dns.resolver import Resolver

__all__ = ["Examined", "examine"]

WITHIN_SECONDS = 25.0
"""For all of it together: what has not answered by then is told as that."""

Look = Callable[[], Iterable[Examined]]


def examine(
    project: Project,
    now: datetime,
    *,
    offline: bool = False,
    resolver: Resolver | None = None,
    within: float = WITHIN_SECONDS,
) -> Sequence[Examined]:
    """Look at everything that a run needs, all at once, within so many seconds. Sends nothing.

    `offline` leaves out what asks the world. `resolver` is who is asked for DNS records; by default the system's.
    """
    patient = Patient(project, now, offline)
    looks: list[tuple[str, Look]] = [
        ("newsletters", partial(newsletters, patient)),
        ("designs", partial(designs, patient)),
        ("store", partial(store, patient)),
        ("disk", partial(disk, patient)),
        ("clock", partial(machine, patient)),
        ("schedule", partial(looking, patient)),
        *_sources(patient),
        ("provider", partial(provider, patient)),
        ("key", partial(key, patient)),
        *((f"domain {name}", partial(domain, patient, name, resolver)) for name in sender_domains(patient)),
        ("webhooks", partial(webhooks, patient)),
        ("reports", partial(reports, patient)),
        ("ping", partial(ping, patient)),
    ]
    return [each for found in _all_at_once(looks, within) for each in found]


def _sources(patient: Patient) -> list[tuple[str, Look]]:
    try:
        opened = patient.project.sources
    except DigestError as error:
        told = failed("sources", error)
        return [("sources", lambda: [told])]
    return [(f"source {each.name}", partial(source, patient, each)) for each in opened]


def _all_at_once(looks: Sequence[tuple[str, Look]], within: float) -> Sequence[Sequence[Examined]]:
    """Return what each found, in their order; who is not done in time is told as that, and left behind."""
    found: list[Sequence[Examined] | None] = [None] * len(looks)
    until = time.monotonic() + within

    def do(place: int, subject: str, look: Look) -> None:
        try:
            found[place] = list(look())
        except DigestError as error:
            found[place] = [failed(subject, error)]
        except Exception as error:  # noqa: BLE001 - what could not be looked at is said; the others are looked at
            what = f"{subject} could not be looked at: {type(error).__name__}."
            found[place] = [Examined(subject, "", (Finding(Level.ERROR, "doctor.stumbled", what),))]

    # Threads of a pool would keep the process waiting at its end.
    threads = [
        threading.Thread(target=do, args=(place, *each), daemon=True, name=each[0]) for place, each in enumerate(looks)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, until - time.monotonic()))
    return [
        each if each is not None else [_no_answer(subject, within)]
        for (subject, _), each in zip(looks, tuple(found), strict=True)
    ]


def _no_answer(subject: str, within: float) -> Examined:
    what = f"Nothing was found out about {subject} within {within:g} seconds."
    level = Level.ERROR if subject == "store" else Level.WARNING  # without it nothing is sent
    return Examined(subject, "", (Finding(level, "doctor.no-answer", what, fix="look whether it answers at all"),))
