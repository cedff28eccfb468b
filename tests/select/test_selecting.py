"""The choice on one page: order, stories, copies, and what no editor would send."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from digest.models import Coverage, Origin, Out, Post, SectionRule, Selection, Text
from digest.select import as_json
from digest.select.candidates import Candidate
from digest.select.choosing import choose
from digest.select.scoring import Scoring
from tests.factories import make_newsletter, make_post
from tests.select.choices import (
    DAY,
    END,
    HOUR,
    PLAIN,
    SLOT,
    START,
    by_section,
    chosen,
    known,
    ledger_of,
    names,
    out_of,
    says,
    series,
    why,
)

FIRST = make_post(
    "first",
    title="OpenAI、GPT-9を発表：価格は従来の半額に",
    body="OpenAIは1月13日、新モデル「GPT-9」を発表した。価格は従来の半額の5ドルになる。サンフランシスコの発表会には500人が集まり、"
    "アルトマンCEOが推論速度の3倍の向上を実演した。企業向けの提供は2月に始まる。\n\n競合のAnthropicやGoogleも対抗する見通しだ。",
    published_at=END - 40 * HOUR,
)
AGAIN = make_post(
    "again",
    title="GPT-9登場、半額の衝撃",
    body="アルトマンCEO率いるOpenAIがGPT-9を公開。5ドルという価格は前モデルの半額で、推論速度は3倍になった。"
    "500人を集めたサンフランシスコの発表会では企業向け提供を2月に始めるとした。\n\n開発者の反応は上々だ。",
    published_at=END - 30 * HOUR,
)
OTHER = make_post(
    "other",
    title="勤怠管理の自動化で残業を二割減らした製造業の事例",
    body="愛知県の部品メーカーは勤怠管理を自動化した。三か月で残業が二割減り、総務の担当者は採用に時間を使えるようになった。",
    published_at=END - 20 * HOUR,
)


EARLIER = """
朝の通勤電車で読書をする人が増えたと大手書店が公表した。
北海道の酪農家が牛舎の清掃を機械に任せている。
京都の老舗旅館が海外からの予約に翻訳を使いはじめた。
自治体の窓口で書類の記入を省く取り組みが広がった。
冬の電力需要が過去最高に近づき、節電が呼びかけられた。
新しい図書館が駅前に開館し、親子連れでにぎわった。
高校生がつくった防災地図が避難訓練で役に立った。
港の倉庫で腰の負担を軽くする補助具が配られた。
地方銀行が店舗の営業時間を見直し、電話の相談を増やす。
農業大学の学生が規格外の野菜でスープをつくった。
観光バスの運転手不足が深刻になり、秋の便が減る。
町工場の文房具が海外の展示会で賞を受けた。
""".strip().split("\n")


def told(*posts: Post, **changes: Any) -> Selection:
    """Choose with stories, on a blog with a history from which they are told apart."""
    past = (
        make_post(f"past{number}", title=line[:12], body=line, published_at=START - 90 * DAY)
        for number, line in enumerate(EARLIER)
    )
    selection = chosen(*posts, *past, group_stories=True, **changes)
    return replace(selection, left_out=tuple(out for out in selection.left_out if "-past" not in out.post.id))


def test_the_newer_of_two_equal_posts_stands_first_and_of_two_as_new_the_lesser_id() -> None:
    old, new = make_post("a-old", published_at=START), make_post("z-new", published_at=END - HOUR)
    assert names(chosen(old, new)) == ["z-new", "a-old"]
    assert names(chosen(make_post("b"), make_post("a"), ranking=PLAIN)) == ["a", "b"]
    only_category = replace(PLAIN, weights={"category": 1.0})
    assert names(chosen(old, new, ranking=only_category)) == ["z-new", "a-old"]


def test_sections_stand_in_the_configured_order_whatever_their_scores() -> None:
    rules = (SectionRule("low", "低", ("低",), weight=0.1), SectionRule("high", "高", ("高",), weight=1.0))
    selection = chosen(make_post("h", categories=("高",)), make_post("l", categories=("低",)), sections=rules)
    assert by_section(selection) == {"low": ["l"], "high": ["h"]}
    assert list(by_section(selection)) == ["low", "high"]


def test_what_an_author_pins_stands_first_and_a_nudge_counts() -> None:
    pinned = make_post("pinned", pinned=True, published_at=START)
    nudged = make_post("nudged", weight=1.0, published_at=START)
    assert names(chosen(*series(2), nudged, pinned, ranking=PLAIN))[:2] == ["pinned", "nudged"]


def test_a_story_is_told_once_and_its_other_posts_are_named_below_it() -> None:
    selection = told(FIRST, AGAIN, OTHER)
    assert len(names(selection)) == 2
    (pick,) = (pick for pick in selection.picks if pick.also)
    assert {pick.post.id, pick.also[0].id} == {FIRST.id, AGAIN.id}
    assert pick.parts["retold"] > 0
    assert selection.left_out == ()
    assert selection.shown[pick.also[0].id] == "also"


def test_a_title_that_a_person_reworded_stands_below_another_post_too() -> None:
    (pick,) = (pick for pick in told(FIRST, AGAIN, OTHER).picks if pick.also)
    reworded = replace(says("title", "x", "短い見出し"), post_id=pick.also[0].id)
    selection = told(FIRST, AGAIN, OTHER, overrides=[reworded])
    assert [also.title for pick in selection.picks for also in pick.also] == ["短い見出し"]
    assert selection.notes == ()


def test_without_stories_every_post_stands_for_itself() -> None:
    assert len(names(chosen(FIRST, AGAIN, OTHER))) == 3


def test_a_story_that_readers_got_is_not_told_again_unless_a_person_pins_it() -> None:
    ledger = ledger_of(known(FIRST, "weekly/2026-W03"))
    selection = told(FIRST, AGAIN, OTHER, ledger=ledger)
    assert names(selection) == ["other"]
    out = out_of(selection, "again")
    assert (out.code, out.code.coverage) == (Out.RETOLD, Coverage.OPEN)
    assert out.reason == f"tells the same story as “{FIRST.title}”, which weekly/2026-W03 brought"
    assert out.remedy == "pin it to tell the story again"
    assert "again" in names(told(FIRST, AGAIN, OTHER, ledger=ledger, overrides=[says("pin", "again")]))


def test_a_story_of_long_ago_may_be_told_again() -> None:
    long_ago = replace(FIRST, published_at=START - 60 * DAY)
    ledger = ledger_of(known(long_ago, "weekly/2025-W40"))
    assert "again" in names(told(long_ago, AGAIN, OTHER, ledger=ledger))


def test_of_a_story_the_post_that_its_author_or_a_person_pinned_is_picked() -> None:
    for best, other in ((FIRST, AGAIN), (AGAIN, FIRST)):
        by_author = told(replace(best, pinned=True), other)
        assert [pick.post.id for pick in by_author.picks] == [best.id]
        name = best.path.removeprefix("_posts/2026-01-14-").removesuffix(".md")
        by_person = told(best, replace(other, pinned=True), overrides=[says("pin", name)])
        assert [pick.post.id for pick in by_person.picks] == [best.id]


def test_two_pinned_posts_of_one_story_are_both_brought() -> None:
    pins = [says("pin", "first"), says("pin", "again", number=2)]
    assert names(told(FIRST, AGAIN, overrides=pins)) == ["first", "again"]


def test_a_broken_post_never_tells_its_story_and_is_not_named_below_it() -> None:
    for broken, sound in ((FIRST, AGAIN), (AGAIN, FIRST)):
        refusal = replace(broken, text=Text(_twice(broken)), pinned=True)
        selection = told(refusal, sound, OTHER)
        assert sound.id in {pick.post.id for pick in selection.picks}
        assert not any(pick.also for pick in selection.picks)
        assert [out.code for out in selection.left_out] == [Out.UNSOUND]


def test_a_story_whose_best_post_is_broken_comes_as_soon_as_the_next_one_deserves() -> None:
    low, high = SectionRule("low", "Low", ("L",), weight=0.1), SectionRule("high", "High", ("H",), weight=1.0)
    sound = Candidate(make_post("sound", published_at=END - HOUR), Origin.NEW, high)
    broken = Candidate(make_post("broken", title="Untitled", published_at=START), Origin.NEW, low, (sound,))
    alone = Candidate(make_post("alone", published_at=END - 2 * HOUR), Origin.NEW, high)
    newsletter = make_newsletter(sections=(low, high), max_posts=1)
    choice = choose(newsletter, [alone, broken], Scoring(PLAIN, SLOT))
    assert [(each.candidate.post.id, each.out) for each in choice.judged] == [
        (sound.post.id, None),
        (alone.post.id, Out.ISSUE_FULL),
    ]
    assert [out.post.id for out in choice.held] == [broken.post.id]


def test_a_story_found_no_place_with_all_its_posts() -> None:
    rules = (SectionRule("all", "All", ("*",), maximum=1),)
    pinned = replace(OTHER, pinned=True)
    codes = why(told(FIRST, AGAIN, pinned, sections=rules))
    assert sorted(codes.values()) == ["retold", "section-full"]


def test_a_post_that_no_section_takes_keeps_no_other_from_telling_the_story() -> None:
    rules = (SectionRule("news", "News", ("AI最新ニュース",)),)
    for strange, sound in ((FIRST, AGAIN), (AGAIN, FIRST)):
        selection = told(replace(strange, categories=("料理",)), sound, sections=rules)
        assert [pick.post.id for pick in selection.picks] == [sound.id]
        assert [out.code for out in selection.left_out] == [Out.NO_SECTION]


def test_a_copy_falls_away_and_names_the_other_and_a_pin_decides_which() -> None:
    copy = replace(OTHER, id="blog:copy", path="copy.md", url="https://e.com/copy", published_at=END - HOUR)
    selection = chosen(OTHER, copy)
    assert names(selection) == ["other"]
    (out,) = selection.left_out
    assert (out.code, out.reason) == (Out.COPY, f"has the address or the text of {OTHER.path}")
    pinned = chosen(OTHER, copy, overrides=[replace(says("pin", "x"), post_id="blog:copy")])
    assert [pick.post.id for pick in pinned.picks] == ["blog:copy"]
    assert why(pinned) == {"other": "copy"}


def test_a_copy_of_what_readers_got_falls_away() -> None:
    copy = replace(OTHER, id="blog:copy", path="copy.md", url="https://e.com/copy", published_at=END - HOUR)
    selection = chosen(OTHER, copy, ledger=ledger_of(known(OTHER, "weekly/2026-W03")))
    assert {str(out.code) for out in selection.left_out} == {"covered", "copy"}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"title": "I'm sorry, but I can't assist with that."}, "its title reads like the answer"),
        ({"title": "Untitled"}, "its title only holds the place of one"),
        ({"body": " \n"}, "it has no text"),
        ({"body": "It was in the house that we had to find the key, and it is not for you to have it."}, "English"),
    ],
)
def test_what_no_editor_would_send_is_held_with_the_reason(changes: dict[str, str], words: str) -> None:
    selection = chosen(make_post("a", **changes))
    out = out_of(selection, "a")
    assert (out.code, out.code.coverage) == (Out.UNSOUND, Coverage.HELD)
    assert out.reason.startswith("it is held: ")
    assert words in out.reason
    assert out.remedy == "mend the post, or pin it"


def test_a_broken_post_takes_no_place_and_is_not_told_by_its_title() -> None:
    rules = (SectionRule("all", "All", ("*",), maximum=1),)
    posts = list(series(4))
    for broken in range(4):
        mixed = [replace(post, title="Untitled") if at == broken else post for at, post in enumerate(posts)]
        selection = chosen(*mixed, sections=rules, max_more=1, ranking=PLAIN)
        assert why(selection)[f"p{broken}"] == "unsound"
        assert len(selection.picks) == len(selection.more) == 1


def test_a_text_is_read_once_and_only_of_posts_that_may_be_in() -> None:
    read: list[str] = []

    def lazily(post: Post) -> Post:
        def words() -> str:
            read.append(post.id)
            return f"これは{post.id}の本文です。ほかにはない文章がここにつづきます。"

        return replace(post, text=Text(words))

    old = make_post("old", published_at=START - 400 * DAY)
    for stories in (False, True):
        read.clear()
        chosen(*map(lazily, (*series(3), old)), group_stories=stories)
        offered = [id_ for id_ in read if id_ != old.id]
        assert sorted(offered) == sorted(post.id for post in series(3))
        assert stories or old.id not in read, "history is only read to learn which words are rare"


def test_the_choice_as_json_has_every_key_that_programs_rely_on() -> None:
    rules = (SectionRule("all", "All", ("*",), maximum=1),)
    data = as_json(told(FIRST, AGAIN, OTHER, *series(2), sections=rules, max_more=1))
    assert set(data) == {"period", "window", "lead", "sections", "more", "left_out", "notes"}
    pick = {"id", "path", "title", "url", "score", "rank", "origin", "parts", "reason", "also"}
    assert set(data["sections"][0]["picks"][0]) == set(data["more"][0]) == pick
    out = {"id", "path", "title", "url", "code", "coverage", "reason", "remedy", "score", "rank", "parts"}
    assert set(data["left_out"][0]) == out


def _twice(post: Post) -> str:
    return f"{post.body}\n\n{post.body}\n\n{post.body}"
