"""Whether each blog can be read, and whether all is known that its posts' addresses and dates depend on."""

from __future__ import annotations

from collections.abc import Iterator

from digest.collect import Source
from digest.collect.opening import kind_of
from digest.doctor.examined import Examined
from digest.doctor.patient import Patient
from digest.models import Collection


def source(patient: Patient, source: Source) -> Iterator[Examined]:
    """Read a blog as a run does; tell what is wrong with it as a whole, and how many posts have problems."""
    subject = f"source {source.name}"
    if patient.offline and not source.watched():
        yield Examined(subject, f"{kind_of(source)}, not asked (--offline)")
        return
    patient.store()  # opened once: what was read before is remembered there
    collection = patient.project.read_source(source, patient.now)
    of_the_blog = tuple(each for each in collection.problems if each.code.startswith("blog."))
    yield Examined(subject, _said(source, collection, len(collection.problems) - len(of_the_blog)), of_the_blog)


def _said(source: Source, collection: Collection, problems: int) -> str:
    shown = collection.shown
    newest = f", the newest of {shown[0].published_at:%Y-%m-%d %H:%M %z}" if shown else ""
    more = (
        f", {problems} problem{'' if problems == 1 else 's'} with posts (`digest collect --all --problems`)"
        if problems
        else ""
    )
    return f"{kind_of(source)}, {len(shown)} posts{newest}{more}"
