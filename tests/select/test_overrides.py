"""What a person says about one issue wins over every rule, except over what readers have and the blog hides."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from digest.models import Origin, Out, SectionRule
from tests.factories import make_post
from tests.select.choices import (
    DAY,
    END,
    PLAIN,
    START,
    by_section,
    chosen,
    id_of,
    known,
    ledger_of,
    names,
    out_of,
    pick_of,
    says,
    series,
    why,
)

ONE = (SectionRule("all", "All", ("*",), maximum=2),)
TWO = (SectionRule("news", "News", ("AI最新ニュース",)), SectionRule("other", "Other", ("その他",)))
SEEN = ledger_of(known(make_post("seen", published_at=START - 2 * DAY), "weekly/2026-W03"))


@pytest.mark.parametrize(
    "changes",
    [
        {"opt_out": True},
        {"expires": END},
        {"hold_until": END + DAY},
        {"published_at": START - 100 * DAY},
        {"title": "I'm sorry, but I can't assist with that."},
        {"categories": ("どの欄でもない",)},
    ],
)
def test_a_pin_brings_what_every_rule_keeps_out(changes: dict[str, Any]) -> None:
    post = make_post("a", **changes)
    assert names(chosen(post, sections=TWO, ledger=SEEN)) == []
    selection = chosen(post, sections=TWO, ledger=SEEN, overrides=[says("pin", "a")])
    assert by_section(selection) == {"news": ["a"]}
    assert "pinned to this issue by kay on 2026-01-19" in pick_of(selection, "a").reason


def test_a_pin_brings_history() -> None:
    assert names(chosen(make_post("a", published_at=START - DAY), overrides=[says("pin", "a")])) == ["a"]


@pytest.mark.parametrize("changes", [{"withheld": "draft"}, {"published_at": END + DAY}])
def test_no_pin_brings_what_the_blog_does_not_show_yet(changes: dict[str, Any]) -> None:
    selection = chosen(make_post("a", **changes), overrides=[says("pin", "a")])
    assert names(selection) == []
    assert selection.notes == (f"pin of {id_of('a')} by kay on 2026-01-19 has no effect: the post is not in the issue",)


def test_no_pin_brings_what_readers_have() -> None:
    post = make_post("a")
    selection = chosen(post, ledger=ledger_of(known(post, "weekly/2026-W03")), overrides=[says("pin", "a")])
    assert why(selection) == {"a": "covered"}
    assert len(selection.notes) == 1


def test_what_a_pin_brings_says_how_it_came() -> None:
    pins = [says("pin", "new"), says("pin", "old")]
    new, old = make_post("new", opt_out=True), make_post("old", published_at=START - 100 * DAY)
    selection = chosen(new, old, ledger=SEEN, overrides=pins)
    assert pick_of(selection, "new").origin is Origin.NEW
    assert pick_of(selection, "old").origin is Origin.AGAIN


def test_pinned_posts_stand_first_in_the_order_of_pinning() -> None:
    pins = [says("pin", "p3", number=1), says("pin", "p2", number=2)]
    selection = chosen(*series(4), sections=(replace(ONE[0], maximum=4),), overrides=pins)
    assert names(selection) == ["p3", "p2", "p0", "p1"]
    assert selection.lead == id_of("p3")


def test_an_excluded_post_is_out_and_says_by_whom_even_when_it_is_pinned_too() -> None:
    for post in (make_post("a"), make_post("a", published_at=START - 100 * DAY)):
        both = [says("exclude", "a", who="ann"), says("pin", "a")]
        assert names(chosen(post, ledger=SEEN, overrides=both)) == []
    selection = chosen(make_post("a"), overrides=[says("exclude", "a", who="ann")])
    out = out_of(selection, "a")
    assert (out.code, out.reason, out.remedy) == (
        Out.EXCLUDED,
        "excluded by ann on 2026-01-19",
        "undo the exclusion",
    )


def test_an_excluded_post_leaves_its_place_to_the_next_one() -> None:
    assert names(chosen(*series(3), sections=ONE, overrides=[says("exclude", "p0")])) == ["p1", "p2"]


def test_a_moved_post_stands_in_its_new_section_even_when_none_takes_it() -> None:
    strange = make_post("strange", categories=("料理",))
    moves = [says("move", "a", "other"), says("move", "strange", "other")]
    selection = chosen(make_post("a"), strange, sections=TWO, overrides=moves)
    assert by_section(selection) == {"other": ["a", "strange"]}
    assert "moved to this section by kay" in pick_of(selection, "a").reason


def test_a_move_to_a_section_that_is_gone_is_told_and_changes_nothing() -> None:
    selection = chosen(make_post("a"), sections=TWO, overrides=[says("move", "a", "gone")])
    assert by_section(selection) == {"news": ["a"]}
    assert "moved" not in pick_of(selection, "a").reason
    said = f"move of {id_of('a')} by kay on 2026-01-19 has no effect: there is no section 'gone'"
    assert selection.notes == (said,)


@pytest.mark.parametrize(
    ("orders", "expected"),
    [
        ([("p2", 1)], ["p2", "p0", "p1", "p3"]),
        ([("p0", 3)], ["p1", "p2", "p0", "p3"]),
        ([("p0", 99)], ["p1", "p2", "p3", "p0"]),
        ([("p3", 1), ("p2", 2)], ["p3", "p2", "p0", "p1"]),
        ([("p2", 2), ("p3", 1)], ["p3", "p2", "p0", "p1"]),
        ([("p3", 1), ("p2", 1)], ["p2", "p3", "p0", "p1"]),
    ],
)
def test_posts_stand_where_people_put_them_and_the_last_word_counts(
    orders: list[tuple[str, int]], expected: list[str]
) -> None:
    said = [says("order", name, str(place), number) for number, (name, place) in enumerate(orders)]
    rules = (replace(ONE[0], maximum=4),)
    assert names(chosen(*series(4), sections=rules, overrides=said, ranking=PLAIN)) == expected


def test_words_of_a_person_stand_for_the_post_s_own_in_picks_and_title_lines() -> None:
    said = [
        says("title", "p0", "新しい見出し"),
        says("excerpt", "p0", "新しい要約"),
        says("title", "p2", "小さな見出し"),
    ]
    selection = chosen(*series(3), sections=ONE, max_more=1, overrides=said, ranking=PLAIN)
    first = pick_of(selection, "p0")
    assert (first.post.title, first.post.blurb) == ("新しい見出し", "新しい要約")
    assert "title reworded by kay" in first.reason
    assert "excerpt reworded by kay" in first.reason
    assert selection.more[0].post.title == "小さな見出し"
    assert selection.notes == ()


def test_what_people_said_about_a_post_that_is_not_shown_is_a_note() -> None:
    said = [says("title", "p2", "x"), says("order", "gone", "1"), says("exclude", "gone")]
    selection = chosen(*series(3), sections=ONE, overrides=said)
    assert selection.notes == (
        f"title of {id_of('p2')} by kay on 2026-01-19 has no effect: the post is not in the issue",
        f"order of {id_of('gone')} by kay on 2026-01-19 has no effect: the post is not in the issue",
    )


def test_a_place_for_a_post_that_is_only_named_by_its_title_is_a_note() -> None:
    said = [says("order", "p2", "1")]
    selection = chosen(*series(3), sections=ONE, max_more=1, overrides=said, ranking=PLAIN)
    assert selection.notes == (
        f"order of {id_of('p2')} by kay on 2026-01-19 has no effect: the post is only named by its title",
    )
