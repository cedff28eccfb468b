"""A host whose network is gone without a word: the others send what is left, and nobody gets it twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from tests.conftest import ROOT, skip_or_fail
from tests.kill.dialects import SendGrid
from tests.kill.faults import NO_FAULTS
from tests.kill.hosts import until
from tests.kill.judge import every_request_was_announced, judge
from tests.kill.senders import KEYS, Senders
from tests.kill.sink import Sink
from tests.projects import AS_OF, ISSUE, make_project, replace_in
from tests.servers.cable import Cable
from tests.servers.namespaces import Namespace, may_be_made, namespace
from tests.servers.postgres import Server, server, server_programs

pytestmark = pytest.mark.postgres

_READERS = 400
_SINK_PORT = 8099
_WAIT = "SELECT count(*) FROM batch WHERE state = 'pending'"


@pytest.fixture
def running() -> Iterator[Server]:
    if reason := may_be_made():
        skip_or_fail("namespaces", reason)
    programs = server_programs()
    if programs is None:
        skip_or_fail("postgres", "PostgreSQL's server programs are not installed")
    assert programs is not None
    with server(programs) as started:
        yield started


@contextmanager
def _worker(
    host: Namespace, folder: Path, running: Server, database: str, sink: Sink
) -> Iterator[subprocess.Popen[str]]:
    """Run a worker on a host, which reaches database and provider through its cable alone."""
    port = int(sink.url.rpartition(":")[2])
    with ExitStack() as things:
        to_database = Cable(running.socket, (host.machine, 0))
        to_sink = Cable(("127.0.0.1", port), (host.machine, 0))
        things.callback(to_database.close)
        things.callback(to_sink.close)
        environment = {**os.environ, **KEYS, "PYTHONPATH": str(ROOT)}

        def start(*arguments: str) -> subprocess.Popen[str]:
            command = host.command([sys.executable, *arguments])
            pipe = subprocess.PIPE
            return subprocess.Popen(command, env=environment, cwd=ROOT, stdout=pipe, stderr=pipe, text=True)

        provider = start("-m", "tests.servers.cable", str(_SINK_PORT), host.machine, str(to_sink.port))
        things.callback(_end, provider)
        assert provider.stdout is not None
        assert provider.stdout.readline() == "ready\n"
        project = _project(folder / host.name, f"http://127.0.0.1:{_SINK_PORT}")
        environment["DIGEST_DATABASE_URL"] = (
            f"postgresql://digest@{host.machine}:{to_database.port}/{database}?sslmode=disable&gssencmode=disable"
        )
        worker = start("-m", "digest", "worker", "--project", str(project), "--as-of", AS_OF, "--concurrency", "2")
        things.callback(_end, worker)
        yield worker


def _end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate()


def _project(folder: Path, sink: str) -> Path:
    provider = (
        f'kind = "sendgrid"\napi_key = "env:SENDGRID_API_KEY"\nbase_url = "{sink}"\nbatch_limit = 3\ntimeout = 2.0'
    )
    project = make_project(folder / "project", provider=provider, readers=_READERS)
    config = project / "config/digest.toml"
    replace_in(config, 'url = "sqlite:///var/digest.sqlite3"', 'url = "env:DIGEST_STORE_URL"')
    replace_in(config, "[send]\n", '[send]\nengine = "procrastinate"\n')
    return project


def _send_while_one_is_cut_off(folder: Path, running: Server, seconds: float) -> None:
    name = f"d{uuid.uuid4().hex}"
    with psycopg.connect(running.url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    direct = running.url.replace("/postgres?", f"/{name}?")
    sink = Sink(SendGrid(), 1)
    sink.weights = NO_FAULTS
    desk = Senders(_project(folder / "desk", sink.url), direct)

    def counted(query: str) -> int:
        with psycopg.connect(direct) as connection:
            row = connection.execute(query).fetchone()
        assert row
        return int(row[0])

    with ExitStack() as things:
        things.callback(sink.close)
        assert desk.call("run").exit_code in {0, 3}
        east, west = (things.enter_context(namespace()) for _ in range(2))
        cut_off, other = (things.enter_context(_worker(each, folder, running, name, sink)) for each in (east, west))
        owners = "SELECT count(DISTINCT owner) FROM attempt"
        assert until(lambda: counted(owners) == 2, 60), "both are at work"
        east.pull()
        # As the scheduler does at its tick: what the host was brought and did not come to is handed out again.
        assert until(lambda: not desk.call("run").exit_code and not counted(_WAIT), 90), "the other one sends"
        assert not until(lambda: cut_off.poll() is not None, seconds), "it waits for its database"
        later = datetime.fromisoformat(AS_OF) + timedelta(minutes=10)
        assert desk.call("run", now=later).exit_code in {0, 3}
        states = judge(desk.history(ISSUE), sink, _READERS)
        assert len(states.get("unknown", ())) <= 2 * 3, "at most what the host that was cut off had under way"
        east.put_in()
        for each in (cut_off, other):
            # The command that made the namespace became the worker: the signal goes to it.
            each.send_signal(signal.SIGTERM)
            assert until(lambda each=each: each.poll() is not None, 120), "asked to end, it ends"  # type: ignore[misc]
            assert each.returncode == 0, each.communicate()
        judge(desk.history(ISSUE), sink, _READERS)
        every_request_was_announced(direct, desk.project, sink)


def test_a_host_that_is_cut_off_without_a_word_keeps_only_what_it_had_under_way(
    tmp_path: Path, running: Server
) -> None:
    _send_while_one_is_cut_off(tmp_path, running, seconds=1)


@pytest.mark.torture
def test_a_host_that_is_cut_off_for_long_comes_back_by_itself(tmp_path: Path, running: Server) -> None:
    _send_while_one_is_cut_off(tmp_path, running, seconds=100)
