"""Each subject of the doctor: what is told, what is warned of, and what is an error."""

from __future__ import annotations

import importlib
import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from digest.doctor import examine
from digest.doctor.designs import designs
from digest.doctor.disk import disk
from digest.doctor.looking import looking
from digest.doctor.machine import machine
from digest.doctor.newsletters import newsletters
from digest.doctor.patient import Once
from digest.doctor.provider import key
from digest.doctor.store import store
from digest.doctor.telling import ping
from digest.models import Level
from tests.doctor.examining import NOW, codes, one, patient
from tests.e2e.command import digest
from tests.projects import make_project, replace_in
from tests.servers.http import HttpServer, reply, silence

disk_module = importlib.import_module("digest.doctor.disk")
SENDGRID = 'kind = "sendgrid"\napi_key = "env:KEY"\nbase_url = "{url}"'


def with_schedule(folder: Path, schedule: str, zone: str) -> Path:
    return make_project(
        folder, weekly={'"mon 08:00"': f'"{schedule}"', 'time_zone = "Asia/Tokyo"': f'time_zone = "{zone}"'}
    )


def test_the_next_three_runs_are_told_in_local_time(tmp_path: Path) -> None:
    with patient(
        with_schedule(tmp_path / "p", "mon 08:00", "Europe/Berlin"), now=datetime(2026, 3, 17, tzinfo=UTC)
    ) as p:
        found = one(newsletters, p)
    assert found.said == (
        "issue 2026-W13 is due Mon 2026-03-23 08:00 +0100, "
        "then Mon 2026-03-30 08:00 +0200, Mon 2026-04-06 08:00 +0200 (Europe/Berlin)"
    )


@pytest.mark.parametrize(
    ("schedule", "zone", "warned"),
    [
        ("sun 02:30", "Europe/Berlin", True),
        ("sun 00:00", "Europe/Berlin", True),
        ("sun 03:59", "Europe/Berlin", True),
        ("sun 04:00", "Europe/Berlin", False),
        ("sun 23:30", "Europe/Berlin", False),
        ("sun 02:30", "Asia/Tokyo", False),
    ],
)
def test_a_time_that_a_clock_change_may_skip_is_warned_of(
    tmp_path: Path, schedule: str, zone: str, warned: bool
) -> None:
    with patient(with_schedule(tmp_path / "p", schedule, zone)) as p:
        assert codes(one(newsletters, p)) == (["schedule.clock-change"] if warned else [])


def test_a_design_is_really_rendered(tmp_path: Path) -> None:
    root = make_project(tmp_path / "p")
    with patient(root) as p:
        sound = one(designs, p)
    assert (sound.subject, sound.findings) == ("design weekly of weekly", ())
    assert "kB" in sound.said
    replace_in(root / "templates/weekly/email.html", "{% ", "{{ titel }}{% ")
    with patient(root) as p:
        (found,) = one(designs, p).findings
    assert (found.level, found.line > 0) == (Level.ERROR, True)
    assert found.file == "templates/weekly/email.html"


def test_the_store_tells_its_size_and_schema_without_the_password_of_its_url(tmp_path: Path) -> None:
    with patient(tmp_path / "p") as p:
        found = one(store, p)
        assert found.findings == ()
        assert " MB, schema 0" in found.said
        assert p.store() is p.store()
    from digest.doctor.store import _without_password

    assert _without_password("postgresql://u:canary@db/x") == "postgresql://…@db/x"


def test_the_store_that_is_told_is_the_one_of_the_environment(tmp_path: Path) -> None:
    with patient(tmp_path / "p", environment={"DIGEST_DATABASE_URL": "sqlite:///other.sqlite3"}) as project:
        assert one(store, project).said.startswith("sqlite:///other.sqlite3, ")


def test_a_database_whose_clock_is_another_is_warned_of(tmp_path: Path) -> None:
    with patient(tmp_path / "p") as p:
        timed = p.sound()
        for seconds, found in ((4, []), (6, ["store.clock"]), (-6, ["store.clock"])):
            answer = SimpleNamespace(
                octets=1, schema="1", broken="", looked_at=True, place=None, now=timed.at + timedelta(seconds=seconds)
            )
            p.sound = Once(lambda answer=answer: SimpleNamespace(answer=answer, at=timed.at))  # type: ignore[assignment, misc]  # a server's answer
            assert codes(one(store, p)) == found, seconds


def test_a_disk_that_is_nearly_full_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with patient(tmp_path / "p") as p:
        for free, level in ((2 * 10**9, None), (9 * 10**8, Level.WARNING), (9 * 10**7, Level.ERROR)):
            monkeypatch.setattr(shutil, "disk_usage", lambda _, free=free: SimpleNamespace(free=free))
            found = one(disk, p)
            assert [each.level for each in found.findings] == ([level] if level else [])
        monkeypatch.setattr(disk_module, "_next_issue", lambda _: 3 * 10**9)
        monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=2 * 10**9))
        assert codes(one(disk, p), Level.WARNING) == ["disk.full"]


def test_the_next_issue_is_estimated_by_the_last(tmp_path: Path) -> None:
    root = make_project(tmp_path / "p", readers=7)
    assert digest(root, "run").returncode in {0, 3}
    with patient(root) as p:
        assert disk_module._next_issue(p) == 7 * (disk_module.A_READER + disk_module.A_FILE)


@pytest.mark.parametrize(("seconds", "warned"), [(0, False), (28, False), (33, True), (-33, True)])
def test_the_machines_clock_is_compared_with_the_providers(tmp_path: Path, seconds: int, warned: bool) -> None:
    moment = datetime.now(UTC) + timedelta(seconds=seconds)
    date = {"Date": f"{moment:%a, %d %b %Y %H:%M:%S} GMT"}
    with HttpServer(default=reply(200, date, {"scopes": ["mail.send"]})) as server:
        provider = SENDGRID.format(url=server.url)
        with patient(tmp_path / "p", provider=provider, environment={"KEY": "k"}) as p:
            found = one(machine, p)
            assert codes(found) == (["clock.off"] if warned else [])
            assert len(server.requests) == 1
            assert one(key, p).findings == ()
            assert len(server.requests) == 1, "the provider is asked once"
    if warned:
        assert ("behind" if seconds > 0 else "ahead of") in found.findings[0].message


def test_without_anybody_who_tells_the_time_that_is_said(tmp_path: Path) -> None:
    with patient(tmp_path / "p") as p:
        assert one(machine, p).said == "nobody was asked for the time"


@pytest.mark.parametrize(
    ("status", "level", "code"),
    [(401, Level.ERROR, "key.invalid"), (403, Level.WARNING, "key.limited"), (500, Level.WARNING, "key.unsure")],
)
def test_what_the_provider_answers_is_told(tmp_path: Path, status: int, level: Level, code: str) -> None:
    with HttpServer(default=reply(status, body={"errors": [{"message": "no canary-key here"}]})) as server:
        provider = SENDGRID.format(url=server.url)
        with patient(tmp_path / "p", provider=provider, environment={"KEY": "canary-key"}) as p:
            found = one(key, p)
    assert [(each.level, each.code) for each in found.findings] == [(level, code)]
    assert "canary-key" not in repr(found)


def test_offline_the_provider_is_not_asked(tmp_path: Path) -> None:
    with HttpServer(default=reply(401)) as server:
        provider = SENDGRID.format(url=server.url)
        with patient(tmp_path / "p", provider=provider, environment={"KEY": "k"}, offline=True) as p:
            assert list(key(p)) == []
        assert server.requests == []


def seen(p: object, kind: str, ago: timedelta) -> None:
    p.store().processes.seen(kind, kind, NOW - ago, NOW - ago)  # type: ignore[attr-defined]


def test_a_new_project_is_told_how_it_can_be_looked_after(tmp_path: Path) -> None:
    with patient(tmp_path / "p") as p:
        found = one(looking, p)
    assert found.findings == ()
    assert "digest schedule" in found.said


def test_a_scheduler_that_looks_is_told(tmp_path: Path) -> None:
    with patient(tmp_path / "p") as p:
        seen(p, "schedule", timedelta(minutes=9))
        found = one(looking, p)
    assert (found.findings, "(1 at work)" in found.said) == ((), True)


def test_a_scheduler_that_is_gone_is_warned_of_when_an_issue_is_due_within_a_week(tmp_path: Path) -> None:
    with patient(tmp_path / "a") as p:
        seen(p, "schedule", timedelta(minutes=11))
        assert codes(one(looking, p), Level.WARNING) == ["schedule.nobody"]
    with patient(make_project(tmp_path / "b", weekly={'"mon 08:00"': '"monthly last 08:00"'}), now=NOW) as p:
        seen(p, "schedule", timedelta(minutes=11))
        assert one(looking, p).findings == ()


def test_cron_that_ran_last_is_no_missing_scheduler(tmp_path: Path) -> None:
    with patient(tmp_path / "p") as p:
        seen(p, "schedule", timedelta(days=9))
        seen(p, "run", timedelta(days=6))
        found = one(looking, p)
    assert (found.findings, "last `digest run` was" in found.said) == ((), True)


def test_a_run_leaves_word_that_it_ran(tmp_path: Path) -> None:
    root = make_project(tmp_path / "p", readers=2)
    digest(root, "run")
    with patient(root, now=NOW + timedelta(days=1)) as p:
        assert "last `digest run` was at 2026-01-19" in one(looking, p).said


def test_a_ping_without_its_address_is_an_error(tmp_path: Path) -> None:
    root = make_project(tmp_path / "p")
    replace_in(root / "config/digest.toml", "[render]", '[reports]\nping = "env:PING"\n\n[render]')
    with patient(root) as p:
        assert codes(one(ping, p), Level.ERROR) == ["ping.unusable"]
    with patient(root, environment={"PING": "https://hc.example.com/canary"}) as p:
        found = one(ping, p)
    assert (found.findings, found.said) == ((), "env:PING")


def test_nobody_who_keeps_silent_keeps_the_doctor(tmp_path: Path) -> None:
    with HttpServer(default=silence()) as server:
        provider = SENDGRID.format(url=server.url)
        with patient(tmp_path / "p", provider=provider, environment={"KEY": "k"}) as p:
            found = {each.subject: each for each in examine(p.project, NOW, within=3)}
    assert codes(found["key"]) == ["doctor.no-answer"]
    assert found["provider"].said == "sendgrid"


def test_the_whole_of_it_for_programs(tmp_path: Path) -> None:
    root = make_project(tmp_path / "p", readers=1)
    done = digest(root, "doctor", "--offline", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads(done.stdout)
    assert {tuple(each) for each in told} == {("subject", "said", "findings")}
    subjects = [each["subject"] for each in told]
    assert subjects == [
        "newsletter weekly",
        "design weekly of weekly",
        "store",
        "disk",
        "clock",
        "looking after it",
        "source blog",
        "provider",
    ]
