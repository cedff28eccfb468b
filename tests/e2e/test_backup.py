"""Backups by the real command: taken while mail leaves, killed at any point, and what a restored store sends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import zipfile
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from digest.app.backups import newest_backup
from tests.e2e.command import digest, digest_json
from tests.e2e.interrupted import AT_ONCE, BATCH, KEY, READERS, flawless_sink, history, project_for
from tests.kill.judge import judge
from tests.kill.sink import Sink
from tests.projects import AS_OF, ISSUE, make_project, replace_in
from tests.store.conftest import postgres_server, store_url
from tests.web.test_real_server import served

__all__ = ["postgres_server", "store_url"]

TUESDAY = "2026-01-20T09:00:00+09:00"
NEXT_MONDAY = "2026-01-26T09:00:00+09:00"


@pytest.fixture
def sink() -> Iterator[Sink]:
    with flawless_sink() as opened:
        yield opened


@pytest.fixture
def project(tmp_path: Path, store_url: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three readers and a folder for an outbox; the store is on either database."""
    made = make_project(tmp_path / "p", readers=3)
    return on(made, store_url, monkeypatch)


def on(project: Path, url: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    replace_in(project / "config/digest.toml", "sqlite:///var/digest.sqlite3", "env:DIGEST_STORE_URL")
    monkeypatch.setenv("DIGEST_STORE_URL", url)
    return project


def mails(project: Path) -> int:
    return len(list((project / "var/outbox").rglob("*.eml")))


def backup(project: Path, **options: str) -> Path:
    return Path(digest_json(project, "backup", exit_code=0, **options)["file"])


def rows(archive: Path, table: str) -> list[dict[str, Any]]:
    with zipfile.ZipFile(archive) as packed:
        columns = json.loads(packed.read("manifest.json"))["tables"][table]["columns"]
        return [
            dict(zip(columns, json.loads(row), strict=True))
            for row in packed.read(f"tables/{table}.jsonl").splitlines()
        ]


def test_what_left_after_the_backup_does_not_leave_again_until_a_person_says_so(project: Path) -> None:
    digest(project, "build", ISSUE)
    taken = backup(project)
    digest(project, "run")
    assert mails(project) == 3
    done = digest_json(project, "restore", str(taken), "--yes", as_of=TUESDAY, exit_code=0)
    assert done["held"] == [ISSUE]
    for as_of in (TUESDAY, TUESDAY.replace("T09", "T10")):
        told = digest(project, "run", as_of=as_of)
        assert "may have left since" in told.stdout
        assert mails(project) == 3
    assert digest(project, "send", ISSUE, as_of=TUESDAY).returncode == 1
    assert mails(project) == 3
    assert "restored" in digest(project, "history", ISSUE).stdout
    (project / "var/outbox").rename(project / "var/first")
    assert digest(project, "approve", ISSUE, as_of=TUESDAY).returncode == 0
    digest(project, "run", as_of=TUESDAY)
    assert mails(project) == 3, "a person has looked, and let it go"


def test_an_issue_that_the_backup_had_not_heard_of_does_not_leave_again_either(project: Path) -> None:
    digest(project, "run", as_of="2026-01-12T09:00:00+09:00")
    (project / "var/outbox").rename(project / "var/first")
    taken = backup(project, as_of="2026-01-12T10:00:00+09:00")
    digest(project, "run")
    assert mails(project) == 3
    digest(project, "restore", str(taken), "--yes", as_of=TUESDAY)
    told = digest(project, "run", as_of=TUESDAY)
    assert f"{ISSUE}: held: restored from a backup" in told.stdout
    assert mails(project) == 3
    digest(project, "build", ISSUE, as_of=TUESDAY)
    assert mails(project) == 3
    digest(project, "run", as_of=NEXT_MONDAY)
    assert {each.name for each in (project / "var/outbox/weekly").iterdir()} == {"2026-W04", "2026-W05"}, "as ever"
    assert digest_json(project, "history", ISSUE)["state"] == "held"


def test_a_project_moves_to_another_machine_and_another_database(
    tmp_path: Path, store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = make_project(tmp_path / "old", readers=3)
    digest(old, "run")
    taken = backup(old)
    new = on(make_project(tmp_path / "new", readers=3), store_url, monkeypatch)
    assert digest(new, "restore", str(taken), "--yes", as_of=TUESDAY).returncode == 0
    assert "already sent" in digest(new, "run", as_of=TUESDAY).stdout
    assert mails(new) == 0
    assert (new / "var/ledger-id").read_text() == (old / "var/ledger-id").read_text()
    assert digest_json(new, "history", ISSUE)["counts"] == digest_json(old, "history", ISSUE)["counts"]


def test_a_lost_store_comes_back_and_other_hosts_know_it(project: Path, tmp_path: Path) -> None:
    digest(project, "run")
    taken, marker = backup(project), (project / "var/ledger-id").read_text()
    host = make_project(tmp_path / "host", readers=3)
    replace_in(host / "config/digest.toml", "sqlite:///var/digest.sqlite3", "env:DIGEST_STORE_URL")
    (host / "var").mkdir()
    (host / "var/ledger-id").write_text(marker)
    lose(project)
    lost = digest(project, "run")
    assert lost.returncode == 1
    assert "`digest restore FILE` a backup" in lost.stderr
    assert digest(project, "restore", str(taken), "--yes", as_of=TUESDAY).returncode == 0
    assert "already sent" in digest(project, "run", as_of=TUESDAY).stdout
    if os.environ["DIGEST_STORE_URL"].startswith("postgresql"):
        assert "already sent" in digest(host, "run", as_of=TUESDAY).stdout


def lose(project: Path) -> None:
    """Leave a database in which nothing is."""
    url = os.environ["DIGEST_STORE_URL"]
    if url.startswith("sqlite"):
        for file in (project / "var").glob("digest.sqlite3*"):
            file.unlink()
        return
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")


def test_without_a_terminal_it_wants_to_be_told_and_shows_what_it_would_replace(project: Path) -> None:
    digest(project, "run")
    taken = backup(project)
    asked = digest(project, "restore", str(taken))
    assert asked.returncode == 1
    assert "no terminal" in asked.stderr
    assert f"the backup: 1 issue, the newest {ISSUE}; 3 readers" in asked.stdout
    assert f"replaces:   1 issue, the newest {ISSUE}; 3 readers" in asked.stdout
    assert digest_json(project, "history", ISSUE)["state"] == "sent"


def test_no_message_tells_a_readers_address_and_people_are_told_what_is_lost(project: Path) -> None:
    digest(project, "run")
    said = digest(project, "backup")
    taken = next((project / "var/backups").glob("digest-*.zip"))
    restored = digest(project, "restore", str(taken), "--yes", as_of=TUESDAY)
    again = digest(project, "restore", str(taken), "--yes", "--json", as_of=TUESDAY)
    for done in (said, restored, again):
        assert done.returncode == 0
        assert "@example.com" not in done.stdout + done.stderr
    for word in ("unsubscribed, bounced or complained", "digest subscribers suppress", "before-restore-"):
        assert word in restored.stdout


def test_old_backups_are_removed_and_the_newest_is_known(project: Path) -> None:
    digest(project, "build", ISSUE)
    for hour in range(1, 5):
        digest(project, "backup", "--keep", "2", as_of=f"2026-01-19T0{hour}:00:00+00:00")
    kept = sorted(each.name for each in (project / "var/backups").iterdir())
    assert kept == ["digest-20260119T030000Z.zip", "digest-20260119T040000Z.zip"]
    assert newest_backup(project) == datetime(2026, 1, 19, 4, tzinfo=UTC)


def test_whoever_serves_readers_goes_on_over_a_restoration(tmp_path: Path) -> None:
    project = make_project(tmp_path / "p", readers=3)
    digest(project, "build", ISSUE)
    taken = backup(project)
    digest(project, "run")
    with served(project) as (address, process):
        assert httpx.get(f"{address}/issues/{ISSUE}").status_code == 200
        assert digest(project, "restore", str(taken), "--yes", as_of=TUESDAY).returncode == 0
        assert httpx.get(f"{address}/issues/{ISSUE}").status_code == 404, "nobody knows that it has left"
        saved = next((project / "var/backups").glob("before-restore-*.zip"))
        assert digest(project, "restore", str(saved), "--yes", as_of=TUESDAY).returncode == 0
        assert httpx.get(f"{address}/issues/{ISSUE}").status_code == 200
        assert process.poll() is None


def test_a_backup_is_taken_while_mail_leaves_and_nobody_waits(
    tmp_path: Path, sink: Sink, store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = on(project_for(sink, tmp_path / "p"), store_url, monkeypatch)
    taken: list[Path] = []
    at_work = threading.Lock()

    def look(count: int, moment: str) -> None:
        # Only one request waits for it; the other slot goes on sending.
        if count in {6, 14, 22} and moment == "before" and at_work.acquire(blocking=False):
            try:
                taken.append(backup(project, **KEY))
            finally:
                at_work.release()

    sink.on_request = look
    ended = digest(project, "run", **KEY)
    assert ended.returncode in {0, 3}, ended.stderr
    assert len(judge(history(project), sink, READERS)["accepted"]) == READERS
    assert taken
    for archive in taken:
        recipients, batches = rows(archive, "recipient"), rows(archive, "batch")
        assert len(recipients) == READERS
        states = {each["id"]: each["state"] for each in batches}
        of_batches: dict[str, set[str]] = {}
        for each in recipients:
            of_batches.setdefault(states[each["batch_id"]], set()).add(each["state"])
        assert of_batches.items() <= {"accepted": {"accepted"}, "pending": {"pending"}, "sending": {"pending"}}.items()
        counts = Counter(each["state"] for each in batches)
        assert 0 < counts["sending"] <= AT_ONCE
        assert len(rows(archive, "attempt")) == counts["accepted"] + counts["sending"]


def test_nothing_is_restored_under_a_sender(tmp_path: Path, sink: Sink) -> None:
    project = project_for(sink, tmp_path / "p")
    digest(project, "build", ISSUE, **KEY)
    taken = backup(project, **KEY)
    refused: list[str] = []

    def look(count: int, moment: str) -> None:
        if count == 5 and moment == "before":
            refused.append(digest(project, "restore", str(taken), "--yes", **KEY).stderr)

    sink.on_request = look
    assert digest(project, "run", **KEY).returncode in {0, 3}
    assert f"{ISSUE} is being sent at this moment — run `digest hold {ISSUE}` first" in refused[0]
    assert len(judge(history(project), sink, READERS)["accepted"]) == READERS


def test_a_backup_of_the_middle_of_a_sending_sends_to_nobody_twice(tmp_path: Path, sink: Sink) -> None:
    project = project_for(sink, tmp_path / "p")
    taken: list[Path] = []

    def look(count: int, moment: str) -> None:
        if count == 5 and moment == "before":
            taken.append(backup(project, **KEY))

    sink.on_request = look
    assert digest(project, "run", **KEY).returncode in {0, 3}
    sink.on_request = lambda count, moment: None
    requests = sink.requests
    done = digest_json(project, "restore", str(taken[0]), "--yes", as_of=TUESDAY, **KEY)
    assert BATCH <= done["unclear"][ISSUE] < READERS
    told = digest(project, "run", as_of=TUESDAY, **KEY)
    assert told.returncode == 3
    assert "may have got it since" in told.stdout
    assert digest(project, "send", ISSUE, as_of=TUESDAY, **KEY).returncode == 1
    assert sink.requests == requests
    counts = history(project)["counts"]
    assert counts["accepted"] + counts["unknown"] == counts["audience"] == READERS


_KILLED = """
import os, signal, sys
from sqlalchemy import Engine, event
from digest.store.backup import loading, writing

left = int(sys.argv[1])

def dying(step):
    def count(*arguments):
        global left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return step(*arguments)
    return count

writing._write_rows = dying(writing._write_rows)
loading.for_database = dying(loading.for_database)
event.listen(Engine, "before_cursor_execute", dying(lambda *_: None))
from digest.cli import main
sys.exit(main(sys.argv[2:]))
"""


def killed(project: Path, steps: int, *arguments: str) -> int:
    command = [sys.executable, "-c", _KILLED, str(steps), *arguments, "--project", str(project), "--as-of", AS_OF]
    return subprocess.run(command, capture_output=True, check=False, timeout=120).returncode


def test_a_backup_that_is_killed_leaves_nothing_that_looks_like_one(project: Path) -> None:
    digest(project, "run")
    deaths = 0
    for steps in (0, 12, 20, 30):
        deaths += killed(project, steps, "backup") == -signal.SIGKILL
        named = list((project / "var/backups").glob("*.zip")) if (project / "var/backups").exists() else []
        assert all(zipfile.is_zipfile(each) for each in named)
    assert deaths >= 3
    whole = backup(project)
    assert not list(whole.parent.glob(".*")), "what the dead left is gone"


def test_a_restoration_that_is_killed_changes_nothing(project: Path) -> None:
    digest(project, "build", ISSUE)
    taken = backup(project)
    digest(project, "run")
    before = digest_json(project, "history", ISSUE)
    deaths = 0
    for steps in (0, 25, 45, 60, 75):
        if killed(project, steps, "restore", str(taken), "--yes") != -signal.SIGKILL:
            break
        deaths += 1
        assert digest_json(project, "history", ISSUE) == before
    assert deaths >= 4
    assert "already sent" in digest(project, "run").stdout
    assert digest_json(project, "restore", str(taken), "--yes", as_of=TUESDAY)["held"] == [ISSUE]
