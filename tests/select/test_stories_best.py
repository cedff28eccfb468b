"""Of the posts of a story, readers get the most complete and sound one, not the longest."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from digest.models import Post
from digest.select.stories import best_first, why_best
from tests.factories import TOKYO, make_post

MONDAY = datetime(2026, 1, 12, 9, 0, tzinfo=TOKYO)
PLACES = [
    "港",
    "駅前",
    "川沿い",
    "山の手",
    "市役所",
    "公園",
    "団地",
    "商店街",
    "図書館",
    "空港",
    "大学",
    "病院",
    "学校",
    "工場",
    "農園",
    "劇場",
    "浜辺",
    "寺",
]
WHOLE = "\n\n".join(
    f"{place}では{number}人が新しい配送の仕組みを試し、便利になったと話している。"
    for number, place in enumerate(PLACES)
)


def post(name: str, body: str = WHOLE, *, hours: int = 0, **changes: object) -> Post:
    return make_post(name, body=body, published_at=MONDAY + timedelta(hours=hours), **changes)


@pytest.mark.parametrize(
    ("worse", "said"),
    [
        (post("twice", WHOLE + "\n\n" + WHOLE, hours=9), "repeats most of itself"),
        (
            post(
                "cut",
                WHOLE + "\n\nこれに対して研究者たちは、山間部での配送が今後どのように広がっていくのかを、",
                hours=9,
            ),
            "mid-sentence",
        ),
        (post("short", "配送が始まった。詳しくは後日。", hours=9), "very short"),
        (post("refusal", hours=9, title="I am unable to perform the web search for this"), "answer"),
        (post("ellipsis", hours=9, title="山間部の配送がはじまり、暮らしは…"), "cut off"),
        (post("bracket", hours=9, title="山間部の配送がはじまる（長野・"), "cut off"),
        (
            post(
                "stub", "# 山間部の配送がはじまり暮らしが変わる\n\n" + WHOLE, hours=9, title="山間部の配送がはじまり？"
            ),
            "cut off",
        ),
    ],
)
def test_a_broken_post_loses_though_it_is_newer_and_longer(worse: Post, said: str) -> None:
    sound = post("sound")
    assert best_first([worse, sound]) == (sound, worse)
    assert best_first([sound, worse]) == (sound, worse)
    assert said in why_best([worse, sound])
    assert "the most complete of 2" in why_best([worse, sound])


def test_of_equals_the_newer_is_first_then_the_lesser_id() -> None:
    old, new_b, new_a = post("old"), post("b", hours=1), post("a", hours=1)
    assert best_first([old, new_b, new_a]) == (new_a, new_b, old)
    assert "the newest" in why_best([old, new_a])
    assert "as new" in why_best([new_b, new_a])


def test_a_repeating_body_is_worse_than_one_that_is_cut_off() -> None:
    cut = post("cut", WHOLE + "\n\nこれに対して研究者たちは、山間部での配送が今後どのように広がっていくのかを、")
    twice = post("twice", WHOLE + "\n\n" + WHOLE, hours=1)
    assert best_first([twice, cut]) == (cut, twice)


def test_a_post_alone_is_the_best_without_a_reason() -> None:
    assert best_first([post("a")]) == (post("a"),)
    assert why_best([post("a")]) == ""
    assert best_first([]) == ()
