"""Another process holds the database: a clear error, nothing lost, nobody twice; then the same command goes on."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.command import digest
from tests.e2e.interrupted import AT_ONCE, BATCH, KEY, READERS, flawless_sink, history, project_for
from tests.kill.judge import judge
from tests.kill.sink import Sink
from tests.projects import ISSUE, replace_in


@pytest.fixture
def sink() -> Iterator[Sink]:
    with flawless_sink() as opened:
        yield opened


@pytest.fixture
def project(tmp_path: Path, sink: Sink) -> Path:
    """A project whose store is waited for a fifth of a second."""
    made = project_for(sink, tmp_path / "project")
    replace_in(made / "config/digest.toml", "sqlite:///var/digest.sqlite3", "sqlite:///var/digest.sqlite3?timeout=0.2")
    return made


class Holder:
    """Another writer that does not come to an end."""

    def __init__(self, project: Path) -> None:
        file = project / "var/digest.sqlite3"
        self._connection = sqlite3.connect(file, isolation_level=None, check_same_thread=False, timeout=30)
        self._connection.execute("BEGIN IMMEDIATE")

    def let_go(self) -> None:
        self._connection.execute("ROLLBACK")
        self._connection.close()


def is_clear(complaint: str, project: Path) -> bool:
    """What, where, what to do."""
    says = ("database is locked", str(project / "var/digest.sqlite3"), "another process", "the same command goes on")
    return all(each in complaint for each in says) and "Traceback" not in complaint


def test_held_in_the_middle_it_stops_says_so_and_goes_on_when_it_is_free(project: Path, sink: Sink) -> None:
    holders: list[Holder] = []

    def look(count: int, moment: str) -> None:
        if count >= 5 and moment == "before" and not holders:
            holders.append(Holder(project))

    sink.on_request = look
    stopped = digest(project, "run", **KEY)
    assert stopped.returncode == 1, stopped.stdout
    assert is_clear(stopped.stderr, project), stopped.stderr
    assert 5 <= sink.requests <= 5 + AT_ONCE, "only what was under way"
    before = set(sink.accepted)

    again = digest(project, "run", **KEY)
    assert again.returncode == 1, "still held"
    assert is_clear(again.stderr, project), again.stderr
    assert set(sink.accepted) == before, "a sender that cannot record must not send"

    holders[0].let_go()
    assert digest(project, "run", **KEY).returncode == 3, "the ones under way are in doubt"
    unknown = judge(history(project), sink, READERS)["unknown"]
    assert 0 < len(unknown) <= BATCH * AT_ONCE


def test_held_before_anything_left_nothing_leaves_and_nothing_is_lost(project: Path, sink: Sink) -> None:
    assert digest(project, "build", ISSUE, **KEY).returncode in {0, 3}
    assert digest(project, "approve", ISSUE, **KEY).returncode == 0
    holder = Holder(project)
    stopped = digest(project, "send", ISSUE, **KEY)
    assert stopped.returncode == 1
    assert is_clear(stopped.stderr, project), stopped.stderr
    assert sink.requests == 0

    holder.let_go()
    assert digest(project, "send", ISSUE, **KEY).returncode == 0
    assert len(judge(history(project), sink, READERS)["accepted"]) == READERS
