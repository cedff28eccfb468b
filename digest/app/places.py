"""Where in the project a problem of a blog is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from digest.config import Operator
from digest.errors import SourceError
from digest.models import Collection, Finding, Level


def told_as_failed(error: SourceError, root: Path) -> Collection:
    """Return an error of a whole blog as a problem, for an issue that is made of the others."""
    file = Path(error.file or "")
    place = file.relative_to(root) if file.is_relative_to(root) else file
    message = f"{error.message}; its posts are missing."
    shown = str(place) if error.file else ""
    return Collection((), (Finding(Level.ERROR, "blog.failed", message, shown, error.line or 0, error.fix),))


def with_places(collection: Collection, source: str, operator: Operator) -> Collection:
    """Tell where each problem is: below the blog's path, or for what has none, in which source."""
    configured = next((each for each in operator.sources if each.name == source), None)
    path = configured.path.rstrip("/") if configured else ""
    below = path or (source if configured and "git" in configured.options() else "")
    problems = (
        replace(each, file=f"{below}/{each.file}" if below and each.file else each.file or below or source)
        for each in collection.problems
    )
    return replace(collection, problems=tuple(problems))
