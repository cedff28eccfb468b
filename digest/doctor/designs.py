"""Whether every design that a newsletter uses can be rendered: a usual issue really is, in a process with limits."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from digest.doctor.examined import Examined
from digest.doctor.patient import Patient
from digest.models import Level, Newsletter
from digest.pipeline import stress
from digest.render.bounded import Workshop

_USUAL = "twelve posts"
"""The case that is tried; `digest check DESIGN` tries all of them."""


def designs(patient: Patient) -> Iterator[Examined]:
    """Render a usual issue of each newsletter in its own language; tell what keeps a mail from leaving."""
    with patient.project.workshop() as workshop:
        for letter in patient.project.newsletters.values():
            yield _tried(patient, workshop, letter)


def _tried(patient: Patient, workshop: Workshop, letter: Newsletter) -> Examined:
    project = patient.project
    tried = stress.try_one(
        workshop,
        letter,
        _USUAL,
        partial(project.links, letter),
        demands=project.demands(letter),
        root=project.root,
    )
    errors = tuple(each for each in tried.findings if each.level is Level.ERROR)
    said = f"a mail of {tried.size / 1000:.0f} kB with {_USUAL}" if tried.size else ""
    return Examined(f"design {letter.template} of {letter.slug}", said, errors)
