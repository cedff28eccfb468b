"""`digest restore`: a backup becomes the store again, and people are told what nobody can know any more."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from digest.app import Project
from digest.cli.decide import ByOption
from digest.cli.options import HERE, AsOfOption, JsonOption, ProjectOption, clock, whoever
from digest.cli.output import Report, counted, shown
from digest.errors import StoreError

if TYPE_CHECKING:
    from digest.app.backups import Exchange
    from digest.store.backup.restoring import Contents, Restored


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `digest backup` wrote.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask; for automation.")] = False,
    of_another: Annotated[
        bool, typer.Option("--of-another", help="Take it, though it is of another store than this project had.")
    ] = False,
    by: ByOption = None,
    project: ProjectOption = HERE,
    as_of: AsOfOption = None,
    as_json: JsonOption = False,
) -> None:
    """Replace the store by a backup, of SQLite or PostgreSQL. What may have left since then waits for a person.

    JSON: {file, taken_at, held, unclear: {issue: readers}, saved, files}.
    """
    from digest.app.backups import looked_into

    report = Report(as_json)
    with Project(project) as opened, looked_into(opened, file) as exchange:
        report.line(f"{file} is the store as it was on {_shown(exchange.archive.manifest.taken_at)}.", "bold")
        report.line(f"  the backup: {_contents(exchange.new)}")
        report.line(f"  replaces:   {_contents(exchange.old)}")
        if not yes:
            _ask(as_json=as_json)
        done = exchange.carry_out(clock(as_of)(), whoever(by), of_another=of_another)
        report.data(
            {
                "file": str(file),
                "taken_at": exchange.archive.manifest.taken_at.isoformat(),
                "held": done.doubts.held,
                "unclear": done.doubts.unclear,
                "saved": str(done.saved.place) if done.saved else None,
                "files": done.files,
            }
        )
        _explain(report, exchange, done, opened.root)


def _ask(*, as_json: bool) -> None:
    if not sys.stdin.isatty():
        raise StoreError("there is no terminal to ask at whether to replace the store", fix="say it with --yes")
    if not typer.confirm("Replace the store?", err=as_json):
        raise typer.Exit(1)


def _explain(report: Report, exchange: Exchange, done: Restored, root: Path) -> None:
    report.line("Restored.", "bold green")
    if done.saved:
        report.line(f"What was there before is in {shown(done.saved.place, root)}.")
    taken_at = _shown(exchange.archive.manifest.taken_at)
    report.line(f"What happened after {taken_at} is not known to the store any more:", "yellow")
    report.line(
        "- Who unsubscribed, bounced or complained since would get mail again. Before anything is sent: export the "
        "provider's suppression list, and keep each of its addresses out with `digest subscribers suppress ADDRESS`."
    )
    report.line("- Who was added to the list of readers since is not on it: import them again.")
    if done.doubts.held:
        report.line(f"- {_named(done.doubts.held)} may have left since. Nothing of it is sent by itself.")
        report.line("  Look at the provider; then `digest approve ISSUE`, or `digest skip ISSUE` if it has left.")
    for name, readers in done.doubts.unclear.items():
        report.line(f"- {name} had begun to leave: {counted(readers, 'reader')} may have it or not.")
        report.line(f"  `digest reconcile {name}` asks the provider; `digest send {name} --unknown …` decides.")
    report.line("- An issue that was due by now and is not in the backup is held, too, when its turn comes.")
    report.line("`digest history ISSUE` tells it of each issue.", "dim")


def _named(issues: list[str]) -> str:
    return issues[0] if len(issues) == 1 else f"{', '.join(issues)}: each"


def _contents(of: Contents) -> str:
    newest = f", the newest {of.newest_issue}" if of.newest_issue else ""
    return f"{counted(of.issues, 'issue')}{newest}; {counted(of.readers, 'reader')}"


def _shown(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"
