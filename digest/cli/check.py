"""`digest check`: is there anything wrong with the issue that would be built now?"""

from __future__ import annotations

from digest.app import Project
from digest.cli.options import (
    HERE,
    AsOfOption,
    JsonOption,
    NewsletterOption,
    OptionalIssueArgument,
    ProjectOption,
    asked_for,
)
from digest.cli.output import Report, findings_json, finish


def check(
    issue: OptionalIssueArgument = None,
    project: ProjectOption = HERE,
    newsletter: NewsletterOption = None,
    as_of: AsOfOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check configuration, posts, templates and the mail of an issue. Writes nothing.

    JSON: {issue, subject, bytes, findings, problems, provider}.
    """
    from digest import pipeline

    report = Report(as_json)
    with Project(project) as opened:
        letter, slot, now = asked_for(opened, issue, newsletter, as_of)
        press = opened.press(letter.slug)
        draft = pipeline.draft(press, slot, now)
        audience = press.read_audience()
        unusable = list(press.provider.problems())
    problems = (*draft.problems, *audience.problems)
    size = len(draft.email.html.encode())
    report.data(
        {
            "issue": f"{letter.slug}/{slot.period}",
            "subject": draft.email.subject,
            "bytes": size,
            "findings": findings_json(draft.findings),
            "problems": findings_json(problems),
            "provider": unusable,
        }
    )
    report.line(f"{letter.slug}/{slot.period}: {draft.email.subject}", "bold")
    report.line(f"{len(draft.selection.picks)} posts, {size / 1000:.1f} kB of HTML, {len(audience.recipients)} readers")
    for sentence in unusable:
        report.line(f"  provider: {sentence}", "yellow")
    report.findings(problems, "Problems", at_most=10)
    report.findings(draft.findings, "Findings about the mail")
    if not draft.findings and not problems and not unusable:
        report.line("Nothing to complain about.", "green")
    finish(draft.findings, problems)
