"""`digest run`: the whole week in one command; what the scheduler calls."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Any

import typer

from digest.app import Project
from digest.cli.choice import tell
from digest.cli.options import HERE, AsOfOption, JsonOption, NewsletterOption, ProjectOption, clock
from digest.cli.output import Report, findings_json, warn
from digest.cli.stopping import stop_on_signals
from digest.errors import DigestError
from digest.models import Finding, IssueState, Level

if TYPE_CHECKING:
    from digest.pipeline import Outcome


def run(
    project: ProjectOption = HERE,
    newsletter: NewsletterOption = None,
    as_of: AsOfOption = None,
    as_json: JsonOption = False,
) -> None:
    """Collect, select, render, check, freeze, approve and send the newest due issue, as far as it may go.

    Safe to repeat: what is sent is never sent again, what was interrupted goes on.
    JSON: a list of {newsletter, issue, state, fingerprint, says, sent_now, counts, picks, findings, problems}, one for
    each issue that was looked after, and {newsletter, error, sent_now} for a newsletter that could not be.
    """
    from digest import pipeline
    from digest.send.edge import Edge

    report = Report(as_json)
    told: list[dict[str, Any]] = []
    codes: list[int] = []
    with Project(project) as opened, stop_on_signals() as stopping:
        slugs = [newsletter] if newsletter else sorted({*opened.newsletters, *opened.broken})
        for slug in slugs:
            letter = opened.newsletters.get(slug)
            now = clock(as_of, letter.schedule.time_zone if letter else None)
            # One newsletter's mistake must not keep the others from leaving.
            try:
                press = opened.press(slug)
                outcomes = asyncio.run(pipeline.run(press, Edge(now, stopping=stopping)))
            except Exception as error:
                if letter or slug in opened.broken:  # else it is a typing error of whoever sits here
                    warn(asyncio.run(opened.teller.tell_failure(letter, slug, error, now())))
                if not isinstance(error, DigestError):
                    raise
                print(f"digest: {error}", file=sys.stderr)
                told.append({"newsletter": slug, "error": str(error), "sent_now": False})
                codes.append(1)
                continue
            for outcome in outcomes:
                untold = warn((*outcome.untold, *asyncio.run(opened.teller.tell(outcome, press.newsletter, now()))))
                told.append(_tell(report, outcome, untold))
            warn(asyncio.run(opened.teller.tell_missed(press.newsletter, now())))
            codes += [_exit_code(outcome) for outcome in outcomes]
        if opened.operator.provider.kind == "file":
            outbox = opened.operator.provider.options().get("outbox", "var/outbox")
            for each in told:
                if each["sent_now"]:
                    report.line(f"The mails lie in {outbox}/{each['issue']}/, one .eml a reader.")
        report.line("Look: `digest preview` in a browser, or `digest history ISSUE`.", "dim")
    report.data(told)
    raise typer.Exit(1 if 1 in codes else max(codes, default=0))


def _tell(report: Report, outcome: Outcome, untold: tuple[Finding, ...]) -> dict[str, Any]:
    """Write the report of one newsletter and return it as JSON; `untold` is what people could not be told."""
    draft = outcome.draft
    problems: tuple[Finding, ...] = (*(draft.problems if draft else ()), *outcome.audience_problems, *untold)
    if draft:
        tell(report, draft.selection)
        report.findings(problems, "Problems", at_most=10)
        report.findings(draft.findings, "Findings about the mail")
        if not draft.findings:
            report.line("The mail: nothing to complain about.", "green")
    report.line(f"{outcome.issue.name}: {outcome.says}", "bold")
    if outcome.tally:
        report.tally(outcome.tally)
    if outcome.issue.state is IssueState.PAUSED:
        report.line(f"`digest send {outcome.issue.name}` lets the rest leave; nobody gets it twice.", "yellow")
    elif outcome.delivered and outcome.delivered.stopped_because:
        report.line("`digest run` goes on where it stopped; nobody gets it twice.", "yellow")
    return {
        "newsletter": outcome.issue.newsletter,
        "issue": outcome.issue.name,
        "state": str(outcome.issue.state),
        "fingerprint": outcome.issue.fingerprint,
        "says": outcome.says,
        "sent_now": outcome.delivered is not None,
        "counts": {str(state): count for state, count in (outcome.tally or {}).items()},
        "picks": [pick.post.id for pick in draft.selection.picks] if draft else [],
        "findings": findings_json(draft.findings) if draft else [],
        "problems": findings_json(problems),
    }


def _exit_code(outcome: Outcome) -> int:
    """1 when the sending had to stop, 3 when something wants a person's eyes, else 0."""
    if outcome.delivered and outcome.delivered.stopped_because:
        return 1
    draft = outcome.draft
    findings = (*(draft.findings if draft else ()), *(draft.problems if draft else ()))
    for_a_person = {IssueState.NEEDS_REVIEW, IssueState.PAUSED, IssueState.DRAFT, IssueState.EXPIRED}
    wants_eyes = outcome.issue.state in for_a_person
    return 3 if wants_eyes or any(each.level is Level.ERROR for each in findings) else 0
