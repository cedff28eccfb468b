"""`digest approve`, `hold` and `skip`: what a person decides about an issue."""

from __future__ import annotations

from typing import Annotated

import typer

from digest.app import Project
from digest.cli.options import (
    HERE,
    AsOfOption,
    IssueArgument,
    JsonOption,
    NewsletterOption,
    ProjectOption,
    clock,
    known_issue,
    whoever,
)
from digest.cli.options import issue_name as read_name
from digest.cli.output import Report
from digest.errors import IssueStateError
from digest.models import Issue, IssueState

ByOption = Annotated[str | None, typer.Option("--by", metavar="WHO", help="Who decides; you when it is not given.")]
ReasonOption = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; kept in the issue's history.")]


def approve(
    issue: IssueArgument,
    project: ProjectOption = HERE,
    newsletter: NewsletterOption = None,
    by: ByOption = None,
    fingerprint: Annotated[
        str, typer.Option("--fingerprint", help="Approve only if the issue still has this fingerprint (or its start).")
    ] = "",
    as_of: AsOfOption = None,
    as_json: JsonOption = False,
) -> None:
    """Let the frozen issue leave. Building it again with other bytes makes the approval void."""
    from digest import pipeline

    with Project(project) as opened:
        known = known_issue(opened, issue, newsletter)
        if not known.fingerprint.startswith(fingerprint):
            raise IssueStateError(
                f"{known.name} has the fingerprint {known.fingerprint[:12]}, not {fingerprint}",
                fix="look at it again, then approve",
            )
        done = pipeline.approve(opened.store, known, whoever(by), clock(as_of)())
    _tell(done, f"{done.name} is approved ({done.fingerprint[:12]}) by {done.approved_by}: {done.subject}", as_json)


def hold(
    issue: IssueArgument,
    project: ProjectOption = HERE,
    newsletter: NewsletterOption = None,
    by: ByOption = None,
    reason: ReasonOption = "",
    as_of: AsOfOption = None,
    as_json: JsonOption = False,
) -> None:
    """Keep an issue from leaving until somebody approves it; pause one that is being sent."""
    from digest import pipeline

    with Project(project) as opened:
        known = known_issue(opened, issue, newsletter)
        done = pipeline.hold(opened.store, known, whoever(by), reason or "held by hand", clock(as_of)())
    paused = done.state is IssueState.PAUSED
    lets_it_go = (
        f"`digest send {done.name}` lets the rest leave" if paused else f"`digest approve {done.name}` lets it leave"
    )
    _tell(done, f"{done.name} is {done.state}; {lets_it_go}", as_json)


def skip(
    issue: IssueArgument,
    project: ProjectOption = HERE,
    newsletter: NewsletterOption = None,
    by: ByOption = None,
    reason: ReasonOption = "",
    as_of: AsOfOption = None,
    as_json: JsonOption = False,
) -> None:
    """Send no issue for this period. A coming week can be skipped before it is built."""
    from digest import pipeline

    with Project(project) as opened:
        letter, slot = read_name(opened, issue, newsletter)
        now = clock(as_of)()
        known = opened.store.issues.plan(letter.slug, slot, now)
        done = pipeline.skip(opened.store, known, whoever(by), reason or "skipped by hand", now)
    _tell(done, f"{done.name} is skipped: {done.reason}", as_json)


def _tell(issue: Issue, text: str, as_json: bool) -> None:
    report = Report(as_json)
    report.data({"issue": issue.name, "state": issue.state, "fingerprint": issue.fingerprint, "reason": issue.reason})
    report.line(text)
