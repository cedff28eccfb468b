"""What a mail is measured by besides itself: its readers' programs, and who answers for it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Demands:
    """What the checks are told about a newsletter; what is left empty is not asked for."""

    clients: tuple[str, ...] = ()
    """Mail programs whose support of HTML and CSS counts; empty for the usual ones."""
    inboxes: tuple[str, ...] = ()
    """Names of `digest.check.inboxes`: where it is told how much of the subject and the preheader is seen."""
    publisher_name: str = ""
    publisher_address: str = ""
    """Postal."""
    publisher_contact: str = ""
    """An e-mail address, phone number or URL for complaints."""
