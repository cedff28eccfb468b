"""The options that mean the same everywhere, and what becomes of them."""

from __future__ import annotations

import getpass
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Annotated

import typer
from tzlocal import get_localzone

from digest.app import Project
from digest.errors import ConfigError
from digest.models import Issue, IssueState, Newsletter, Slot
from digest.select import example_period, latest_slot, next_slot, slot_of_period

ProjectOption = Annotated[Path, typer.Option("--project", metavar="DIR", help="The project's folder.")]
NewsletterOption = Annotated[
    str | None, typer.Option("--newsletter", metavar="NAME", help="Which newsletter; needed when there are several.")
]
AsOfOption = Annotated[
    str | None,
    typer.Option("--as-of", metavar="DATETIME", help="Behave as if it were this moment, e.g. 2026-01-19T09:00."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON on standard output, text on standard error.")]
IssueArgument = Annotated[str, typer.Argument(metavar="ISSUE", help="e.g. weekly/2026-W04, or 2026-W04.")]
OptionalIssueArgument = Annotated[
    str | None,
    typer.Argument(metavar="[ISSUE]", help="e.g. weekly/2026-W04; the one that is up next when it is not given."),
]

HERE = Path()

Clock = Callable[[], datetime]


def clock(as_of: str | None, zone: tzinfo | None = None) -> Clock:
    """Return the clock of a run: the real one, or one that starts at `as_of` and goes on from there.

    A time without an offset is in `zone`, else in the machine's zone. Raise `typer.BadParameter`.
    """
    if as_of is None:
        return lambda: datetime.now(UTC)
    try:
        moment = datetime.fromisoformat(as_of)
    except ValueError as error:
        raise typer.BadParameter(f"'{as_of}' is no date and time such as 2026-01-19T09:00", param_hint="--as-of") from (
            error
        )
    if not 1971 <= moment.year <= 2200:
        raise typer.BadParameter(f"the year {moment.year} is out of reach", param_hint="--as-of")
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone or get_localzone())
    started = time.monotonic()
    return lambda: moment + timedelta(seconds=time.monotonic() - started)


def whoever(named: str | None = None) -> str:
    """Return who decides: the name that was given, or that of the user who runs the command."""
    if named:
        return named
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        return f"uid {os.getuid()}"


def issue_name(project: Project, text: str, newsletter: str | None = None) -> tuple[Newsletter, Slot]:
    """Read `weekly/2026-W04` or `2026-W04`; raise `ConfigError` when there is no such newsletter or issue."""
    slug, slash, period = text.rpartition("/")
    chosen = project.newsletter(slug if slash else newsletter)
    try:
        return chosen, slot_of_period(chosen.schedule, period)
    except ValueError as error:
        raise ConfigError(
            str(error), fix=f"name an issue such as {chosen.slug}/{example_period(chosen.schedule)}"
        ) from error


def known_issue(project: Project, text: str, newsletter: str | None = None) -> Issue:
    """Return an issue that the store knows; raise `ConfigError` when it has never been built."""
    slug, slash, period = text.rpartition("/")
    # The store first: an issue outlives the schedule that it was made by.
    if issue := project.store.issues.find(project.newsletter(slug if slash else newsletter).slug, period):
        return issue
    chosen, slot = issue_name(project, text, newsletter)
    name = f"{chosen.slug}/{slot.period}"
    raise ConfigError(f"there is no issue {name} yet", fix=f"run `digest build {name}`, or see `digest history`")


def asked_for(
    project: Project, issue: str | None, newsletter: str | None, as_of: str | None
) -> tuple[Newsletter, Slot, datetime]:
    """Return the newsletter, the slot and the moment that a command is about; without ISSUE the slot up next."""
    if issue:
        letter, slot = issue_name(project, issue, newsletter)
        return letter, slot, clock(as_of, letter.schedule.time_zone)()
    letter = project.newsletter(newsletter)
    now = clock(as_of, letter.schedule.time_zone)()
    return letter, slot_up_next(project, letter, now), now


def slot_up_next(project: Project, newsletter: Newsletter, now: datetime) -> Slot:
    """Return the newest due slot, or the coming one when that one's issue is over."""
    slot = latest_slot(newsletter.schedule, now)
    issue = project.store.issues.find(newsletter.slug, slot.period)
    over = {IssueState.SENT, IssueState.SKIPPED, IssueState.EXPIRED, IssueState.CANCELLED}
    return next_slot(newsletter.schedule, now) if issue and issue.state in over else slot
