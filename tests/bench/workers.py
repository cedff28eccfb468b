"""What workers bring and cost: an issue over PostgreSQL by one and by two, and the engine's part of a batch.

The provider thinks about each request for as long as real ones do, so that it is not the limit.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import psycopg

from tests.bench.idle import cpu_seconds
from tests.bench.sending import usual_mail
from tests.bench.sink import sink
from tests.bench.timing import side_by_side
from tests.bench.whole_issue import BATCH, Departure, write_list
from tests.projects import make_project, replace_in
from tests.servers.postgres import postgres, server_programs

_USUAL = 200_000
_FOR_THE_ENGINE = (20_000, 120_000)
_ROUNDS = 3
_THINKS_MILLISECONDS = 150
_SLOTS = 4


def measure(folder: Path) -> None:
    """Time whole issues by workers, and the engine beside the same slots in one process."""
    programs = server_programs()
    if programs is None:
        print("\nWorkers: not measured, PostgreSQL's server programs are not installed")
        return
    folder.mkdir()
    with postgres(programs) as server:
        _by_one_and_by_two(folder, server, int(os.environ.get("DIGEST_BENCH_READERS", _USUAL)))
        _engine(folder, server)


def _by_one_and_by_two(folder: Path, server: str, readers: int) -> None:
    original = _database(server)
    write_list(folder, usual_mail(), readers, original)
    slots = f"{_SLOTS} requests at once each"
    print(f"\nAn issue to {readers:,} readers over PostgreSQL, a provider of {_THINKS_MILLISECONDS} ms, {slots}")
    rates: dict[int, float] = {}
    with sink(milliseconds=_THINKS_MILLISECONDS) as provider:
        for workers in (1, 2):
            before = provider.counted().readers
            seconds, cpu = _sent_by_workers(folder, server, original, provider.url, workers)
            came = provider.counted().readers - before
            assert came == readers, f"{came} readers came to the sink"
            rates[workers] = readers / seconds
            busy = f"{cpu / seconds / workers:.0%} of a core each"
            print(f"  {workers} worker{'s'[: workers - 1]}: {seconds:6.1f} s  {rates[workers]:9,.0f} readers/s  {busy}")
    print(f"  ratio two workers / one: {rates[2] / rates[1]:.2f}")


def _engine(folder: Path, server: str) -> None:
    """Send the same by one worker with one slot, and by the same slot in a process without an engine.

    Of two audiences, so that what an issue costs once (opening the project, telling the end) is no part of a batch.
    """
    alone, brought = "claimed, posted and recorded by one slot", "the same by a worker with one slot"
    tasks: dict[str, Callable[[], object]] = {}
    with sink() as provider:
        for readers in _FOR_THE_ENGINE:
            place = folder / f"engine-{readers}"
            place.mkdir()
            original = _database(server)
            write_list(place, usual_mail(), readers, original)
            way = (place, server, original, provider.url)
            tasks[f"{alone} {readers}"] = partial(_sent_alone, *way)
            tasks[f"{brought} {readers}"] = lambda way=way: _sent_by_workers(*way, 1, slots=1)[0]  # type: ignore[misc]
        medians = side_by_side(tasks, _ROUNDS)
    few, many = _FOR_THE_ENGINE
    print(f"\nThe engine's part of a batch of {BATCH:,}, over PostgreSQL, to a sink that swallows")
    cost: dict[str, float] = {}
    for name in (alone, brought):
        cost[name] = (medians[f"{name} {many}"] - medians[f"{name} {few}"]) / ((many - few) / BATCH)
        print(f"  {name:<44} {cost[name] * 1000:9.2f} ms a batch")
    print(f"  ratio {brought} / {alone}: {cost[brought] / cost[alone]:.3f}")


def _sent_alone(folder: Path, server: str, original: str, url: str) -> float:
    with _copy(server, original) as database:
        departure = Departure(folder, database)
        departure.begin()
        return departure.send(url, slots=1)


def _sent_by_workers(
    folder: Path, server: str, original: str, url: str, workers: int, slots: int = _SLOTS
) -> tuple[float, float]:
    """Return the seconds from the first batch that may leave to the end, and the processor's seconds of all workers."""
    root = folder / f"project-{uuid.uuid4().hex}"
    make_project(root, provider=f'kind = "sendgrid"\napi_key = "env:KEY"\nbase_url = "{url}"\nbatch_limit = {BATCH}')
    config = root / "config/digest.toml"
    replace_in(config, "[send]\n", '[send]\nengine = "procrastinate"\n')
    shutil.move(root / "config/newsletters/weekly.toml", root / "config/newsletters/bench.toml")
    with _copy(server, original) as database:
        departure = Departure(folder, database, "procrastinate")
        environment = {**os.environ, "DIGEST_DATABASE_URL": database, "KEY": "SG.bench"}
        program = [sys.executable, "-m", "digest", "worker", "--project", str(root), "--concurrency", str(slots)]
        started = [subprocess.Popen(program, env=environment, stderr=subprocess.PIPE) for _ in range(workers)]
        for each in started:
            assert each.stderr is not None
            while b"at work" not in (line := each.stderr.readline()):
                assert line, "a worker ended before it began"
        departure.begin()
        begun = time.perf_counter()
        with psycopg.connect(database, autocommit=True) as connection:
            while _state(connection) == "sending":
                time.sleep(0.02)
            seconds = time.perf_counter() - begun
            assert _state(connection) == "sent"
        cpu = sum(cpu_seconds(each.pid) for each in started)
        for each in started:
            each.send_signal(signal.SIGTERM)
        for each in started:
            each.communicate()
        departure.store.close()
    shutil.rmtree(root)
    return seconds, cpu


def _state(connection: psycopg.Connection) -> str:
    row = connection.execute("SELECT state FROM issue").fetchone()
    assert row
    return str(row[0])


def _database(server: str) -> str:
    name = f"d{uuid.uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return server.replace("/postgres?", f"/{name}?")


@contextmanager
def _copy(server: str, original: str) -> Iterator[str]:
    """Give a copy of a database that nobody is connected to."""
    name, of = f"d{uuid.uuid4().hex}", original.partition("?")[0].rpartition("/")[2]
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {of}")
    try:
        yield server.replace("/postgres?", f"/{name}?")
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
