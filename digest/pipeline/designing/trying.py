"""Decides how an edit is tried before it is saved: on the stress sheet, in a copy of the templates, within limits."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from digest.check import Demands
from digest.errors import TemplateError
from digest.models import Finding, Newsletter, Pick, Selection, Slot
from digest.pipeline.designing.files import DesignFile
from digest.pipeline.stress import LANGUAGES, Case, Report, joined, stress
from digest.pipeline.stress.cases import made_up_cases
from digest.render import Inliner, Links
from digest.render.bounded import SECONDS, Workshop
from digest.render.rendered import Rendered
from digest.render.rendering_process import too_long

WHOLE = 120.0
"""Seconds that a try may take; three designs take fifteen."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One newsletter, and what its design has to stand."""

    newsletter: Newsletter
    samples: Sequence[Pick]
    links: Callable[[Slot], Links]
    stored: Sequence[Case] = ()
    beforehand: Sequence[Finding] = ()
    demands: Demands = field(default_factory=Demands)


@dataclass(frozen=True, slots=True)
class Bench:
    """What designs are tried on."""

    templates: Path
    copy: Path
    """The folder of words."""
    trials: Sequence[Trial]
    inliner: Inliner = "premailer"
    tell: Callable[[], None] = lambda: None
    """Called before each mail; what it raises ends the try."""
    seconds: float = WHOLE
    """Of the whole try."""
    seconds_a_mail: float = SECONDS


class AbandonedError(Exception):
    """The try went no further; `reason` tells why, with the file and line where that can be told."""

    def __init__(self, reason: TemplateError) -> None:
        super().__init__(reason.message)
        self.reason = reason


def try_text(bench: Bench, file: DesignFile, data: bytes | None) -> Report:
    """Try the designs with `data` as what `file` says; with None, as they are on disk.

    Files of the templates are told as `templates/…`. Writes nothing but in a folder of its own, which is gone
    afterwards. Raise `AbandonedError` when it takes too long: nothing can be said about mails that were not tried.
    """
    with tempfile.TemporaryDirectory(prefix="digest-try-") as name:
        root = Path(name).resolve()
        templates = root / "templates"
        _copy_tree(bench.templates, templates)
        place = root / file.place
        if data is not None or not place.exists():  # the file of a newsletter lies outside the templates
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(file.path.read_bytes() if data is None else data)
        with _Watched(templates, bench) as workshop, _places_in(root):
            return joined([_stressed(workshop, _inside(trial, root), root) for trial in bench.trials])


def mails_of(trials: Collection[Trial]) -> int:
    """Return how many mails a try makes."""
    total = 0
    for trial in trials:
        cases = sum(1 for _ in made_up_cases(trial.newsletter, trial.samples)) + len(trial.stored)
        total += cases * len({trial.newsletter.language.partition("-")[0].casefold(), *LANGUAGES})
    return total


def _inside(trial: Trial, root: Path) -> Trial:
    """Return the trial with the private copy of its newsletter's file, where there is one: its lines are told."""
    copy = root / trial.newsletter.file
    return replace(trial, newsletter=replace(trial.newsletter, file=str(copy))) if copy.is_file() else trial


def _stressed(workshop: Workshop, trial: Trial, root: Path) -> Report:
    return stress(
        workshop,
        trial.newsletter,
        trial.samples,
        trial.links,
        stored=trial.stored,
        beforehand=trial.beforehand,
        demands=trial.demands,
        root=root,
    )


@contextmanager
def _places_in(root: Path) -> Iterator[None]:
    """Tell the private folder's name in no message, wherever the try ends."""
    try:
        yield
    except AbandonedError as error:
        file = Path(error.reason.file or "")
        if file.is_relative_to(root):
            error.reason.file = file.relative_to(root).as_posix()
        raise


class _Watched(Workshop):
    """A workshop that tells of each mail, and gives up as a whole once time is up."""

    def __init__(self, templates: Path, bench: Bench) -> None:
        super().__init__(templates, bench.copy, bench.inliner, seconds=bench.seconds_a_mail)
        self._bench = bench
        self._until = time.monotonic() + bench.seconds

    def typeset(self, newsletter: Newsletter, number: int, selection: Selection, links: Links) -> Rendered:
        """Do as the workshop does; raise `AbandonedError` when this mail, or all of them, take too long."""
        self._bench.tell()
        if time.monotonic() > self._until:
            why = f"trying the design takes more than {self._bench.seconds:g} seconds"
            raise AbandonedError(TemplateError(why, fix="look for what makes it slow, or try again in a quiet minute"))
        try:
            return super().typeset(newsletter, number, selection, links)
        except TemplateError as error:
            # The next mail would take as long: what a person wants to know is known.
            if too_long(self._bench.seconds_a_mail) in error.message:
                raise AbandonedError(error) from error
            raise


def _copy_tree(source: Path, target: Path) -> None:
    """Copy a folder as far as a renderer would read it: not what a symbolic link brings in from elsewhere."""
    whole = source.resolve()

    def elsewhere(folder: str, names: list[str]) -> set[str]:
        return {name for name in names if not _belongs(Path(folder, name), whole)}

    shutil.copytree(source, target, ignore=elsewhere, copy_function=shutil.copyfile)


def _belongs(path: Path, whole: Path) -> bool:
    if not path.is_symlink():
        return path.is_dir() or path.is_file()
    real = Path(os.path.realpath(path))
    inside = real.is_relative_to(whole) and real.exists()
    return inside and not path.absolute().is_relative_to(real)  # a link to a folder around it has no end
