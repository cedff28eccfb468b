"""The sending itself: an issue to all its readers, wave by wave, until nothing is left that may be sent.

The ledger is the retry loop: it says what may leave, and what has become of it (`slots.py` posts the batches).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from digest.models import NO_LIMITS, Email, Issue, IssueState, Limits
from digest.send.edge import Edge
from digest.send.ledger import Ledger
from digest.send.ownership import Owner
from digest.send.providers import Provider
from digest.send.reconciling import provider_name, reconcile
from digest.send.slots import Slots
from digest.send.waves import AT_ONCE, Waves

PAUSED_ON_REQUEST = "somebody holds it"

_LOOK_UPS = 3
"""So often a provider that keeps the list is asked in one run what became of a request without an answer."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """How a run of the outbox ended."""

    state: IssueState
    stopped_because: str = ""
    """For a person; empty when everything that may be sent was sent."""
    handed_out: bool = False
    """Whether workers send it: then it is on its way, and nothing was waited for."""


async def deliver(
    issue: Issue,
    email: Email,
    ledger: Ledger,
    provider: Provider,
    owner: Owner,
    edge: Edge,
    *,
    concurrency: int = 1,
    patience_seconds: float = 300,
    limits: Limits = NO_LIMITS,
    waves: Waves = AT_ONCE,
) -> Delivered:
    """Send what is pending of an issue in state `sending`; safe to call again after any kind of death, and in parallel.

    Call it while `owner.alive()`, so that others see whose claims these are.
    `patience_seconds` is how long to wait for a provider that says "later", without any progress, before the rest is
    left to the next run. The look after a wave is waited for, however long.
    """
    _take_up(issue, ledger, provider, owner, edge.clock())
    slots = Slots(issue, email, ledger, provider, owner.name, edge, patience_seconds, limits)
    look_ups = _LOOK_UPS if provider.keeps_list else 0
    with slots.at_work():
        while await slots.send_all(concurrency):
            if look_ups and await _unclear_is_settled(issue, email, ledger, provider, slots):
                look_ups -= 1
            elif not await _next_wave(issue, ledger, waves, slots):
                break
    state = ledger.finish(issue, edge.clock())
    somebody_held_it = state is IssueState.PAUSED and not slots.stopped_because
    return Delivered(state, PAUSED_ON_REQUEST if somebody_held_it else slots.stopped_because)


async def _unclear_is_settled(issue: Issue, email: Email, ledger: Ledger, provider: Provider, slots: Slots) -> bool:
    """Ask a provider that keeps the list about a request without an answer; True when it may go on now."""
    clock, name, settles_after = slots.edge.clock, provider_name(provider), provider.settles_after
    if settles_after is None or not ledger.unclear(issue, name, None):
        return False
    settled = ledger.unclear(issue, name, clock() - settles_after)
    if not settled and not await slots.wait_until(clock() + settles_after):
        return False
    # What is still a draft there has gone to nobody, and it is sent by its id: never twice.
    found = await reconcile(issue, email, ledger, provider, slots.edge, resend_missing=True)
    return bool(found.missing)


async def _next_wave(issue: Issue, ledger: Ledger, waves: Waves, slots: Slots) -> bool:
    """After a wave: look at how it went for as long as is wanted, then let the next one leave; False for no other."""
    over = ledger.wave_over(issue)
    if over is None or not await slots.wait_until(over.ended_at + waves.look):
        return False
    return _opened(issue, ledger, waves, slots.edge.clock(), slots.pause)


def tend(
    issue: Issue, ledger: Ledger, provider: Provider, owner: Owner, now: datetime, waves: Waves = AT_ONCE
) -> Delivered:
    """Do what is to be done about an issue that workers send, but for sending: safe at any time, and in parallel.

    Claims of dead workers are taken up, the next wave is opened when its time has come, what may leave is handed out,
    and the issue is closed when nothing is left.
    """
    _take_up(issue, ledger, provider, owner, now)
    over = ledger.wave_over(issue)
    if over is not None and now >= over.ended_at + waves.look:
        _opened(issue, ledger, waves, now, lambda reason, at: ledger.pause(issue, reason, at))
    ledger.hand_out(issue, now)
    return Delivered(ledger.finish(issue, now), handed_out=True)


def _take_up(issue: Issue, ledger: Ledger, provider: Provider, owner: Owner, now: datetime) -> None:
    """Settle what others left behind: claims of the dead, and unclear batches that can be repeated as they were."""
    ledger.sweep(issue, now, owner.is_dead)
    if provider.repeatable_for:
        ledger.repeat(issue, provider_name(provider), now - provider.repeatable_for, now)


def _opened(issue: Issue, ledger: Ledger, waves: Waves, now: datetime, pause: Callable[[str, datetime], None]) -> bool:
    """Judge the wave that is over, and let the next one leave; False when it must not, or there is none."""
    over = ledger.wave_over(issue)  # bounces may have been told meanwhile, and somebody may hold the issue
    if over is None:
        return False
    reason = waves.judge(over)
    # Open it in any case: when a person lets the issue go on, that is what goes on.
    ledger.open_next_wave(issue, over, now)
    if reason:
        pause(reason, now)
    return not reason
