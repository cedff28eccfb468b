"""`digest send`: an approved issue to its readers, or a proof to somebody."""

from __future__ import annotations

import asyncio
import getpass
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
)
from digest.cli.output import Report, findings_json
from digest.cli.stopping import stop_on_signals
from digest.models import DeliveryState, IssueState


class Unknown(StrEnum):
    """What a person decides about readers who may or may not have the issue."""

    RESEND = "resend"
    ACCEPT = "accept"
    ABANDON = "abandon"


_DECISIONS = {
    Unknown.RESEND: DeliveryState.PENDING,
    Unknown.ACCEPT: DeliveryState.ACCEPTED,
    Unknown.ABANDON: DeliveryState.ABANDONED,
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
        Unknown | None,
        typer.Option("--unknown", help="Decide about readers whose copy is unclear; `resend` may be a second copy."),
    ] = None,
    as_of: AsOfOption = None,
    as_json: JsonOption = False,
) -> None:
    """Send an approved issue; go on with one that was interrupted. Nobody gets it twice.

    JSON: {issue, state, counts, stopped, problems}.
    """
    from digest import pipeline
    from digest.send.audience import normal_form
    from digest.send.outbox import Edge

    report = Report(as_json)
    now = clock(as_of)
    try:
        addresses = [normal_form(address) for address in to or []]
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--to") from error
    with Project(project) as opened:
        known = known_issue(opened, issue, newsletter)
        press = opened.press(known.newsletter)
        if dry_run:
            request = pipeline.describe_request(press, known, addresses, now())
            Report(as_json=True).data(asdict(request))
            return
        if addresses:
            asyncio.run(pipeline.send_proof(press, known, addresses, now()))
            report.data({"issue": known.name, "proof": addresses})
            report.line(f"A proof of {known.name} went to {', '.join(addresses)}. It is not counted as the issue.")
            return
        if unknown is not None:
            changed = opened.store.outbox.resolve(known, _DECISIONS[unknown], now(), getpass.getuser())
            report.line(f"{changed} unknown readers: {unknown}")
            opened.store.outbox.finish(known, now())
            known = known_issue(opened, issue, newsletter)
        if known.state is IssueState.SENT:
            report.data(_told(known.name, known.state, opened.store.outbox.tally(known)))
            report.line(f"{known.name} is already sent; nothing is sent again.")
            return
        with stop_on_signals() as stopping:
            delivered, problems = asyncio.run(pipeline.send(press, known, Edge(now, stopping=stopping)))
        tally = opened.store.outbox.tally(known)
    report.data(
        _told(known.name, delivered.state, tally)
        | {"stopped": delivered.stopped_because, "problems": findings_json(problems)}
    )
    report.findings(problems, "Readers left out")
    report.tally(tally)
    if delivered.stopped_because:
        report.line(f"Stopped: {delivered.stopped_because}. `digest send {known.name}` goes on.", "yellow")
        raise typer.Exit(1)
    report.line(f"{known.name} is {delivered.state}.", "bold")
    if delivered.state is IssueState.NEEDS_REVIEW:
        report.line(
            f"`digest history {known.name} --recipients` names the unknown readers; then decide with --unknown."
        )
        raise typer.Exit(3)


def _told(name: str, state: IssueState, tally: Mapping[DeliveryState, int]) -> dict[str, object]:
    return {"issue": name, "state": str(state), "counts": {str(each): count for each, count in tally.items()}}
