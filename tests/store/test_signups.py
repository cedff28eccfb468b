"""Who asked by a form: when they may be asked, what confirming lifts, and what is left of who never did."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from digest.models import Standing, Subscriber, Suppression
from tests.store.conftest import Desk

HERE = "https://news.example.com/subscribe/weekly from 203.0.113.0/24: yes"


def ask(desk: Desk, address: str = "a@example.com", name: str = "", **later: float) -> str | None:
    asking = Subscriber(address, name, consent=HERE)
    return desk.store.signups.ask("weekly", address.casefold(), asking, desk.now + timedelta(**later))


def confirm(desk: Desk, token: str | None, **later: float) -> bool:
    assert token
    return desk.store.signups.confirm(token, "203.0.113.0/24", desk.now + timedelta(**later))


def standing(desk: Desk, address: str = "a@example.com") -> Standing | None:
    found = desk.store.subscribers.find("weekly", address)
    return found.standing if found else None


def agreed(desk: Desk, address: str = "a@example.com", **known: object) -> str:
    entry = Subscriber(address, **{"confirmed_at": desk.now, **known})  # type: ignore[arg-type]
    desk.store.subscribers.take("weekly", [(address, entry)], desk.now, "import")
    found = desk.store.subscribers.find("weekly", address)
    assert found
    return found.token


def test_asking_and_confirming(desk: Desk) -> None:
    token = ask(desk, "A@example.com", "花子")
    assert standing(desk) is Standing.UNCONFIRMED
    assert desk.store.subscribers.count("weekly") == 0
    assert confirm(desk, token, minutes=1)
    (reader,) = desk.store.subscribers.first("weekly", 10)
    assert (reader.address, reader.name, reader.created_at) == ("A@example.com", "花子", desk.now)
    assert reader.confirmed_at == desk.now + timedelta(minutes=1)
    assert reader.consent.startswith("asked 2026-01-18T23:00:00Z: https://news.example.com/subscribe/weekly")
    assert reader.consent.endswith(" · confirmed 2026-01-18T23:01:00Z from 203.0.113.0/24")
    assert "\n" not in reader.consent, "a list is exported with a line for each reader"


def test_a_reader_is_asked_once_an_hour_and_three_times_a_day(desk: Desk) -> None:
    asked = [hours for hours in (0, 0.5, 0.99, 1, 2, 3, 23.9, 24, 24.5, 25) if ask(desk, hours=hours)]
    assert asked == [0, 1, 2, 24, 25]


def test_who_is_asked_often_does_not_grow_without_end(desk: Desk) -> None:
    for hours in range(0, 2000, 12):
        ask(desk, hours=hours)
    found = desk.store.subscribers.find("weekly", "a@example.com")
    assert found
    assert found.consent.count("asked ") == 3


def test_who_has_it_is_not_asked(desk: Desk) -> None:
    agreed(desk)
    assert ask(desk) is None


def test_who_was_imported_unconfirmed_can_confirm_by_the_form(desk: Desk) -> None:
    agreed(desk, confirmed_at=None, consent="messe")
    assert confirm(desk, ask(desk), minutes=1)
    found = desk.store.subscribers.find("weekly", "a@example.com")
    assert found
    assert found.consent.startswith("messe · asked ")


@pytest.mark.parametrize("because", ["bounced", "complained", "by hand"])
def test_nobody_who_bounced_or_complained_is_asked(desk: Desk, because: str) -> None:
    desk.store.suppressions.add(Suppression("a@example.com", because, "", "provider", desk.now))
    assert ask(desk) is None
    assert desk.store.readers.by_token("") is None
    assert list(desk.store.subscribers.everyone("weekly")) == [], "a row was left of somebody who cannot be asked"
    desk.store.readers.suppress(agreed(desk, "b@example.com"), because, desk.now)
    assert ask(desk, "b@example.com", hours=1) is None


def test_confirming_lifts_nothing_but_an_older_unsubscription(desk: Desk) -> None:
    token = agreed(desk)
    desk.store.readers.suppress(token, "unsubscribed", desk.now)
    assert not confirm(desk, token, hours=1)
    assert ask(desk, hours=2) == token
    assert standing(desk) is Standing.UNSUBSCRIBED
    assert confirm(desk, token, hours=3)
    assert standing(desk) is Standing.SUBSCRIBED
    desk.store.readers.suppress(token, "unsubscribed", desk.now + timedelta(hours=4))
    assert not confirm(desk, token, hours=5), "an old link brought somebody back"
    ask(desk, hours=6)
    desk.store.suppressions.add(Suppression("a@example.com", "bounced", "", "provider", desk.now))
    assert not confirm(desk, token, hours=7)


def test_a_bounce_between_asking_and_confirming_stays(desk: Desk) -> None:
    token = ask(desk)
    assert token
    desk.store.readers.suppress(token, "bounced", desk.now)
    assert not confirm(desk, token, minutes=1)


def test_a_link_works_for_a_week_after_the_last_asking(desk: Desk) -> None:
    token = ask(desk)
    assert not confirm(desk, token, days=7, seconds=1)
    assert ask(desk, days=6) == token
    assert confirm(desk, token, days=12)
    assert not confirm(desk, "unknown")


def test_the_evidence_of_an_earlier_agreement_stays(desk: Desk) -> None:
    token = ask(desk)
    confirm(desk, token, minutes=1)
    assert token
    desk.store.readers.suppress(token, "unsubscribed", desk.now + timedelta(minutes=2))
    for hours in range(2, 200, 12):
        ask(desk, hours=hours)
    found = desk.store.subscribers.find("weekly", "a@example.com")
    assert found
    assert found.consent.startswith("asked 2026-01-18T23:00:00Z: ")
    assert " · confirmed 2026-01-18T23:01:00Z" in found.consent


def test_who_never_confirms_is_erased_after_a_week(desk: Desk) -> None:
    ask(desk, "late@example.com")
    ask(desk, "again@example.com")
    ask(desk, "again@example.com", days=1)
    ask(desk, "soon@example.com", days=1)
    confirm(desk, ask(desk, "yes@example.com"))
    agreed(desk, "imported@example.com", confirmed_at=None)
    assert desk.store.signups.erase_unconfirmed(desk.now + timedelta(days=7)) == 0
    assert desk.store.signups.erase_unconfirmed(desk.now + timedelta(days=7, seconds=1)) == 1
    there = [each.address for each in desk.store.subscribers.everyone("weekly")]
    assert there == ["again@example.com", "soon@example.com", "yes@example.com", "imported@example.com"]


def test_an_import_takes_a_waiting_reader_over(desk: Desk) -> None:
    ask(desk)
    agreed(desk, confirmed_at=None)
    assert desk.store.signups.erase_unconfirmed(desk.now + timedelta(days=30)) == 0


def test_of_a_reader_of_earlier_issues_the_address_stays(desk: Desk) -> None:
    desk.sending(readers=1)
    token = ask(desk, "reader0@example.com", "花子")
    assert token
    assert desk.store.signups.erase_unconfirmed(desk.now + timedelta(days=8)) == 1
    assert standing(desk, "reader0@example.com") is None
    kept = desk.store.readers.by_token(token)
    assert kept
    assert kept.address == "reader0@example.com"


def test_who_was_forgotten_is_forgotten_again(desk: Desk) -> None:
    token = agreed(desk, name="花子")
    desk.store.subscribers.forget("weekly", "a@example.com", desk.now)
    assert ask(desk, name="花", hours=1) == token
    assert desk.store.signups.erase_unconfirmed(desk.now + timedelta(days=8)) == 1
    assert standing(desk) is None
    kept = desk.store.readers.by_token(token)
    assert kept
    assert kept.suppressed_because == "unsubscribed"


def test_of_many_who_ask_at_once_for_one_address_one_is_answered(desk: Desk) -> None:
    answers: list[str | None] = []
    crowd = [threading.Thread(target=lambda: answers.append(ask(desk))) for _ in range(8)]
    for each in crowd:
        each.start()
    for each in crowd:
        each.join()
    assert len(answers) == 8
    assert sum(each is not None for each in answers) == 1
