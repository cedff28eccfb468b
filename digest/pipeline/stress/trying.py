"""Decides which cases a design has to stand, and tries each: rendered in this process, then checked like any mail."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from digest.check import Demands
from digest.errors import DigestError, TemplateError
from digest.models import Finding, Level, Newsletter, Pick, Slot
from digest.pipeline.judging import judged, relative
from digest.pipeline.stress.cases import Case, made_up_cases
from digest.pipeline.stress.telling import Report, Tried
from digest.render import Links, Renderer
from digest.render.bounded import Workshop

LANGUAGES = ("ja", "en")
"""In which words are shipped."""

_NOTHING_TOLD = Demands()

Shown = Callable[[Tried, str], None]
"""Gets a case as soon as it was tried, with its HTML; that is empty when it could not be rendered."""


def _unseen(_: Tried, __: str) -> None:
    """Keep no mail: most who try a design want to know what was found, and nothing else."""


def stress(
    renderer: Renderer | Workshop,
    newsletter: Newsletter,
    samples: Sequence[Pick],
    links: Callable[[Slot], Links],
    *,
    stored: Sequence[Case] = (),
    beforehand: Sequence[Finding] = (),
    demands: Demands = _NOTHING_TOLD,
    root: Path | None = None,
    shown: Shown = _unseen,
) -> Report:
    """Try the newsletter's design in every case, in its language and in the others that words are shipped in.

    `stored` are cases besides the made-up ones, and `beforehand` what was found when they and the samples were read.
    `demands` is what mails are measured by. Files in messages are told relative to `root`. Levels stay as the checks
    give them. `shown` is told of each case; what it raises ends the try. Writes and prints nothing, and raises nothing
    for what is wrong with a template: a case that cannot be rendered has that as its finding.
    """
    cases = (*made_up_cases(newsletter, samples), *stored)
    tried = [
        _tried(renderer, spoken, case, links, demands, root, shown)
        for spoken in _in_each_language(newsletter)
        for case in cases
    ]
    return Report(tuple(tried), tuple(relative(finding, root) for finding in beforehand))


def try_one(
    renderer: Renderer | Workshop,
    newsletter: Newsletter,
    name: str,
    links: Callable[[Slot], Links],
    *,
    demands: Demands = _NOTHING_TOLD,
    root: Path | None = None,
) -> Tried:
    """Try the newsletter's design in one made-up case, in its own language; as `stress` does."""
    case = next(each for each in made_up_cases(newsletter, ()) if each.name == name)
    return _tried(renderer, newsletter, case, links, demands, root, _unseen)


def _in_each_language(newsletter: Newsletter) -> Iterator[Newsletter]:
    yield newsletter
    for language in LANGUAGES:
        if language != newsletter.language.partition("-")[0].casefold():
            # Its own words are in its own language; those that are shipped take their place.
            yield replace(newsletter, language=language, words={})


def _tried(
    renderer: Renderer | Workshop,
    newsletter: Newsletter,
    case: Case,
    links: Callable[[Slot], Links],
    demands: Demands,
    root: Path | None,
    shown: Shown,
) -> Tried:
    named = (newsletter.slug, case.name, newsletter.language)
    try:
        own = links(case.selection.slot)
        made, findings = judged(renderer, newsletter, case.number, case.selection, own, demands, root)
    except DigestError as error:
        tried, html = Tried(*named, 0, (relative(_finding(error), root),)), ""
    else:
        html = made.email.html
        tried = Tried(*named, len(html.encode()), findings, made.parts)
    shown(tried, html)
    return tried


def _finding(error: DigestError) -> Finding:
    code = "template.broken" if isinstance(error, TemplateError) else "template.unrendered"
    message = f"{error.message[:1].upper()}{error.message[1:]}"
    return Finding(Level.ERROR, code, message, error.file or "", error.line or 0, error.fix)
