"""The real commands tell people how they ended, and end as they would have without."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from digest.app import Project
from digest.errors import ConfigError
from digest.schedule import Watch
from tests.e2e.command import digest, digest_json
from tests.factories import TOKYO
from tests.projects import ISSUE, make_project, replace_in
from tests.servers.http import HttpServer, closed_port, reply

DUE = datetime(2026, 1, 19, 8, 0, tzinfo=TOKYO)
HOOK = "DIGEST_REPORT_WEBHOOK"


@pytest.fixture
def chat() -> Iterator[HttpServer]:
    with HttpServer(default=reply(200, body="ok")) as running:
        yield running


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return with_reports(make_project(tmp_path / "p", readers=2), f'webhook = "env:{HOOK}"')


def with_reports(project: Path, *lines: str) -> Path:
    replace_in(project / "config/digest.toml", "[store]", "\n".join(["[reports]", *lines, "", "[store]"]))
    return project


def texts(chat: HttpServer) -> list[str]:
    return [str(request.json["text"]) for request in chat.requests]


def required(project: Path) -> None:
    replace_in(project / "config/newsletters/weekly.toml", 'review = "none" ', 'review = "required" ')


def test_a_run_is_told_in_the_chat_once(root: Path, chat: HttpServer) -> None:
    secret = f"{chat.url}/services/T0/B0/XYZ"
    first = digest(root, "run", **{HOOK: secret})
    again = digest(root, "run", **{HOOK: secret})
    assert (first.returncode, again.returncode) == (3, 0)
    (text,) = texts(chat)
    assert text.startswith("【送信済み】ことのは週報 2026-W04\n")
    assert "受理 2" in text
    assert "reported" in digest(root, "history", ISSUE).stdout


def test_the_json_of_a_run_is_what_it_was(tmp_path: Path, chat: HttpServer) -> None:
    plain = digest_json(make_project(tmp_path / "plain", readers=2), "run")
    told = make_project(tmp_path / "told", readers=2)
    with_reports(told, f'webhook = "env:{HOOK}"', 'mail = ["ops@example.com"]', 'file = "var/reports"')
    assert digest_json(told, "run", **{HOOK: chat.url}) == plain
    assert len(chat.requests) == 1
    assert len(list((told / "var/reports").iterdir())) == 1
    assert [file.name for file in (told / "var/outbox/weekly").glob("report-*/*")] == ["ops@example.com.eml"]


def test_a_chat_that_cannot_be_reached_spoils_nothing(tmp_path: Path) -> None:
    plain = digest(make_project(tmp_path / "plain", readers=2), "run", "--json")
    told = with_reports(make_project(tmp_path / "told", readers=2), f'webhook = "env:{HOOK}"')
    secret = f"http://127.0.0.1:{closed_port()}/services/T0/B0/XYZ"
    done = digest(told, "run", "--json", **{HOOK: secret})
    assert done.returncode == plain.returncode
    assert "The report of weekly/2026-W04 did not go out to the webhook: no connection" in done.stderr
    (issue,) = json.loads(done.stdout)
    (issue_without,) = json.loads(plain.stdout)
    assert [each["code"] for each in issue.pop("problems")[len(issue_without.pop("problems")) :]] == ["report.not-told"]
    assert issue == issue_without
    shown = done.stdout + done.stderr + digest(told, "history", ISSUE).stdout + digest(told, "doctor").stdout
    assert "XYZ" not in shown


def test_the_address_of_the_chat_lies_nowhere(root: Path, chat: HttpServer) -> None:
    replace_in(root / "config/digest.toml", "[reports]", '[reports]\nfile = "var/reports"')
    digest(root, "run", **{HOOK: f"{chat.url}/services/T0/B0/XYZ"})
    assert len(chat.requests) == 1
    for file in root.rglob("*"):
        assert not file.is_file() or b"T0/B0/XYZ" not in file.read_bytes(), file


def test_sending_by_hand_is_told_and_a_proof_and_a_dry_run_are_not(root: Path, chat: HttpServer) -> None:
    required(root)
    digest(root, "build", ISSUE)
    digest(root, "approve", ISSUE, "--by", "kay")
    digest(root, "send", ISSUE, "--to", "me@example.com", **{HOOK: chat.url})
    digest(root, "send", ISSUE, "--dry-run", **{HOOK: chat.url})
    assert chat.requests == []
    done = digest_json(root, "send", ISSUE, exit_code=0, **{HOOK: chat.url})
    assert done["state"] == "sent"
    digest(root, "send", ISSUE, **{HOOK: chat.url})
    (text,) = texts(chat)
    assert "承認：kay" in text


def test_sending_that_fails_is_told_but_not_what_was_typed_too_early(root: Path, chat: HttpServer) -> None:
    required(root)
    digest(root, "build", ISSUE)
    assert digest(root, "send", ISSUE, **{HOOK: chat.url}).returncode == 1
    assert chat.requests == []
    digest(root, "approve", ISSUE)
    (root / "examples/audience.csv").unlink()
    done = digest(root, "send", ISSUE, **{HOOK: chat.url})
    assert done.returncode == 1
    (text,) = texts(chat)
    assert text.startswith("【失敗】ことのは週報 2026-W04\n")
    assert "the list of readers is missing" in text


def test_a_run_that_fails_is_told_with_what_to_mend(root: Path, chat: HttpServer) -> None:
    replace_in(root / "config/newsletters/weekly.toml", "[sender]", "[sendr]")
    done = digest(root, "run", **{HOOK: chat.url})
    assert done.returncode == 1
    (text,) = texts(chat)
    assert text.startswith("【失敗】weekly\n")
    assert "weekly.toml:" in text
    assert "sendr" in text
    digest(root, "run", "--newsletter", "wekly", **{HOOK: chat.url})
    assert len(chat.requests) == 1, "a name that was mistyped is nobody else's business"


def test_doctor_names_the_ways_and_what_is_wrong_with_them(root: Path) -> None:
    ways = ['mail = ["ops@example.com"]', 'file = "config/digest.toml/reports"']
    replace_in(root / "config/digest.toml", "[reports]", "\n".join(["[reports]", *ways]))

    def reports(**environment: str) -> Any:
        return next(each for each in digest_json(root, "doctor", **environment) if each["subject"] == "reports")

    found = reports()
    assert "ops@example.com" in found["said"]
    assert f"env:{HOOK}" in found["said"]
    said = " ".join(each["message"] for each in found["findings"])
    assert f"{HOOK} is not set" in said
    assert "digest.toml is no folder" in said
    assert "nobody gets a report by mail" in said
    unsafe = str(reports(**{HOOK: "http://hooks.example.com/XYZ"}))
    assert "must hold an address that begins with https://" in unsafe
    assert "XYZ" not in unsafe
    assert f"{HOOK} must" not in str(reports(**{HOOK: "https://hooks.example.com/XYZ"}))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('webhook = "https://hooks.example.com/XYZ"', "reports.webhook: is a secret and may not stand in a file"),
        ('webhok = "https://hooks.example.com/XYZ"', "did you mean 'webhook'?"),
        ('mail = ["ops at example.com"]', "'ops at example.com' is not an e-mail address"),
        ("file = 3", "reports.file"),
    ],
)
def test_a_wrong_setting_is_told_with_its_line_and_no_secret(tmp_path: Path, line: str, said: str) -> None:
    project = with_reports(make_project(tmp_path / "p"), line)
    number = (project / "config/digest.toml").read_text(encoding="utf-8").splitlines().index(line) + 1
    with pytest.raises(ConfigError) as error, Project(project):
        pass
    assert f"digest.toml:{number}: " in str(error.value)
    assert said in str(error.value)
    assert "XYZ" not in str(error.value)


class Hands:
    """The hands of a clock, moved by the test."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


def test_the_scheduler_comes_by_every_minute_and_tells_what_is_new(
    root: Path, chat: HttpServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv(HOOK, chat.url)
    required(root)
    hands = Hands(DUE - timedelta(days=3))
    watch = Watch(root, "weekly", hands, lambda: False)

    def come_by(minutes: range) -> list[str]:
        for minute in minutes:
            hands.now = DUE + timedelta(minutes=minute)
            watch.look()
        return [text.partition("】")[0][1:] for text in texts(chat)]

    watch.look()
    assert texts(chat) == [], "nothing is due"
    template = root / "templates/weekly/email.html"
    good = template.read_text(encoding="utf-8")
    template.write_text(good + "{{ titel }}", encoding="utf-8")
    assert come_by(range(10)) == ["失敗"]
    template.write_text(good, encoding="utf-8")
    assert come_by(range(60, 65)) == ["失敗", "承認のお願い"]
    watch = Watch(root, "weekly", hands, lambda: False)  # it was started again
    assert come_by(range(65, 70)) == ["失敗", "承認のお願い"]
    digest(root, "approve", ISSUE, as_of=hands.now.isoformat())
    assert come_by(range(70, 75)) == ["失敗", "承認のお願い", "送信済み"]
    chat.close()
    with caplog.at_level(logging.WARNING, "digest.schedule"):
        hands.now = DUE + timedelta(days=7)
        watch.look()
    assert "did not go out to the webhook: no connection" in caplog.text


def test_the_log_of_a_scheduler_does_not_tell_the_address_of_the_chat(root: Path, chat: HttpServer) -> None:
    secret = f"{chat.url}/services/T0/B0/XYZ"
    digest(root, "run", as_of="2026-01-12T09:00:00+09:00", **{HOOK: secret})
    command = [sys.executable, "-m", "digest", "schedule", "--project", str(root), "--as-of", DUE.isoformat()]
    environment = {**os.environ, HOOK: secret}
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stderr
        log = ""
        for line in process.stderr:
            log += line
            if "weekly/2026-W04: " in line:
                process.terminate()
    assert len(chat.requests) == 2
    assert "XYZ" not in log


def test_a_store_that_stays_away_is_told_once_by_a_scheduler(
    root: Path, chat: HttpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(HOOK, chat.url)
    replace_in(root / "config/digest.toml", "sqlite:///var/digest.sqlite3", "sqlite:///config/digest.toml")
    hands = Hands(DUE)
    watch = Watch(root, "weekly", hands, lambda: False)
    for minute in range(0, 300, 7):
        hands.now = DUE + timedelta(minutes=minute)
        watch.look()
    (text,) = texts(chat)
    assert text.startswith("【失敗】ことのは週報")


def test_an_issue_that_is_approved_before_its_time_is_no_news(
    root: Path, chat: HttpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(HOOK, chat.url)
    required(root)
    replace_in(
        root / "config/newsletters/weekly.toml", 'schedule = "mon 08:00"', 'schedule = "mon 08:00"\nbuild = "06:00"'
    )
    hands = Hands(DUE - timedelta(hours=1))
    watch = Watch(root, "weekly", hands, lambda: False)
    watch.look()
    digest(root, "approve", ISSUE, as_of=hands.now.isoformat())
    for minutes in (5, 30, 60):
        hands.now = DUE - timedelta(hours=1) + timedelta(minutes=minutes)
        watch.look()
    assert [text.partition("】")[0][1:] for text in texts(chat)] == ["承認のお願い", "送信済み"]
