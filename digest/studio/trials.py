"""What a design is tried with: the settings of every newsletter that wears it, awkward posts, and the last issues."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from functools import partial

from digest.app import Project, shipped_newsletter
from digest.models import Collection, Finding, Level, Newsletter
from digest.pipeline.designing import WHOLE, Bench, DesignFile, Trial
from digest.pipeline.stress import samples_for, stored_cases
from digest.render.designs import designs
from digest.starter import starter_folder

_SECONDS_EACH = 25.0
"""That a newsletter adds to what a try may take; one takes five."""


def bench_for(
    project: Project,
    file: DesignFile,
    read_posts: Callable[[datetime], Collection],
    now: datetime,
    tell: Callable[[], None],
) -> Bench:
    """Put together what an edit of a file is tried on.

    That is every newsletter that wears the file's design; for a file that all designs share, every design. One that no
    newsletter wears is tried with the settings that a new project starts with.
    """
    templates = project.root / "templates"
    worn = designs(templates) if file.shared else (file.folder,)
    letters = [letter for design in worn for letter in _letters(project, design)]
    trials = [trial_for(project, letter, read_posts, now) for letter in letters]
    broken = tuple(_broken(project))
    if broken and trials:
        trials[0] = replace(trials[0], beforehand=(*broken, *trials[0].beforehand))
    seconds = max(WHOLE, _SECONDS_EACH * len(trials))
    copy = project.root / "config" / "copy"
    return Bench(templates, copy, tuple(trials), project.operator.render.inliner, tell, seconds)


def bench_for_settings(
    project: Project,
    slug: str,
    read_posts: Callable[[datetime], Collection],
    now: datetime,
    tell: Callable[[], None],
) -> tuple[Bench, Callable[[Newsletter], Trial]]:
    """Put together what other settings of a newsletter are tried on, and what makes a trial of them.

    The bench has the newsletter as it is; no trial when its file cannot be read.
    """
    letter = project.newsletters.get(slug)
    trials = (trial_for(project, letter, read_posts, now),) if letter else ()
    stored = trials[0].stored if trials else ()
    bench = Bench(project.root / "templates", project.root / "config" / "copy", trials, project.operator.render.inliner)

    def trial_of(other: Newsletter) -> Trial:
        return replace(trial_for(project, other, read_posts, now), stored=stored)

    return replace(bench, tell=tell), trial_of


def _letters(project: Project, design: str) -> Iterator[Newsletter]:
    worn = [each for each in project.newsletters.values() if each.template == design]
    yield from worn or [replace(shipped_newsletter(), template=design, design={}, file="")]


def trial_for(
    project: Project, letter: Newsletter, read_posts: Callable[[datetime], Collection], now: datetime
) -> Trial:
    """Put together what the design of one newsletter has to stand."""
    own = project.root / "templates" / "_samples"
    samples, problems = samples_for(letter, own if own.is_dir() else starter_folder() / "templates" / "_samples")
    known = project.newsletters.get(letter.slug) is letter
    stored, missing = stored_cases(project.store, letter, read_posts, now) if known else ((), ())
    links = partial(project.links, letter)
    return Trial(letter, samples, links, stored, (*problems, *missing), project.demands(letter))


def _broken(project: Project) -> Iterator[Finding]:
    for slug, error in project.broken.items():
        said = f"The newsletter {slug} cannot be read, so no design was tried with it: {error.message}."
        yield Finding(
            Level.WARNING, "config.broken", said, f"config/newsletters/{slug}.toml", error.line or 0, error.fix
        )
