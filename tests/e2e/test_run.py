"""What a run does with what it finds: decisions of people stand, and nothing is forgotten beside the newest issue."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from digest import pipeline
from digest.app import Project
from digest.errors import IssueStateError
from digest.models import Collection, IssueState
from digest.pipeline import Outcome, Press
from digest.select import latest_slot
from digest.send.edge import Edge
from tests.e2e.command import digest, digest_json
from tests.factories import TOKYO
from tests.projects import make_project, replace_in

DUE = datetime(2026, 1, 19, 8, 0, tzinfo=TOKYO)
WEEK = timedelta(days=7)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project(make_project(tmp_path / "p", readers=2)) as opened:
        yield opened


def run(press: Press, now: datetime = DUE, **limits: timedelta) -> tuple[Outcome, ...]:
    return asyncio.run(pipeline.run(press, Edge(lambda: now), **limits))  # type: ignore[arg-type]


def mails(project: Project) -> int:
    return len(list((project.root / "var/outbox").rglob("*.eml")))


def build(press: Press, now: datetime, due: datetime = DUE) -> None:
    pipeline.build(press, latest_slot(press.newsletter.schedule, due), now)


def required(press: Press) -> Press:

    return replace(press, newsletter=replace(press.newsletter, review="required"))


def test_an_issue_skipped_while_it_is_being_built_does_not_leave(project: Project) -> None:
    press = project.press()

    def slow_blog(now: datetime) -> Collection:
        issue = press.store.issues.find("weekly", "2026-W04")
        if issue and issue.state is IssueState.PLANNED:
            pipeline.skip(press.store, issue, "boss", "祝日", now)
        return project.read_posts(now)

    (outcome,) = run(replace(press, read_posts=slow_blog))
    assert outcome.issue.state is IssueState.SKIPPED
    assert mails(project) == 0


def test_an_issue_held_at_the_last_moment_does_not_approve_itself(project: Project) -> None:
    press = project.press()
    build(press, DUE)
    issue = press.store.issues.find("weekly", "2026-W04")
    assert issue
    held = pipeline.hold(press.store, issue, "boss", "wait", DUE)
    with pytest.raises(Exception, match="held"):
        pipeline.approve(press.store, held, "review = none", DUE)
    assert run(press)[0].issue.state is IssueState.HELD
    assert mails(project) == 0


def test_an_older_issue_that_was_being_sent_is_finished_before_the_newest(project: Project) -> None:
    press = project.press()
    run(required(press))
    issue = press.store.issues.find("weekly", "2026-W04")
    assert issue
    pipeline.approve(press.store, issue, "kay", DUE)
    older, newest = run(press, DUE + WEEK)
    assert (older.issue.name, older.issue.state) == ("weekly/2026-W04", IssueState.SENT)
    assert newest.issue.name == "weekly/2026-W05"
    assert (older.issue.number, newest.issue.number) == (1, 2)


def test_an_issue_that_nobody_approved_expires_when_the_next_is_due_and_says_so(project: Project) -> None:
    press = required(project.press())
    run(press)
    older, _ = run(press, DUE + WEEK)
    assert older.issue.state is IssueState.EXPIRED
    assert "still frozen when the next issue was due" in older.says
    assert len(run(press, DUE + WEEK)) == 1, "it is told once"


def test_an_issue_frozen_before_the_week_was_over_is_built_again_with_the_rest_of_it(project: Project) -> None:
    press = project.press()
    build(press, DUE - timedelta(days=3))
    early = project.store.issues.find("weekly", "2026-W04")
    assert early
    (outcome,) = run(press)
    assert outcome.issue.state is IssueState.SENT
    assert outcome.draft is not None


def test_a_reviewed_issue_in_which_nothing_changed_is_left_as_it_was_looked_at(project: Project) -> None:
    press = required(project.press())
    (first,) = run(press)
    (again,) = run(press, DUE + timedelta(minutes=1))
    assert again.issue.fingerprint == first.issue.fingerprint
    assert again.issue.state is IssueState.FROZEN
    assert [each.what for each in project.store.issues.events(again.issue)] == ["planned", "frozen", "asked"]


def test_too_few_posts_are_skipped_even_when_the_issue_was_built_by_hand(project: Project) -> None:
    press = project.press()
    summer = datetime(2026, 6, 1, 8, 0, tzinfo=TOKYO)
    build(press, summer, summer)
    (outcome,) = run(press, summer)
    assert outcome.issue.state is IssueState.SKIPPED
    assert mails(project) == 0


def test_a_week_skipped_for_want_of_posts_is_taken_up_when_they_come(project: Project) -> None:
    press = project.press()
    posts = project.root / "examples/blog/_posts"
    posts.rename(posts.with_name("away"))
    posts.mkdir()
    hour = timedelta(hours=1)
    assert run(press)[0].issue.state is IssueState.SKIPPED
    posts.rmdir()
    posts.with_name("away").rename(posts)
    every_minute = {"max_delay": 48 * hour}
    assert run(press, DUE + hour / 2, **every_minute)[0].issue.state is IssueState.SKIPPED
    assert run(press, DUE + 2 * hour, **every_minute)[0].issue.state is IssueState.SENT


def test_a_week_that_a_person_skipped_stays_skipped(project: Project) -> None:
    press = project.press()
    issue = press.store.issues.plan("weekly", latest_slot(press.newsletter.schedule, DUE), DUE)
    pipeline.skip(press.store, issue, "boss", "祝日", DUE)
    assert run(press)[0].issue.state is IssueState.SKIPPED
    assert mails(project) == 0


def test_a_skipped_issue_cannot_be_approved_by_accident_and_says_why(project: Project) -> None:
    press = project.press()
    issue = press.store.issues.plan("weekly", latest_slot(press.newsletter.schedule, DUE), DUE)
    skipped = pipeline.skip(press.store, issue, "boss", "祝日", DUE)
    with pytest.raises(IssueStateError, match="skipped \\(祝日\\)"):
        pipeline.approve(press.store, skipped, "kay", DUE)


def test_what_a_person_approves_late_leaves_late(project: Project) -> None:
    press = project.press()
    limit = {"max_delay": timedelta(hours=48)}
    late = DUE + timedelta(hours=49)
    (outcome,) = run(press, late, **limit)
    assert outcome.issue.state is IssueState.HELD
    pipeline.approve(press.store, outcome.issue, "kay", late)
    assert run(press, late + timedelta(minutes=1), **limit)[0].issue.state is IssueState.SENT


def test_what_has_begun_to_leave_is_finished_however_late_it_is(project: Project) -> None:
    press = project.press()
    build(press, DUE)
    issue = press.store.issues.find("weekly", "2026-W04")
    assert issue
    approved = pipeline.approve(press.store, issue, "review = none", DUE)
    stopped = asyncio.run(pipeline.send(press, approved, Edge(lambda: DUE, stopping=lambda: True)))[0]
    assert stopped.state is IssueState.SENDING
    (outcome,) = run(press, DUE + timedelta(hours=60), max_delay=timedelta(hours=48))
    assert outcome.issue.state is IssueState.SENT
    assert mails(project) == 2


def test_a_run_that_was_overtaken_says_where_the_other_one_brought_it(project: Project) -> None:
    press = project.press()
    ran = False

    def run_elsewhere() -> None:
        with Project(project.root) as other:
            run(other.press())

    def overtaken(now: datetime) -> Collection:
        nonlocal ran
        if not ran:
            ran = True
            with ThreadPoolExecutor(1) as faster:
                faster.submit(run_elsewhere).result()
        return project.read_posts(now)

    (outcome,) = run(replace(press, read_posts=overtaken))
    assert "already sent" in outcome.says
    assert mails(project) == 2


def test_one_newsletters_mistake_does_not_keep_the_others_from_leaving(tmp_path: Path) -> None:
    root = make_project(tmp_path / "p", readers=2)
    weekly = root / "config/newsletters/weekly.toml"
    (root / "config/newsletters/alpha.toml").write_bytes(weekly.read_bytes())
    replace_in(root / "config/newsletters/alpha.toml", "max_posts", "max_post")
    (root / "config/newsletters/beta.toml").write_bytes(weekly.read_bytes())
    replace_in(root / "config/newsletters/beta.toml", "examples/audience.csv", "none.csv")
    done = digest(root, "run")
    assert done.returncode == 1
    assert "did you mean 'max_posts'" in done.stderr
    assert "none.csv" in done.stderr
    assert "weekly/2026-W04: sent" in done.stdout
    told = digest_json(root, "run")
    assert [each["newsletter"] for each in told] == ["alpha", "beta", "weekly"]
