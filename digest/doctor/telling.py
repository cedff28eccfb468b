"""By which ways people hear of runs, and what is heard from providers; and what keeps a way from being used."""

from __future__ import annotations

from collections.abc import Iterator

from digest.doctor.examined import Examined
from digest.doctor.patient import Patient
from digest.models import Finding, Level


def reports(patient: Patient) -> Iterator[Examined]:
    """Tell by which ways people hear of runs, and which of them cannot be used; tells nobody anything."""
    project = patient.project
    ways = project.teller.channels
    said = [f"mail to {', '.join(ways.mail)}"] if ways.mail else []
    said += [f"webhook {ways.webhook}"] if ways.webhook else []
    said += [f"files in {project.operator.reports.file}"] if ways.file else []
    found = [Finding(Level.ERROR, "report.unusable", f"{each}.") for each in project.teller.problems()]
    if ways.mail and project.operator.provider.kind == "file":
        nobody = "The provider `file` writes mail to a folder, so nobody gets a report by mail."
        found.append(Finding(Level.WARNING, "report.mail-stays-here", nobody))
    if said:
        yield Examined("reports", "; ".join(said), tuple(found))


def ping(patient: Patient) -> Iterator[Examined]:
    """Tell who is pinged; a ping itself would say that all is well, so none is made."""
    if ping := patient.project.ping:
        found = tuple(Finding(Level.ERROR, "ping.unusable", f"{each}.") for each in ping.problems())
        yield Examined("ping", str(ping.url), found)


def webhooks(patient: Patient) -> Iterator[Examined]:
    """Ask the settings of each webhook what they lack."""
    if kinds := tuple(patient.project.webhooks):
        yield Examined("webhooks", ", ".join(kinds))
