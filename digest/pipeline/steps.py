"""The steps of a week, each safe to repeat: draft, build, approve, hold, skip, send, and a proof beside the road."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from digest.errors import AudienceError, IssueStateError, ProviderError
from digest.models import (
    LIST,
    DeliveryState,
    Email,
    Finding,
    Issue,
    IssueState,
    Level,
    Out,
    Recipient,
    Slot,
)
from digest.pipeline.drafting import draft
from digest.pipeline.press import Draft, Press
from digest.pipeline.reaching import out_of_reach
from digest.select import as_json
from digest.send import outbox
from digest.send.edge import Edge
from digest.send.mime import as_proof
from digest.send.outbox import Delivered, deliver
from digest.send.ownership import Owner
from digest.send.providers import Mailing, Provider, Request, Verdict
from digest.send.slots import Slots
from digest.send.waves import AT_ONCE
from digest.store import Frozen, Store
from digest.store.issues import UNDECIDED
from digest.tracing import stage

AUTOMATIC = "review = none"
"""Who approves, when the newsletter says that nobody has to."""

UNOPPOSED = "review = window: nobody held it"
"""Who approves, when people were shown an issue and had their time."""

BY_ITSELF = (AUTOMATIC, UNOPPOSED)
"""What approves without being a person."""


def build(press: Press, slot: Slot, now: datetime) -> tuple[Issue, Draft]:
    """Draft the issue of a slot and store it: `frozen` when it may leave, `draft` while a finding blocks it."""
    issue = press.store.issues.plan(press.newsletter.slug, slot, now)
    made = draft(press, slot, now)
    with stage("freeze", newsletter=issue.newsletter, issue=issue.name):
        _remember_posts(press, made)
        selection = as_json(made.selection, without={Out.HISTORY})
        picks = tuple(pick.post.id for pick in made.selection.picks)
        state = IssueState.DRAFT if made.blocked else IssueState.FROZEN
        frozen = Frozen(made.email, selection, made.findings, picks)
        return press.store.issues.save(issue, made.number, frozen, state, now), made


def _remember_posts(press: Press, made: Draft) -> None:
    """Write down which posts there are, so that one that comes late is told apart from what was always there.

    They are known from the moment on at which the issue is due: the next one can tell what this one left over.
    """
    slug = press.newsletter.slug
    ledger = press.store.posts.ledger(slug, made.slot.due_at)
    recorded = any(known.url for known in ledger.known.values())
    begun_at = made.slot.window.start if recorded else ledger.begun_at or made.slot.window.start
    press.store.posts.record(slug, made.posts, begun_at, made.slot.due_at)


def approve(store: Store, issue: Issue, who: str, now: datetime) -> Issue:
    """Approve the bytes that `issue` has; raise `IssueStateError` when they changed, are blocked, or are missing."""
    if issue.state in {IssueState.SKIPPED, IssueState.EXPIRED, IssueState.CANCELLED}:
        raise IssueStateError(f"{issue.name} is {issue.state} ({issue.reason})", fix=_next_step(issue))
    frozen = store.issues.frozen(issue)
    errors = [each for each in (frozen.findings if frozen else ()) if each.level is Level.ERROR]
    if frozen is None or errors:
        because = f"{len(errors)} findings keep it from leaving" if errors else "it has not been built"
        raise IssueStateError(f"{issue.name} cannot be approved: {because}", fix="mend it, then run `digest build`")
    if said_since_built(store, issue):
        raise IssueStateError(
            f"{issue.name} cannot be approved: somebody said something about its posts after it was built",
            fix=f"run `digest build {issue.name}`, look at it, then approve",
        )
    # What a person holds, only a person lets go.
    by_a_person = () if who in BY_ITSELF else (IssueState.HELD, IssueState.APPROVED)
    allowed = (IssueState.FROZEN, *by_a_person)
    return store.issues.move(
        issue, IssueState.APPROVED, allowed=allowed, now=now, who=who, fingerprint=issue.fingerprint
    )


def said_since_built(store: Store, issue: Issue) -> bool:
    """Tell whether somebody said something about the posts of an issue that its version does not know."""
    said = store.overrides.history(issue.newsletter, issue.period)
    built_at = issue.updated_at
    return built_at is not None and any(max(each.at, each.undone_at or each.at) > built_at for each in said)


def hold(store: Store, issue: Issue, who: str, reason: str, now: datetime) -> Issue:
    """Keep an issue from leaving until somebody approves it; one that is being sent is paused within a batch."""
    if issue.state is IssueState.SENDING:
        sending = (IssueState.SENDING,)
        return store.issues.move(issue, IssueState.PAUSED, allowed=sending, now=now, who=who, reason=reason)
    return store.issues.move(issue, IssueState.HELD, allowed=UNDECIDED, now=now, who=who, reason=reason)


def go_on(store: Store, issue: Issue, who: str, now: datetime) -> Issue:
    """Let a paused issue leave again; `send` does it. Raise `IssueStateError` for one that is not paused."""
    return store.issues.move(issue, IssueState.SENDING, allowed=(IssueState.PAUSED,), now=now, who=who)


def skip(store: Store, issue: Issue, who: str, reason: str, now: datetime) -> Issue:
    """Send no issue for this period; nothing of it counts as sent."""
    return store.issues.move(issue, IssueState.SKIPPED, allowed=UNDECIDED, now=now, who=who, reason=reason)


async def send(press: Press, issue: Issue, edge: Edge, who: str = "digest") -> tuple[Delivered, tuple[Finding, ...]]:
    """Send an approved issue, or go on with one that was being sent. Return how it went, and the refused readers.

    `who` said so: the digest itself, or a person.
    """
    frozen = _frozen(press.store, issue)
    problems: tuple[Finding, ...] = ()
    _refuse_unusable(press.provider)
    if issue.state is IssueState.APPROVED and (reason := out_of_reach(press.newsletter, press.provider)):
        raise AudienceError(reason, file=press.newsletter.file, fix="see `audience` in config/README.md")
    if issue.state not in {IssueState.APPROVED, IssueState.SENDING}:
        because = f" ({issue.reason})" if issue.reason else ""
        raise IssueStateError(f"{issue.name} is {issue.state}{because}, so it cannot be sent", fix=_next_step(issue))
    with press.owner.alive():
        if issue.state is IssueState.APPROVED:
            with stage("audience", newsletter=issue.newsletter, issue=issue.name):
                problems = _address(press, issue, frozen, edge, who)
        if press.store.outbox.has_workers and not press.provider.keeps_list:
            return tend(press, issue, edge.clock()), problems
        with stage("send", newsletter=issue.newsletter, issue=issue.name):
            delivered = await deliver(
                issue,
                frozen.email,
                press.store.outbox,
                press.provider,
                press.owner,
                edge,
                concurrency=press.concurrency,
                patience_seconds=press.patience_seconds,
                limits=press.limits,
                waves=press.waves,
            )
    return delivered, problems


def slots_of(press: Press, issue: Issue, owner: Owner, edge: Edge) -> Slots:
    """Return what sends batches of an issue that is on its way; raise `ProviderError` for an unready provider."""
    _refuse_unusable(press.provider)
    email, ledger = _frozen(press.store, issue).email, press.store.outbox
    return Slots(issue, email, ledger, press.provider, owner.name, edge, press.patience_seconds, press.limits)


def tend(press: Press, issue: Issue, now: datetime) -> Delivered:
    """Look after an issue that workers send: take up what dead ones held, hand out what may leave, close it at last."""
    return outbox.tend(issue, press.store.outbox, press.provider, press.owner, now, press.waves)


def _address(press: Press, issue: Issue, frozen: Frozen, edge: Edge, who: str) -> tuple[Finding, ...]:
    """Write down who gets the issue, so that it can leave; return the refused readers."""
    audience = press.read_audience()
    if not audience.count:
        raise AudienceError("there is nobody to send to", file=press.newsletter.audience, fix="add readers")
    in_store = audience.kept is not None
    recipients = None if in_store else _with_tokens(press, audience.recipients, edge.clock())
    _begin(press, issue, frozen, recipients, edge.clock(), who)
    return audience.problems


async def send_proof(press: Press, issue: Issue, addresses: Sequence[str], now: datetime) -> None:
    """Send the frozen issue to staff, marked as a proof. It is never counted; raise `ProviderError` if it failed."""
    await send_as_proof(press, issue, _frozen(press.store, issue).email, addresses, now)


async def send_as_proof(press: Press, issue: Issue, email: Email, addresses: Sequence[str], now: datetime) -> None:
    """Send a version of an issue to staff, as `send_proof` does."""
    _refuse_unusable(press.provider)
    most = len(addresses) if press.provider.keeps_list else press.provider.batch_limit
    async with press.provider.connect() as connection:
        for start in range(0, len(addresses), most):
            answer = await connection.send(_proof(press, issue, email, addresses[start : start + most], now))
            failed = [each for each in answer.deliveries if each.state is not DeliveryState.ACCEPTED]
            if answer.verdict is not Verdict.ANSWERED or failed:
                said = answer.detail or "; ".join(f"{each.recipient.address}: {each.error}" for each in failed)
                raise ProviderError(f"the proof was not taken: {said}")


def describe_request(press: Press, issue: Issue, addresses: Sequence[str], now: datetime) -> Request:
    """Return the exact request of the first batch, or of a proof to `addresses`. Sends and writes nothing."""
    email = _frozen(press.store, issue).email
    if addresses:
        return press.provider.describe(_proof(press, issue, email, addresses, now))
    # Tokens are made when the sending begins; until then the placeholder stands for them.
    readers = press.read_audience().recipients[: press.provider.batch_limit]
    return press.provider.describe(Mailing(email, readers, issue.name, f"{issue.name}/1", sent_at=now))


def _frozen(store: Store, issue: Issue) -> Frozen:
    frozen = store.issues.frozen(issue)
    if frozen is None:
        raise IssueStateError(f"{issue.name} has not been built", fix="run `digest build`")
    return frozen


def _with_tokens(press: Press, recipients: Sequence[Recipient], now: datetime) -> tuple[Recipient, ...]:
    identities = [recipient.address.casefold() for recipient in recipients]
    tokens = press.store.readers.tokens(press.newsletter.slug, identities, now)
    return tuple(
        recipient._replace(token=tokens[identity]) for recipient, identity in zip(recipients, identities, strict=True)
    )


def _begin(
    press: Press, issue: Issue, frozen: Frozen, readers: Sequence[Recipient] | None, now: datetime, who: str
) -> None:
    # A provider that keeps the list sends to all of it at once: there, a proof is what one looks at first.
    waves = AT_ONCE if press.provider.keeps_list else press.waves
    seeds = _with_tokens(press, [Recipient(address) for address in waves.seeds], now)
    # A batch larger than what a day allows would never leave.
    batch_size = min(press.provider.batch_limit, press.limits.per_day or press.provider.batch_limit)
    press.store.outbox.begin(
        issue,
        frozen.post_ids,
        readers,
        batch_size,
        now,
        seeds=seeds,
        first_share=waves.first_share,
        who=who,
    )


def _proof(press: Press, issue: Issue, email: Email, addresses: Sequence[str], now: datetime) -> Mailing:
    readers = tuple(Recipient(address, token="proof") for address in addresses)  # noqa: S106 - no reader's token
    at_provider = press.newsletter.audience.removeprefix(LIST) if press.provider.keeps_list else ""
    key = f"{issue.name}/proof"
    return Mailing(as_proof(email), readers, issue.name, key, sent_at=now, proof=True, list_name=at_provider)


def _refuse_unusable(provider: Provider) -> None:
    if problems := provider.problems():
        raise ProviderError("; ".join(problems), fix="see [provider] in config/digest.toml")


def _next_step(issue: Issue) -> str:
    return {
        IssueState.FROZEN: f"run `digest approve {issue.name}` first",
        IssueState.HELD: f"run `digest approve {issue.name}` when it may leave",
        IssueState.DRAFT: "mend its findings, then run `digest build`",
        IssueState.PAUSED: f"run `digest send {issue.name}` when the rest may leave",
        IssueState.PLANNED: "run `digest build` first",
        IssueState.NEEDS_REVIEW: f"decide about its readers: `digest send {issue.name} --unknown …` or `--rejected …`",
        IssueState.SKIPPED: "run `digest build` to take it up again",
        IssueState.EXPIRED: "run `digest build` to take it up again",
    }.get(issue.state, "")
