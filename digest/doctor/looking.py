"""Whether anybody looks after the newsletters: a scheduler that is there, or cron that runs them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from digest.doctor.examined import Examined
from digest.doctor.patient import Patient
from digest.models import Finding, Level
from digest.select import next_slot
from digest.store.processes import Seen

_SOON = timedelta(days=7)
"""A newsletter that is due later gives time enough: whoever sets it up may not have come to that yet."""
_QUIET = timedelta(minutes=10)
"""A scheduler looks every minute; a machine that starts anew is back by then."""
_A_MONTH = timedelta(days=30)


def looking(patient: Patient) -> Iterator[Examined]:
    """Tell when a scheduler last looked, or when the last run was."""
    now = patient.now
    seen = patient.store().processes.alive(now - _A_MONTH)
    yield from _workers(patient, seen)
    ticked = _latest(seen, "schedule")
    ran = _latest(seen, "run")
    if ticked and now - ticked.seen_at <= _QUIET:
        there = sum(each.kind == ticked.kind and now - each.seen_at <= _QUIET for each in seen)
        yield Examined("looking after it", f"digest {ticked.kind} looked {_ago(ticked, now)} ({there} at work)")
        return
    if ran and (ticked is None or ran.seen_at > ticked.seen_at):
        yield Examined("looking after it", f"no scheduler; the last `digest run` was {_ago(ran, now)}")
        return
    if ticked is None and not patient.store().issues.latest(limit=1):
        said = "nobody yet: start `digest schedule`, or let cron call `digest run`"
        yield Examined("looking after it", said)
        return
    said = f"nobody; a scheduler was last seen {_ago(ticked, now)}" if ticked else "nobody was seen within a month"
    yield Examined("looking after it", said, tuple(_missed(patient)))


def _workers(patient: Patient, seen: Sequence[Seen]) -> Iterator[Examined]:
    """Tell how many workers there are to send what is handed out."""
    if not patient.store().outbox.has_workers:
        return
    there = [each for each in seen if each.kind == "worker" and patient.now - each.seen_at <= _QUIET]
    if there:
        hosts = sorted({each.name.partition(":")[0] for each in there})
        yield Examined("workers", f"{len(there)} at work, on {', '.join(hosts)}")
        return
    nobody = Finding(
        Level.WARNING,
        "send.no-workers",
        "Issues are handed out to workers, and none has been there for 10 minutes: nothing would leave.",
        "config/digest.toml",
        fix="start `digest worker`, or leave send.engine out",
    )
    yield Examined("workers", "none", (nobody,))


def _missed(patient: Patient) -> Iterator[Finding]:
    for slug, letter in patient.project.newsletters.items():
        due = next_slot(letter.schedule, patient.now).due_at
        if due - patient.now <= _SOON:
            what = f"{slug} is due {due:%a %Y-%m-%d %H:%M %z}, and nobody looks after it."
            fix = "start `digest schedule`, or let cron call `digest run`"
            yield Finding(Level.WARNING, "schedule.nobody", what, fix=fix)


def _latest(seen: Sequence[Seen], *kinds: str) -> Seen | None:
    return next((each for each in seen if each.kind in kinds), None)


def _ago(seen: Seen, now: datetime) -> str:
    return f"at {seen.seen_at.astimezone(now.tzinfo):%Y-%m-%d %H:%M %z}"
