"""A reader's token is made once and kept; suppression is remembered."""

from __future__ import annotations

from tests.store.conftest import Desk


def test_a_token_is_kept_for_ever(desk: Desk) -> None:
    first = desk.store.readers.tokens("weekly", ["a@example.com", "b@example.com"], desk.now)
    second = desk.store.readers.tokens("weekly", ["b@example.com", "c@example.com"], desk.now)
    assert second["b@example.com"] == first["b@example.com"]
    assert len({*first.values(), *second.values()}) == 3


def test_one_address_has_another_token_in_another_newsletter(desk: Desk) -> None:
    one = desk.store.readers.tokens("weekly", ["a@example.com"], desk.now)
    other = desk.store.readers.tokens("monthly", ["a@example.com"], desk.now)
    assert one != other


def test_many_readers_get_tokens_in_one_go(desk: Desk) -> None:
    addresses = [f"{number}@example.com" for number in range(1_234)]
    assert len(set(desk.store.readers.tokens("weekly", addresses, desk.now).values())) == 1_234


def test_unsubscribing_twice_is_news_once(desk: Desk) -> None:
    token = desk.store.readers.tokens("weekly", ["a@example.com"], desk.now)["a@example.com"]
    assert desk.store.readers.suppress(token, "unsubscribed", desk.now)
    assert not desk.store.readers.suppress(token, "unsubscribed", desk.now)
    reader = desk.store.readers.by_token(token)
    assert reader
    assert (reader.newsletter, reader.address, reader.suppressed_because) == ("weekly", "a@example.com", "unsubscribed")


def test_a_token_that_nobody_has_is_nobody(desk: Desk) -> None:
    assert desk.store.readers.by_token("guess") is None
    assert not desk.store.readers.suppress("guess", "unsubscribed", desk.now)
