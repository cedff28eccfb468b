"""`digest send`: an approved issue to its readers, or a proof to somebody."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import asdict
from enum import StrEnum
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
from digest.cli.output import Report, findings_json, warn
from digest.cli.stopping import stop_on_signals
from digest.errors import DigestError, IssueStateError
from digest.models import DeliveryState, IssueState


class Decision(StrEnum):
    """What a person decides about readers whose copy is unclear, was refused, or still waits."""

    RESEND = "resend"
    ACCEPT = "accept"
    ABANDON = "abandon"


_BECOMES = {
    Decision.RESEND: DeliveryState.PENDING,
    Decision.ACCEPT: DeliveryState.ACCEPTED,
    Decision.ABANDON: DeliveryState.ABANDONED,
}
_ALLOWED = {
    DeliveryState.UNKNOWN: tuple(Decision),
    DeliveryState.REJECTED: (Decision.RESEND,),
    DeliveryState.PENDING: (Decision.ABANDON,),
}


def send(
    issue: IssueArgument,
    project: ProjectOption = HERE,
    newsletter: NewsletterOption = None,
    to: Annotated[
        list[str] | None, typer.Option("--to", metavar="ADDRESS", help="A proof to this address; never counted.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the exact request; send nothing.")] = False,
    unknown: Annotated[
        Decision | None,
        typer.Option("--unknown", help="Decide about readers whose copy is unclear; `resend` may be a second copy."),
    ] = None,
    rejected: Annotated[
        Decision | None, typer.Option("--rejected", help="`resend`: try the refused readers again.")
    ] = None,
    pending: Annotated[
        Decision | None, typer.Option("--pending", help="`abandon`: send the rest to nobody; this stops an issue.")
    ] = None,
    as_of: AsOfOption = None,
    as_json: JsonOption = False,
) -> None:
    """Send an approved issue; go on with one that was interrupted. Nobody gets it twice.

    JSON: {issue, state, counts, stopped, problems}.
    """
    from digest import pipeline
    from digest.pipeline import Outcome
    from digest.send.audience import normal_form
    from digest.send.edge import Edge

    report = Report(as_json)
    now = clock(as_of)
    try:
        addresses = [normal_form(address) for address in to or []]
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--to") from error
    asked = {DeliveryState.UNKNOWN: unknown, DeliveryState.REJECTED: rejected, DeliveryState.PENDING: pending}
    decisions = {state: decision for state, decision in asked.items() if decision is not None}
    for state, decision in decisions.items():
        if decision not in _ALLOWED[state]:
            raise typer.BadParameter(f"{state} readers cannot be {decision}ed", param_hint=f"--{state}")
    with Project(project) as opened:
        known = known_issue(opened, issue, newsletter)
        press = opened.press(known.newsletter)
        if dry_run:
            request = pipeline.describe_request(press, known, addresses, now())
            exact = Report(as_json=True)
            exact.data(asdict(request))
            if known.state not in {IssueState.APPROVED, IssueState.SENDING}:
                exact.line(f"{known.name} is {known.state}: without --dry-run nothing would be sent.")
            return
        if addresses:
            asyncio.run(pipeline.send_proof(press, known, addresses, now()))
            report.data({"issue": known.name, "proof": addresses})
            report.line(f"A proof of {known.name} went to {', '.join(addresses)}. It is not counted as the issue.")
            return
        for state, decision in decisions.items():
            changed = opened.store.outbox.resolve(known, state, _BECOMES[decision], now(), whoever())
            report.line(f"{changed} {state} readers: {decision}")
        if decisions:
            opened.store.outbox.finish(known, now())
            known = known_issue(opened, issue, newsletter)
        if known.state is IssueState.SENT:
            tally = opened.store.outbox.tally(known)
            warn(asyncio.run(opened.teller.tell(Outcome(known, "sent", tally=tally), press.newsletter, now())))
            report.data(_told(known.name, known.state, tally))
            report.line(f"{known.name} is already sent; nothing is sent again.")
            return
        if known.state is IssueState.PAUSED:
            known = pipeline.go_on(opened.store, known, whoever(), now())
        with stop_on_signals() as stopping:
            try:
                delivered, problems = asyncio.run(pipeline.send(press, known, Edge(now, stopping=stopping)))
            except DigestError as error:
                if not isinstance(error, IssueStateError):  # that one is for whoever typed the command
                    slug = known.newsletter
                    warn(asyncio.run(opened.teller.tell_failure(press.newsletter, slug, error, now(), about=known)))
                raise
        known = known_issue(opened, issue, newsletter)
        tally = opened.store.outbox.tally(known)
        outcome = Outcome(known, str(known.state), None, delivered, tally, problems)
        problems = (*problems, *warn(asyncio.run(opened.teller.tell(outcome, press.newsletter, now()))))
    report.data(
        _told(known.name, delivered.state, tally)
        | {"stopped": delivered.stopped_because, "problems": findings_json(problems)}
    )
    report.findings(problems, "Problems")
    report.tally(tally)
    if delivered.stopped_because:
        stopped = "Paused" if delivered.state is IssueState.PAUSED else "Stopped"
        report.line(f"{stopped}: {delivered.stopped_because}. `digest send {known.name}` goes on.", "yellow")
        raise typer.Exit(1)
    report.line(f"{known.name} is {delivered.state}.", "bold")
    if delivered.handed_out and delivered.state is IssueState.SENDING:
        report.line(
            f"It is handed out: `digest worker` sends it, and `digest history {known.name}` says how far it is."
        )
    if delivered.state is IssueState.NEEDS_REVIEW:
        report.line(
            f"`digest history {known.name} --recipients` names the unknown readers; then decide with --unknown."
        )
        raise typer.Exit(3)


def _told(name: str, state: IssueState, tally: Mapping[DeliveryState, int]) -> dict[str, object]:
    return {"issue": name, "state": str(state), "counts": {str(each): count for each, count in tally.items()}}
