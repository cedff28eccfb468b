"""The alarm clock may ring late, twice, or never: each issue comes out once, and a failure is survived."""

from __future__ import annotations

import logging
import random
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from digest.app import Project
from digest.models import IssueState
from digest.schedule import Watch
from tests.factories import TOKYO
from tests.projects import make_project, replace_in
from tests.servers.http import HttpServer, reply

FRIDAY = datetime(2026, 1, 16, 15, 0, tzinfo=TOKYO)
DUE = datetime(2026, 1, 19, 8, 0, tzinfo=TOKYO)


class Hands:
    """The hands of a clock, moved by the test."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return make_project(tmp_path / "p", readers=3)


def state(root: Path, period: str = "2026-W04") -> IssueState | None:
    with Project(root) as project:
        issue = project.store.issues.find("weekly", period)
        return issue.state if issue else None


def mails(root: Path) -> int:
    return len(list((root / "var/outbox").rglob("*.eml")))


def test_started_on_a_friday_it_does_not_send_last_mondays_issue(root: Path) -> None:
    Watch(root, "weekly", Hands(FRIDAY), lambda: False).look()
    assert state(root, "2026-W03") is None
    assert mails(root) == 0


def test_when_its_minute_comes_the_issue_goes_out_once(root: Path) -> None:
    hands = Hands(FRIDAY)
    watch = Watch(root, "weekly", hands, lambda: False)
    watch.look()
    for minute in range(5):
        hands.now = DUE + timedelta(minutes=minute)
        watch.look()
        watch.look()
    assert state(root) is IssueState.SENT
    assert mails(root) == 3


def test_an_alarm_missed_over_the_weekend_is_caught_up(root: Path) -> None:
    hands = Hands(FRIDAY)
    Watch(root, "weekly", hands, lambda: False).look()
    hands.now = DUE + timedelta(hours=47)
    Watch(root, "weekly", hands, lambda: False).look()
    assert state(root) is IssueState.SENT


def test_an_issue_that_would_leave_too_late_is_held_for_a_person(root: Path) -> None:
    hands = Hands(FRIDAY)
    Watch(root, "weekly", hands, lambda: False).look()
    hands.now = DUE + timedelta(hours=49)
    Watch(root, "weekly", hands, lambda: False).look()
    assert state(root) is IssueState.HELD
    assert mails(root) == 0


def test_a_failure_is_logged_once_and_tried_again_until_it_is_mended(
    root: Path, caplog: pytest.LogCaptureFixture
) -> None:
    hands = Hands(FRIDAY)
    watch = Watch(root, "weekly", hands, lambda: False)
    watch.look()
    template = root / "templates/weekly/email.html"
    good = template.read_text(encoding="utf-8")
    template.write_text(good + "{{ titel }}", encoding="utf-8")
    hands.now = DUE
    with caplog.at_level(logging.INFO, "digest.schedule"):
        watch.look()
    assert "titel" in caplog.text
    assert "email.html" in caplog.text
    template.write_text(good, encoding="utf-8")
    watch.look()
    assert mails(root) == 0, "it is not tried again at once"
    hands.now = DUE + timedelta(minutes=2)
    watch.look()
    assert state(root) is IssueState.SENT


def test_a_provider_that_stops_the_issue_is_left_alone_for_a_while(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SENDGRID_API_KEY", "key")
    with HttpServer(*[reply(502)] * 50) as server:
        provider = f'kind = "sendgrid"\napi_key = "env:SENDGRID_API_KEY"\nbase_url = "{server.url}"\nbatch_limit = 1'
        replace_in(root / "config/digest.toml", 'kind = "file"          # one .eml a reader; no account needed\n', "")
        replace_in(root / "config/digest.toml", 'outbox = "var/outbox"\n', provider + "\n")
        replace_in(root / "config/digest.toml", "concurrency = 2", "concurrency = 1")
        lines = ["address", *(f"reader{number}@example.com" for number in range(40))]
        (root / "examples/audience.csv").write_text("\n".join(lines), encoding="utf-8")
        hands = Hands(FRIDAY)
        watch = Watch(root, "weekly", hands, lambda: False)
        watch.look()
        for minute in range(14):
            hands.now = DUE + timedelta(minutes=minute)
            watch.look()
        assert len(server.requests) == 3
        hands.now = DUE + timedelta(minutes=16)
        watch.look()
        assert len(server.requests) == 6


def test_the_log_holds_no_readers_address(root: Path, caplog: pytest.LogCaptureFixture) -> None:
    with (root / "examples/audience.csv").open("a", encoding="utf-8") as file:
        file.write("READER0@example.com,twice\nnobody-at-all,x\n")
    hands = Hands(FRIDAY)
    watch = Watch(root, "weekly", hands, lambda: False)
    watch.look()
    hands.now = DUE
    with caplog.at_level(logging.INFO, "digest.schedule"):
        watch.look()
    assert "examples/audience.csv:5" in caplog.text
    assert "reader0" not in caplog.text.lower()
    assert "nobody-at-all" not in caplog.text


def test_a_finding_that_blocks_an_issue_is_logged_once_and_not_every_minute(
    root: Path, caplog: pytest.LogCaptureFixture
) -> None:
    replace_in(root / "templates/weekly/email.html", "{%", '<a href="http://localhost/x">x</a>{%')
    hands = Hands(FRIDAY)
    watch = Watch(root, "weekly", hands, lambda: False)
    watch.look()
    with caplog.at_level(logging.INFO, "digest.schedule"):
        for minute in range(4):
            hands.now = DUE + timedelta(minutes=minute)
            watch.look()
    assert caplog.text.count("a finding keeps it from leaving") == 1
    assert mails(root) == 0


def test_a_changed_configuration_counts_from_the_next_alarm_on(root: Path) -> None:
    hands = Hands(FRIDAY)
    watch = Watch(root, "weekly", hands, lambda: False)
    watch.look()
    replace_in(root / "config/newsletters/weekly.toml", 'review = "none" ', 'review = "required" ')
    hands.now = DUE
    watch.look()
    assert state(root) is IssueState.FROZEN
    assert mails(root) == 0


@pytest.mark.parametrize("seed", range(2))
def test_a_month_of_lost_and_doubled_alarms_brings_one_issue_a_week(root: Path, seed: int) -> None:
    chance = random.Random(seed)
    hands = Hands(datetime(2025, 12, 12, tzinfo=TOKYO))
    watches = [Watch(root, "weekly", hands, lambda: False) for _ in range(2)]
    watches[0].look()
    end = datetime(2026, 1, 20, tzinfo=TOKYO)
    while hands.now < end:
        hands.now += timedelta(hours=9)
        for watch in watches:
            if chance.random() < 0.5:
                watch.look()
    for watch in watches:
        watch.look()
    with Project(root) as project:
        issues = list(reversed(project.store.issues.latest("weekly")))
        assert [issue.period for issue in issues] == [
            "2025-W51",
            "2025-W52",
            "2026-W01",
            "2026-W02",
            "2026-W03",
            "2026-W04",
        ]
        assert {issue.state for issue in issues} <= {IssueState.SENT, IssueState.HELD}
        sent = [issue for issue in issues if issue.state is IssueState.SENT]
        assert mails(root) == 3 * len(sent)
        assert [issue.number for issue in sent] == list(range(1, len(sent) + 1))


def test_a_watch_shows_the_coming_issue_follows_its_files_and_lets_it_leave(
    root: Path, caplog: pytest.LogCaptureFixture
) -> None:
    weekly = root / "config/newsletters/weekly.toml"
    replace_in(weekly, 'schedule = "mon 08:00"', 'schedule = "mon 08:00"\ncut_off = "fri 14:00"')
    replace_in(weekly, 'review = "none"', 'review = "window"')
    replace_in(root / "config/digest.toml", "[store]", '[reports]\nfile = "var/reports"\n\n[store]')
    hands = Hands(FRIDAY)
    watch = Watch(root, "weekly", hands, lambda: False)

    def told() -> list[str]:
        return [file.read_text("utf-8").partition("】")[0][3:] for file in sorted((root / "var/reports").glob("*.md"))]

    with caplog.at_level(logging.INFO, "digest.schedule"):
        for minute in range(0, 40, 2):
            hands.now = FRIDAY + timedelta(minutes=minute)
            watch.look()
    assert told() == ["自動送信の予告"]
    assert caplog.text.count("leaves by itself at 2026-01-19 08:00") == 1
    assert caplog.text.count("kensho-data.md:4") == 1, "what a later look finds again is no news"
    replace_in(root / "templates/weekly/email.html", "<body", "<!-- another --><body")
    hands.now += timedelta(minutes=1)
    watch.look()
    assert told() == ["自動送信の予告", "内容変更・自動送信の予告"]
    assert mails(root) == 0
    hands.now = DUE
    watch.look()
    assert told()[2:] == ["送信済み"]
    assert mails(root) == 3
