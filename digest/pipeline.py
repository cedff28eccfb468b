"""The story of a week: collect > select > render > check > freeze > approve > send.

Each step is safe to repeat. `run` goes through all of them and stops where a person is needed; what it finds in the
store decides where it goes on, so a run that was missed, doubled or killed changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from digest.check import check_email
from digest.collect.excerpt import excerpt
from digest.errors import AudienceError, IssueStateError, ProviderError
from digest.models import (
    Collection,
    DeliveryState,
    Email,
    Finding,
    Issue,
    IssueState,
    Level,
    Newsletter,
    Recipient,
    Selection,
    Slot,
)
from digest.render import Links, Renderer
from digest.select import as_json, latest_slot, select, unused_categories
from digest.send.audience import Audience
from digest.send.mime import as_proof
from digest.send.outbox import Delivered, Edge, deliver
from digest.send.ownership import Owner
from digest.send.providers import Mailing, Provider, Request, Verdict
from digest.store import Frozen, Store
from digest.store.issues import UNDECIDED


@dataclass(frozen=True, slots=True)
class Press:
    """All that the story needs for one newsletter; `digest.app` puts it together."""

    newsletter: Newsletter
    read_posts: Callable[[datetime], Collection]
    read_audience: Callable[[], Audience]
    renderer: Renderer
    links: Callable[[Slot], Links]
    store: Store
    provider: Provider
    owner: Owner
    concurrency: int = 1
    patience_seconds: float = 300
    warnings: tuple[Finding, ...] = ()
    """About the configuration as a whole; told with every draft."""


@dataclass(frozen=True, slots=True)
class Draft:
    """An issue as it would be if it were frozen now."""

    slot: Slot
    number: int
    selection: Selection
    email: Email
    findings: tuple[Finding, ...]
    """About the e-mail: an error keeps it from leaving."""
    problems: tuple[Finding, ...]
    """About posts, readers and configuration: told to people, but no reason to keep the others waiting."""

    @property
    def blocked(self) -> bool:
        """Whether a finding keeps the e-mail from leaving."""
        return any(finding.level is Level.ERROR for finding in self.findings)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended, for whoever reports it."""

    issue: Issue
    says: str
    """One sentence for a person."""
    draft: Draft | None = None
    """Set when the issue was built in this run."""
    delivered: Delivered | None = None
    """Set when mail was sent in this run."""
    tally: Mapping[DeliveryState, int] | None = None
    audience_problems: tuple[Finding, ...] = ()


# ---------------------------------------------------------------- the steps


def draft(press: Press, slot: Slot, now: datetime) -> Draft:
    """Collect, select, render and check the issue of a slot. Writes nothing: this is what the preview shows."""
    newsletter = press.newsletter
    collection = press.read_posts(now)
    covered = {
        post: issue
        for post, issue in press.store.issues.covered(newsletter.slug).items()
        if issue != f"{newsletter.slug}/{slot.period}"
    }
    selection = with_excerpts(select(newsletter, slot, collection.posts, covered), newsletter.excerpt_columns)
    number = press.store.issues.next_number(newsletter.slug, slot)
    email = press.renderer.render(newsletter, number, selection, press.links(slot))
    problems = (*collection.problems, *unused_categories(newsletter, collection.posts), *press.warnings)
    return Draft(slot, number, selection, email, check_email(email), problems)


def with_excerpts(selection: Selection, columns: int) -> Selection:
    """Return the selection with each pick's words for the reader, at most `columns` wide."""
    sections = (
        replace(section, picks=tuple(replace(pick, excerpt=excerpt(pick.post, columns)) for pick in section.picks))
        for section in selection.sections
    )
    return replace(selection, sections=tuple(sections))


def build(press: Press, slot: Slot, now: datetime) -> tuple[Issue, Draft]:
    """Draft the issue of a slot and store it: `frozen` when it may leave, `draft` while a finding blocks it."""
    issue = press.store.issues.plan(press.newsletter.slug, slot, now)
    made = draft(press, slot, now)
    selection = as_json(made.selection, without={"before-window"})
    picks = tuple(pick.post.id for pick in made.selection.picks)
    state = IssueState.DRAFT if made.blocked else IssueState.FROZEN
    frozen = Frozen(made.email, selection, made.findings, picks)
    return press.store.issues.save(issue, made.number, frozen, state, now), made


def approve(store: Store, issue: Issue, who: str, now: datetime) -> Issue:
    """Approve the bytes that `issue` has; raise `IssueStateError` when they changed, are blocked, or are missing."""
    frozen = store.issues.frozen(issue)
    errors = [each for each in (frozen.findings if frozen else ()) if each.level is Level.ERROR]
    if frozen is None or errors:
        because = f"{len(errors)} findings keep it from leaving" if errors else "it has not been built"
        raise IssueStateError(f"{issue.name} cannot be approved: {because}", fix="mend it, then run `digest build`")
    allowed = (IssueState.FROZEN, IssueState.HELD, IssueState.APPROVED)
    return store.issues.move(
        issue, IssueState.APPROVED, allowed=allowed, now=now, who=who, fingerprint=issue.fingerprint
    )


def hold(store: Store, issue: Issue, who: str, reason: str, now: datetime) -> Issue:
    """Keep an issue from leaving until somebody approves it."""
    return store.issues.move(issue, IssueState.HELD, allowed=UNDECIDED, now=now, who=who, reason=reason)


def skip(store: Store, issue: Issue, who: str, reason: str, now: datetime) -> Issue:
    """Send no issue for this period; its posts stay free for the next one."""
    return store.issues.move(issue, IssueState.SKIPPED, allowed=UNDECIDED, now=now, who=who, reason=reason)


async def send(press: Press, issue: Issue, edge: Edge) -> tuple[Delivered, tuple[Finding, ...]]:
    """Send an approved issue, or go on with one that was being sent. Return how it went, and the refused readers."""
    frozen = _frozen(press.store, issue)
    problems: tuple[Finding, ...] = ()
    _refuse_unusable(press.provider)
    if issue.state is IssueState.APPROVED:
        audience = press.read_audience()
        problems = audience.problems
        if not audience.recipients:
            raise AudienceError("there is nobody to send to", file=press.newsletter.audience, fix="add readers")
        recipients = _with_tokens(press, audience.recipients, edge.clock())
        press.store.outbox.begin(issue, frozen.post_ids, recipients, press.provider.batch_limit, edge.clock())
    elif issue.state is not IssueState.SENDING:
        because = f" ({issue.reason})" if issue.reason else ""
        raise IssueStateError(f"{issue.name} is {issue.state}{because}, so it cannot be sent", fix=_next_step(issue))
    delivered = await deliver(
        issue,
        frozen.email,
        press.store.outbox,
        press.provider,
        press.owner,
        edge,
        concurrency=press.concurrency,
        patience_seconds=press.patience_seconds,
    )
    return delivered, problems


async def send_proof(press: Press, issue: Issue, addresses: Sequence[str], now: datetime) -> None:
    """Send the frozen issue to staff, marked as a proof. It is never counted; raise `ProviderError` if it failed."""
    _refuse_unusable(press.provider)
    mailing = _proof(issue, _frozen(press.store, issue).email, addresses, now)
    async with press.provider.connect() as connection:
        answer = await connection.send(mailing)
    failed = [each for each in answer.deliveries if each.state is not DeliveryState.ACCEPTED]
    if answer.verdict is not Verdict.ANSWERED or failed:
        said = answer.detail or "; ".join(f"{each.recipient.address}: {each.error}" for each in failed)
        raise ProviderError(f"the proof was not taken: {said}")


def describe_request(press: Press, issue: Issue, addresses: Sequence[str], now: datetime) -> Request:
    """Return the exact request of the first batch, or of a proof to `addresses`. Sends and writes nothing."""
    email = _frozen(press.store, issue).email
    if addresses:
        return press.provider.describe(_proof(issue, email, addresses, now))
    # Tokens are made when the sending begins; until then the placeholder stands for them.
    readers = press.read_audience().recipients[: press.provider.batch_limit]
    return press.provider.describe(Mailing(email, readers, issue.name, f"{issue.name}/1", sent_at=now))


async def run(
    press: Press, edge: Edge, *, not_before: datetime | None = None, max_delay: timedelta | None = None
) -> Outcome:
    """Bring the newest due issue as far as it can go without a person.

    The scheduler passes `not_before` (no slot from before it knew the newsletter) and `max_delay` (an issue later
    than that is held for a person instead of sent).
    """
    now = edge.clock()
    slot = latest_slot(press.newsletter.schedule, now)
    if not_before and slot.due_at < not_before:
        return Outcome(_unborn(press, slot), "nothing is due yet")
    issue = press.store.issues.plan(press.newsletter.slug, slot, now)
    made = None
    if issue.state in {IssueState.PLANNED, IssueState.DRAFT}:
        issue, made = build(press, slot, now)
        if made.blocked:
            return Outcome(issue, "a finding keeps it from leaving", made)
        count = len(made.selection.picks)
        if count < press.newsletter.min_posts:
            reason = f"{count} posts, and the newsletter wants at least {press.newsletter.min_posts}"
            return Outcome(skip(press.store, issue, "digest", reason, now), f"skipped: {reason}", made)
    if issue.state in {IssueState.FROZEN, IssueState.APPROVED} and max_delay and now - slot.due_at > max_delay:
        reason = f"it would leave more than {max_delay.total_seconds() / 3600:g} hours late"
        issue = hold(press.store, issue, "digest", reason, now)
    if issue.state is IssueState.FROZEN and press.newsletter.review == "none":
        issue = approve(press.store, issue, "review = none", now)
    if issue.state not in {IssueState.APPROVED, IssueState.SENDING}:
        return Outcome(issue, _where_it_stands(issue), made, tally=press.store.outbox.tally(issue))
    delivered, refused = await send(press, issue, edge)
    ended = press.store.issues.find(issue.newsletter, issue.period) or issue
    says = delivered.stopped_because or ("sent" if ended.state is IssueState.SENT else _where_it_stands(ended))
    return Outcome(ended, says, made, delivered, press.store.outbox.tally(ended), refused)


# ---------------------------------------------------------------- what the steps are made of


def _frozen(store: Store, issue: Issue) -> Frozen:
    frozen = store.issues.frozen(issue)
    if frozen is None:
        raise IssueStateError(f"{issue.name} has not been built", fix="run `digest build`")
    return frozen


def _with_tokens(press: Press, recipients: Sequence[Recipient], now: datetime) -> tuple[Recipient, ...]:
    identities = [recipient.address.casefold() for recipient in recipients]
    tokens = press.store.readers.tokens(press.newsletter.slug, identities, now)
    return tuple(
        replace(recipient, token=tokens[identity]) for recipient, identity in zip(recipients, identities, strict=True)
    )


def _proof(issue: Issue, email: Email, addresses: Sequence[str], now: datetime) -> Mailing:
    readers = tuple(Recipient(address, token="proof") for address in addresses)  # noqa: S106 - no reader's token
    return Mailing(as_proof(email), readers, issue.name, f"{issue.name}/proof", sent_at=now, proof=True)


def _refuse_unusable(provider: Provider) -> None:
    if problems := provider.problems():
        raise ProviderError("; ".join(problems), fix="see [provider] in config/digest.toml")


def _unborn(press: Press, slot: Slot) -> Issue:
    return Issue(press.newsletter.slug, slot.period, 0, IssueState.PLANNED, slot.due_at)


def _where_it_stands(issue: Issue) -> str:
    because = f": {issue.reason}" if issue.reason else ""
    return {
        IssueState.SENT: "already sent; nothing is sent again",
        IssueState.FROZEN: "waits for an approval",
        IssueState.NEEDS_REVIEW: f"needs a look{because}",
    }.get(issue.state, f"{issue.state}{because}")


def _next_step(issue: Issue) -> str:
    return {
        IssueState.FROZEN: f"run `digest approve {issue.name}` first",
        IssueState.HELD: f"run `digest approve {issue.name}` when it may leave",
        IssueState.DRAFT: "mend its findings, then run `digest build`",
        IssueState.PLANNED: "run `digest build` first",
        IssueState.NEEDS_REVIEW: f"decide about its unknown readers: `digest send {issue.name} --unknown …`",
    }.get(issue.state, "")
