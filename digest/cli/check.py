"""`digest check`: is anything wrong with the issue that would be built now, or with a design in an awkward week?"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated

import typer

from digest.app import Project
from digest.cli import design_check
from digest.cli.options import HERE, AsOfOption, JsonOption, NewsletterOption, ProjectOption, asked_for, clock
from digest.cli.output import Report, findings_json, finish
from digest.errors import ConfigError
from digest.models import Newsletter, Slot

NameArgument = Annotated[
    str | None,
    typer.Argument(
        metavar="[ISSUE|DESIGN]",
        help="An issue such as weekly/2026-W04 or 2026-W04, else a design: a folder in templates/. The issue that is "
        "up next when it is not given.",
    ),
]
TemplateOption = Annotated[
    str | None, typer.Option("--template", metavar="NAME", help="The design of this name, whatever else is named so.")
]
LinksOption = Annotated[
    bool, typer.Option("--links", help="Ask for every link of the issue over the network; never in a private one.")
]
SpamOption = Annotated[bool, typer.Option("--spam", help="Run the issue through SpamAssassin, if it is installed.")]

_PERIOD = re.compile(r"\d{4}-")


def check(
    name: NameArgument = None,
    template: TemplateOption = None,
    project: ProjectOption = HERE,
    newsletter: NewsletterOption = None,
    links: LinksOption = False,
    spam: SpamOption = False,
    as_of: AsOfOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check an issue: configuration, posts, templates and the mail. Or try a design in every awkward case.

    A name without a period is a design, also when a newsletter has the same name: its next issue is checked by
    `digest check --newsletter NAME`. A design is tried with the settings of every newsletter that uses it, in Japanese
    and in English: no posts, one, sixty, the samples of templates/_samples/, the last issues. Nothing is written.

    JSON of an issue: {issue, subject, bytes, parts: [{key, label, size}], findings, problems, provider}; of a design:
    {template, newsletters, cases: [{newsletter, name, language, bytes, parts, findings}], findings}, whose findings
    each tell their cases: [{newsletter, name, language}].
    """
    if name and template:
        raise typer.BadParameter("name an issue or a design, not both", param_hint="--template")
    report = Report(as_json)
    with Project(project) as opened:
        design = template or _design(opened, name)
        if design is None:
            letter, slot, now = asked_for(opened, name, newsletter, as_of)
            _check_issue(opened, report, letter, slot, now, links=links, spam=spam)
            return
        if links or spam:
            raise typer.BadParameter("only the mail of an issue is shown to others", param_hint="--links, --spam")
        zone = opened.newsletter(newsletter).schedule.time_zone if newsletter else None
        tried = design_check.try_design(opened, design, newsletter, clock(as_of, zone)())
    report.data(design_check.as_json(design, tried))
    design_check.tell(report, design, tried)
    finish(tried.findings)


def _design(project: Project, name: str | None) -> str | None:
    """Return the design that is meant by a name, or None for an issue; raise `ConfigError` when it is neither."""
    from digest.render.designs import designs

    folder = name.removeprefix("templates/").rstrip("/") if name else ""
    known = designs(project.root / "templates")
    if not name or _PERIOD.match(name) or (folder not in known and "/" in name):
        return None
    if folder in known:
        return folder
    if letter := project.newsletters.get(name):
        fix = (
            f"for its next issue: `digest check --newsletter {name}`; for its design: `digest check {letter.template}`"
        )
        raise ConfigError(f"“{name}” is a newsletter, not an issue or a design", fix=fix)
    fix = f"name an issue such as weekly/2026-W04, or a design: {', '.join(known)}"
    raise ConfigError(f"“{name}” is neither an issue nor a design", fix=fix)


def _check_issue(
    project: Project, report: Report, letter: Newsletter, slot: Slot, now: datetime, *, links: bool, spam: bool
) -> None:
    from digest import pipeline
    from digest.pipeline import outside

    press = project.press(letter.slug)
    draft = pipeline.draft(press, slot, now)
    audience = press.read_audience()
    unusable, cautions = list(press.provider.problems()), list(press.provider.cautions())
    findings = draft.findings
    if links:
        findings = (*findings, *pipeline.placed(press, draft, outside.try_links(draft.email)))
    if spam:
        findings = (*findings, *outside.try_spam(draft.email, f"{letter.slug}/{slot.period}", now))
    problems = (*draft.problems, *audience.problems)
    size = len(draft.email.html.encode())
    report.data(
        {
            "issue": f"{letter.slug}/{slot.period}",
            "subject": draft.email.subject,
            "bytes": size,
            "parts": design_check.parts_json(draft.parts),
            "findings": findings_json(findings),
            "problems": findings_json(problems),
            "provider": unusable,
            "cautions": cautions,
        }
    )
    report.line(f"{letter.slug}/{slot.period}: {draft.email.subject}", "bold")
    report.line(f"{len(draft.selection.picks)} posts, {size / 1000:.1f} kB of HTML, {audience.count} readers")
    if draft.parts:
        sizes = ", ".join(f"{part.label or part.key} {part.size / 1000:.1f}" for part in draft.parts)
        report.line(f"  kB by part: {sizes}", "dim")
    for sentence in unusable:
        report.line(f"  provider: {sentence}", "yellow")
    for sentence in cautions:
        report.line(f"  provider: {sentence}", "dim")
    report.findings(problems, "Problems", at_most=10)
    report.findings(findings, "Findings about the mail")
    if not findings and not problems and not unusable:
        report.line("Nothing to complain about.", "green")
    finish(findings, problems)
