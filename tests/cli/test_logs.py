"""The log is text for people or JSON for programs; what is secret, and who the readers are, is in neither."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.command import digest
from tests.projects import ISSUE, make_project, replace_in
from tests.servers.http import HttpServer, closed_port, reply

FRIDAY, MONDAY = "2026-01-16T12:00:00+09:00", "2026-01-19T08:00:05+09:00"
CANARIES = ("canary-key", "canary-hook", "canary-ping", "reader0", "reader1", "reader2")


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def with_secrets(root: Path, provider: HttpServer, hook: HttpServer, ping: HttpServer) -> dict[str, str]:
    """Let a project use a key, a chat's webhook and a ping; return the environment."""
    config = root / "config/digest.toml"
    asked = f'kind = "sendgrid"\napi_key = "env:KEY"\nbase_url = "{provider.url}"'
    replace_in(config, 'kind = "file"          # one .eml a reader; no account needed\n', "")
    replace_in(config, 'outbox = "var/outbox"\n', asked + "\n")
    replace_in(config, "[render]", '[reports]\nwebhook = "env:HOOK"\nping = "env:PING"\n\n[render]')
    return {"KEY": "canary-key", "HOOK": f"{hook.url}/canary-hook", "PING": f"{ping.url}/canary-ping"}


def test_a_run_tells_programs_what_became_of_each_issue(tmp_path: Path) -> None:
    root = make_project(tmp_path / "p", readers=2)
    done = digest(root, "run", "--json", DIGEST_LOG_FORMAT="json")
    assert json.loads(done.stdout)[0]["issue"] == ISSUE
    (line,) = [each for each in lines(done.stderr) if each["logger"] == "digest.run"]
    assert line["message"] == f"{ISSUE}: sent"
    assert (line["level"], line["process"], line["newsletter"], line["issue"]) == ("info", "run", "weekly", ISSUE)
    assert line["time"].endswith("+00:00")
    assert len(line["run"]) == 12
    assert line["host"]


def test_a_run_for_people_writes_as_before(tmp_path: Path) -> None:
    root = make_project(tmp_path / "p", readers=2)
    done = digest(root, "run")
    assert f"{ISSUE}: sent" in done.stdout
    assert done.stderr == ""


def test_an_error_of_a_run_is_a_line_too(tmp_path: Path) -> None:
    root = make_project(tmp_path / "p", readers=2)
    (root / "examples/audience.csv").unlink()
    done = digest(root, "run", DIGEST_LOG_FORMAT="json")
    assert done.returncode == 1
    (line,) = lines(done.stderr)
    assert (line["level"], line["newsletter"]) == ("error", "weekly")
    assert "audience.csv" in line["message"]


def test_the_environment_wins_over_the_file_and_a_wrong_word_is_told(tmp_path: Path) -> None:
    root = make_project(tmp_path / "p", readers=2)
    replace_in(root / "config/digest.toml", "[render]", '[log]\nformat = "json"\nlevel = "warning"\n\n[render]')
    assert digest(root, "run", DIGEST_LOG_FORMAT="text").stderr == ""
    done = digest(root, "run", DIGEST_LOG_FORMAT="xml")
    assert (done.returncode, "DIGEST_LOG_FORMAT is 'xml'" in done.stderr) == (1, True)
    assert digest(root, "run", "--json").stderr == "", "an outcome that is well is no warning"


@pytest.mark.parametrize("answer", [202, 502])
@pytest.mark.parametrize("form", ["text", "json"])
def test_no_line_of_a_run_or_a_scheduler_holds_a_secret_or_a_reader(tmp_path: Path, form: str, answer: int) -> None:
    root = make_project(tmp_path / "p", readers=3)
    with (
        HttpServer(default=reply(answer, body="no reader1@example.com here")) as provider,
        HttpServer(default=reply(500, body="cannot POST /canary-hook")) as hook,
        HttpServer(default=reply(404, body="no /canary-ping")) as ping,
    ):
        environment = {**with_secrets(root, provider, hook, ping), "DIGEST_LOG_FORMAT": form}
        with (root / "examples/audience.csv").open("a", encoding="utf-8") as file:
            file.write("READER0@example.com,twice\nreader2-at-nowhere,x\n")
        seen = digest(root, "run", as_of=FRIDAY, **environment).stderr
        assert provider.requests
        assert hook.requests
        seen += scheduled(root, "weekly/2026-W04: ", environment)
    assert "report" in seen
    for canary in CANARIES:
        assert canary not in seen.lower()


def test_a_scheduler_tells_programs_which_run_a_line_belongs_to(tmp_path: Path) -> None:
    root = make_project(tmp_path / "p", readers=2)
    digest(root, "run", as_of=FRIDAY)
    found = lines(scheduled(root, "weekly/2026-W04: ", {"DIGEST_LOG_FORMAT": "json"}))
    told = next(each for each in found if each.get("issue") == ISSUE)
    assert (told["process"], told["logger"], told["newsletter"]) == ("schedule", "digest.schedule", "weekly")
    assert len(told["run"]) == 12


def test_a_scheduler_answers_who_watches_it(tmp_path: Path) -> None:
    root = make_project(tmp_path / "p", readers=2)
    port = closed_port()
    replace_in(root / "config/digest.toml", "[render]", f"[monitor]\nport = {port}\n\n[render]")
    asked: list[httpx.Response] = []

    def ask() -> None:
        asked.extend(httpx.get(f"http://127.0.0.1:{port}/{each}", trust_env=False) for each in ("healthz", "metrics"))

    scheduled(root, "nothing is due yet", {}, ask)
    health, metrics = asked
    assert (health.status_code, health.json()["status"]) == (200, "ok")
    assert 'digest_processes_seen{kind="schedule"} 1.0' in metrics.text
    assert 'digest_stage_duration_seconds_count{stage="run"} 1.0' in metrics.text


def scheduled(root: Path, until: str, environment: dict[str, str], then: Any = lambda: None) -> str:
    """Run `digest schedule` until a line has these words; return all that it wrote."""
    command = [sys.executable, "-m", "digest", "schedule", "--project", str(root), "--as-of", MONDAY]
    env = {**os.environ, **environment}
    seen = ""
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=env) as process:
        assert process.stderr
        too_long = threading.Timer(60, process.kill)
        too_long.start()
        for line in process.stderr:
            seen += line
            if until in line:
                break
        then()
        too_long.cancel()
        process.send_signal(signal.SIGTERM)
        seen += process.stderr.read()
        assert process.wait(30) == 0, seen
    return seen
