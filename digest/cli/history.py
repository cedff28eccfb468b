"""`digest history`: what happened to the issues."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from digest.app import Project
from digest.cli.options import HERE, JsonOption, NewsletterOption, OptionalIssueArgument, ProjectOption, known_issue
from digest.cli.output import Report
from digest.errors import StoreError
from digest.models import Delivery, DeliveryState, Issue


def history(
    issue: OptionalIssueArgument = None,
    project: ProjectOption = HERE,
    newsletter: NewsletterOption = None,
    recipients: Annotated[bool, typer.Option("--recipients", help="Each reader of the issue, with its state.")] = False,
    domains: Annotated[bool, typer.Option("--domains", help="The readers by their domains.")] = False,
    to_csv: Annotated[
        Path | None, typer.Option("--csv", metavar="FILE", help="Write what became of each reader's copy to a file.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """List the issues, or tell everything about one.

    JSON of one: {issue, state, number, subject, fingerprint, approved_by, due_at, reason, counts, told, events}; with
    --recipients also recipients: [{address, state, message_id, error, at}], with --domains also domains: {domain:
    {state or what was told: how many}}. `told` is what the provider said later: {delivered, bounced, …}.
    """
    report = Report(as_json)
    with Project(project) as opened:
        if issue is None:
            issues = opened.store.issues.latest(newsletter and opened.newsletter(newsletter).slug)
            report.data([_summary(each) for each in issues])
            for each in issues:
                report.line(
                    f"{each.name:<20} {each.state:<13} {each.subject}{f' ({each.reason})' if each.reason else ''}"
                )
            if not issues:
                report.line("No issue yet; `digest build` makes the first.")
            return
        known = known_issue(opened, issue, newsletter)
        tally = opened.store.outbox.tally(known)
        events = opened.store.issues.events(known)
        deliveries = list(opened.store.outbox.deliveries(known)) if recipients else []
        later = {str(kind): count for kind, count in opened.store.events.counts(known).items()}
        by_domain = opened.store.events.domains(known) if domains else {}
        if to_csv is not None:
            _write(to_csv, opened.store.events.copies(known))
    counts = {str(state): tally.get(state, 0) for state in DeliveryState}
    told: dict[str, Any] = {
        **_summary(known),
        "counts": {**counts, "audience": sum(counts.values())},
        "told": later,
        "events": [
            {"at": each.at.isoformat(), "who": each.who, "what": each.what, "detail": each.detail} for each in events
        ],
    }
    if recipients:
        told["recipients"] = [_delivery(each) for each in deliveries]
    if domains:
        told["domains"] = by_domain
    report.data(told)
    report.line(
        f"{known.name} no. {known.number} is {known.state}{f': {known.reason}' if known.reason else ''}", "bold"
    )
    report.line(f"{known.subject}\nfingerprint {known.fingerprint[:12] or '-'}, due {known.due_at:%Y-%m-%d %H:%M} UTC")
    report.tally(tally)
    if any(later.values()):
        report.line("Told later: " + ", ".join(f"{count:,} {kind}" for kind, count in later.items() if count))
    for domain, mine in sorted(by_domain.items(), key=lambda each: (-sum(each[1].values()), each[0])):
        report.line(f"  {domain:<30} {', '.join(f'{count:,} {name}' for name, count in mine.items())}")
    for happened in events:
        report.line(f"  {happened.at:%Y-%m-%d %H:%M:%S}  {happened.what:<10} {happened.who}  {happened.detail}")
    for delivery in deliveries:
        address = delivery.recipient.address
        report.line(f"  {delivery.state:<10} {address}  {delivery.message_id}  {delivery.error}".rstrip())


def _write(file: Path, copies: Iterable[Mapping[str, Any]]) -> None:
    try:
        with file.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            for number, copy in enumerate(copies):
                if not number:
                    writer.writerow([name for name in copy if name != "id"])
                cells = (value for name, value in copy.items() if name != "id")
                writer.writerow([each.isoformat() if isinstance(each, datetime) else each for each in cells])
    except OSError as error:
        raise StoreError(f"{file} cannot be written: {error.strerror}", fix="name another file") from error


def _summary(issue: Issue) -> dict[str, Any]:
    return {
        "issue": issue.name,
        "state": str(issue.state),
        "number": issue.number,
        "subject": issue.subject,
        "fingerprint": issue.fingerprint,
        "approved_by": issue.approved_by,
        "due_at": issue.due_at.isoformat(),
        "reason": issue.reason,
    }


def _delivery(delivery: Delivery) -> dict[str, Any]:
    return {
        "address": delivery.recipient.address,
        "state": str(delivery.state),
        "message_id": delivery.message_id,
        "error": delivery.error,
        "at": delivery.at.isoformat() if delivery.at else None,
    }
