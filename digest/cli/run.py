"""`digest run`: the whole week in one command; what the scheduler calls."""

from __future__ import annotations

import asyncio
import logging
import platform
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any

import typer

from digest.app import Project
from digest.cli import logs
from digest.cli.choice import tell
from digest.cli.options import HERE, AsOfOption, Clock, JsonOption, NewsletterOption, ProjectOption, clock
from digest.cli.output import Report, complain, findings_json, warn
from digest.cli.stopping import stop_on_signals
from digest.cli.tracing import traced
from digest.errors import DigestError
from digest.models import Finding, IssueState, Level
from digest.tracing import a_run, about, stage

if TYPE_CHECKING:
    from digest.pipeline import Outcome

_log = logging.getLogger("digest.run")


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
    with Project(project) as opened, stop_on_signals() as stopping:
        if logs.are_json(opened):
            logs.begin(opened, "run")
        # With lines for programs on standard error, words for people would be noise there.
        report = Report(as_json, silent=as_json and logs.are_json(opened))
        slugs = [newsletter] if newsletter else sorted({*opened.newsletters, *opened.broken})
        told: list[dict[str, Any]] = []
        codes: list[int] = []
        started_at = clock(as_of)()
        with traced(complain):
            for slug in slugs:
                letter = opened.newsletters.get(slug)
                now = clock(as_of, letter.schedule.time_zone if letter else None)
                with a_run(slug), stage("run", newsletter=slug):
                    told += _bring_out(opened, slug, now, stopping, report, codes)
        _show_ways(opened, report, told)
        code = 1 if 1 in codes else max(codes, default=0)
        _leave_word(opened, slugs, code, started_at, clock(as_of)())
    report.data(told)
    raise typer.Exit(code)


def _bring_out(
    opened: Project, slug: str, now: Clock, stopping: Callable[[], bool], report: Report, codes: list[int]
) -> list[dict[str, Any]]:
    """Look after one newsletter: one that fails must not keep the others from leaving. Return it as JSON."""
    from digest import pipeline
    from digest.send.edge import Edge

    letter = opened.newsletters.get(slug)
    try:
        press = opened.press(slug)
        outcomes = asyncio.run(pipeline.run(press, Edge(now, stopping=stopping)))
    except Exception as error:
        if letter or slug in opened.broken:  # else it is a typing error of whoever sits here
            warn(asyncio.run(opened.teller.tell_failure(letter, slug, error, now())))
        if not isinstance(error, DigestError):
            raise
        complain(str(error), logging.ERROR)
        codes.append(1)
        return [{"newsletter": slug, "error": str(error), "sent_now": False}]
    told = []
    for outcome in outcomes:
        with about(issue=outcome.issue.name):
            untold = warn((*outcome.untold, *asyncio.run(opened.teller.tell(outcome, press.newsletter, now()))))
            told.append(_tell(report, outcome, untold))
            _log.info("%s: %s", outcome.issue.name, outcome.says)
    warn(asyncio.run(opened.teller.tell_missed(press.newsletter, now())))
    codes += [_exit_code(outcome) for outcome in outcomes]
    return told


def _show_ways(opened: Project, report: Report, told: list[dict[str, Any]]) -> None:
    if opened.operator.provider.kind == "file":
        outbox = opened.operator.provider.options().get("outbox", "var/outbox")
        for each in told:
            if each["sent_now"]:
                report.line(f"The mails lie in {outbox}/{each['issue']}/, one .eml a reader.")
    if any("issue" in each for each in told):
        report.line("Look: `digest preview` in a browser, or `digest history ISSUE`.", "dim")


def _leave_word(opened: Project, slugs: list[str], code: int, started_at: datetime, now: datetime) -> None:
    """Write down that cron, or whoever typed it, looked after the newsletters; say so outside when all is well."""
    with suppress(DigestError):  # a store that cannot be written to has been told already
        opened.store.processes.seen(f"{platform.node()}:run", "run", started_at, now, ", ".join(slugs))
    if code in {0, 3} and (ping := opened.ping) and (trouble := asyncio.run(ping.go())):
        complain(f"the ping did not get through: {trouble} — see [reports] in config/digest.toml")


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
