"""What a person is told whose issue is sent by workers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from digest.studio.leaving import leaving_of
from digest.studio.sending import Sendings, sending
from tests.e2e.command import digest
from tests.projects import ISSUE, replace_in
from tests.schedule.workplace import Workplace, workplace

pytestmark = pytest.mark.postgres


@pytest.fixture
def place(tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workplace]:
    with workplace(tmp_path, database, monkeypatch, readers=9) as made:
        yield made


def test_digest_send_says_that_workers_send_it_and_ends_well(place: Workplace) -> None:
    replace_in(place.root / "config/newsletters/weekly.toml", 'review = "none"', 'review = "required"')
    assert digest(place.root, "run").returncode in {0, 3}
    assert digest(place.root, "approve", ISSUE).returncode == 0
    done = digest(place.root, "send", ISSUE)
    assert done.returncode == 0, done.stderr
    assert "`digest worker` sends it" in done.stdout
    assert place.jobs() == 1
    assert place.sink.requests == 0


def test_the_studio_tells_that_it_is_handed_out_and_shows_how_far_it_is(place: Workplace) -> None:
    place.run()
    with place.project() as project:
        sendings = Sendings(place.root, place.hands)
        assert sendings.begin(ISSUE, sending(place.issue, "花子"), lambda: None)
        sendings.wait()
        ended = sendings.ended(ISSUE)
        assert ended
        assert (ended.good, ended.key) == (True, "ended.handed_out")
        how_far = leaving_of(project, place.issue, sendings, place.hands.now)
        assert how_far.running
        assert (how_far.total, how_far.left) == (9, 9)
        place.work()
        how_far = leaving_of(project, place.issue, sendings, place.hands.now)
        assert not how_far.running
        assert how_far.left == 0
