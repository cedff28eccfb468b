"""What became of copies that nobody answered for: the provider is asked, or its log read, and the issue closed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from digest.errors import IssueStateError, ProviderError
from digest.models import Finding, Issue, IssueState
from digest.pipeline.press import Press
from digest.send import reconciling
from digest.send.edge import Edge
from digest.send.event_log import read_event_log
from digest.send.reconciling import Reconciled
from digest.store import Frozen

_LEFT = (IssueState.SENDING, IssueState.PAUSED, IssueState.NEEDS_REVIEW, IssueState.SENT)


async def reconcile(
    press: Press, issue: Issue, edge: Edge, *, resend_missing: bool, progress: Callable[[Reconciled], None]
) -> tuple[Reconciled, Issue]:
    """Ask about all readers of an issue who are unknown; return what was found, and the issue as it is then.

    With `resend_missing`, whom the provider has nothing of is pending again, and `send` sends to them. Raise
    `ProviderError` for a provider that cannot be asked.
    """
    frozen = _frozen(press, issue, edge)
    if press.provider.settles_after is None:
        decide = f"read its log with --events FILE, or decide: `digest send {issue.name} --unknown …`"
        raise ProviderError("this provider cannot be asked what became of mail", fix=decide)
    if problems := press.provider.problems():
        raise ProviderError("; ".join(problems), fix="see [provider] in config/digest.toml")
    found = await reconciling.reconcile(
        issue,
        frozen.email,
        press.store.outbox,
        press.provider,
        edge,
        resend_missing=resend_missing,
        progress=progress,
    )
    return found, _closed(press, issue, edge)


def take_log(
    press: Press, issue: Issue, file: Path, shown: str, edge: Edge, tell: Callable[[Finding], None]
) -> tuple[Reconciled, Issue]:
    """Read an exported log for the unknown readers of an issue; `tell` gets each line that cannot be used.

    Raise `ProviderError` for a file that is no log.
    """
    email = _frozen(press, issue, edge).email
    log = read_event_log(file, shown)
    found = reconciling.take_log(issue, email, press.store.outbox, log, edge, tell)
    return found, _closed(press, issue, edge)


def _frozen(press: Press, issue: Issue, edge: Edge) -> Frozen:
    frozen = press.store.issues.frozen(issue)
    if frozen is None or issue.state not in _LEFT:
        raise IssueStateError(f"{issue.name} is {issue.state}: it has not left yet")
    press.store.outbox.sweep(issue, edge.clock(), press.owner.is_dead)
    return frozen


def _closed(press: Press, issue: Issue, edge: Edge) -> Issue:
    press.store.outbox.finish(issue, edge.clock())
    return press.store.issues.find(issue.newsletter, issue.period) or issue
