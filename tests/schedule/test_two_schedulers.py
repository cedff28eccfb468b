"""Two schedulers on two hosts share a ledger: of each moment of each issue, one of them does what is to be done."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from digest.schedule import Watch
from tests.factories import TOKYO
from tests.projects import make_project, replace_in

pytestmark = pytest.mark.postgres

FRIDAY = datetime(2026, 1, 16, 15, 0, tzinfo=TOKYO)
DUE = datetime(2026, 1, 19, 8, 0, tzinfo=TOKYO)
READERS = 7


@pytest.fixture
def hosts(tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    monkeypatch.setenv("DIGEST_DATABASE_URL", database)
    hosts = [make_project(tmp_path / name, readers=READERS) for name in ("east", "west")]
    for host in hosts:
        replace_in(host / "config/digest.toml", "[store]\n", "[reports]\nfile = 'var/reports'\n\n[store]\n")
    return hosts


def mails(hosts: list[Path]) -> list[str]:
    return sorted(each.name for host in hosts for each in host.glob("var/outbox/weekly/2026-W04/*.eml"))


@pytest.mark.parametrize("seed", range(3))
def test_both_ring_at_once_again_and_again_and_each_reader_gets_one_mail(
    hosts: list[Path], database: str, seed: int
) -> None:
    chance = random.Random(seed)
    moments = [FRIDAY, *(DUE + timedelta(seconds=chance.uniform(0, 300)) for _ in range(4))]
    with ThreadPoolExecutor(4) as pool:
        for moment in moments:
            rings = [Watch(host, "weekly", lambda moment=moment: moment, lambda: False) for host in hosts * 2]  # type: ignore[misc]
            list(pool.map(Watch.look, rings))
    assert len(mails(hosts)) == READERS
    with psycopg.connect(database) as connection:
        issues = connection.execute("SELECT period, state FROM issue").fetchall()
        begun = connection.execute("SELECT count(*) FROM event WHERE what = 'sending'").fetchone()
    assert issues == [("2026-W04", "sent")]
    assert begun == (1,)
    told = [each.read_text(encoding="utf-8") for host in hosts for each in host.glob("var/reports/*.md")]
    # Who built it knows more than who only sent it with the other: what is wrong with posts is told by that one alone.
    assert sum("tabun-wo-nokosu.md" in each for each in told) == 1


def test_when_one_host_is_off_the_other_brings_the_issue_out_and_the_first_one_finds_it_done(hosts: list[Path]) -> None:
    east, west = hosts
    for host in hosts:
        Watch(host, "weekly", lambda: FRIDAY, lambda: False).look()
    Watch(west, "weekly", lambda: DUE, lambda: False).look()
    Watch(east, "weekly", lambda: DUE + timedelta(hours=5), lambda: False).look()
    assert len(mails([west])) == READERS
    assert mails([east]) == []
