"""How a design is tried in every awkward case, and how what came of it looks on a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from digest.app import Project, shipped_newsletter
from digest.cli.output import Report, counted, findings_json, shown
from digest.models import Finding, Level, Newsletter
from digest.starter import starter_folder

if TYPE_CHECKING:
    from digest.pipeline import stress
    from digest.render.bounded import Workshop
    from digest.render.rendered import Part

_NAMED = 4
"""Cases that are named below a finding; a program gets them all."""


def try_design(project: Project, design: str, newsletter: str | None, now: datetime) -> stress.Report:
    """Try a design with the settings of every newsletter that uses it, else with those that a new project starts with.

    With `newsletter`, try it with that one's, even if it uses another design. Raise `TemplateError` when there is no
    such design.
    """
    from digest.pipeline import stress
    from digest.render.designs import design_folder

    design_folder(project.root / "templates", design)
    users = [each for each in project.newsletters.values() if each.template == design]
    letters = [_wearing(project.newsletter(newsletter), design)] if newsletter else users or [_shipped(design)]
    reports = [stress.Report((), tuple(_broken(project, newsletter)))]
    with project.workshop() as workshop:
        reports += [_try_with(project, workshop, letter, now) for letter in letters]
    return stress.joined(reports)


def _try_with(project: Project, workshop: Workshop, letter: Newsletter, now: datetime) -> stress.Report:
    """Try the design of a newsletter; in a process of its own, since whoever tries a design may have broken it."""
    from digest.pipeline import stress

    samples, problems = stress.samples_for(letter, _samples(project))
    stored: tuple[stress.Case, ...] = ()
    if letter.slug in project.newsletters:
        stored, missing = stress.stored_cases(project.store, letter, project.read_posts, now)
        problems = (*problems, *missing)
    return stress.stress(
        workshop,
        letter,
        samples,
        partial(project.links, letter),
        stored=stored,
        beforehand=problems,
        demands=project.demands(letter),
        root=project.root,
    )


def as_json(design: str, tried: stress.Report) -> dict[str, Any]:
    """Return `{template, newsletters, cases: [{newsletter, name, language, bytes, parts, findings}], findings}`.

    A finding of the last list also tells its `cases: [{newsletter, name, language}]`; none for what was found before
    anything was rendered. `bytes` is 0 for a case that could not be rendered.
    """
    return {
        "template": design,
        "newsletters": list(dict.fromkeys(each.newsletter for each in tried.tried)),
        "cases": [
            {
                **_name(each),
                "bytes": each.size,
                "parts": parts_json(each.parts),
                "findings": findings_json(each.findings),
            }
            for each in tried.tried
        ],
        "findings": [{**each.finding.plain(), "cases": [_name(case) for case in each.cases]} for each in tried.found],
    }


def parts_json(parts: Iterable[Part]) -> list[dict[str, Any]]:
    """Return the parts of a mail as `{key, label, size}`."""
    return [{"key": part.key, "label": str(part.label), "size": part.size} for part in parts]


def tell(report: Report, design: str, tried: stress.Report) -> None:
    """Write a table of the cases, and each finding once with the cases in which it occurs."""
    for slug in dict.fromkeys(each.newsletter for each in tried.tried):
        cases = [each for each in tried.tried if each.newsletter == slug]
        languages = list(dict.fromkeys(each.language for each in cases))
        report.line(f"Design {design} with the settings of {slug}: {counted(len(cases), 'mail')}", "bold")
        table = Table(box=None, pad_edge=False)
        table.add_column("Case", no_wrap=True)
        for language in languages:
            table.add_column(f"kB ({language})", justify="right", no_wrap=True)
        table.add_column("Findings")
        for name in dict.fromkeys(each.name for each in cases):
            spoken = {each.language: each for each in cases if each.name == name}
            sizes = (f"{spoken[each].size / 1000:.1f}" if spoken[each].size else "–" for each in languages)
            table.add_row(Text(name), *sizes, _counts(spoken.values()))
        report.table(table)
    for each in tried.found:
        report.listed([each.finding])
        if each.cases:
            report.line(f"          in {_where(each.cases, tried.tried)}", "dim")
    if not tried.found:
        report.line("Nothing to complain about.", "green")


def _samples(project: Project) -> Path:
    own = project.root / "templates" / "_samples"
    return own if own.is_dir() else starter_folder() / "templates" / "_samples"


def _wearing(letter: Newsletter, design: str) -> Newsletter:
    """Return the newsletter in a design; its values are those of its own design's tokens, so another takes none."""
    return letter if letter.template == design else replace(letter, template=design, design={})


def _shipped(design: str) -> Newsletter:
    return replace(_wearing(shipped_newsletter(), design), file="")


def _broken(project: Project, newsletter: str | None) -> Iterator[Finding]:
    """Yield newsletters that cannot be read: nobody can tell which design they use."""
    for slug, error in project.broken.items() if newsletter is None else ():
        said = f"The newsletter {slug} cannot be read, so no design was tried with it: {error.message}."
        file = shown(Path(error.file), project.root) if error.file else ""
        yield Finding(Level.ERROR, "config.broken", said, file, error.line or 0, error.fix)


def _name(case: stress.Tried) -> dict[str, str]:
    return {"newsletter": case.newsletter, "name": case.name, "language": case.language}


def _counts(cases: Any) -> Text:
    levels = [finding.level for case in cases for finding in case.findings]
    parts = [counted(levels.count(level), level) for level in Level if level in levels]
    style = "bold red" if Level.ERROR in levels else "yellow" if Level.WARNING in levels else ""
    return Text(", ".join(parts), style)


def _where(cases: Sequence[stress.Tried], tried: Sequence[stress.Tried]) -> str:
    if len(cases) == len(tried):
        return "every case"
    names = list(dict.fromkeys(f"{case.name} ({case.language})" for case in cases))
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"{', '.join(names[:_NAMED])}{more}"
