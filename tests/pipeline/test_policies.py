"""What becomes of thin and of late issues, as the newsletter says, in runs with a real store and real files."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from digest import pipeline
from digest.models import READER_TOKEN, Collection, Issue, IssueState, Post, Recipient
from digest.pipeline import Press
from digest.render import Links, Renderer
from digest.select import slot_of_period
from digest.send.audience import Audience
from digest.send.edge import Edge
from digest.send.ownership import Owner
from digest.send.providers.file import Provider
from digest.store import Store
from tests.conftest import ROOT
from tests.factories import TOKYO, make_newsletter, make_post

WEEKS = ("2026-W03", "2026-W04", "2026-W05")
TWO_DAYS = timedelta(hours=48)


@dataclass
class House:
    """A newsletter with its store and outbox, and the posts of its blog."""

    folder: Path
    store: Store
    posts: tuple[Post, ...] = ()

    def run(self, week: str, *, after: timedelta = timedelta(minutes=1), **settings: Any) -> Issue:
        """Run as the scheduler does, so long after the week's time; return its issue."""
        newsletter = make_newsletter(**settings)
        now = slot_of_period(newsletter.schedule, week).due_at + after
        press = Press(
            newsletter=newsletter,
            read_posts=lambda moment: Collection(tuple(each for each in self.posts if each.published_at < moment)),
            read_audience=lambda: Audience((Recipient("reader@example.com"),), ()),
            renderer=Renderer(ROOT / "templates", ROOT / "config/copy"),
            links=lambda _: Links(f"https://news.example.com/u/{READER_TOKEN}"),
            store=self.store,
            provider=Provider(self.folder / "outbox"),
            owner=Owner(self.folder / "senders"),
        )
        asyncio.run(pipeline.run(press, Edge(lambda: now), max_delay=TWO_DAYS))
        issue = self.store.issues.find("weekly", week)
        assert issue is not None
        return issue

    def brought(self, week: str) -> set[str]:
        """Return the names of the picks of a week's issue."""
        issue = self.store.issues.find("weekly", week)
        frozen = self.store.issues.frozen(issue) if issue else None
        return {each.rpartition("-")[2].removesuffix(".md") for each in frozen.post_ids} if frozen else set()

    def window(self, week: str) -> str:
        """Return the first day of the window that a week's issue was made for."""
        issue = self.store.issues.find("weekly", week)
        frozen = self.store.issues.frozen(issue) if issue else None
        assert frozen is not None
        return str(frozen.selection["window"]["start"])[:10]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    store = Store("sqlite:///store.sqlite3", tmp_path)
    yield House(tmp_path, store)
    store.close()


def on(day: int, name: str) -> Post:
    """Return a post of January 2026 with a subject of its own."""
    words = "".join(chr(0x30A2 + (ord(letter) * 7 + day * 3 + place) % 80) for place, letter in enumerate(name * 4))
    return replace(
        make_post(name, body=f"{words}の話です。{words}について、{day}日に調べました。"),
        title=f"{words}について",
        published_at=datetime(2026, 1, day, 12, tzinfo=TOKYO),
    )


def test_a_thin_week_is_skipped_with_a_reason_and_its_post_comes_later(house: House) -> None:
    house.posts = (on(8, "alone"), on(13, "b"), on(14, "c"))
    thin = house.run(WEEKS[0], min_posts=2)
    assert (thin.state, thin.reason[:13]) == (IssueState.SKIPPED, "too few posts")
    assert house.run(WEEKS[1], min_posts=2).state is IssueState.SENT
    assert house.brought(WEEKS[1]) == {"alone", "b", "c"}
    assert house.window(WEEKS[1]) == "2026-01-12"


def test_a_merged_week_makes_the_next_issue_one_about_both(house: House) -> None:
    house.posts = (on(8, "alone"), on(13, "b"))
    assert "the next issue is about both" in house.run(WEEKS[0], min_posts=2, thin="merge_next").reason
    assert house.run(WEEKS[1], min_posts=2, thin="merge_next").state is IssueState.SENT
    assert house.window(WEEKS[1]) == "2026-01-05"


def test_leftovers_do_not_make_a_thin_week_thick_unless_they_are_to(house: House) -> None:
    house.posts = tuple(on(8, name) for name in "abcd")
    settings = {"min_posts": 2, "max_posts": 2}
    assert house.run(WEEKS[0], **settings).state is IssueState.SENT
    assert house.run(WEEKS[1], **settings).state is IssueState.SKIPPED
    assert house.run(WEEKS[2], **settings, thin="fill_from_uncovered").state is IssueState.SENT
    assert house.brought(WEEKS[0]) | house.brought(WEEKS[2]) == set("abcd")


def test_an_issue_may_be_sent_however_thin_but_not_without_any_post(house: House) -> None:
    house.posts = (on(8, "alone"),)
    settings = {"min_posts": 5, "thin": "send_anyway"}
    assert house.run(WEEKS[0], **settings).state is IssueState.SENT
    assert house.run(WEEKS[1], **settings).state is IssueState.SKIPPED


@pytest.mark.parametrize(
    ("policy", "state"), [("hold", IssueState.HELD), ("run", IssueState.SENT), ("drop", IssueState.SKIPPED)]
)
def test_a_late_issue_is_held_sent_or_dropped(house: House, policy: str, state: IssueState) -> None:
    house.posts = (on(8, "a"),)
    issue = house.run(WEEKS[0], after=timedelta(hours=49), late=policy)
    assert issue.state is state
    assert "hours late" in issue.reason or policy == "run"


def test_an_issue_within_its_time_is_sent_whatever_the_policy(house: House) -> None:
    house.posts = (on(8, "a"),)
    assert house.run(WEEKS[0], after=timedelta(hours=47), late="drop").state is IssueState.SENT
