"""The list that the digest keeps itself: who is on it, who gets an issue, and who is never brought back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from digest.errors import IssueStateError
from digest.models import DeliveryState, Issue, Standing, Subscriber, Suppression
from tests.store.conftest import Desk


def listed(desk: Desk, *readers: Subscriber, later: int = 0) -> list[str]:
    now = desk.now + timedelta(minutes=later)
    page = [(each.address.casefold(), replace(each, confirmed_at=each.confirmed_at or desk.now)) for each in readers]
    return list(desk.store.subscribers.take("weekly", page, now, f"import {later}"))


def addresses(desk: Desk) -> list[str]:
    return [each.address for each in desk.store.subscribers.first("weekly", 1000)]


def begun(desk: Desk, batch_size: int = 2) -> Issue:
    issue = desk.approved()
    desk.store.outbox.begin(issue, (), None, batch_size, desk.now)
    return issue


def test_an_import_brings_readers_and_says_what_came_of_each(desk: Desk) -> None:
    first = listed(desk, Subscriber("A@example.com", "あ"), Subscriber("b@example.com"), Subscriber("a@example.com"))
    assert first == ["", "", "twice"]
    assert listed(desk, Subscriber("b@example.com"), Subscriber("c@example.com"), later=1) == ["known", ""]
    assert addresses(desk) == ["A@example.com", "b@example.com", "c@example.com"]
    assert desk.store.subscribers.count("weekly") == 3
    assert desk.store.subscribers.count("monthly") == 0


def test_an_address_of_an_earlier_page_of_the_same_import_is_twice(desk: Desk) -> None:
    assert listed(desk, Subscriber("a@example.com")) == [""]
    assert listed(desk, Subscriber("a@example.com")) == ["twice"]


def test_a_second_import_adds_what_it_knows_and_takes_nothing_away(desk: Desk) -> None:
    agreed = desk.now - timedelta(days=3)
    whole = Subscriber("a@example.com", "花子", "ja", ("ai",), agreed, agreed, "店頭の用紙")
    listed(desk, whole)
    listed(desk, Subscriber("A@example.com", language="en"), later=1)
    (found,) = desk.store.subscribers.everyone("weekly")
    assert (found.address, found.name, found.language, found.sections) == ("A@example.com", "花子", "en", ("ai",))
    assert (found.created_at, found.confirmed_at, found.consent) == (agreed, agreed, "店頭の用紙")


def test_whoever_left_or_bounced_is_not_brought_back(desk: Desk) -> None:
    listed(desk, Subscriber("left@example.com"), Subscriber("bounced@example.com"))
    left = desk.store.subscribers.find("weekly", "left@example.com")
    assert left
    desk.store.readers.suppress(left.token, "unsubscribed", desk.now)
    desk.store.suppressions.add(Suppression("bounced@example.com", "bounced", "550", "kay", desk.now))
    assert listed(desk, Subscriber("left@example.com"), Subscriber("bounced@example.com"), later=1) == [
        "unsubscribed",
        "bounced",
    ]
    assert addresses(desk) == []
    counts = desk.store.subscribers.standings("weekly")
    assert counts == {
        Standing.SUBSCRIBED: 0,
        Standing.UNCONFIRMED: 0,
        Standing.UNSUBSCRIBED: 1,
        Standing.SUPPRESSED: 1,
    }


def test_a_suppression_keeps_its_first_reason_and_can_be_lifted(desk: Desk) -> None:
    entry = Suppression("a@example.com", "complained", "abuse report", "provider", desk.now)
    assert desk.store.suppressions.add(entry)
    assert not desk.store.suppressions.add(replace(entry, because="by hand"))
    assert list(desk.store.suppressions.everyone()) == [entry]
    assert desk.store.suppressions.lift("a@example.com")
    assert not desk.store.suppressions.lift("a@example.com")
    assert listed(desk, Subscriber("a@example.com")) == [""]


def test_who_has_not_agreed_yet_is_on_the_list_and_gets_nothing(desk: Desk) -> None:
    page = [("a@example.com", Subscriber("a@example.com"))]
    desk.store.subscribers.take("weekly", page, desk.now, "first")
    assert addresses(desk) == []
    assert desk.store.subscribers.standings("weekly")[Standing.UNCONFIRMED] == 1
    listed(desk, Subscriber("a@example.com", consent="form"), later=1)
    assert addresses(desk) == ["a@example.com"]


def test_a_long_list_is_read_to_its_end(desk: Desk) -> None:
    listed(desk, *(Subscriber(f"reader{number}@example.com") for number in range(1_203)))
    assert len({each.address for each in desk.store.subscribers.everyone("weekly")}) == 1_203


def test_whoever_is_forgotten_leaves_an_address_that_is_not_written_to_again(desk: Desk) -> None:
    listed(desk, Subscriber("a@example.com", "花子", "ja", ("ai",), consent="form"))
    assert desk.store.subscribers.forget("weekly", "a@example.com", desk.now)
    assert not desk.store.subscribers.forget("weekly", "a@example.com", desk.now)
    assert desk.store.subscribers.find("weekly", "a@example.com") is None
    assert listed(desk, Subscriber("a@example.com"), later=1) == ["unsubscribed"]


# ---------------------------------------------------------------- an issue for the list


def test_an_issue_goes_to_all_on_the_list_in_batches(desk: Desk) -> None:
    listed(desk, *(Subscriber(f"reader{number}@example.com", f"読者{number}") for number in range(7)))
    issue = begun(desk, batch_size=3)
    sizes = []
    while claim := desk.store.outbox.claim(issue, "me", desk.now, desk.now + timedelta(seconds=90)):
        sizes.append([each.address for each in claim.recipients])
        assert all(each.token and each.name for each in claim.recipients)
    assert [len(each) for each in sizes] == [3, 3, 1]
    assert [address for each in sizes for address in each] == [f"reader{number}@example.com" for number in range(7)]
    assert desk.store.outbox.tally(issue) == {DeliveryState.SENDING: 7}
    assert "7 readers" in [each.detail for each in desk.store.issues.events(issue)]


def test_only_those_get_it_who_may(desk: Desk) -> None:
    desk.store.subscribers.take("weekly", [("new@example.com", Subscriber("new@example.com"))], desk.now, "first")
    listed(desk, Subscriber("ok@example.com"), Subscriber("left@example.com"), Subscriber("out@example.com"), later=1)
    left = desk.store.subscribers.find("weekly", "left@example.com")
    assert left
    desk.store.readers.suppress(left.token, "unsubscribed", desk.now)
    desk.store.suppressions.add(Suppression("out@example.com", "bounced", "", "provider", desk.now))
    desk.store.readers.tokens("weekly", ["of-a-file@example.com"], desk.now)
    desk.store.subscribers.take(
        "monthly", [("m@example.com", Subscriber("m@example.com", confirmed_at=desk.now))], desk.now, "m"
    )
    assert [each.recipient.address for each in desk.store.outbox.deliveries(begun(desk))] == ["ok@example.com"]


def test_a_reader_of_some_sections_gets_an_issue_that_has_one_of_them(desk: Desk) -> None:
    listed(
        desk,
        Subscriber("all@example.com"),
        Subscriber("both@example.com", sections=("other", "ai")),
        Subscriber("other@example.com", sections=("other",)),
        Subscriber("like@example.com", sections=("a_",)),
    )
    got = [each.recipient.address for each in desk.store.outbox.deliveries(begun(desk))]
    assert got == ["all@example.com", "both@example.com"]


def test_a_suppression_between_the_beginning_and_the_claim_is_heard(desk: Desk) -> None:
    listed(desk, Subscriber("a@example.com"), Subscriber("b@example.com"))
    issue = begun(desk)
    desk.store.suppressions.add(Suppression("a@example.com", "complained", "", "provider", desk.now))
    claim = desk.store.outbox.claim(issue, "me", desk.now, desk.now + timedelta(seconds=90))
    assert claim
    assert [each.address for each in claim.recipients] == ["b@example.com"]
    assert desk.store.outbox.tally(issue)[DeliveryState.SUPPRESSED] == 1


def test_an_issue_begins_once(desk: Desk) -> None:
    listed(desk, Subscriber("a@example.com"))
    issue = begun(desk)
    with pytest.raises(IssueStateError):
        desk.store.outbox.begin(issue, (), None, 2, desk.now)
    assert desk.store.outbox.tally(issue) == {DeliveryState.PENDING: 1}


# ---------------------------------------------------------------- what a reader chooses


def test_a_reader_chooses_and_no_sections_stand_for_all(desk: Desk) -> None:
    listed(desk, Subscriber("a@example.com", "花子"))
    (reader,) = desk.store.subscribers.everyone("weekly")
    assert desk.store.subscribers.choose(reader.token, name="山田", language="en", sections=("ai", "news"))
    (chosen,) = desk.store.subscribers.everyone("weekly")
    assert (chosen.name, chosen.language, chosen.sections) == ("山田", "en", ("ai", "news"))
    assert desk.store.subscribers.choose(reader.token, name="", language="", sections=())
    assert desk.store.subscribers.first("weekly", 1)[0].sections == ()
    assert not desk.store.subscribers.choose("unknown", name="", language="", sections=())


def test_a_reader_of_a_file_cannot_choose_or_come_back(desk: Desk) -> None:
    token = desk.store.readers.tokens("weekly", ["a@example.com"], desk.now)["a@example.com"]
    desk.store.readers.suppress(token, "unsubscribed", desk.now)
    assert not desk.store.subscribers.choose(token, name="花子", language="", sections=())
    assert not desk.store.subscribers.come_back(token, "came back")
    found = desk.store.readers.by_token(token)
    assert found
    assert found.suppressed_because == "unsubscribed"


def test_only_who_left_by_choice_comes_back(desk: Desk) -> None:
    listed(desk, Subscriber("a@example.com", consent="messe"), Subscriber("b@example.com"), Subscriber("c@example.com"))
    left, bounced, there = desk.store.subscribers.everyone("weekly")
    desk.store.readers.suppress(left.token, "unsubscribed", desk.now)
    desk.store.readers.suppress(bounced.token, "bounced", desk.now)
    came = [desk.store.subscribers.come_back(each.token, "came back") for each in (left, bounced, there)]
    assert came == [True, False, False]
    assert addresses(desk) == ["a@example.com", "c@example.com"]
    found = desk.store.subscribers.find("weekly", "a@example.com")
    assert found
    assert (found.consent, found.suppressed_at) == ("messe · came back", None)
