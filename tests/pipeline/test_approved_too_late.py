"""An issue that is approved when its successor has left cannot leave as it is, and people hear why."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from digest import pipeline
from digest.models import IssueState
from digest.store import Store
from tests.pipeline.reviewing_world import BUILD, DUE, WEEK, make_world, sound_post

NEXT = "2026-W05"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store("sqlite:///store.sqlite3", tmp_path)
    yield opened
    opened.close()


def test_it_is_held_with_the_reason_once(tmp_path: Path, store: Store) -> None:
    world = make_world(tmp_path, store, "required")
    world.posts += (sound_post("d", BUILD + timedelta(days=5)),)
    world.now = BUILD
    world.tick()
    world.decide(pipeline.hold, "まだ")
    world.now += timedelta(days=7)
    world.tick()
    pipeline.approve(store, world.issue(NEXT), "kay", world.now)
    world.now = DUE + timedelta(days=7, minutes=1)
    world.tick()
    assert world.issue(NEXT).state is IssueState.SENT

    world.decide(pipeline.approve)
    older = world.tick()[0]
    reason = f"no. 1 has left as weekly/{NEXT} meanwhile; run `digest build weekly/{WEEK}` again"
    assert world.state is IssueState.HELD
    assert world.issue().reason.startswith(reason.partition(";")[0])
    assert reason in older.says
    world.tick()
    assert [each.what for each in world.events()].count("held") == 2
