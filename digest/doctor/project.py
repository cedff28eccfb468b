"""Whether newsletters, store and provider are ready."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from digest.app import Project
from digest.app.reviewers import nobody_asked
from digest.doctor.examined import Examined, failed
from digest.errors import DigestError
from digest.models import Finding, Level, Newsletter
from digest.pipeline.reaching import reach
from digest.pipeline.review_times import cautions
from digest.select import next_slot


def newsletters(project: Project, now: datetime) -> Iterator[Examined]:
    """Tell when each newsletter is due next, and what is wrong with the files of others."""
    for slug, letter in project.newsletters.items():
        slot = next_slot(letter.schedule, now)
        due = f"issue {slot.period} is due {slot.due_at:%a %Y-%m-%d %H:%M %z}"
        if letter.is_reviewed:
            due += f", built {slot.build_at:%a %Y-%m-%d %H:%M %z} for people to look at (review = {letter.review})"
        found = (*_reach(project, letter), *cautions(letter, slot), *nobody_asked(letter, project.operator))
        yield Examined(f"newsletter {slug}", due, found)
    for slug, error in project.broken.items():
        yield failed(f"newsletter {slug}", error)


def _reach(project: Project, letter: Newsletter) -> tuple[Finding, ...]:
    try:
        return reach(letter, project.provider)
    except DigestError:
        return ()  # the provider's own line says what is wrong


def store(project: Project) -> Examined:
    """Open the database."""
    try:
        known = project.store.issues.latest(limit=1)
    except DigestError as error:
        return failed("store", error)
    return Examined("store", f"{project.operator.store.url}, last issue {known[0].name if known else 'none yet'}")


def provider(project: Project) -> Examined:
    """Ask the provider's settings what they lack, without asking the provider."""
    try:
        lacking = project.provider.problems()
    except DigestError as error:
        return failed("provider", error)
    unready = (Finding(Level.ERROR, "provider.unready", f"{sentence}.") for sentence in lacking)
    otherwise = (Finding(Level.WARNING, "provider.caution", sentence) for sentence in project.provider.cautions())
    return Examined("provider", project.operator.provider.kind, (*unready, *otherwise))


def reports(project: Project) -> Iterator[Examined]:
    """Tell by which ways people hear of runs, and which of them cannot be used; tells nobody anything."""
    try:
        ways = project.teller.channels
    except DigestError as error:
        yield failed("reports", error)
        return
    said = [f"mail to {', '.join(ways.mail)}"] if ways.mail else []
    said += [f"webhook {ways.webhook}"] if ways.webhook else []
    said += [f"files in {project.operator.reports.file}"] if ways.file else []
    found = [Finding(Level.ERROR, "report.unusable", f"{each}.") for each in project.teller.problems()]
    if ways.mail and project.operator.provider.kind == "file":
        nobody = "The provider `file` writes mail to a folder, so nobody gets a report by mail."
        found.append(Finding(Level.WARNING, "report.mail-stays-here", nobody))
    if said:
        yield Examined("reports", "; ".join(said), tuple(found))


def webhooks(project: Project) -> Iterator[Examined]:
    """Ask the settings of each webhook what they lack."""
    try:
        kinds = tuple(project.webhooks)
    except DigestError as error:
        yield failed("webhooks", error)
        return
    if kinds:
        yield Examined("webhooks", ", ".join(kinds))
