"""Two schedulers and four workers on two hosts send one issue, while processes, hosts, cables and the database fail.

Nobody gets it twice, and nobody is forgotten: the judge is the provider's own log.
"""

from __future__ import annotations

import os
import random
import signal
import uuid
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from tests.conftest import skip_or_fail
from tests.kill.dialects import Resend, SendGrid
from tests.kill.hosts import Clock, Host, Trouble, until
from tests.kill.judge import every_request_was_announced, judge
from tests.kill.senders import Senders
from tests.kill.sink import Sink
from tests.projects import ISSUE, make_project, replace_in
from tests.servers.cable import Cable
from tests.servers.postgres import Server, server, server_programs

pytestmark = pytest.mark.postgres

_SEED = os.environ.get("TORTURE_SEED")
_BATCH = 3
_LEASE_AND_MORE = timedelta(minutes=3)


@pytest.fixture(scope="module")
def database_server() -> Iterator[Server]:
    programs = server_programs()
    if programs is None:
        skip_or_fail("postgres", "PostgreSQL's server programs are not installed")
    assert programs is not None
    with server(programs) as running:
        yield running


def _host(folder: Path, name: str, database: str, running: Server, sink: Sink, readers: int, clock: Clock) -> Host:
    kind = type(sink.dialect).__name__.lower()
    provider = (
        f'kind = "{kind}"\napi_key = "env:{kind.upper()}_API_KEY"\nbase_url = "{sink.url}"\n'
        f"batch_limit = {_BATCH}\ntimeout = 1.0"
    )
    project = make_project(folder / name / "project", provider=provider, readers=readers)
    config = project / "config/digest.toml"
    replace_in(config, 'url = "sqlite:///var/digest.sqlite3"', 'url = "env:DIGEST_STORE_URL"')
    replace_in(config, "[send]\n", '[send]\nengine = "procrastinate"\n')
    cable = Cable(running.socket)
    url = f"postgresql://digest@127.0.0.1:{cable.port}/{database}?sslmode=disable&gssencmode=disable"
    return Host(Senders(project, url), cable, clock)


def _together(folder: Path, running: Server, dialect: SendGrid | Resend, readers: int, blows: int) -> Counter[str]:
    """Let hosts send an issue under so many blows; return what befell them."""
    seed = int(_SEED) if _SEED else random.SystemRandom().randrange(2**32)
    print(f"\nseed {seed}", flush=True)
    database = f"d{uuid.uuid4().hex}"
    with psycopg.connect(running.url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {database}")
    direct = running.url.replace("/postgres?", f"/{database}?")
    sink, clock = Sink(dialect, seed), Clock()
    hosts = [_host(folder, name, database, running, sink, readers, clock) for name in ("east", "west")]
    trouble = Trouble(hosts, running, random.Random(seed))
    try:
        _known_before_it_was_due(hosts[0], direct)
        for host in hosts:
            host.start()
        for _ in range(blows):
            wanted = sink.requests + trouble.chance.randint(0, 12)
            if not until(lambda wanted=wanted: sink.requests >= wanted or _is_over(direct), 5):  # type: ignore[misc]
                trouble.done["a while without mail"] += 1
            trouble.strike()
        alive = Counter(part for host in hosts for part in host.ended_by_themselves())
        assert alive == Counter(), "no failure of the database ends a process"
        _come_to_an_end(hosts, direct, clock)
        states = judge(hosts[0].senders.history(ISSUE), sink, readers)
        every_request_was_announced(direct, hosts[0].senders.project, sink)
        counts = {state: len(who) for state, who in sorted(states.items())}
        print(f"{dict(trouble.done)}; {sink.requests} requests; {counts}", flush=True)
        return trouble.done
    finally:
        for host in hosts:
            host.off()
            host.cable.close()
        sink.close()


def _known_before_it_was_due(host: Host, database: str) -> None:
    """Tell the store of the newsletter: a scheduler leaves an issue alone that was due before it knew of it."""
    assert host.senders.call("history").exit_code == 0
    with psycopg.connect(database) as connection:
        connection.execute("INSERT INTO newsletter VALUES ('weekly', '2026-01-12 00:00:00+00')")


def _is_over(database: str) -> bool:
    try:
        with psycopg.connect(database) as connection:
            row = connection.execute("SELECT state FROM issue WHERE newsletter = 'weekly'").fetchone()
    except psycopg.Error:  # it is being started again
        return False
    return row is not None and row[0] in {"sent", "needs_review"}


def _come_to_an_end(hosts: list[Host], database: str, clock: Clock) -> None:
    """Leave them alone until nothing more can be sent; leases of the dead end with a clock that is put forward."""
    for _ in range(20):
        for host in hosts:
            # SIGTERM itself ends one that is still starting.
            assert set(host.end()) <= {0, -signal.SIGTERM}, "asked to end, they end"
        if _is_over(database):
            return
        clock.ahead += _LEASE_AND_MORE
        for host in hosts:
            host.start()
        until(lambda: _is_over(database), 10)
    raise AssertionError("it does not come to an end")


@pytest.mark.parametrize("dialect", [SendGrid(), Resend()], ids=["without-keys", "with-keys"])
def test_hosts_that_fail_together_send_to_nobody_twice_and_forget_nobody(
    tmp_path: Path, database_server: Server, dialect: SendGrid | Resend
) -> None:
    assert _together(tmp_path, database_server, dialect, readers=300, blows=8).total() >= 8


@pytest.mark.torture
@pytest.mark.parametrize("round_", range(50))
def test_fifty_rounds_of_failing_hosts_send_to_nobody_twice_and_forget_nobody(
    tmp_path: Path, database_server: Server, round_: int
) -> None:
    dialect = SendGrid() if round_ % 2 else Resend()
    assert _together(tmp_path, database_server, dialect, readers=900, blows=20).total() >= 20
