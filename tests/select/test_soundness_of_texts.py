"""How much of a text stands there before, and whether it stops in mid-sentence."""

from __future__ import annotations

import time

import pytest

from digest.select.soundness import cut_off, repeated_share

SENTENCES = [f"{number}番目の文で、新しいことをひとつだけ言います。" for number in range(10, 30)]
TEXT = "\n\n".join(SENTENCES)
ENGLISH = "The camera saw nothing at night.\n\nWe added a lamp beside the belt and the errors went away.\n\n"


@pytest.mark.parametrize(("times", "share"), [(1, 0.0), (2, 0.5), (4, 0.75), (10, 0.9)])
def test_a_text_that_stands_there_often_is_repeated_to_that_share(times: int, share: float) -> None:
    assert repeated_share("\n\n".join([TEXT] * times)) == pytest.approx(share)


def test_marks_around_a_sentence_hide_nothing_and_english_counts_too() -> None:
    assert repeated_share(f"{SENTENCES[0]}\n\n- **{SENTENCES[0][:-1]}**\n") == pytest.approx(0.5)
    assert repeated_share(ENGLISH + ENGLISH) == pytest.approx(0.5)
    assert repeated_share("The lamp was new. The belt was old. The lamp was new. Nobody knew.") > 0.2


@pytest.mark.parametrize(
    "body", ["", "\n", "はい。\n\nはい。\n\nはい。", "```\nprint(1234567)\nprint(1234567)\n```", "---\n" * 9]
)
def test_short_answers_code_and_rules_are_no_repetition(body: str) -> None:
    assert repeated_share(body) == 0.0


@pytest.mark.parametrize(
    "end",
    [
        "特に、これまで壁が高かった中小企業や個人の開発者が、一気に",
        "特に、壁が高かった中小企業や個人の開発者が、一気に\n\n---\n\n## 関連記事\n\n- [ほか](/a/)\n- [別](/b/)\n",
        "その答えは「",
        "理由は三つあり、",
        "### 1. 背景にある考え方",
        "```python\nprint(1)\n",
        "| 項目 | 値 |\n|---|---|\n| 速さ | 二倍 |\n| 値段 | 半",
        "- ひとつめの理由は、速いからです。\n- ふたつめの理由は、値段が安くて、しかも手に入",
    ],
)
def test_a_japanese_text_that_stops_in_the_middle_is_cut_off(end: str) -> None:
    assert cut_off(f"{TEXT}\n\n{end}")


@pytest.mark.parametrize(
    "end", ["And then, after all of these years, the people in the warehouse decided to", "We tried lamps,", "## Next"]
)
def test_an_english_text_that_stops_in_the_middle_is_cut_off(end: str) -> None:
    assert cut_off(ENGLISH + end)


@pytest.mark.parametrize(
    "end",
    [
        "これで終わりです。",
        "これで終わりです！🎉",
        "次回もお楽しみに（つづく）",
        "**これで終わりです。**",
        "編集部 山田",
        "以上",
        "![図](a.png)",
        "[詳しくはこちらの資料をご覧ください](https://example.com/a_very_long_address)",
        "https://example.com/a/very/long/address/that/has/no/full/stop",
        "- 速さ\n- 安さ\n- 道具や部品の手に入りやすさと、直しやすさの両方",
        "| 項目 | 値 |\n|---|---|\n| 速さ | 二倍 |",
        "## 実行のしかた\n\n```\nmake run\n```",
        "これで終わりです。\n\n---\n\n## 関連記事\n\n- [まだ読んでいない人のための記事](/a/)\n",
        "これで終わりです。\n\n*※ 本ページのリンクには広告が含まれます*",
        "これで終わりです。\n{: .note}",
    ],
)
def test_a_text_that_ends_like_others_is_whole(end: str) -> None:
    assert not cut_off(f"{TEXT}\n\n{end}")


def test_a_writer_without_full_stops_is_not_cut_off_and_nothing_is_whole() -> None:
    assert not cut_off("きょうは川まで歩いた、風がとてもつよかった日\n\nかえりにパンを買った、まだあたたかいやつだった")
    assert not cut_off("")
    assert not cut_off("Happy coding, everyone")
    assert not cut_off(ENGLISH + "Minato, Tokyo")


@pytest.mark.parametrize("unit", ["あ", "-", "|", "[", "<", "{", "*", "```\n", "# a\n", "- [a](b)\n", "同じ行です。\n"])
def test_a_hostile_text_is_read_in_linear_time(unit: str) -> None:
    body = unit * (1_000_000 // len(unit)) + "x"
    started = time.process_time()
    cut_off(body)
    repeated_share(body)
    assert time.process_time() - started < 20
