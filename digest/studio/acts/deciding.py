"""What a person decides about an issue: freeze its draft, approve these bytes, keep it back, send nothing."""

from __future__ import annotations

from digest import pipeline
from digest.errors import IssueStateError
from digest.models import Issue
from digest.studio.acts import Deed, Said


def build(deed: Deed) -> Said:
    """Freeze the draft."""
    issue, made = pipeline.build(deed.press, deed.slot, deed.now)
    return ("blocked" if made.blocked else "built"), {"number": made.number, "fingerprint": issue.fingerprint[:12]}


def approve(deed: Deed) -> Said:
    """Let the very version leave that the page showed."""
    issue = _known(deed)
    if not issue.fingerprint or issue.fingerprint != deed.field("fingerprint"):
        raise IssueStateError(f"{issue.name} has changed since you looked at it", fix="look at it again, then approve")
    done = pipeline.approve(deed.press.store, issue, deed.who, deed.now)
    return "approved", {"who": done.approved_by, "fingerprint": done.fingerprint[:12]}


def hold(deed: Deed) -> Said:
    """Keep the issue back; one that is being sent is paused."""
    done = pipeline.hold(deed.press.store, _known(deed), deed.who, deed.field("reason") or "held by hand", deed.now)
    return str(done.state), {"who": deed.who}


def skip(deed: Deed) -> Said:
    """Send nothing for this period, also for one that is not built yet."""
    store, slug = deed.press.store, deed.press.newsletter.slug
    planned = store.issues.plan(slug, deed.slot, deed.now)
    pipeline.skip(store, planned, deed.who, deed.field("reason") or "skipped by hand", deed.now)
    return "skipped", {"who": deed.who}


def _known(deed: Deed) -> Issue:
    if deed.issue is None:
        raise IssueStateError("there is no such issue yet", fix="freeze its draft first")
    return deed.issue
