"""Whether tables that only lay out are silent for screen readers."""

from __future__ import annotations

from collections.abc import Iterator

from digest.check.document import parsed
from digest.models import Email, Finding, Level

_ROLES = {"presentation", "none"}


def check(email: Email) -> Iterator[Finding]:
    """Ask every table without headings of its own for `role="presentation"`."""
    loud = [
        table
        for table in parsed(email.html).iter("table")
        if table.get("role") not in _ROLES and table.find(".//th") is None
    ]
    if loud:
        message = f"Screen readers would read out {len(loud)} of the tables that only lay out the mail."
        yield Finding(Level.ERROR, "mail.table-role", message, fix='Add role="presentation" to them')
