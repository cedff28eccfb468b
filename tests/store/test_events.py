"""What providers tell later counts once, stands beside the copy, keeps addresses out, and settles what was unknown."""

from __future__ import annotations

from datetime import timedelta

import pytest

from digest.models import Delivery, DeliveryState, Ended, EventKind, Issue, IssueState, ProviderEvent
from tests.store.conftest import Desk

NAMES = iter(range(10**6))


def told(
    desk: Desk, kind: EventKind, address: str = "reader0@example.com", **changes: str
) -> tuple[str, ProviderEvent]:
    fields = {"id": f"event {next(NAMES)}", "issue": f"weekly/{desk.slot.period}", "message_id": "m-1", **changes}
    return address.casefold(), ProviderEvent(kind=kind, address=address, at=desk.now, **fields)


def answered(desk: Desk, state: DeliveryState, readers: int = 2) -> Issue:
    issue = desk.sending(readers=readers, batch_size=readers)
    claim = desk.store.outbox.claim(issue, "me", desk.now, desk.now + timedelta(seconds=90))
    assert claim
    desk.store.outbox.record(Ended(claim, [Delivery(each, state) for each in claim.recipients], desk.now, outcome="x"))
    desk.store.outbox.finish(issue, desk.now)
    return issue


def test_a_thing_that_is_told_twice_counts_once(desk: Desk) -> None:
    issue = answered(desk, DeliveryState.ACCEPTED)
    event = told(desk, EventKind.DELIVERED)
    assert desk.store.events.take("sendgrid", [event, event], desk.now).new == 1
    assert desk.store.events.take("sendgrid", [event], desk.now).new == 0
    assert desk.store.events.take("mailgun", [event], desk.now).new == 1
    assert desk.store.events.counts(issue)[EventKind.DELIVERED] == 1


@pytest.mark.parametrize(
    "kind", [EventKind.DELIVERED, EventKind.BOUNCED, EventKind.COMPLAINED, EventKind.OPENED, EventKind.CLICKED]
)
def test_it_stands_beside_the_copy_and_never_moves_its_state(desk: Desk, kind: EventKind) -> None:
    issue = answered(desk, DeliveryState.ACCEPTED)
    desk.store.events.take("sendgrid", [told(desk, kind, "Reader1@example.com")], desk.now)
    assert desk.store.events.counts(issue)[kind] == 1
    assert desk.store.outbox.tally(issue) == {DeliveryState.ACCEPTED: 2}


@pytest.mark.parametrize(
    ("kind", "because"), [(EventKind.BOUNCED, "bounced"), (EventKind.COMPLAINED, "complained"), (EventKind.DELAYED, "")]
)
def test_who_bounced_for_ever_or_complained_gets_nothing_more(desk: Desk, kind: EventKind, because: str) -> None:
    answered(desk, DeliveryState.ACCEPTED)
    desk.store.events.take("sendgrid", [told(desk, kind, detail="550 no such user")], desk.now)
    kept_out = [(each.address, each.because, each.who) for each in desk.store.suppressions.everyone()]
    assert kept_out == ([("reader0@example.com", because, "sendgrid")] if because else [])


def test_who_unsubscribed_with_the_provider_gets_this_newsletter_no_more(desk: Desk) -> None:
    answered(desk, DeliveryState.ACCEPTED)
    other = desk.store.readers.tokens("monthly", ["reader0@example.com"], desk.now)["reader0@example.com"]
    here = desk.store.readers.tokens("weekly", ["reader0@example.com"], desk.now)["reader0@example.com"]
    desk.store.events.take("sendgrid", [told(desk, EventKind.UNSUBSCRIBED)], desk.now)
    because = {token: desk.store.readers.by_token(token) for token in (here, other)}
    assert [each and each.suppressed_because for each in because.values()] == ["unsubscribed", ""]


def test_who_unsubscribed_from_nothing_in_particular_gets_nothing(desk: Desk) -> None:
    token = desk.store.readers.tokens("monthly", ["a@example.com"], desk.now)["a@example.com"]
    heard = desk.store.events.take("resend", [told(desk, EventKind.UNSUBSCRIBED, "a@example.com", issue="")], desk.now)
    reader = desk.store.readers.by_token(token)
    assert reader
    assert reader.suppressed_because == "unsubscribed"
    assert heard.unknown == 1


def test_a_copy_that_was_unknown_is_accepted_once_the_provider_tells_of_it(desk: Desk) -> None:
    issue = answered(desk, DeliveryState.UNKNOWN)
    first = desk.store.events.take("sendgrid", [told(desk, EventKind.DELIVERED)], desk.now)
    assert first.proved == (("weekly", desk.slot.period),)
    assert desk.store.outbox.finish(issue, desk.now) is IssueState.NEEDS_REVIEW
    desk.store.events.take("sendgrid", [told(desk, EventKind.DELAYED, "reader1@example.com")], desk.now)
    assert desk.store.outbox.finish(issue, desk.now) is IssueState.SENT
    assert desk.store.outbox.tally(issue) == {DeliveryState.ACCEPTED: 2}


def test_an_event_of_another_issue_or_of_nobody_changes_no_copy(desk: Desk) -> None:
    issue = answered(desk, DeliveryState.UNKNOWN)
    events = [
        told(desk, EventKind.DELIVERED, issue="weekly/2025-W01"),
        told(desk, EventKind.DELIVERED, "nobody@example.com"),
    ]
    heard = desk.store.events.take("sendgrid", events, desk.now)
    assert (heard.new, heard.unknown, heard.proved) == (2, 2, ())
    assert desk.store.outbox.tally(issue) == {DeliveryState.UNKNOWN: 2}


def test_an_event_that_names_no_issue_is_about_the_last_one_to_the_address(desk: Desk) -> None:
    issue = answered(desk, DeliveryState.ACCEPTED)
    desk.store.events.take("mailjet", [told(desk, EventKind.OPENED, issue="")], desk.now)
    assert desk.store.events.counts(issue)[EventKind.OPENED] == 1


def test_the_copies_of_an_issue_can_be_told_one_by_one_and_by_domain(desk: Desk) -> None:
    issue = answered(desk, DeliveryState.ACCEPTED)
    desk.store.events.take("sendgrid", [told(desk, EventKind.OPENED)], desk.now)
    copies = list(desk.store.events.copies(issue))
    assert [each["address"] for each in copies] == ["reader0@example.com", "reader1@example.com"]
    assert [each["opened"] is not None for each in copies] == [True, False]
    assert desk.store.events.domains(issue) == {"example.com": {"accepted": 2, "opened": 1}}
