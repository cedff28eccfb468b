"""Workers send what is handed out, each reader once; what is lost, late, doubled or left by the dead is taken up."""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from digest import pipeline
from digest.app import Project
from digest.errors import ConfigError
from digest.models import IssueState
from digest.schedule.pulse import Pulse
from digest.schedule.worker import work_until_stopped
from digest.send.edge import Edge
from tests.kill.faults import NO_FAULTS, Fault
from tests.projects import make_project, replace_in
from tests.schedule.workplace import DUE, Workplace, workplace

pytestmark = pytest.mark.postgres


@pytest.fixture
def place(tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workplace]:
    with workplace(tmp_path, database, monkeypatch, readers=100) as made:
        yield made


def everybody(count: int) -> Counter[str]:
    return Counter(f"reader{number}@example.com" for number in range(count))


def test_who_runs_the_issue_hands_it_out_and_the_workers_send_it_to_everybody_once(place: Workplace) -> None:
    place.run()
    assert place.issue.state is IssueState.SENDING
    assert place.sink.requests == 0
    assert place.jobs() == 4  # 34 batches, ten a job
    place.work(workers=2)
    assert place.issue.state is IssueState.SENT
    assert place.sink.accepted == everybody(100)
    assert place.counts() == {"accepted": 100}


def test_handing_out_again_makes_no_second_job(place: Workplace) -> None:
    place.run()
    place.run()
    assert place.jobs() == 4


def test_a_job_that_is_done_twice_sends_nothing_twice(place: Workplace) -> None:
    place.run()
    place.sql(
        "INSERT INTO procrastinate_jobs (queue_name, task_name, args)"
        " SELECT queue_name, task_name, args FROM procrastinate_jobs, generate_series(1, 3)"
    )
    place.work(workers=2, places=4)
    assert place.sink.accepted == everybody(100)


def test_jobs_that_are_lost_are_handed_out_again(place: Workplace) -> None:
    place.run()
    place.sql("DELETE FROM procrastinate_jobs")
    place.run()
    assert place.jobs() == 4
    place.work()
    assert place.sink.accepted == everybody(100)


def test_a_job_for_a_batch_that_is_no_more_is_no_harm(place: Workplace) -> None:
    place.run()
    place.sql("UPDATE procrastinate_jobs SET args = '{\"batch_id\": 4711}' WHERE args->>'batch_id' = '1'")
    place.work()
    assert place.sink.accepted == everybody(100)


def test_what_a_dead_worker_held_is_unknown_and_the_others_go_on(place: Workplace) -> None:
    place.run()
    with place.project() as project:
        lease = place.hands.now.replace(minute=2)
        claim = project.store.outbox.claim(place.issue, "another host:1:1", place.hands.now, lease)
        assert claim
    place.work(lambda: place.counts().get("pending", 0) == 0)
    assert place.issue.state is IssueState.SENDING, "nobody can know yet whether it is dead"
    place.later(minutes=3)
    place.run()
    assert place.issue.state is IssueState.NEEDS_REVIEW
    assert place.counts() == {"accepted": 97, "unknown": 3}
    assert max(place.sink.accepted.values()) == 1


def test_an_issue_that_is_held_leaves_within_the_batches_under_way(place: Workplace) -> None:
    place.run()

    def hold(count: int, moment: str) -> None:
        if count == 3 and moment == "before":
            place.sql("UPDATE issue SET state = 'paused'")

    place.sink.on_request = hold
    place.work(lambda: place.jobs() == 0, places=2)
    assert place.sink.requests <= 4
    place.sql("UPDATE issue SET state = 'sending'")
    place.run()
    place.work()
    assert place.sink.accepted == everybody(100)


def test_a_provider_that_refuses_is_left_alone_and_people_are_told_once(
    place: Workplace, caplog: pytest.LogCaptureFixture
) -> None:
    reports = place.root / "var/reports"
    file = place.root / "config/digest.toml"
    file.write_text(file.read_text(encoding="utf-8") + '\n[reports]\nfile = "var/reports"\n', encoding="utf-8")
    place.sink.weights = {Fault.BAD_GATEWAY: 1}
    place.run()
    with caplog.at_level(logging.INFO, "digest.worker"):
        place.work(lambda: place.jobs() == 0, places=1)
    assert place.sink.requests == 3, "three unclear answers in a row, then it leaves the provider alone"
    assert "3 answers in a row were unclear" in caplog.text
    assert "example.com" not in caplog.text
    told = [each.read_text(encoding="utf-8") for each in reports.glob("*.md")]
    assert sum("3 answers in a row were unclear" in each for each in told) == 1
    place.sink.weights = NO_FAULTS
    place.later(minutes=2)
    place.run()
    place.work()
    assert place.issue.state is IssueState.NEEDS_REVIEW
    assert place.counts() == {"accepted": 91, "unknown": 9}
    assert max(place.sink.accepted.values()) == 1


def test_the_end_is_told_by_the_worker_that_came_to_it(place: Workplace) -> None:
    file = place.root / "config/digest.toml"
    file.write_text(file.read_text(encoding="utf-8") + '\n[reports]\nfile = "var/reports"\n', encoding="utf-8")
    place.run()
    place.work(workers=2)
    place.run()
    told = [each.name for each in (place.root / "var/reports").glob("*.md")]
    assert sum(name.endswith("-sent.md") for name in told) == 1, told


def test_the_seeds_get_it_first_and_the_others_when_they_had_time_to_look(
    tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    send = 'seeds = ["us@example.com"]\nlook_minutes = 30\n'
    with workplace(tmp_path, database, monkeypatch, readers=20, send=send) as place:
        place.run()
        assert place.jobs() == 1
        place.work(lambda: place.counts().get("accepted") == 1 and place.jobs() == 0)
        place.run()
        assert place.jobs() == 0, "they are still looking"
        place.later(minutes=31)
        place.run()
        place.work()
        assert place.sink.accepted == everybody(20) + Counter(["us@example.com"])


def test_all_workers_together_keep_to_the_days_limit(
    tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with workplace(tmp_path, database, monkeypatch, readers=60, send="per_day = 20\n") as place:
        place.run()
        place.work(lambda: place.jobs() == 0, workers=3)
        assert place.sink.accepted.total() == 18
        place.later(hours=25)
        place.run()
        place.work(lambda: place.jobs() == 0, workers=3)
        assert place.sink.accepted.total() == 36
        assert max(place.sink.accepted.values()) == 1


def test_a_worker_without_an_engine_says_what_is_missing(tmp_path: Path) -> None:
    root = make_project(tmp_path / "project")
    with pytest.raises(ConfigError, match=r"send\.engine is 'none'"):
        asyncio.run(work_until_stopped(root, lambda: DUE, asyncio.Event(), 0))


def test_an_engine_for_several_hosts_over_a_store_on_one_is_refused(tmp_path: Path) -> None:
    root = make_project(tmp_path / "project")
    replace_in(root / "config/digest.toml", "[send]\n", '[send]\nengine = "procrastinate"\n')
    with Project(root) as project, pytest.raises(ConfigError, match="the store is on this one alone"):
        assert project.store


def test_a_scheduler_says_that_what_it_handed_out_is_sent_by_nobody(place: Workplace) -> None:
    heard: list[tuple[str, ...]] = []
    pulse = Pulse(place.root, place.hands, lambda wrong: heard.append(tuple(wrong)))
    pulse.beat({})
    place.run()
    pulse.beat({})
    with place.project() as project:
        project.store.processes.seen("one", "worker", place.hands.now, place.hands.now)
    pulse.beat({})
    place.later(minutes=11)
    pulse.beat({})
    said = ("weekly/2026-W04 is handed out, and no worker is there: start `digest worker`",)
    assert heard == [(), said, (), said]


def test_a_newsletter_whose_file_is_broken_keeps_no_other_issue_from_its_end(place: Workplace) -> None:
    letters = place.root / "config/newsletters"
    shutil.copy(letters / "weekly.toml", letters / "another.toml")
    with place.project() as project:
        asyncio.run(pipeline.run(project.press("another"), Edge(place.hands)))
    place.run()
    (letters / "another.toml").write_text("this is no TOML", encoding="utf-8")
    place.sql("DELETE FROM procrastinate_jobs")
    place.sql("UPDATE issue SET due_at = due_at - interval '1 minute' WHERE newsletter = 'another'")
    place.work()
    assert place.issue.state is IssueState.SENT
