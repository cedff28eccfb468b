"""A scheduler says that it is there, and says outside that all is well only while it is: its silence is the alarm."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from digest.app import Project
from digest.schedule import Watch
from digest.schedule.pulse import Pulse
from tests.factories import TOKYO
from tests.projects import make_project, replace_in
from tests.servers.http import HttpServer, closed_port, reply

FRIDAY = datetime(2026, 1, 16, 15, 0, tzinfo=TOKYO)
DUE = datetime(2026, 1, 19, 8, 0, tzinfo=TOKYO)


class Desk:
    """A scheduler's parts, and the dead-man switch that it pings."""

    def __init__(self, root: Path, server: HttpServer) -> None:
        self.root, self.server, self.now = root, server, FRIDAY
        self.heard: list[tuple[str, ...]] = []
        self.watch = Watch(root, "weekly", lambda: self.now, lambda: False)
        self.pulse = Pulse(root, lambda: self.now, lambda wrong: self.heard.append(tuple(wrong)))

    def beat(self, wrong: str = "") -> int:
        """Tick; return how many pings there have been."""
        self.pulse.beat({"weekly": self.watch}, wrong)
        return len(self.server.requests)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    root = make_project(tmp_path / "p", readers=3)
    add_ping(root)
    with HttpServer(default=reply(200)) as server:
        monkeypatch.setenv("PING", f"{server.url}/canary-4711")
        yield Desk(root, server)


def add_ping(root: Path) -> None:
    replace_in(root / "config/digest.toml", "[render]", '[reports]\nping = "env:PING"\n\n[render]')


def test_it_pings_every_five_minutes_once_it_knows_that_all_is_well(desk: Desk) -> None:
    assert desk.beat() == 0, "nobody has looked yet"
    desk.watch.look()
    assert desk.beat() == 1
    for minute, pings in ((1, 1), (4, 1), (5, 2), (9, 2), (10, 3)):
        desk.now = FRIDAY + timedelta(minutes=minute)
        assert desk.beat() == pings, minute
    assert desk.heard[-1] == ()


def test_a_newsletter_that_fails_ends_the_pings_until_it_is_mended(desk: Desk) -> None:
    desk.watch.look()
    template = desk.root / "templates/weekly/email.html"
    good = template.read_text(encoding="utf-8")
    template.write_text(good + "{{ titel }}", encoding="utf-8")
    desk.now = DUE
    desk.watch.look()
    assert desk.beat() == 0
    assert "titel" in desk.heard[-1][0]
    template.write_text(good, encoding="utf-8")
    desk.now = DUE + timedelta(minutes=2)
    desk.watch.look()
    assert desk.beat() == 1


def test_a_provider_that_stops_the_issue_ends_the_pings(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEY", "key")
    with HttpServer(default=reply(502)) as provider:
        use_sendgrid(desk.root, provider.url)
        desk.watch.look()
        desk.now = DUE
        desk.watch.look()
        assert desk.beat() == 0
        assert desk.watch.trouble


def test_a_day_whose_readers_are_all_written_to_is_as_it_should_be(desk: Desk) -> None:
    replace_in(desk.root / "config/digest.toml", "[send]", "[send]\nper_day = 2")
    desk.watch.look()
    desk.now = DUE
    desk.watch.look()
    assert desk.beat() == 1
    assert desk.watch.trouble == ""


def test_a_day_that_allows_less_than_a_request_holds_is_no_reason_to_send_to_nobody(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEY", "key")
    with HttpServer(default=reply(202)) as provider:
        use_sendgrid(desk.root, provider.url)
        replace_in(desk.root / "config/digest.toml", "batch_limit = 1", "batch_limit = 100")
        replace_in(desk.root / "config/digest.toml", "[send]", "[send]\nper_day = 2")
        desk.watch.look()
        desk.now = DUE
        desk.watch.look()
        assert len(provider.requests) == 1
        desk.now = DUE + timedelta(hours=25)
        desk.watch.look()
        assert len(provider.requests) == 2


def test_an_overdue_issue_ends_the_pings(desk: Desk) -> None:
    desk.watch.look()
    desk.now = DUE + timedelta(hours=2)
    assert desk.beat() == 0
    assert "2026-W04 was due" in desk.heard[-1][0]


@pytest.mark.parametrize("change", ["[send]\nconcurency = 2", "[send"])
def test_a_configuration_that_cannot_be_read_ends_the_pings(desk: Desk, change: str) -> None:
    desk.watch.look()
    replace_in(desk.root / "config/digest.toml", "[send]", change)
    assert desk.beat("the configuration cannot be used") == 0
    assert len(desk.heard[-1]) == 2


def test_a_broken_newsletter_ends_the_pings(desk: Desk) -> None:
    desk.watch.look()
    (desk.root / "config/newsletters/second.toml").write_text("title = 3", encoding="utf-8")
    assert desk.beat() == 0
    assert desk.heard[-1][0].startswith("second:")


def test_a_store_that_cannot_be_written_ends_the_pings(desk: Desk) -> None:
    desk.watch.look()
    (desk.root / "var/ledger-id").write_text("another ledger's\n", encoding="ascii")
    assert desk.beat() == 0
    assert "ledger" in desk.heard[-1][0]


def test_a_scheduler_writes_down_that_it_is_there(desk: Desk) -> None:
    desk.beat()
    desk.now = FRIDAY + timedelta(minutes=1)
    desk.beat()
    with Project(desk.root) as project:
        (row,) = project.store.processes.alive(FRIDAY)
    assert (row.kind, row.detail, row.started_at, row.seen_at) == ("schedule", "weekly", FRIDAY, desk.now)


def test_a_ping_that_does_not_get_through_is_one_warning_without_the_address(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("PING", f"http://127.0.0.1:{closed_port()}/canary-4711")
    desk.watch.look()
    with caplog.at_level(logging.INFO):
        for minute in range(0, 20, 5):
            desk.now = FRIDAY + timedelta(minutes=minute)
            desk.beat()
    assert caplog.text.count("the ping did not get through") == 1
    assert "canary" not in caplog.text
    assert desk.heard[-1] == (), "the switch outside is no part of the newsletters"


def use_sendgrid(root: Path, url: str) -> None:
    provider = f'kind = "sendgrid"\napi_key = "env:KEY"\nbase_url = "{url}"\nbatch_limit = 1'
    replace_in(root / "config/digest.toml", 'kind = "file"          # one .eml a reader; no account needed\n', "")
    replace_in(root / "config/digest.toml", 'outbox = "var/outbox"\n', provider + "\n")
