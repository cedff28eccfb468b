"""Exact copies fall to the older post, whatever the order in which they come."""

from __future__ import annotations

import random
import time
from datetime import datetime, timedelta

from digest.models import Post
from digest.select.stories import copies
from tests.factories import TOKYO, make_post

MONDAY = datetime(2026, 1, 12, 9, 0, tzinfo=TOKYO)
SENTENCES = [f"{place}の{thing}は、{number}年ぶりに形を変える。" for number, (place, thing) in enumerate(
    [("港", "倉庫"), ("駅前", "広場"), ("川沿い", "遊歩道"), ("山の手", "水道"), ("市役所", "窓口"), ("公園", "温室"),
     ("団地", "集会所"), ("商店街", "屋根"), ("図書館", "書庫"), ("空港", "通路"), ("大学", "講堂"), ("病院", "受付")],
    start=11,
)]  # fmt: skip
BODY = "\n\n".join(SENTENCES)


def post(name: str, body: str, *, hours: int = 0, **changes: object) -> Post:
    return make_post(name, body=body, published_at=MONDAY + timedelta(hours=hours), **changes)


def found(*posts: Post) -> dict[str, str]:
    short = {each.id: each.url.rsplit("/", 2)[1] for each in posts}
    return {short[copy]: short[original.id] for copy, original in copies(posts).items()}


def test_the_older_of_two_equal_bodies_stays() -> None:
    assert found(post("late", BODY, hours=5), post("early", BODY)) == {"late": "early"}


def test_of_two_as_old_the_lesser_id_stays() -> None:
    assert found(post("b", BODY), post("a", BODY)) == {"b": "a"}


def test_one_address_is_one_post() -> None:
    again = post("again", SENTENCES[0] * 3, hours=1, url="https://blog.example.com/2026/01/14/a/#top")
    assert set(copies([post("a", BODY), again])) == {again.id}


def test_a_nearly_equal_body_is_a_copy() -> None:
    touched = BODY.replace("倉庫", "大倉庫") + "\n\n（追記あり）"
    assert found(post("a", BODY), post("touched", touched, hours=1)) == {"touched": "a"}


def test_a_body_that_shares_half_of_its_sentences_is_none() -> None:
    half = (
        "\n\n".join(SENTENCES[:6])
        + "\n\n"
        + "\n\n".join(each.replace("形", "色") for each in reversed(SENTENCES))[:200]
    )
    other = "\n\n".join(
        SENTENCES[:6] + [f"{each[1:7]}について、住民は別の意見をもっている。" for each in SENTENCES[6:]]
    )
    assert half != other
    assert found(post("a", BODY), post("other", other, hours=1)) == {}


def test_other_posts_listed_at_the_end_do_not_hide_a_copy() -> None:
    linked = BODY + "\n\n---\n\n## 関連記事\n\n- [ほかの投稿の長い見出しがここにある](/2026/01/01/x/)\n" * 5
    assert found(post("a", BODY), post("linked", linked, hours=1)) == {"linked": "a"}


def test_empty_and_short_bodies_are_copies_only_under_one_title() -> None:
    posts = [
        post("a", ""),
        post("b", "", hours=1),
        post("c", "続きはこちら", title="一つ目"),
        post("d", "続きはこちら", title="二つ目", hours=1),
        post("e", "続きはこちら", title="二つ目", hours=2),
    ]
    assert found(*posts) == {"e": "d"}


def test_a_copy_of_a_copy_points_to_the_post_that_stays() -> None:
    posts = [post("a", BODY), post("b", BODY, hours=1), post("c", BODY + "。", hours=2)]
    assert found(*posts) == {"b": "a", "c": "a"}


def test_the_order_of_the_posts_changes_nothing() -> None:
    posts = [post(f"n{number}", BODY.replace("倉庫", "蔵" * (number % 3 + 1)), hours=number) for number in range(9)]
    expected = found(*posts)
    assert len(expected) == 8
    for seed in range(5):
        mixed = posts.copy()
        random.Random(seed).shuffle(mixed)
        assert found(*mixed) == expected


def test_huge_bodies_and_thousands_of_near_copies_stay_cheap() -> None:
    posts = [post(f"huge-{number}", letter * 1_000_000, hours=number) for number, letter in enumerate("aaab人[")]
    posts += [post(f"n{number}", f"{BODY}\n\n第{number}号です。", hours=number) for number in range(2_000)]
    started = time.process_time()
    twice = copies(posts)
    assert time.process_time() - started < 20
    assert len(twice) == 1_999 + 2
