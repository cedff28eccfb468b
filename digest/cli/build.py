"""`digest build`: freeze an issue, so that it can be looked at, approved and sent."""

from __future__ import annotations

from digest.app import Project
from digest.cli.choice import tell
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
from digest.models import IssueState


def build(
    issue: OptionalIssueArgument = None,
    project: ProjectOption = HERE,
    newsletter: NewsletterOption = None,
    as_of: AsOfOption = None,
    as_json: JsonOption = False,
) -> None:
    """Collect, select, render, check and store an issue. An approval of other bytes is void afterwards.

    JSON: {issue, state, number, subject, fingerprint, picks, findings, problems}.
    """
    from digest import pipeline

    report = Report(as_json)
    with Project(project) as opened:
        letter, slot, now = asked_for(opened, issue, newsletter, as_of)
        before = opened.store.issues.find(letter.slug, slot.period)
        built, draft = pipeline.build(opened.press(letter.slug), slot, now)
    report.data(
        {
            "issue": built.name,
            "state": built.state,
            "number": built.number,
            "subject": built.subject,
            "fingerprint": built.fingerprint,
            "picks": [pick.post.id for pick in draft.selection.picks],
            "findings": findings_json(draft.findings),
            "problems": findings_json(draft.problems),
        }
    )
    tell(report, draft.selection)
    report.findings(draft.problems, "Problems", at_most=10)
    report.findings(draft.findings, "Findings about the mail")
    report.line(f"{built.name} is {built.state}: {built.subject}", "bold")
    report.line(f"fingerprint {built.fingerprint[:12]}", "dim")
    if before and before.state in {IssueState.SKIPPED, IssueState.EXPIRED}:
        report.line(f"It was {before.state} ({before.reason}). Now that it is built again, it may leave.", "yellow")
    if built.state is IssueState.FROZEN:
        then = {
            "none": "digest run sends it",
            "window": f"it leaves by itself when it is due, or digest hold {built.name}",
        }.get(letter.review, f"digest approve {built.name} and digest run")
        report.line(f"Next: digest preview, then {then}")
    finish(draft.findings, draft.problems)
