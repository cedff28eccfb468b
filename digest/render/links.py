"""Where a mail leads besides its posts: the addresses that only the outside of the house knows."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Links:
    """The addresses of one newsletter's own pages."""

    unsubscribe_url: str
    """Absolute https; holds `models.READER_TOKEN`."""
    view_url: str = ""
    """This issue in a browser; empty when there is no public address."""
