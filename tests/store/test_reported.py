"""People hear each thing once: of this host or another, before a restart or after it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from digest.models import IssueState
from digest.store import Store
from tests.store.conftest import Desk


def test_of_many_that_would_tell_the_same_one_does(desk: Desk, store_url: str, tmp_path: Path) -> None:
    issue = desk.frozen()

    def ask(_: int) -> bool:
        host = Store(store_url, tmp_path)
        try:
            return host.reported.claim(issue, ["paused: too many"], desk.now)
        finally:
            host.close()

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(ask, range(8))) == [False] * 7 + [True]
    told = [each.detail for each in desk.store.issues.events(issue) if each.what == "reported"]
    assert told == ["paused: too many"]


def test_something_new_beside_what_is_known_is_told_and_only_that_is_noted(desk: Desk) -> None:
    issue, claim = desk.frozen(), desk.store.reported.claim
    assert claim(issue, ["frozen", "blog.failed news"], desk.now)
    assert not claim(issue, ["frozen"], desk.now), "an error that went away is no news"
    assert not claim(issue, ["frozen", "blog.failed news"], desk.now), "nor is one that came back"
    assert claim(issue, ["frozen", "post.date a.md:4"], desk.now)
    told = [each.detail for each in desk.store.issues.events(issue) if each.what == "reported"]
    assert told == ["frozen", "blog.failed news", "post.date a.md:4"]


def test_what_happens_again_after_somebody_let_it_go_on_is_told_again(desk: Desk) -> None:
    issue, reported = desk.sending(), desk.store.reported
    went_on = (IssueState.SENDING,)
    desk.store.outbox.pause(issue, "too many", desk.now)
    assert reported.claim(issue, ["paused: too many"], desk.now, anew_after=went_on)
    assert not reported.claim(issue, ["paused: too many"], desk.now, anew_after=went_on)
    desk.store.issues.move(issue, IssueState.SENDING, allowed=(IssueState.PAUSED,), now=desk.now, who="kay")
    desk.store.outbox.pause(issue, "too many", desk.now)
    assert not reported.claim(issue, ["paused: too many"], desk.now), "unless that is asked for, once is once"
    assert reported.claim(issue, ["paused: too many"], desk.now, anew_after=went_on)


def test_an_issue_that_ended_and_was_not_told_is_found_but_none_from_before_the_first_report(desk: Desk) -> None:
    now, store = desk.now, desk.store

    def ended(period: str) -> None:
        slot = replace(desk.slot, period=period)
        issue = store.issues.plan("weekly", slot, now)
        store.issues.move(issue, IssueState.SKIPPED, allowed=(IssueState.PLANNED,), now=now, reason="too few posts")

    ended("2026-W01")
    assert store.reported.unheard("weekly", now) == []
    reported = store.issues.plan("weekly", desk.slot, now)
    store.reported.claim(reported, ["planned"], now)
    assert store.reported.unheard("weekly", now) == [], "it ended before anybody wanted to know"
    ended("2026-W05")
    assert store.reported.unheard("weekly", now - timedelta(hours=1)) == [], "it is not due yet"
    assert store.reported.unheard("another", now) == []
    assert store.reported.unheard("weekly", now) == ["2026-W05"]
    issue = store.issues.find("weekly", "2026-W05")
    assert issue
    store.reported.claim(issue, ["skipped: too few posts"], now)
    assert store.reported.unheard("weekly", now) == []
