"""What Prometheus reads is what the store says, without anybody's address, and counted seldom."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from digest import pipeline
from digest.app import Project
from digest.errors import DigestError
from digest.monitor import text_of, write_file
from digest.monitor.scraping import Scraping
from digest.send.edge import Edge
from tests.e2e.command import digest
from tests.projects import AS_OF, make_project, replace_in

NOW = datetime.fromisoformat(AS_OF)


def samples(text: str) -> dict[str, float]:
    """Return `name{label=value,…}` with its value."""
    return {
        each.name + "{" + ",".join(f"{key}={value}" for key, value in sorted(each.labels.items())) + "}": each.value
        for family in text_string_to_metric_families(text)
        for each in family.samples
    }


def read(root: Path) -> dict[str, float]:
    return samples(text_of(root, lambda: NOW))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return make_project(tmp_path / "p", readers=3)


def send_the_issue(root: Path) -> None:
    with Project(root) as project:
        asyncio.run(pipeline.run(project.press("weekly"), Edge(lambda: NOW)))


def test_before_the_first_issue_it_is_known_when_it_comes(root: Path) -> None:
    found = read(root)
    assert found["digest_store_readable{}"] == 1
    monday = datetime.fromisoformat("2026-01-26T08:00:00+09:00").timestamp()
    assert found["digest_next_run_timestamp_seconds{newsletter=weekly}"] == monday
    assert "digest_last_success_timestamp_seconds{newsletter=weekly}" not in found
    assert found["digest_issue_state{newsletter=weekly,state=sent}"] == 0
    assert found["digest_processes_seen{kind=schedule}"] == 0


def test_after_an_issue_the_numbers_are_those_of_the_ledger(root: Path) -> None:
    send_the_issue(root)
    found = read(root)
    assert found["digest_last_success_timestamp_seconds{newsletter=weekly}"] == NOW.timestamp()
    assert found["digest_issue_state{newsletter=weekly,state=sent}"] == 1
    assert sum(value for key, value in found.items() if key.startswith("digest_issue_state")) == 1
    assert found["digest_deliveries{newsletter=weekly,state=accepted}"] == 3
    assert found["digest_deliveries{newsletter=weekly,state=unknown}"] == 0
    assert found["digest_unknown_readers{newsletter=weekly}"] == 0


def test_a_scheduler_that_looks_is_seen_until_it_was_quiet_for_three_minutes(root: Path) -> None:
    with Project(root) as project:
        for name, minutes in (("a", 1), ("b", 2), ("c", 4)):
            project.store.processes.seen(name, "schedule", NOW, NOW - timedelta(minutes=minutes))
    found = read(root)
    assert found["digest_processes_seen{kind=schedule}"] == 2
    last = (NOW - timedelta(minutes=1)).timestamp()
    assert found["digest_process_last_seen_timestamp_seconds{kind=schedule}"] == last


def test_no_reader_is_in_the_metrics(root: Path) -> None:
    send_the_issue(root)
    assert "reader0" not in text_of(root, lambda: NOW)
    assert "@" not in text_of(root, lambda: NOW)


def test_a_store_that_cannot_be_read_is_a_number_too(root: Path) -> None:
    send_the_issue(root)
    (root / "var/ledger-id").write_text("another ledger's\n", encoding="ascii")
    found = read(root)
    assert found["digest_store_readable{}"] == 0
    assert not any(key.startswith("digest_deliveries") for key in found)


def test_a_newsletter_whose_file_is_broken_is_told(root: Path) -> None:
    (root / "config/newsletters/second.toml").write_text("title = 3", encoding="utf-8")
    found = read(root)
    assert found["digest_newsletter_broken{newsletter=second}"] == 1
    assert found["digest_newsletter_broken{newsletter=weekly}"] == 0


def test_numbers_are_kept_for_a_quarter_of_a_minute_and_longer_where_counting_is_slow(root: Path) -> None:
    seconds = iter([0.0, 0.1, 14.0, 15.2, 19.2, 90.0, 99.3, 99.4])
    scraping = Scraping(root, lambda: NOW, lambda: next(seconds))
    first = scraping.collect()
    assert scraping.collect() is first, "14 seconds later"
    second = scraping.collect()
    assert second is not first, "15.2 seconds later; reading takes 4 seconds"
    assert scraping.collect() is second, "90 seconds: less than twenty times 4"
    assert scraping.collect() is not second


def test_the_command_prints_them_or_writes_them_whole(root: Path, tmp_path: Path) -> None:
    done = digest(root, "metrics")
    assert done.returncode == 0, done.stderr
    assert samples(done.stdout)["digest_store_readable{}"] == 1
    file = tmp_path / "digest.prom"
    assert digest(root, "metrics", "--file", str(file)).stdout == ""
    assert samples(file.read_text(encoding="utf-8")).keys() == samples(done.stdout).keys()
    assert [each.name for each in tmp_path.glob("*.prom*")] == ["digest.prom"]


def test_a_file_that_cannot_be_written_is_told(root: Path, tmp_path: Path) -> None:
    with pytest.raises(DigestError, match="cannot be written"):
        write_file(root, lambda: NOW, tmp_path / "nowhere" / "digest.prom")


def test_the_command_says_what_is_wrong_with_a_project(root: Path) -> None:
    replace_in(root / "config/digest.toml", "[send]", "[sent]")
    done = digest(root, "metrics")
    assert done.returncode == 1
    assert "sent" in done.stderr
