"""Decides whether a period has too few posts for an issue, by the newsletter's own policy."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from digest.models import TOO_FEW, Ledger, Newsletter, Selection, Slot, Window


def too_thin(newsletter: Newsletter, selection: Selection) -> str:
    """Return why the issue should not be sent; empty when it should.

    An issue without any post is never sent. Posts that an earlier issue could have brought only count when the
    newsletter fills thin issues with them.
    """
    count, wanted = len(selection.picks), newsletter.min_posts
    fresh = count if newsletter.thin == "fill_from_uncovered" else selection.fresh
    if count and (fresh >= wanted or newsletter.thin == "send_anyway"):
        return ""
    older = f" ({count - fresh} left over from earlier periods do not count)" if count > fresh else ""
    merged = "; the next issue is about both periods" if newsletter.thin == "merge_next" else ""
    return f"{TOO_FEW}: {fresh}{older}, and the newsletter wants at least {wanted}{merged}"


def widened(newsletter: Newsletter, slot: Slot, ledger: Ledger) -> Slot:
    """Return the slot with a window that also spans the thin periods before it, where the newsletter merges them."""
    if newsletter.thin != "merge_next" or not ledger.open_windows:
        return slot
    earliest = min((*(window.start for window in ledger.open_windows), slot.window.start), key=datetime.timestamp)
    return replace(slot, window=Window(earliest.astimezone(slot.window.start.tzinfo), slot.window.end))
