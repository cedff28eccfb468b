"""What people were asked about an issue is noted once, whichever of several hosts is first."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from digest.models import Issue, IssueState
from digest.store import Store
from tests.pipeline.reviewing_world import BUILD, DUE, HOUR, MINUTE, World, make_world
from tests.store.conftest import Desk


@contextmanager
def stores(url: str, root: Path, count: int) -> Iterator[list[Store]]:
    opened = [Store(url, root) for _ in range(count)]
    yield opened
    for each in opened:
        each.close()


def waiting(desk: Desk, **changes: str) -> Issue:
    return desk.frozen(**changes)


def test_of_many_that_ask_at_once_one_asks(desk: Desk, store_url: str, tmp_path: Path) -> None:
    issue = waiting(desk)
    with stores(store_url, tmp_path, 6) as hosts, ThreadPoolExecutor(6) as pool:
        asked = list(pool.map(lambda each: each.reviews.claim_ask(issue, desk.now), hosts))
        moment = desk.now + HOUR
        reminded = list(pool.map(lambda each: each.reviews.claim_reminder(issue, moment, moment), hosts))
    assert (asked.count(True), reminded.count(True)) == (1, 1)
    lines = [(each.what, each.detail) for each in desk.store.issues.events(issue)[-2:]]
    assert lines == [("asked", issue.fingerprint[:12]), ("reminded", "2026-01-19 00:00 UTC")]


def test_another_version_is_asked_about_and_a_former_one_again_when_it_comes_back(desk: Desk) -> None:
    reviews, now = desk.store.reviews, desk.now
    first = waiting(desk)
    assert reviews.last(first, now) is None
    assert reviews.claim_ask(first, now)
    second = waiting(desk, subject="another")
    assert not reviews.claim_ask(first, now), "what is no more is not asked about"
    assert reviews.claim_ask(second, now + MINUTE)
    last = reviews.last(second, now + HOUR)
    assert last
    assert last.frozen
    assert (last.at, last.frozen.email.subject, last.is_about(second)) == (now + MINUTE, "another", True)
    assert reviews.claim_ask(waiting(desk), now + 2 * MINUTE)


def test_nobody_is_asked_about_what_waits_no_more(desk: Desk) -> None:
    issue = waiting(desk)
    held = desk.store.issues.move(issue, IssueState.HELD, allowed=[IssueState.FROZEN], now=desk.now)
    assert not desk.store.reviews.claim_ask(held, desk.now)
    assert not desk.store.reviews.claim_reminder(held, desk.now, desk.now)


def test_a_reminder_is_not_for_a_moment_since_which_people_were_told(desk: Desk) -> None:
    reviews, now = desk.store.reviews, desk.now
    issue = waiting(desk)
    assert reviews.claim_ask(issue, now)
    assert not reviews.claim_reminder(issue, now - HOUR, now + HOUR)
    assert reviews.claim_reminder(issue, now + HOUR, now + 2 * HOUR)
    assert not reviews.claim_reminder(issue, now + HOUR, now + 3 * HOUR)


def test_what_a_clock_wrote_that_was_days_ahead_counts_no_more_once_it_is_right(desk: Desk) -> None:
    reviews, now = desk.store.reviews, desk.now
    issue = waiting(desk)
    assert reviews.claim_ask(issue, now + timedelta(days=3))
    assert reviews.last(issue, now) is None
    assert reviews.claim_ask(issue, now)
    assert not reviews.claim_ask(issue, now - 30 * MINUTE), "a clock that is set right by minutes asks nobody twice"


@pytest.mark.parametrize("review", ["window", "required"])
def test_two_schedulers_on_one_store_ask_and_send_as_one(store_url: str, tmp_path: Path, review: str) -> None:
    with stores(store_url, tmp_path, 2) as (one, other):
        worlds = [make_world(tmp_path, each, review) for each in (one, other)]
        both = [BUILD, BUILD + HOUR, DUE - 24 * HOUR, DUE - 5 * MINUTE, DUE, DUE + HOUR]
        with ThreadPoolExecutor(2) as pool:
            for at in both:
                for world in worlds:
                    world.now = at
                    if at == BUILD + HOUR:
                        world.change("直しました")
                list(pool.map(World.tick, worlds))
        first = worlds[0]
        kinds = [each.what for each in first.events("asked", "reminded")]
        assert kinds == ["asked", "asked", *(["reminded"] * 2 if review == "required" else [])]
        assert len(first.messages) == len(kinds)
        assert first.state is (IssueState.SENT if review == "window" else IssueState.FROZEN)
        if review == "window":
            assert len(first.events("sending")) == 1
