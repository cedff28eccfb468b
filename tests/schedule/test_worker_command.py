"""`digest worker` as a process: it says how it is, ends when asked to, and the doctor knows whether it is there."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.command import digest, digest_json
from tests.kill.hosts import until
from tests.projects import AS_OF
from tests.schedule.workplace import Workplace, workplace
from tests.servers.ports import free_ports

pytestmark = pytest.mark.postgres


@pytest.fixture
def place(tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workplace]:
    with workplace(tmp_path, database, monkeypatch, readers=30) as made:
        yield made


@contextmanager
def working(place: Workplace, port: int) -> Iterator[subprocess.Popen[str]]:
    config = place.root / "config/digest.toml"
    text = config.read_text(encoding="utf-8")
    config.write_text(f'{text}\n[log]\nformat = "json"\n', encoding="utf-8")
    command = [sys.executable, "-m", "digest", "worker", "--project", str(place.root), "--as-of", AS_OF]
    command += ["--monitor-port", str(port)]
    process = subprocess.Popen(command, env=dict(os.environ), stderr=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def asked(port: int, path: str) -> str:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as reply:
            found: str = reply.read().decode()
            return found
    except (urllib.error.URLError, ConnectionError):
        return ""


def workers(place: Workplace) -> dict[str, Any]:
    told = digest_json(place.root, "doctor", "--offline")
    found: dict[str, Any] = next(each for each in told if each["subject"] == "workers")
    return found


def test_a_worker_tells_how_it_is_and_ends_when_it_is_asked_to(place: Workplace) -> None:
    assert workers(place)["findings"][0]["code"] == "send.no-workers"
    (port,) = free_ports(1)
    with working(place, port) as process:
        assert until(lambda: '"ok"' in asked(port, "/healthz"), 60)
        assert until(lambda: workers(place)["findings"] == [], 60)
        assert workers(place)["said"].startswith("1 at work, on ")
        assert digest(place.root, "run").returncode in {0, 3}
        assert until(lambda: place.issue.state == "sent", 60)
        assert 'digest_deliveries{newsletter="weekly"' in asked(port, "/metrics")
        process.send_signal(signal.SIGTERM)
        assert process.stderr is not None
        lines = [json.loads(line) for line in process.stderr.read().splitlines()]
        assert process.wait(60) == 0
    assert place.sink.accepted.total() == 30
    assert {each["process"] for each in lines} == {"worker"}
    (ended,) = [each for each in lines if "is sent" in each["message"]]
    assert (ended["newsletter"], ended["issue"]) == ("weekly", "weekly/2026-W04")
    assert lines[-1]["message"] == "stopped"
    assert not any("@example.com" in json.dumps(each) for each in lines)
    assert workers(place)["said"] == "none"


def test_a_worker_without_an_engine_ends_with_what_to_write(place: Workplace) -> None:
    config = place.root / "config/digest.toml"
    config.write_text(config.read_text(encoding="utf-8").replace('engine = "procrastinate"\n', ""), encoding="utf-8")
    done = digest(place.root, "worker")
    assert done.returncode == 1
    assert "send.engine is 'none'" in done.stderr
    assert 'engine = "procrastinate"' in done.stderr
