"""An issue is made early, people are shown it once, and what leaves is what they saw."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from digest import pipeline
from digest.errors import IssueStateError
from digest.models import IssueState, Secret
from digest.pipeline.reporting import Channels
from digest.pipeline.steps import UNOPPOSED
from digest.select import slot_of_period
from digest.send.providers.file import Provider as Writer
from digest.store import Store
from tests.factories import TOKYO
from tests.pipeline.reviewing_world import (
    BUILD,
    DUE,
    EDITOR,
    HOUR,
    MINUTE,
    READERS,
    WEEK,
    World,
    at_due,
    friday,
    make_world,
    sound_post,
)

DAY = timedelta(days=1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store("sqlite:///store.sqlite3", tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def window(tmp_path: Path, store: Store) -> World:
    return make_world(tmp_path, store, "window")


@pytest.fixture
def required(tmp_path: Path, store: Store) -> World:
    return make_world(tmp_path, store, "required")


def text_of(world: World, address: str, *, proof: bool = False) -> str:
    """Return the text part of a copy, without what names its reader."""
    mail = world.mail(address, proof=proof)
    assert mail
    body = mail.get_body(("plain",))
    assert body
    lines = str(body.get_content()).splitlines()
    return "\n".join(line for line in lines if "/u/" not in line)


# ---------------------------------------------------------------- the window


def test_a_window_shows_the_issue_on_friday_and_lets_it_leave_on_monday(window: World) -> None:
    window.go(BUILD - MINUTE)
    assert window.store.issues.find("weekly", WEEK) is None, "nothing is made before its moment"
    window.go(BUILD)
    assert window.state is IssueState.FROZEN
    (text,) = window.messages
    assert text.startswith("# 【自動送信の予告】週刊ダイジェスト 2026-W04")
    for said in (
        "止める人がいなければ、2026年1月19日(月) 08:00 JST に自動で送信されます",
        "https://studio.example.com/issues/weekly/2026-W04",
        "`digest hold weekly/2026-W04`",
        f"`digest approve weekly/2026-W04 --fingerprint {window.issue().fingerprint[:12]}`",
        f"件名：{window.issue().subject}",
        "AI最新ニュース\n- ",
        "載せた記事：3",
    ):
        assert said in text
    assert window.mail(EDITOR, proof=True), "and a proof"
    window.go(DUE - MINUTE, every=7 * HOUR)
    assert window.state is IssueState.FROZEN
    assert window.mail(READERS[0]) is None
    window.go(DUE, every=MINUTE)
    assert window.state is IssueState.SENT
    assert window.left_at() == DUE
    assert window.issue().approved_by == UNOPPOSED
    assert text_of(window, READERS[0]) == text_of(window, EDITOR, proof=True)
    told = [each.what for each in window.events() if each.what != "reported"]
    assert told == ["planned", "frozen", "asked", "approved", "sending", "sent"]


def test_an_issue_that_is_held_in_its_window_does_not_leave_until_somebody_approves_it(window: World) -> None:
    window.go(BUILD + HOUR)
    window.decide(pipeline.hold, "a doubt")
    window.change("別のことば")
    held = window.issue().fingerprint
    window.go(DUE + 5 * HOUR, every=HOUR)
    assert (window.state, window.issue().fingerprint) == (IssueState.HELD, held), "what people hold is theirs"
    window.decide(pipeline.approve)
    window.go(window.now + MINUTE, every=MINUTE)
    assert window.state is IssueState.SENT
    assert window.subjects == ["自動送信の予告"]


def test_an_issue_that_is_skipped_in_its_window_stays_so(window: World) -> None:
    window.go(BUILD)
    window.decide(pipeline.skip, "a holiday")
    window.change("別のことば")
    window.go(DUE + HOUR)
    assert window.state is IssueState.SKIPPED


def test_an_early_approval_does_not_make_it_leave_early(window: World) -> None:
    window.go(BUILD)
    window.decide(pipeline.approve)
    window.go(DUE - MINUTE, every=7 * HOUR)
    assert window.state is IssueState.APPROVED
    window.go(DUE, every=MINUTE)
    assert window.state is IssueState.SENT
    assert (window.left_at(), window.issue().approved_by) == (DUE, "kay")
    assert window.subjects == ["自動送信の予告"], "an early approval is no news"


def test_a_change_in_the_window_is_shown_with_what_is_different_and_voids_an_approval(window: World) -> None:
    window.go(BUILD)
    window.decide(pipeline.approve)
    window.posts = (*window.posts[:2], sound_post("new", BUILD - HOUR))
    window.touch()
    window.go(window.now + MINUTE, every=MINUTE)
    assert window.state is IssueState.FROZEN
    assert window.subjects == ["自動送信の予告", "内容変更・自動送信の予告"]
    assert "前の版の承認は無効です" in window.messages[1]
    titles = {name: sound_post(name, BUILD).title for name in ("c", "new")}
    assert f"- 追加: {titles['new']}" in window.messages[1]
    assert f"- 削除: {titles['c']}" in window.messages[1]
    window.go(DUE, every=7 * HOUR)
    assert window.state is IssueState.SENT
    assert text_of(window, READERS[1]) == text_of(window, EDITOR, proof=True)


def test_a_change_that_leaves_the_same_bytes_keeps_the_approval_and_asks_nobody(window: World) -> None:
    window.go(BUILD)
    window.decide(pipeline.approve)
    before = window.builds
    window.touch()
    window.go(window.now + 2 * MINUTE, every=MINUTE)
    assert window.builds == before + 1
    assert window.state is IssueState.APPROVED
    assert len(window.messages) == 1


def test_what_is_no_file_is_looked_at_every_quarter_of_an_hour_and_nothing_is_built_in_between(window: World) -> None:
    window.go(BUILD, every=MINUTE)
    first = window.builds
    window.go(BUILD + 14 * MINUTE, every=MINUTE)
    assert window.builds == first
    window.posts = window.posts[:2]
    window.go(BUILD + 15 * MINUTE, every=MINUTE)
    assert window.builds == first + 1
    assert window.subjects == ["自動送信の予告", "内容変更・自動送信の予告"]


def test_the_last_look_finds_what_a_feed_says_just_before_the_issue_is_due(window: World) -> None:
    window.go(DUE - 2 * MINUTE, every=7 * HOUR)
    window.posts = window.posts[:2]
    window.go(DUE, every=MINUTE)
    assert window.state is IssueState.FROZEN
    window.go(DUE + HOUR, every=MINUTE)
    assert window.state is IssueState.SENT
    assert window.left_at() == DUE + HOUR - MINUTE


def test_a_fix_five_minutes_before_gives_people_their_hour_and_a_second_one_after_the_due_moment_none(
    window: World,
) -> None:
    window.go(DUE - 5 * MINUTE, every=7 * HOUR)
    window.change("直しました")
    window.go(DUE - 4 * MINUTE, every=MINUTE)
    assert "2026年1月19日(月) 08:56 JST に自動で送信されます" in window.messages[1]
    window.go(DUE + 5 * MINUTE, every=MINUTE)
    shown = window.issue().fingerprint
    window.change("もう一度直しました")
    window.go(DUE + 55 * MINUTE, every=MINUTE)
    assert (window.state, window.issue().fingerprint) == (IssueState.FROZEN, shown)
    window.go(DUE + 56 * MINUTE, every=MINUTE)
    assert window.state is IssueState.SENT
    assert window.left_at() == DUE + 56 * MINUTE
    assert "直しました" in text_of(window, READERS[0])
    assert "もう一度" not in text_of(window, READERS[0])


def test_changes_every_minute_put_it_off_by_no_more_than_the_time_that_people_have(window: World) -> None:
    window.go(DUE - 10 * MINUTE, every=7 * HOUR)
    for minute in range(120):
        window.change(f"{minute}回目")
        window.go(window.now + MINUTE, every=MINUTE)
    assert window.state is IssueState.SENT
    assert window.left_at() <= DUE + HOUR


def test_a_person_who_changes_its_posts_after_the_due_moment_is_asked_about_that_too(window: World) -> None:
    window.go(DUE - 5 * MINUTE, every=7 * HOUR)
    window.change("直しました")
    window.go(DUE + 5 * MINUTE, every=MINUTE)
    press = window.press()
    post = window.posts[0]
    pipeline.say(press, window.slot, post, pipeline.saying.OverrideKind.EXCLUDE, "", "kay", window.now)
    window.go(window.now + MINUTE, every=MINUTE)
    assert post.title not in window.messages[-1].partition("載せた記事")[2]
    window.decide(pipeline.approve)
    window.go(window.now + MINUTE, every=MINUTE)
    assert window.state is IssueState.SENT, "an approval ends the waiting"


def test_a_machine_that_was_off_in_the_window_gives_people_their_time(window: World) -> None:
    window.now = DUE + 3 * HOUR
    window.tick()
    assert window.state is IssueState.FROZEN
    assert "12:00 JST に自動で送信されます" in window.messages[0]
    window.go(DUE + 4 * HOUR, every=MINUTE)
    assert window.left_at() == DUE + 4 * HOUR


@pytest.mark.parametrize(
    ("late", "state"), [("hold", IssueState.HELD), ("drop", IssueState.SKIPPED), ("run", IssueState.SENT)]
)
def test_a_window_that_ends_too_late_ends_as_the_newsletter_says(
    tmp_path: Path, store: Store, late: str, state: IssueState
) -> None:
    world = make_world(tmp_path, store, "window", late=late)
    world.now = DUE + timedelta(hours=47, minutes=30)
    world.tick()
    told = {"hold": "保留になり", "drop": "見送りとなり", "run": "に自動で送信されます"}
    assert told[late] in world.messages[0].partition("何もしない場合")[2]
    world.go(DUE + 49 * HOUR, every=10 * MINUTE)
    assert world.state is state


def test_a_machine_that_was_off_over_the_due_moment_sends_what_people_saw(window: World) -> None:
    window.go(BUILD)
    shown = window.issue().fingerprint
    window.change("見ていない")
    window.now = DUE + 6 * HOUR
    window.tick()
    assert (window.state, window.issue().fingerprint) == (IssueState.SENT, shown)


def test_from_cron_an_issue_is_looked_at_once_more_after_the_due_moment_and_only_once(window: World) -> None:
    window.now = BUILD
    window.tick(None)
    assert window.state is IssueState.FROZEN
    window.posts = window.posts[:2]
    window.now = DUE + MINUTE
    window.tick(None)
    assert window.subjects == ["自動送信の予告", "内容変更・自動送信の予告"]
    shown = window.issue().fingerprint
    window.posts = window.posts[:1]
    window.now = DUE + 30 * MINUTE
    window.tick(None)
    assert window.issue().fingerprint == shown
    window.now = DUE + 61 * MINUTE
    window.tick(None)
    assert (window.state, window.issue().fingerprint) == (IssueState.SENT, shown)


def test_without_a_review_nothing_is_made_before_the_due_moment(tmp_path: Path, store: Store) -> None:
    world = make_world(tmp_path, store, "none", schedule=replace(friday(), build=None))
    world.go(DUE - MINUTE, every=7 * HOUR)
    assert world.store.issues.find("weekly", WEEK) is None
    world.go(DUE)
    assert world.state is IssueState.SENT
    assert [each.what for each in world.events("asked")] == []


# ---------------------------------------------------------------- an approval is required


def test_required_asks_reminds_and_holds_with_the_reason(required: World) -> None:
    required.go(BUILD)
    required.go(DUE + 3 * DAY, every=2 * HOUR)
    assert required.state is IssueState.HELD
    assert required.issue().reason == "nobody approved it within 48 hours of its time"
    told = [(each.what, each.at.astimezone(TOKYO).isoformat()[:16]) for each in required.events("asked", "reminded")]
    assert told == [
        ("asked", "2026-01-16T18:00"),
        ("reminded", "2026-01-17T08:00"),
        ("reminded", "2026-01-18T08:00"),
        ("reminded", "2026-01-19T08:00"),
        ("reminded", "2026-01-20T08:00"),
    ]
    assert required.subjects == ["承認のお願い", *["承認がまだです"] * 2, "送信時刻・未承認", "承認がまだです"]
    assert "2026年1月21日(水) 08:00 JST に保留になり" in required.messages[0]
    assert required.mail(READERS[0]) is None
    required.decide(pipeline.approve)
    required.tick()
    assert required.state is IssueState.SENT, "whoever lets it go, lets it go"


@pytest.mark.parametrize(("late", "state"), [("drop", IssueState.SKIPPED), ("run", IssueState.FROZEN)])
def test_however_late_nothing_leaves_without_an_approval(
    tmp_path: Path, store: Store, late: str, state: IssueState
) -> None:
    world = make_world(tmp_path, store, "required", late=late)
    world.go(DUE + 4 * DAY, every=6 * HOUR)
    assert world.state is state
    assert world.mail(READERS[0]) is None
    world.go(DUE + 8 * DAY, every=6 * HOUR)
    assert world.state in {IssueState.SKIPPED, IssueState.EXPIRED}
    assert world.mail(READERS[0]) is None


def test_reminders_that_were_missed_are_one(required: World) -> None:
    required.go(BUILD)
    required.now = DUE - HOUR
    required.tick()
    required.tick()
    assert required.subjects == ["承認のお願い", "承認がまだです"]
    required.go(DUE + HOUR)
    assert required.subjects[2:] == ["送信時刻・未承認"]


def test_no_reminders_where_none_are_wanted_nor_once_it_is_approved_or_held(tmp_path: Path, store: Store) -> None:
    world = make_world(tmp_path, store, "required", remind_hours=0)
    world.go(DUE + HOUR, every=HOUR)
    assert world.subjects == ["承認のお願い"]
    world.newsletter = replace(world.newsletter, remind_hours=2)
    world.decide(pipeline.hold, "a doubt")
    world.go(DUE + 8 * HOUR, every=HOUR)
    assert world.subjects == ["承認のお願い"]


def test_an_approval_before_its_time_waits_for_it_and_one_after_it_lets_it_leave(required: World) -> None:
    required.go(BUILD + HOUR)
    required.decide(pipeline.approve)
    required.go(DUE - MINUTE, every=7 * HOUR)
    assert required.state is IssueState.APPROVED
    required.go(DUE, every=MINUTE)
    assert required.left_at() == DUE


def test_who_has_to_approve_sees_the_corrected_issue_also_after_its_time(required: World) -> None:
    required.go(DUE + HOUR, every=HOUR)
    required.change("直しました")
    required.go(required.now + MINUTE, every=MINUTE)
    assert required.subjects[-1] == "内容変更・承認のお願い"
    required.decide(pipeline.approve)
    required.change("承認のあと")
    required.go(required.now + MINUTE, every=MINUTE)
    assert required.state is IssueState.SENT, "what was approved after its time leaves"
    assert "直しました" in text_of(required, READERS[0])


def test_an_approval_of_a_version_that_is_no_more_is_refused(required: World) -> None:
    required.go(BUILD)
    looked_at = required.issue()
    required.change("直しました")
    required.go(required.now + MINUTE, every=MINUTE)
    with pytest.raises(IssueStateError, match="has changed since you looked at it"):
        pipeline.approve(required.store, looked_at, "kay", required.now)


@pytest.mark.parametrize("before", ["none", "window"])
def test_what_another_review_let_go_by_itself_needs_an_approval_once_one_is_required(
    tmp_path: Path, store: Store, before: str
) -> None:
    world = make_world(tmp_path, store, before)
    world.now = DUE
    issue, _ = pipeline.build(world.press(), world.slot, world.now)
    pipeline.approve(store, issue, {"none": "review = none", "window": UNOPPOSED}[before], world.now)
    world.newsletter = replace(world.newsletter, review="required")
    world.tick()
    assert world.state is IssueState.FROZEN
    assert world.issue().approved_by == ""
    assert world.subjects == ["承認のお願い"]
    world.go(DUE + 5 * HOUR, every=HOUR)
    assert world.mail(READERS[0]) is None


# ---------------------------------------------------------------- whoever is at it


@pytest.mark.parametrize("review", ["window", "required"])
def test_the_coming_issue_is_shown_while_the_one_before_still_waits(tmp_path: Path, store: Store, review: str) -> None:
    world = make_world(tmp_path, store, review, max_delay_hours=160)
    world.posts += (sound_post("next", DUE + DAY),)
    world.go(BUILD, every=HOUR)
    world.decide(pipeline.hold, "later")
    world.go(BUILD + 7 * DAY, every=6 * HOUR)
    assert world.state is IssueState.HELD
    assert world.issue("2026-W05").state is IssueState.FROZEN
    world.decide(pipeline.approve)
    world.go(world.now + 2 * MINUTE, every=MINUTE)
    assert world.state is IssueState.SENT
    # The number that both had is taken now, and the coming issue was made again with the next one.
    assert (world.issue().number, world.issue("2026-W05").number) == (1, 2)


def test_a_thin_week_is_skipped_when_it_is_made_and_taken_up_when_a_post_comes(tmp_path: Path, store: Store) -> None:
    world = make_world(tmp_path, store, "window", min_posts=4)
    world.go(BUILD + 2 * HOUR, every=10 * MINUTE)
    assert world.state is IssueState.SKIPPED
    assert world.subjects == []
    assert len(world.events("skipped")) == 1, "looking again is no line of the history"
    world.posts += (sound_post("late", BUILD - HOUR),)
    world.go(BUILD + 3 * HOUR, every=10 * MINUTE)
    assert world.state is IssueState.FROZEN
    assert world.subjects == ["自動送信の予告"]


def test_a_thin_issue_that_somebody_takes_up_is_not_skipped_again(tmp_path: Path, store: Store) -> None:
    world = make_world(tmp_path, store, "window", min_posts=4)
    world.go(BUILD)
    pipeline.build(world.press(), world.slot, world.now)
    world.go(DUE, every=7 * HOUR)
    assert world.state is IssueState.SENT


def test_a_clock_that_jumps_back_asks_once_and_loses_nothing(window: World) -> None:
    window.go(BUILD + 2 * MINUTE, every=MINUTE)
    window.now = BUILD - 10 * MINUTE
    window.go(DUE, every=5 * HOUR)
    assert len(window.events("asked")) == 1
    assert window.left_at() == DUE


def test_an_ask_by_a_clock_that_was_days_ahead_is_asked_again_at_the_right_time(window: World) -> None:
    window.now = DUE - 10 * MINUTE
    window.tick()
    assert len(window.events("asked")) == 1
    window.now = BUILD + MINUTE
    window.go(DUE, every=7 * HOUR)
    assert len(window.events("asked")) == 2
    assert window.left_at() == DUE


@pytest.mark.parametrize(
    ("zone", "period", "hours"),
    [("Europe/Berlin", "2026-W14", 61), ("Europe/Berlin", "2026-W44", 63), ("Asia/Tokyo", "2026-W44", 62)],
)
def test_a_week_in_which_the_clocks_change_has_its_moments_by_the_clock_on_the_wall(
    tmp_path: Path, store: Store, zone: str, period: str, hours: int
) -> None:
    world = make_world(tmp_path, store, "window", schedule=friday(ZoneInfo(zone)))
    slot = slot_of_period(world.newsletter.schedule, period)
    local = slot.window.end.astimezone(UTC)
    world.posts = (sound_post("a", local - HOUR), sound_post("b", local - 2 * HOUR))
    world.now = slot.build_at.astimezone(UTC) - HOUR
    world.go(slot.due_at + HOUR, every=HOUR)
    events = {each.what: each.at for each in store.issues.events(world.issue(period))}
    assert events["sending"] - events["asked"] == timedelta(hours=hours)
    assert events["sending"].astimezone(ZoneInfo(zone)).strftime("%a %H:%M") == "Mon 08:00"
    assert events["asked"].astimezone(ZoneInfo(zone)).strftime("%a %H:%M") == "Fri 18:00"


def test_a_way_that_fails_is_a_finding_and_keeps_nothing_from_leaving(window: World) -> None:
    window.ways = Channels(webhook=Secret("HOOK", "http://127.0.0.1:9/secret-part"))

    def broken() -> Writer:
        (window.folder / "outbox").write_text("in the way", encoding="utf-8")
        return Writer(window.folder / "outbox")

    window.provider = broken()
    window.go(BUILD, every=HOUR)
    assert {each.code for each in window.untold} == {"report.not-told"}
    said = " ".join(each.message for each in window.untold)
    assert "as a proof" in said
    assert "by mail" in said
    assert "to the webhook" in said
    assert "secret-part" not in said
    (window.folder / "outbox").unlink()
    window.go(DUE, every=7 * HOUR)
    assert window.state is IssueState.SENT


def test_a_newsletter_whose_review_is_too_short_or_half_said_is_told(tmp_path: Path, store: Store) -> None:
    world = make_world(tmp_path, store, "window", schedule=at_due(), review_minutes=90, unused=("remind_hours",))
    made = pipeline.draft(world.press(), world.slot, DUE)
    found = {each.code: each.message for each in made.problems}
    assert "it leaves 30 minutes late" in found["config.review-short"]
    assert "`remind_hours` counts for nothing" in found["config.key-unused"]
    world.now = DUE - 2 * HOUR
    world.go(DUE + 2 * HOUR, every=MINUTE)
    assert world.left_at() == DUE + 30 * MINUTE


# ---------------------------------------------------------------- whatever happens


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("review", ["window", "required"])
def test_whatever_happens_only_what_was_shown_or_approved_leaves(
    tmp_path: Path, store: Store, review: str, seed: int
) -> None:
    chance = random.Random(f"{review} {seed}")
    world = make_world(tmp_path, store, review)
    world.now = BUILD - 30 * MINUTE
    approved: set[str] = set()
    while world.now < DUE + 52 * HOUR:
        known = store.issues.find("weekly", WEEK)
        if known and known.state is IssueState.SENT:
            break
        what = chance.choices(
            ["tick", "change", "back", "approve", "hold", "off", "cron", "jump"], [50, 12, 6, 6, 2, 3, 4, 3]
        )[0]
        world.now += timedelta(minutes=chance.choice([1, 1, 7, 40, 240]))
        match what:
            case "change":
                world.change(f"ことば {chance.randrange(4)}")
            case "back":
                world.change("やあ")
            case "approve" if known and known.state in {IssueState.FROZEN, IssueState.HELD}:
                approved.add(world.decide(pipeline.approve).fingerprint)
            case "hold" if known and known.state in {IssueState.FROZEN, IssueState.APPROVED}:
                world.decide(pipeline.hold, "a doubt")
            case "off":
                world.now += timedelta(hours=chance.randrange(30))
                world.hosts.clear()  # what a process remembered is gone
            case "jump":
                world.now -= timedelta(minutes=chance.randrange(50))
            case "cron":
                world.tick(None)
            case _:
                world.tick(chance.randrange(2))
    issue = world.issue()
    asked = [each.detail for each in world.events("asked")]
    assert all(before != after for before, after in pairwise(asked)), "no version is asked twice in a row"
    reminded = [each.detail for each in world.events("reminded")]
    assert len(set(reminded)) == len(reminded)
    if not world.mail(READERS[0]):
        return
    assert world.left_at() >= DUE or issue.approved_by == "kay"
    frozen = store.issues.frozen(issue)
    assert frozen
    if review == "required":
        assert frozen.email.fingerprint in approved
    elif frozen.email.fingerprint not in approved:
        assert asked[-1] == frozen.email.fingerprint[:12]
        assert world.left_at() - world.events("asked")[-1].at >= timedelta(minutes=60)
        assert text_of(world, READERS[0]) == text_of(world, EDITOR, proof=True)


def test_a_late_issue_is_told_to_leave_only_where_it_does(window: World) -> None:
    window.now = DUE + timedelta(hours=47, minutes=30)
    window.tick()
    assert window.subjects == ["承認のお願い"]
    assert "自動では送信されません" in window.messages[0]
    assert "に保留になり、承認されるまで送信されません" in window.messages[0]
    window.now += HOUR
    window.tick()
    assert window.state is IssueState.HELD


def test_from_cron_a_late_issue_is_told_when_it_leaves(window: World) -> None:
    window.now = DUE + timedelta(days=3)
    window.tick(None)
    assert "2026年1月22日(木) 09:00 JST に自動で送信されます" in window.messages[0]
    window.now += HOUR
    window.tick(None)
    assert window.state is IssueState.SENT
