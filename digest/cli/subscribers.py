"""`digest subscribers`: the list of readers that the digest keeps itself."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, TextIO

import typer

from digest.app import Project
from digest.cli.options import HERE, AsOfOption, JsonOption, NewsletterOption, ProjectOption, clock, whoever
from digest.cli.output import Report, counted, findings_json
from digest.errors import AudienceError
from digest.models import IN_STORE, Finding, Newsletter, Standing, Subscriber, Suppression

commands = typer.Typer(
    help='The list of readers that the digest keeps itself (audience = "store").', no_args_is_help=True
)
_SHOWN = 20
"""Refused lines that a terminal shows; a report has all."""

AddressArgument = Annotated[str, typer.Argument(metavar="ADDRESS")]
ByOption = Annotated[str | None, typer.Option("--by", metavar="WHO", help="Who decides; you when it is not given.")]


@commands.command("import")
def bring(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A CSV file with a line of column names.")],
    project: ProjectOption = HERE,
    newsletter: NewsletterOption = None,
    consent: Annotated[
        str, typer.Option("--consent", metavar="TEXT", help="How these readers agreed, where the file does not say.")
    ] = "",
    refused: Annotated[
        Path | None, typer.Option("--refused", metavar="FILE", help="Write every refused line to this CSV file.")
    ] = None,
    as_of: AsOfOption = None,
    as_json: JsonOption = False,
) -> None:
    """Put the readers of a CSV file on the list. Nobody who left, bounced or complained is brought back.

    Columns: address (or email), and if you have them name, language, sections, created, confirmed, consent, state.
    JSON: {newsletter, new, known, refused, readers, findings: the first of the refused lines}.
    """
    from digest.pipeline.importing import Imported, import_list

    report = Report(as_json)
    with Project(project) as opened:
        letter = opened.newsletter(newsletter)
        done = Imported()
        first: list[Finding] = []
        now = clock(as_of, letter.schedule.time_zone)()
        with _report_of(refused) as write:
            found = import_list(opened.store, letter, file, str(file), consent=consent.strip(), now=now, done=done)
            for finding in found:
                write(finding)
                if len(first) < _SHOWN:
                    first.append(finding)
        readers = opened.store.subscribers.count(letter.slug)
    counts = {"new": done.new, "known": done.known, "refused": done.refused, "readers": readers}
    report.data({"newsletter": letter.slug, **counts, "findings": findings_json(first)})
    report.line(
        f"{counted(done.new, 'new reader')}, {done.known:,} known, {counted(done.refused, 'line')} refused", "bold"
    )
    report.listed(first)
    if done.refused > len(first):
        where = f"all of them are in {refused}" if refused else "--refused FILE writes all of them"
        report.line(f"          and {done.refused - len(first):,} more; {where}", "dim")
    report.line(f"{letter.slug} has {counted(readers, 'reader')} now.")
    if letter.audience != IN_STORE:
        report.line(f'It is still sent to {letter.audience}: write audience = "{IN_STORE}" in {letter.file}.', "yellow")


@commands.command("export")
def export(
    file: Annotated[Path | None, typer.Argument(metavar="[FILE]", help="Standard output when not given.")] = None,
    project: ProjectOption = HERE,
    newsletter: NewsletterOption = None,
) -> None:
    """Write the whole list as CSV, also those who left, with the reason; `import` reads it."""
    from digest.send.list_file import write_list

    with Project(project) as opened:
        everyone = opened.store.subscribers.everyone(opened.newsletter(newsletter).slug)
        if file is None:
            write_list(everyone, sys.stdout)
            return
        with _written(file) as stream:
            count = write_list(everyone, stream)
    Report(as_json=False).line(f"{counted(count, 'reader')} written to {file}")


@commands.command("list")
def count(project: ProjectOption = HERE, newsletter: NewsletterOption = None, as_json: JsonOption = False) -> None:
    """Tell how many readers each list has. JSON: [{newsletter, subscribed, unconfirmed, unsubscribed, suppressed}]."""
    report = Report(as_json)
    with Project(project) as opened:
        letters = [opened.newsletter(newsletter)] if newsletter else list(opened.newsletters.values())
        counts = {letter.slug: opened.store.subscribers.standings(letter.slug) for letter in letters}
    report.data(
        [{"newsletter": slug, **{str(key): value for key, value in told.items()}} for slug, told in counts.items()]
    )
    for slug, told in counts.items():
        parts = ", ".join(f"{told[each]:,} {each}" for each in Standing)
        report.line(f"{slug}: {parts}")


@commands.command("show")
def show(
    address: AddressArgument,
    project: ProjectOption = HERE,
    newsletter: NewsletterOption = None,
    as_json: JsonOption = False,
) -> None:
    """Tell all that is known of a reader: what somebody may ask for by law."""
    report = Report(as_json)
    with Project(project) as opened:
        letter = opened.newsletter(newsletter)
        reader = opened.store.subscribers.find(letter.slug, _identity(address))
        if reader is None:
            raise _nobody(address, letter)
    told = _plain(reader)
    report.data(told)
    for key, value in told.items():
        report.line(f"{key:<20} {value or '–'}")


@commands.command("suppress")
def suppress(
    address: AddressArgument,
    project: ProjectOption = HERE,
    because: Annotated[str, typer.Option("--because", metavar="TEXT", help="Why; kept.")] = "",
    by: ByOption = None,
    as_of: AsOfOption = None,
) -> None:
    """Write to an address no more, from any newsletter."""
    with Project(project) as opened:
        entry = Suppression(_identity(address), "by hand", because, whoever(by), clock(as_of)())
        news = opened.store.suppressions.add(entry)
    Report(as_json=False).line(f"{address} gets nothing any more." if news else f"{address} was kept out already.")


@commands.command("lift")
def lift(address: AddressArgument, project: ProjectOption = HERE) -> None:
    """Let an address in again that bounced, complained, or was kept out by hand; who unsubscribed stays so."""
    with Project(project) as opened:
        if not opened.store.suppressions.lift(_identity(address)):
            raise AudienceError(f"{address} is not kept out", fix="`digest subscribers suppressed` lists who is")
    Report(as_json=False).line(f"{address} may get mail again.")


@commands.command("suppressed")
def suppressed(project: ProjectOption = HERE, as_json: JsonOption = False) -> None:
    """List the addresses that no newsletter writes to. JSON: [{address, because, detail, who, at}]."""
    report = Report(as_json)
    with Project(project) as opened:
        found = list(opened.store.suppressions.everyone())
    rows = [{"address": each.address, "because": each.because, "detail": each.detail, "who": each.who,
             "at": each.at.isoformat()} for each in found]  # fmt: skip
    report.data(rows)
    for each in found:
        report.line(f"{each.address:<40} {each.because:<12} {each.at:%Y-%m-%d}  {each.who}  {each.detail}".rstrip())
    if not found:
        report.line("Nobody is kept out.")


@commands.command("forget")
def forget(
    address: AddressArgument,
    project: ProjectOption = HERE,
    newsletter: NewsletterOption = None,
    as_of: AsOfOption = None,
) -> None:
    """Erase what is known of a reader. The address alone stays, so that no import brings it back by mistake."""
    with Project(project) as opened:
        letter = opened.newsletter(newsletter)
        if not opened.store.subscribers.forget(letter.slug, _identity(address), clock(as_of)()):
            raise _nobody(address, letter)
    Report(as_json=False).line(f"{address} is forgotten.")


def _identity(address: str) -> str:
    from digest.send.audience import identity

    try:
        return identity(address)
    except ValueError as error:
        raise typer.BadParameter(f"'{address}' is no address: {error}", param_hint="ADDRESS") from error


def _nobody(address: str, letter: Newsletter) -> AudienceError:
    return AudienceError(f"{address} is not on the list of {letter.slug}", fix="see `digest subscribers export`")


def _plain(reader: Subscriber) -> dict[str, Any]:
    return {
        "address": reader.address,
        "name": reader.name,
        "language": reader.language,
        "sections": " ".join(reader.sections),
        "standing": str(reader.standing),
        "created_at": reader.created_at.isoformat() if reader.created_at else None,
        "confirmed_at": reader.confirmed_at.isoformat() if reader.confirmed_at else None,
        "consent": reader.consent,
        "suppressed_because": reader.suppressed_because,
        "suppressed_at": reader.suppressed_at.isoformat() if reader.suppressed_at else None,
    }


@contextmanager
def _written(file: Path) -> Iterator[TextIO]:
    try:
        with file.open("w", encoding="utf-8", newline="") as stream:
            yield stream
    except OSError as error:
        raise AudienceError(f"this file cannot be written: {error.strerror}", file=str(file)) from error


@contextmanager
def _report_of(file: Path | None) -> Iterator[Any]:
    """Provide what writes a refused line to a CSV file; to nowhere when there is none."""
    if file is None:
        yield lambda _: None
        return
    with _written(file) as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(("line", "message"))

        def write(finding: Finding) -> None:
            writer.writerow((finding.line, finding.message))

        yield write
