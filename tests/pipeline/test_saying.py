"""What people say about an issue's posts is checked, kept, carried out, and taken back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from digest import pipeline
from digest.app import Project
from digest.errors import ConfigError, IssueStateError
from digest.models import IssueState, OverrideKind, Post, Slot
from digest.pipeline import Press
from digest.select import latest_slot
from tests.factories import TOKYO
from tests.projects import make_project

DUE = datetime(2026, 1, 19, 8, 0, tzinfo=TOKYO)
REVIEW = {'review = "none" ': 'review = "required" '}


@pytest.fixture
def press(tmp_path: Path) -> Iterator[Press]:
    with Project(make_project(tmp_path / "p", readers=2, weekly=REVIEW)) as opened:
        yield opened.press()


@pytest.fixture
def slot(press: Press) -> Slot:
    return latest_slot(press.newsletter.schedule, DUE)


@pytest.fixture
def post(press: Press, slot: Slot) -> Post:
    """The last pick of the issue as it is chosen without anybody's say."""
    return pipeline.draft(press, slot, DUE).selection.picks[-1].post


def say(press: Press, slot: Slot, post: Post, kind: str, value: str = "", minutes: int = 0) -> int:
    now = DUE + timedelta(minutes=minutes)
    return pipeline.say(press, slot, post, OverrideKind(kind), value, "kay", now).id


def picks(press: Press, slot: Slot) -> list[str]:
    return [pick.post.id for pick in pipeline.draft(press, slot, DUE).selection.picks]


def test_what_is_said_before_an_issue_is_built_is_in_its_first_version_and_in_every_later_one(
    press: Press, slot: Slot, post: Post
) -> None:
    say(press, slot, post, "pin")
    say(press, slot, post, "title", "人が選んだ\n 見出し")
    for _ in range(2):
        issue, made = pipeline.build(press, slot, DUE)
        assert made.selection.picks[0].post.id == post.id
        assert made.selection.picks[0].post.title == "人が選んだ 見出し"
        assert "人が選んだ" in issue.subject


def test_a_say_is_about_one_issue_only(press: Press, slot: Slot, post: Post) -> None:
    say(press, slot, post, "exclude")
    assert post.id not in picks(press, slot)
    next_week = latest_slot(press.newsletter.schedule, DUE + timedelta(weeks=1))
    assert press.store.overrides.standing(press.newsletter.slug, next_week.period) == ()


def test_what_is_taken_back_holds_no_more(press: Press, slot: Slot, post: Post) -> None:
    before = picks(press, slot)
    number = say(press, slot, post, "exclude")
    say(press, slot, post, "title", "x", minutes=1)
    assert pipeline.take_back(press, slot, None, "ann", DUE).kind is OverrideKind.TITLE
    assert pipeline.take_back(press, slot, number, "ann", DUE).undone_by == "ann"
    assert picks(press, slot) == before
    with pytest.raises(IssueStateError, match="nothing can be undone"):
        pipeline.take_back(press, slot, None, "ann", DUE)


def test_a_version_that_waits_is_built_again_and_its_approval_is_void(press: Press, slot: Slot, post: Post) -> None:
    issue, _ = pipeline.build(press, slot, DUE)
    pipeline.approve(press.store, issue, "boss", DUE)
    say(press, slot, post, "pin")
    built = pipeline.built_again(press, slot, DUE)
    assert built
    again, made = built
    assert again.state is IssueState.FROZEN
    assert again.approved_by == ""
    assert again.fingerprint != issue.fingerprint
    assert made.selection.picks[0].post.id == post.id


def test_an_issue_that_a_person_holds_stays_held_when_it_is_built_again(press: Press, slot: Slot, post: Post) -> None:
    issue, _ = pipeline.build(press, slot, DUE)
    pipeline.hold(press.store, issue, "boss", "wait", DUE)
    say(press, slot, post, "exclude")
    built = pipeline.built_again(press, slot, DUE)
    assert built
    assert built[0].state is IssueState.HELD


def test_nothing_is_built_that_nobody_built_before(press: Press, slot: Slot, post: Post) -> None:
    say(press, slot, post, "pin")
    assert pipeline.built_again(press, slot, DUE) is None
    assert press.store.issues.find(press.newsletter.slug, slot.period) is None


@pytest.mark.parametrize(
    ("kind", "value", "words"),
    [
        ("move", "nowhere", "there is no section “nowhere”"),
        ("move", "", "there is no section"),
        ("order", "0", "no place"),
        ("order", "101", "no place"),
        ("order", "-1", "no place"),
        ("order", "first", "no place"),
        ("order", "²", "no place"),
        ("order", "9" * 5_000, "no place"),
        ("title", " \n", "the title is empty"),
        ("title", "x" * 2_001, "the title is too long"),
        ("title", "a\x00b", "control characters"),
        ("excerpt", "", "the excerpt is empty"),
        ("excerpt", "\udcff", "control characters"),
    ],
)
def test_a_value_that_makes_no_sense_is_refused_and_nothing_is_written(
    press: Press, slot: Slot, post: Post, kind: str, value: str, words: str
) -> None:
    with pytest.raises(ConfigError, match=words) as caught:
        say(press, slot, post, kind, value)
    assert caught.value.fix
    assert press.store.overrides.history(press.newsletter.slug, slot.period) == ()


@pytest.mark.parametrize(
    ("kind", "value"), [("order", "1"), ("order", "100"), ("move", "events"), ("excerpt", "一行目\n二行目")]
)
def test_a_value_that_makes_sense_is_kept_as_it_is(press: Press, slot: Slot, post: Post, kind: str, value: str) -> None:
    say(press, slot, post, kind, value)
    (standing,) = press.store.overrides.standing(press.newsletter.slug, slot.period)
    assert (standing.post_id, standing.kind, standing.value, standing.who) == (post.id, kind, value, "kay")
