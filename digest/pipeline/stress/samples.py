"""Decides which awkward posts a design is tried with: those of a folder, in the week of all made-up issues."""

from __future__ import annotations

from pathlib import Path

from digest.collect.samples import read_samples
from digest.models import Finding, Newsletter, Pick
from digest.pipeline.stress.cases import made_up_slot


def samples_for(newsletter: Newsletter, folder: Path) -> tuple[tuple[Pick, ...], tuple[Finding, ...]]:
    """Return the posts of `folder` (`templates/_samples/`) as picks of a newsletter, and which cannot be read."""
    start = made_up_slot(newsletter.schedule.time_zone).window.start
    return read_samples(folder, start, newsletter.excerpt_columns)
