"""A project as the doctor sees it, and what was found about one subject of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from digest.app import Project
from digest.doctor.examined import Examined
from digest.doctor.patient import Patient
from digest.models import Level
from tests.projects import AS_OF, make_project

NOW = datetime.fromisoformat(AS_OF)


@contextmanager
def patient(
    root: Path,
    *,
    provider: str = "",
    environment: dict[str, str] | None = None,
    now: datetime = NOW,
    offline: bool = False,
) -> Iterator[Patient]:
    """Make a project and let it be examined."""
    project = root if (root / "config").is_dir() else make_project(root, provider=provider, readers=2)
    with Project(project, environment or {}) as opened:
        yield Patient(opened, now, offline)


def one(look: Callable[..., Iterable[Examined]], *arguments: object) -> Examined:
    (examined,) = look(*arguments)
    return examined


def codes(examined: Examined, level: Level | None = None) -> list[str]:
    return [each.code for each in examined.findings if level in {None, each.level}]
