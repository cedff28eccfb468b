"""A long-running process answers who watches it, on an address of its own, and says so when it stopped looking."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from digest.errors import DigestError
from digest.monitor import watched
from digest.monitor.durations import Durations
from digest.monitor.health import Health
from digest.monitor.listening import answering
from digest.monitor.scraping import registry_of
from digest.tracing import Measured, listen, stage
from tests.monitor.test_scraping import samples
from tests.projects import make_project
from tests.servers.http import closed_port


class Watched:
    """A listener in front of a project, with hands for its clock."""

    def __init__(self, root: Path) -> None:
        self.root, self.seconds = root, 0.0
        self.health, self.durations = Health(root, lambda: self.seconds), Durations()
        self.port = 0

    def get(self, path: str, method: str = "GET") -> httpx.Response:
        return httpx.request(method, f"http://127.0.0.1:{self.port}{path}", trust_env=False)


@pytest.fixture
def one(tmp_path: Path) -> Iterator[Watched]:
    one = Watched(make_project(tmp_path / "p"))
    with answering("127.0.0.1", 0, one.health, [one.durations]) as port:
        one.port = port
        yield one


def test_while_it_looks_and_the_store_can_be_read_it_is_well(one: Watched) -> None:
    one.seconds = 179
    answer = one.get("/healthz")
    assert (answer.status_code, answer.json()["status"]) == (200, "ok")
    one.seconds = 181
    answer = one.get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["wrong"] == ["nothing was looked at for 181 seconds"]
    one.health.ticked(())
    assert one.get("/healthz").status_code == 200


def test_a_store_that_cannot_be_read_is_told(one: Watched) -> None:
    one.get("/healthz")
    (one.root / "var/ledger-id").write_text("another ledger's\n", encoding="ascii")
    answer = one.get("/healthz")
    assert answer.status_code == 503
    assert "ledger" in answer.json()["wrong"][0]


def test_a_newsletter_that_fails_is_told_but_no_reason_to_start_the_process_again(one: Watched) -> None:
    one.health.ticked(["weekly: failed for kay@example.com"])
    answer = one.get("/healthz")
    assert answer.status_code == 200
    assert answer.json()["troubles"] == ["weekly: failed for k…@example.com"]


def test_metrics_tell_how_long_stages_took(one: Watched) -> None:
    one.durations.note(Measured("collect", {}, 0.2, 0.1, failed=False))
    one.durations.note(Measured("collect", {}, 40.0, 0.3, failed=True))
    answer = one.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    found = samples(answer.text)
    assert found["digest_stage_duration_seconds_count{stage=collect}"] == 2
    assert found["digest_stage_duration_seconds_bucket{le=0.25,stage=collect}"] == 1
    assert found["digest_stage_cpu_seconds_total{stage=collect}"] == pytest.approx(0.4)
    assert found["digest_stage_failures_total{stage=collect}"] == 1
    assert not any(key.startswith(("python_", "process_")) for key in found)


def test_nothing_else_is_answered_and_nothing_is_written(one: Watched) -> None:
    assert one.get("/").status_code == 404
    assert one.get("/metrics", "HEAD").content == b""
    assert one.get("/metrics", "POST").status_code == 501
    assert "Python" not in one.get("/healthz").headers["server"]


def test_a_client_that_hangs_keeps_nobody_else_waiting(one: Watched) -> None:
    with socket.create_connection(("127.0.0.1", one.port)) as silent:
        silent.sendall(b"GET /healthz HTTP/1.1\r\n")
        assert one.get("/healthz").status_code == 200


def test_a_process_that_nobody_watches_listens_nowhere(tmp_path: Path) -> None:
    with watched(tmp_path, lambda: datetime.now(UTC), "127.0.0.1", 0) as told:
        told(["anything"])


def test_stages_of_a_watched_process_are_counted_while_it_is_watched(tmp_path: Path) -> None:
    port = closed_port()
    root = make_project(tmp_path / "p")
    with watched(root, lambda: datetime.now(UTC), "127.0.0.1", port):
        with stage("render"):
            pass
        found = samples(httpx.get(f"http://127.0.0.1:{port}/metrics", trust_env=False).text)
    assert found["digest_stage_duration_seconds_count{stage=render}"] == 1
    assert found["digest_store_readable{}"] == 1


def test_an_address_that_is_taken_is_told(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        health = Health(tmp_path)
        with pytest.raises(DigestError, match="nobody can watch port"), answering("127.0.0.1", port, health, []):
            pass


def test_a_registry_does_not_collect_before_somebody_asks() -> None:
    class Never:
        def collect(self) -> list[object]:
            raise AssertionError("asked")

    registry_of([Never()])  # type: ignore[list-item]  # it is never asked for its metrics
    with listen(Durations().note), stage("x"):
        pass
