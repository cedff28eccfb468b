"""Decides whether a project is fit for its next run, before the run finds out: one file a subject.

sources.py      every blog: can it be read, and are its addresses and time zone known
project.py      newsletters, store and provider
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from digest.app import Project
from digest.doctor.examined import Examined
from digest.doctor.project import newsletters, provider, reports, store, webhooks
from digest.doctor.sources import sources

__all__ = ["Examined", "examine"]


def examine(project: Project, now: datetime) -> Iterator[Examined]:
    """Look at everything that a run needs. Sends nothing."""
    yield from newsletters(project, now)
    yield store(project)
    yield from sources(project, now)
    yield provider(project)
    yield from webhooks(project)
    yield from reports(project)
