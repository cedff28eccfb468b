"""A year that nobody watched: whatever went wrong in it, every issue came to an end that a person would call right."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import pytest

from tests.schedule.year_checks import CHECKS
from tests.schedule.year_story import live
from tests.schedule.year_world import Year, at_home_in

SEEDS = [int(os.environ["YEAR_SEED"])] if "YEAR_SEED" in os.environ else [1, 2]


def judged(folder: Path, seed: int) -> None:
    year = Year(folder, seed)
    logging.disable(logging.CRITICAL)
    try:
        with at_home_in(year):
            live(year)
            found = {check.__name__: list(check(year)) for check in CHECKS}
    finally:
        logging.disable(logging.NOTSET)
    wrong = [f"{name}: {len(each)} times, such as\n{each[0]}" for name, each in found.items() if each]
    assert not wrong, f"play it again with YEAR_SEED={seed}\n\n" + "\n\n".join(wrong)
    assert len(year.begun) > 60, "a year in which hardly anything leaves proves nothing"


@pytest.mark.parametrize("seed", SEEDS)
def test_every_issue_of_a_year_comes_to_a_good_end(tmp_path: Path, seed: int) -> None:
    judged(tmp_path, seed)


@pytest.mark.torture
@pytest.mark.parametrize("seed", range(100, 120))
def test_every_issue_of_many_years_comes_to_a_good_end(tmp_path: Path, seed: int) -> None:
    judged(tmp_path, seed)
