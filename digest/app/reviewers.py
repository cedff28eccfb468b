"""Who is asked about an issue before it leaves, and where they look at it."""

from __future__ import annotations

from digest.config import Operator
from digest.models import Finding, Level, Newsletter


def reviewers(newsletter: Newsletter, operator: Operator) -> tuple[str, ...]:
    """Return the addresses of those who are asked: the newsletter's own, else those of the reports."""
    return newsletter.reviewers or operator.reports.mail


def studio_address(operator: Operator) -> str:
    """Return with what the addresses of the studio's pages begin; empty where each start of it has another port."""
    studio = operator.studio
    if studio.address:
        return studio.address
    host = f"[{studio.host}]" if ":" in studio.host else studio.host
    return f"http://{host}:{studio.port}" if studio.port else ""


def nobody_asked(newsletter: Newsletter, operator: Operator) -> tuple[Finding, ...]:
    """Warn of an issue that people are to look at, and are told nowhere that they can."""
    reports = operator.reports
    if not newsletter.is_reviewed or reviewers(newsletter, operator) or reports.webhook or reports.file:
        return ()
    becomes = "leaves with nobody asked" if newsletter.review == "window" else "waits, and nobody is told"
    message = f"Nobody is named who is shown an issue before it leaves, so it {becomes}."
    fix = "name `reviewers` here, or ways in [reports] of config/digest.toml"
    return (Finding(Level.WARNING, "config.nobody-asked", message, file=newsletter.file, fix=fix),)
