"""What every rule says stays within its bounds, and a rule of the user's own counts or fails clearly."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import ConfigError
from digest.models import Origin, Ranking
from digest.select.candidates import Candidate
from digest.select.rules import Chosen, Facts, built_in, rule_named
from tests.factories import make_newsletter, make_post
from tests.select.choices import DAY, END, SLOT, chosen, names, pick_of, series

SECTION = make_newsletter().sections[0]


def candidate(also: int = 0, **changes: object) -> Candidate:
    others = tuple(Candidate(make_post(f"other{number}"), Origin.NEW, SECTION) for number in range(also))
    return Candidate(make_post(**changes), Origin.NEW, SECTION, others)


def score(rule: str, each: Candidate, chosen_: Chosen | None = None, **ranking: object) -> float:
    return rule_named(rule).score(each, Facts(SLOT, Ranking(**ranking), chosen_ or Chosen()))


def said(rule: str, each: Candidate, chosen_: Chosen | None = None) -> str:
    return rule_named(rule).sentence(each, Facts(SLOT, Ranking(), chosen_ or Chosen()))


@given(
    st.sampled_from(built_in()),
    st.integers(-4_000, 4_000),
    st.text(max_size=200),
    st.floats(-100, 100),
    st.integers(0, 5),
    st.integers(0, 9),
    st.booleans(),
)
def test_every_rule_keeps_its_bounds_and_has_a_sentence(
    rule: str, hours: int, body: str, weight: float, also: int, before: int, flag: bool
) -> None:
    each = candidate(
        also, published_at=END + timedelta(hours=hours), body=body, weight=weight, pinned=flag, featured=not flag
    )
    before_it = Chosen(Counter({"編集部": before}), Counter({"AI最新ニュース": before}))
    assert (-1 if rule == "author_weight" else 0) <= score(rule, each, before_it) <= 1
    assert isinstance(said(rule, each, before_it), str)


def test_every_rule_counts_unless_marketing_says_otherwise() -> None:
    assert set(Ranking().weights) == set(built_in())


def test_a_post_counts_half_after_each_half_life_by_real_time() -> None:
    assert score("recency", candidate(published_at=END)) == 1
    assert score("recency", candidate(published_at=END - 3.5 * DAY)) == pytest.approx(0.5)
    assert score("recency", candidate(published_at=END - 2 * DAY), half_life_days=1) == pytest.approx(0.25)
    assert said("recency", candidate(published_at=END - 1.5 * DAY)) == "1.5 days old at the cut-off"


def test_a_story_that_others_tell_counts_more() -> None:
    assert [score("retold", candidate(also)) for also in range(4)] == [0, 0.5, 0.75, 0.875]
    assert said("retold", candidate(1)) == "1 other post tells the same story"
    assert said("retold", candidate(2)) == "2 other posts tell the same story"


def test_each_further_post_of_an_author_or_a_category_counts_less() -> None:
    for rule, counts in (
        ("author_variety", Chosen(Counter(編集部=2))),
        ("category_variety", Chosen(Counter(), Counter(AI最新ニュース=2))),
    ):
        assert score(rule, candidate()) == 1
        assert score(rule, candidate(), counts) == pytest.approx(1 / 3)
        assert said(rule, candidate(), counts).startswith("2 before it are of the same ")


def test_a_reading_time_counts_most_when_it_is_the_wanted_one() -> None:
    five, ten, none = (candidate(body="あ" * 500 * minutes) for minutes in (5, 10, 0))
    assert score("reading_time", five) == 1
    assert score("reading_time", ten) == 0.5
    assert score("reading_time", ten, reading_minutes=10) == 1
    assert score("reading_time", none) == 0
    assert said("reading_time", ten) == "10 min to read (5 wanted)"


def test_a_text_that_repeats_itself_or_breaks_off_is_worth_less() -> None:
    whole = "これは最初の長い段落の文章です。次に別の文章がつづきます。\n\n最後の段落もきちんと終わります。"
    assert score("soundness", candidate(body=whole)) == 1
    twice = candidate(body=f"{whole}\n\n{whole}")
    assert 0.4 < score("soundness", twice) < 0.6
    assert "of its text repeats itself" in said("soundness", twice)
    broken = candidate(body=whole + "\n\nところで、この話にはまだ長い続きがあって、それを最後まで読むためには、")
    assert score("soundness", broken) == 0.5
    assert said("soundness", broken) == "it breaks off"


def test_an_issue_mixes_authors_where_posts_are_nearly_alike() -> None:
    kay = list(series(2, "kay", author="Kay"))
    (ann,) = series(1, "ann", author="Ann", published_at=END - DAY / 4)
    ranking = Ranking(weights={"recency": 0.6, "author_variety": 0.5})
    assert names(chosen(*kay, ann, ranking=ranking)) == ["kay0", "ann0", "kay1"]


def own_rule(folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, text: str) -> str:
    """Write a module of the user's own, and return its dotted name."""
    (folder / "our_rules").mkdir()
    (folder / "our_rules" / f"{name}.py").write_text(text, encoding="utf-8")
    monkeypatch.syspath_prepend(folder)
    for module in ("our_rules", f"our_rules.{name}"):
        monkeypatch.delitem(__import__("sys").modules, module, raising=False)
    return f"our_rules.{name}"


def test_a_rule_of_the_user_s_own_counts_and_is_quoted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = """
def score(candidate, facts):
    return 1.0 if "p1" in candidate.post.id else 0.0
def sentence(candidate, facts):
    return "a partner's post" if "p1" in candidate.post.id else ""
"""
    name = own_rule(tmp_path, monkeypatch, "partners", text)
    selection = chosen(*series(3), ranking=Ranking(weights={"recency": 0.6, name: 2.0}))
    assert names(selection) == ["p1", "p0", "p2"]
    assert pick_of(selection, "p1").parts[name] == 2.0
    assert "a partner's post" in pick_of(selection, "p1").reason


def test_a_rule_of_the_user_s_own_that_reads_texts_counts_like_any_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = """
READS_TEXT = True
def score(candidate, facts):
    return 9.0 if "大事" in candidate.post.body else 0.0
def sentence(candidate, facts):
    return ""
"""
    name = own_rule(tmp_path, monkeypatch, "reading", text)
    posts = [*series(2), make_post("big", body="大事な話です。", published_at=END - 6 * DAY)]
    selection = chosen(*posts, ranking=Ranking(weights={"recency": 0.6, name: 1.0}))
    assert names(selection) == ["big", "p0", "p1"]
    assert pick_of(selection, "big").parts[name] == 1.0, "a score is held to its bounds"


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("empty", "", "has no function 'score'"),
        ("half", "def score(candidate, facts):\n    return 0\n", "has no function 'sentence'"),
        ("syntax", "def score(:\n", "cannot be loaded"),
        ("exits", "raise SystemExit(3)\n", "cannot be loaded"),
        ("fails", "def score(c, f):\n    return c.nothing\ndef sentence(c, f):\n    return ''\n", "AttributeError"),
        ("nan", "def score(c, f):\n    return float('nan')\ndef sentence(c, f):\n    return ''\n", "its score is nan"),
        ("none", "def score(c, f):\n    return None\ndef sentence(c, f):\n    return ''\n", "TypeError"),
        ("mute", "def score(c, f):\n    return 1\ndef sentence(c, f):\n    return c.x\n", "AttributeError"),
    ],
)
def test_a_broken_rule_of_the_user_s_own_is_a_clear_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, text: str, words: str
) -> None:
    name = own_rule(tmp_path, monkeypatch, name, text)
    with pytest.raises(ConfigError, match=words) as caught:
        chosen(make_post("a"), ranking=Ranking(weights={name: 1.0}))
    assert name in str(caught.value)
    assert caught.value.fix


def test_a_rule_that_does_not_exist_or_has_no_weight() -> None:
    with pytest.raises(ConfigError, match=r"'nowhere\.rule' cannot be loaded"):
        chosen(make_post("a"), ranking=Ranking(weights={"nowhere.rule": 1.0}))
    selection = chosen(make_post("a", pinned=True), ranking=Ranking(weights={"category": 1.0, "nowhere.rule": 0}))
    assert pick_of(selection, "a").parts == {"category": 1.0}
