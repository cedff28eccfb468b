"""A full disk below the store: a clear error, nothing lost, nobody twice; with room the same command goes on."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.conftest import skip_or_fail
from tests.e2e.command import digest
from tests.e2e.interrupted import AT_ONCE, BATCH, KEY, READERS, flawless_sink, history, project_for
from tests.kill.judge import judge
from tests.kill.sink import Sink
from tests.projects import ISSUE


@pytest.fixture
def sink() -> Iterator[Sink]:
    with flawless_sink() as opened:
        yield opened


@pytest.fixture
def project(tmp_path: Path, sink: Sink) -> Iterator[Path]:
    """A project whose `var` is a disk of four megabytes."""
    made = project_for(sink, tmp_path / "project")
    disk = made / "var"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(disk)], capture_output=True, text=True, check=False
    )
    if mounted.returncode:
        skip_or_fail("tmpfs", f"a small disk cannot be mounted here: {mounted.stderr.strip()}")
    try:
        yield made
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def fill(project: Path) -> None:
    """Leave not one octet on the disk."""
    file = os.open(project / "var/ballast", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    try:
        for size in (65536, 4096, 1):
            with suppress(OSError):
                while True:
                    os.write(file, b"x" * size)
    finally:
        os.close(file)
    assert os.statvfs(project / "var").f_bavail == 0


def make_room(project: Path) -> None:
    (project / "var/ballast").unlink()


def fill_at(project: Path, sink: Sink, request: int) -> None:
    """Fill the disk while a request is under way."""

    def look(count: int, moment: str) -> None:
        if count == request and moment == "before":
            fill(project)

    sink.on_request = look


def is_clear(complaint: str, project: Path) -> bool:
    """What, where, what to do."""
    # SQLite calls it an I/O error when it is a file beside the database that finds no room.
    what = "disk is full" in complaint or "disk I/O error" in complaint
    says = (str(project / "var/digest.sqlite3"), "make room on its disk", "the same command goes on")
    return what and all(each in complaint for each in says) and "Traceback" not in complaint


def test_full_in_the_middle_it_stops_says_so_and_goes_on_when_there_is_room(project: Path, sink: Sink) -> None:
    fill_at(project, sink, 5)
    stopped = digest(project, "run", **KEY)
    assert stopped.returncode == 1, stopped.stdout
    assert is_clear(stopped.stderr, project), stopped.stderr
    assert 5 <= sink.requests <= 5 + AT_ONCE, "only what was under way"
    sink.on_request = lambda count, moment: None
    before = set(sink.accepted)

    again = digest(project, "run", **KEY)
    assert again.returncode == 1, "still full"
    assert is_clear(again.stderr, project), again.stderr
    assert set(sink.accepted) == before, "a sender that cannot record must not send"

    make_room(project)
    assert digest(project, "run", **KEY).returncode == 3, "the ones under way are in doubt"
    unknown = judge(history(project), sink, READERS)["unknown"]
    assert 0 < len(unknown) <= BATCH * AT_ONCE


def test_full_before_anything_left_nothing_leaves_and_nothing_is_lost(project: Path, sink: Sink) -> None:
    assert digest(project, "build", ISSUE, **KEY).returncode in {0, 3}
    assert digest(project, "approve", ISSUE, **KEY).returncode == 0
    fill(project)
    stopped = digest(project, "send", ISSUE, **KEY)
    assert stopped.returncode == 1
    assert is_clear(stopped.stderr, project), stopped.stderr
    assert sink.requests == 0

    make_room(project)
    assert digest(project, "send", ISSUE, **KEY).returncode == 0
    assert len(judge(history(project), sink, READERS)["accepted"]) == READERS


def test_full_before_there_is_a_store_says_so(project: Path, sink: Sink) -> None:
    fill(project)
    stopped = digest(project, "run", **KEY)
    assert stopped.returncode == 1
    assert is_clear(stopped.stderr, project), stopped.stderr
    make_room(project)
    assert digest(project, "run", **KEY).returncode in {0, 3}
    assert len(judge(history(project), sink, READERS)["accepted"]) == READERS
