"""`[ranking]` and `[[sections]]`: what is allowed, and what a mistake is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from digest.config.newsletter import read_newsletter
from digest.errors import ConfigError
from digest.models import Newsletter, Ranking
from tests.conftest import ROOT

SHIPPED = (ROOT / "config/newsletters/weekly.toml").read_text(encoding="utf-8")
HEAD = SHIPPED[: SHIPPED.index("[ranking]")]
SECTION = '[[sections]]\nkey = "all"\nheading = "All"\ncategories = ["*"]\n'


def read(folder: Path, tables: str) -> Newsletter:
    file = folder / "weekly.toml"
    file.write_text(f"{HEAD}\n{tables}", encoding="utf-8")
    return read_newsletter(file)


def refused(folder: Path, tables: str) -> str:
    with pytest.raises(ConfigError) as caught:
        read(folder, tables)
    return str(caught.value)


def test_weights_that_are_not_named_stay_as_they_are(tmp_path: Path) -> None:
    ranking = read(tmp_path, f"[ranking.weights]\nrecency = 0.1\npinned = 0\n{SECTION}").ranking
    assert ranking.weights == {**Ranking().weights, "recency": 0.1, "pinned": 0}
    assert (ranking.half_life_days, ranking.reading_minutes) == (3.5, 5)
    assert read(tmp_path, SECTION).ranking == Ranking()


def test_a_rule_of_the_user_s_own_is_loaded_when_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "def score(candidate, facts):\n    return 1.0\ndef sentence(candidate, facts):\n    return ''\n"
    (tmp_path / "choice_rules").mkdir()
    (tmp_path / "choice_rules" / "ours.py").write_text(text, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    letter = read(tmp_path, f'[ranking.weights]\n"choice_rules.ours" = 0.5\n{SECTION}')
    assert letter.ranking.weights["choice_rules.ours"] == 0.5
    said = refused(tmp_path, f'[ranking.weights]\n"choice_rules.theirs" = 0.5\n{SECTION}')
    assert "choice_rules.theirs" in said
    assert "cannot be loaded" in said


@pytest.mark.parametrize(
    ("tables", "words"),
    [
        (f"[ranking.weights]\nrecensy = 1\n{SECTION}", "did you mean 'recency'?"),
        (f"[ranking.weights]\nxyz = 1\n{SECTION}", "known: author_variety"),
        (f"[ranking.weights]\nrecency = -1\n{SECTION}", "recency"),
        (f"[ranking.weights]\nrecency = nan\n{SECTION}", "recency"),
        (f"[ranking.weights]\nrecency = inf\n{SECTION}", "recency"),
        (f"[ranking]\nhalf_life_days = 0\n{SECTION}", "half_life_days"),
        (f"[ranking]\nreading_minutes = 0\n{SECTION}", "reading_minutes"),
        (SECTION.replace('categories = ["*"]\n', ""), "takes no post"),
        (SECTION.replace('["*"]', '[""]'), "categories"),
        (f"{SECTION}minimum = 3\nmaximum = 2\n", "minimum (3) is above its maximum (2)"),
        (f"{SECTION}weight = 1.5\n", "weight"),
        (f'{SECTION}order = "oldset"\n', "order"),
        (SECTION.replace('"all"', '"keep"'), "cannot be 'keep'"),
        (f'{SECTION}when_thin = "al"\n', "cannot go to 'al' when it is thin"),
        (f'{SECTION}when_thin = "all"\n', "cannot go to 'all' when it is thin"),
        (f'{SECTION}when_thin = "dorp"\n', "did you mean 'drop'?"),
        (SECTION + SECTION, "same key 'all'"),
        (SECTION + SECTION.replace('"all"', '"two"'), "'*' stands in two sections"),
        (f"{SECTION}minimum = 13\nmaximum = 20\n", "keep 13 places (their minimums), and the issue has 12"),
        (f"{SECTION}autors = []\n", "autors"),
    ],
)
def test_a_mistake_is_told_with_the_file_and_what_to_do(tmp_path: Path, tables: str, words: str) -> None:
    said = refused(tmp_path, tables)
    assert words in said
    assert "weekly.toml:" in said


def test_one_category_may_lead_to_two_sections_that_ask_for_more(tmp_path: Path) -> None:
    other = SECTION.replace('"all"', '"english"') + 'languages = ["en"]\nwhen_thin = "all"\n'
    assert [rule.key for rule in read(tmp_path, other + SECTION).sections] == ["english", "all"]
