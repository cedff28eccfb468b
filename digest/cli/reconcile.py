"""`digest reconcile`: what became of copies that nobody answered for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
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
)
from digest.cli.output import Report, findings_json
from digest.cli.stopping import stop_on_signals
from digest.models import DeliveryState, Finding, IssueState
from digest.send.reconciling import Reconciled

_SHOWN_LINES = 20


class Missing(StrEnum):
    """What becomes of readers of whom the provider has nothing."""

    KEEP = "keep"
    RESEND = "resend"


def reconcile(
    issue: IssueArgument,
    project: ProjectOption = HERE,
    newsletter: NewsletterOption = None,
    missing: Annotated[
        Missing,
        typer.Option("--missing", help="`resend`: whom the provider has nothing of is sent to by `digest send`."),
    ] = Missing.KEEP,
    events: Annotated[
        Path | None,
        typer.Option("--events", metavar="FILE", help="Read a log exported from the provider instead of asking it."),
    ] = None,
    as_of: AsOfOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ask the provider what became of the copies that are unknown. Sends nothing.

    JSON: {issue, state, accepted, rejected, missing, unclear, too_young, said, problems}.
    """
    from digest import pipeline
    from digest.send.edge import Edge

    report = Report(as_json)
    resend = missing is Missing.RESEND
    if resend and events:
        raise typer.BadParameter("a log does not tell who is missing: it may be cut short", param_hint="--missing")
    lines: list[Finding] = []
    with Project(project) as opened, stop_on_signals() as stopping:
        known = known_issue(opened, issue, newsletter)
        press, edge = opened.press(known.newsletter), Edge(clock(as_of), stopping=stopping)
        if events:
            found, known = pipeline.take_log(press, known, events, str(events), edge, lines.append)
        else:
            asked = pipeline.reconcile(press, known, edge, resend_missing=resend, progress=_telling(report))
            found, known = asyncio.run(asked)
        settles, tally = press.provider.settles_after, opened.store.outbox.tally(known)
    told = {"issue": known.name, "state": str(known.state), **asdict(found)}
    report.data({**told, "problems": findings_json(lines)})
    report.findings(lines, "Lines that cannot be used", at_most=_SHOWN_LINES)
    _explain(report, found, known.name, f"{settles}", resend=resend, from_log=events is not None)
    report.line(f"{known.name} is {known.state}.", "bold")
    if found.said or tally.get(DeliveryState.UNKNOWN) or known.state is IssueState.NEEDS_REVIEW:
        raise typer.Exit(3)


def _explain(report: Report, found: Reconciled, name: str, settles: str, *, resend: bool, from_log: bool) -> None:
    if found.too_young:
        report.line(f"{found.too_young:,} readers are too young to ask about: come back in {settles}.", "yellow")
    if found.said:
        report.line(f"Not all could be told: {found.said}", "yellow")
    report.line(
        f"On record: {found.accepted:,} accepted, {found.rejected:,} rejected; "
        f"{found.missing:,} missing, {found.unclear:,} unclear."
    )
    if found.missing and resend:
        report.line(f"`digest send {name}` sends to the missing ones.")
    elif found.missing:
        report.line("Run it with --missing resend to send to the missing ones.")
    if found.unclear:
        other = "" if from_log else "read a log of the provider with --events FILE, or "
        report.line(f"Of the unclear ones: {other}decide with `digest send {name} --unknown …`.")


def _telling(report: Report) -> Callable[[Reconciled], None]:
    def tell(found: Reconciled) -> None:
        asked = found.accepted + found.rejected + found.missing + found.unclear
        report.line(f"{asked:,} readers asked about …", "dim")

    return tell
