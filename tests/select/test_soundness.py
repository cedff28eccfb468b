"""Posts that no editor would send are held, each with the reason; everything that a person may have meant is not."""

from __future__ import annotations

import time

import pytest

from digest.select.soundness import unsound
from tests.factories import make_post

JAPANESE = (
    "倉庫の検品をカメラで置きかえた半年を振りかえります。",
    "最初の一か月は、影のせいで数が合いませんでした。",
    "照明を足したところ、読み違いは十分の一になりました。",
    "現場の人がいちばん喜んだのは、夜の残業が減ったことです。",
    "次は返品の山に同じやり方を試します。",
)
ENGLISH = (
    "We replaced the scanners in the warehouse and this is what we learned.",
    "The first month was worse than the month before it.",
    "Light mattered more than the model that we chose for the job.",
    "People on the night shift were the first to notice that it worked.",
    "Next we are going to try the same with returns.",
)
WHOLE = "\n\n".join(JAPANESE)
LONG = "\n\n".join(f"{number}番目に言うと、{sentence}" for number in range(12) for sentence in JAPANESE)


def held(body: str, language: str = "ja", **changes: object) -> str:
    return unsound(make_post(**{"language": "", **changes}, body=body), language)


def test_a_sound_post_is_fine() -> None:
    assert held(WHOLE) == ""
    assert held("\n\n".join(ENGLISH), "en") == ""
    assert unsound(make_post(), "ja") == ""


def test_a_title_that_is_a_refusal_or_a_placeholder_is_held() -> None:
    refusal = "I apologize, but I am unable to perform web searches"
    assert held(WHOLE, title=refusal) == "its title reads like the answer of a language model"
    assert held(WHOLE, title="無題") == "its title only holds the place of one"
    assert held(WHOLE, title="「申し訳ありませんが」の言い換え10選") == ""


def test_a_post_whose_address_nobody_could_open_is_held() -> None:
    """A few such addresses fill a mail all alone, and Gmail would cut it off."""
    address = "https://blog.example.com/"
    assert held(WHOLE, url=address + "a" * 60_000) == "its address has 60,025 characters, more than mail programs open"
    assert held(WHOLE, url=address + "%E3%81%82" * 200) == ""


@pytest.mark.parametrize("before", ["", "# 見出し\n\n", "---\n\n![図](a.png)\n\n", "<!-- 下書き -->\n"])
def test_a_text_that_begins_with_a_refusal_is_held(before: str) -> None:
    for refusal in (
        "Web検索が現在利用できないため、詳細情報を取得できません。",
        "承知しました。以下に記事を書きます。",
    ):
        assert held(f"{before}{refusal}\n\n{WHOLE}") == "its text reads like the answer of a language model"


@pytest.mark.parametrize("quoted", ["> {}", "「{}」", "“{}”"])
def test_a_refusal_that_is_quoted_or_comes_later_is_not_held(quoted: str) -> None:
    refusal = "申し訳ありませんが、ご質問にはお答えできません。"
    assert held(f"{quoted.format(refusal)}\n\n{WHOLE}") == ""
    assert held(f"{WHOLE}\n\n{refusal}") == ""


def test_a_text_that_only_holds_the_place_of_one_is_held() -> None:
    assert held("TODO\n") == "its text only holds the place of one"
    assert held("Lorem ipsum dolor sit amet, consectetur.\n\nSed do.", "en") == "its text only holds the place of one"
    assert held("TODO リストの話をします。やることを紙に書くだけで、朝が変わりました。") == ""


@pytest.mark.parametrize("body", ["", " \n\n", "<!-- 本文はあとで -->", "---\n\n***\n", "<div></div>"])
def test_a_post_without_text_is_held_unless_something_else_speaks_for_it(body: str) -> None:
    assert held(body) == "it has no text"
    assert held(body, summary="要約だけの投稿です。") == ""
    assert held(body, image="https://blog.example.com/a.png") == ""


@pytest.mark.parametrize(
    "body", ["![夕焼け](a.jpg)", '<iframe src="https://example.com/v"></iframe>', "短い。", "{% include a %}"]
)
def test_a_post_that_shows_something_has_a_text(body: str) -> None:
    assert held(body) == ""


@pytest.mark.parametrize("between", ["\n\n", "\n\n---END---\n\n", "\n\n## 題名をもう一度\n\n"])
def test_a_text_that_stands_there_twice_is_held_with_its_first_words(between: str) -> None:
    reason = held(WHOLE + between + WHOLE)
    assert reason == "its text starts over word for word (from “倉庫の検品をカメラで置きかえた半年を振りかえります”)"
    assert held("# 題名\n\n" + WHOLE + between + WHOLE) == reason
    english = "\n\n".join(ENGLISH)
    assert held(english + between + english, "en").startswith("its text starts over word for word (from “We replaced")


def test_a_copy_that_leaves_out_or_puts_in_a_sentence_is_still_a_copy() -> None:
    shorter = "\n\n".join(JAPANESE[:2] + JAPANESE[3:])
    longer = "\n\n".join([JAPANESE[0], "ここだけが新しい一文です。", *JAPANESE[1:]])
    assert "starts over" in held(f"{WHOLE}\n\n{shorter}")
    assert "starts over" in held(f"{WHOLE}\n\n{longer}")


def paragraphs(word: str, count: int) -> str:
    return "\n\n".join(f"{word}の{number}段落目で、まだ誰も言っていないことを言います。" for number in range(count))


def test_a_long_text_that_begins_again_and_breaks_off_is_held() -> None:
    assert "starts over" in held(LONG + "\n\n" + LONG[: len(LONG) // 2])


def test_a_text_that_begins_again_for_a_small_part_of_it_is_left_to_the_ranking() -> None:
    assert held(f"{paragraphs('はじめ', 120)}\n\n{paragraphs('はじめ', 24)}") == ""


def test_a_section_told_twice_or_thrice_is_left_to_the_ranking() -> None:
    section = paragraphs("つづき", 40)
    assert held("\n\n".join((paragraphs("はじめ", 40), section, section, section))) == ""


def test_a_text_that_says_its_passages_many_times_is_held() -> None:
    reason = held("\n\n".join((paragraphs("はじめ", 20), *[paragraphs("つづき", 20)] * 8)))
    assert reason.startswith("its text says the same passages again and again (7")
    assert reason.endswith("% of it stands there before)")


def test_refrains_remarks_and_code_may_come_again() -> None:
    chorus = "夜汽車は走るよ、どこまでも走るよ\nあかりをともして、海まで走るよ"
    verses = [
        f"{word}の窓から見えたのは、遠い町の{word}だった\n{word}を数えて眠るころ、朝が近づいていた"
        for word in "雪月花星"
    ]
    assert held("\n\n".join(part for verse in verses for part in (chorus, verse))) == ""
    notes = "\n".join(f"## 1.0.{number}\n- 細かな不具合の修正と動作の改善を行いました。\n" for number in range(60))
    assert held(notes) == ""
    program = "```python\n" + "\n".join(f"print('line number {number}')" for number in range(30)) + "\n```\n"
    lesson = "\n".join(
        f"第{number}回の課題では、{number}行目だけを直して動かします。\n\n{program}" for number in range(9)
    )
    assert held(lesson) == ""


def test_a_text_in_another_language_than_the_newsletter_is_held() -> None:
    english, japanese = "\n\n".join(ENGLISH), WHOLE
    assert held(english) == "its text is in English, and the newsletter's language is Japanese"
    assert held(japanese, "en") == "its text is in Japanese, and the newsletter's language is English"
    chinese = "人工智能正在改变仓库的工作方式，我们花了半年时间进行测试。结果令人满意，夜班的同事最先发现它有效。"
    chinese += "接下来我们将处理退货，并继续改进照明。"
    assert held(chinese) == "its text is in Chinese, and the newsletter's language is Japanese"
    german = "Die Kamera ist nicht das Problem, und das haben wir mit einem Test auf der Straße für alle gezeigt."
    assert held(german, "en") == "its text is in German, and the newsletter's language is English"


def test_a_post_that_says_its_language_may_be_foreign_and_is_held_when_it_is_wrong() -> None:
    english = "\n\n".join(ENGLISH)
    assert unsound(make_post(body=english, language="en"), "ja") == ""
    assert unsound(make_post(body=english, language="en-GB"), "ja-JP") == ""
    assert (
        unsound(make_post(body=english, language="ja"), "ja") == "its text is in English, and it is marked as Japanese"
    )
    assert unsound(make_post(body=english, language="fr"), "ja") == "its text is in English, and it is marked as French"


def test_a_text_in_the_newsletters_language_is_fine_whatever_its_mark_says() -> None:
    assert unsound(make_post(body=WHOLE, language="en"), "ja") == ""


@pytest.mark.parametrize(
    "body",
    [
        f"{WHOLE}\n\n{ENGLISH[0]}\n\n{ENGLISH[1]}",
        "OpenAI GPT-5 と Google Gemini 3 の API を AWS Bedrock と Azure OpenAI Service で比べました。",
        "Hello, world!",
        f"手順は次のとおりです。\n\n```\n{' '.join(ENGLISH)}\n```\n",
    ],
)
def test_a_japanese_text_may_hold_english(body: str) -> None:
    assert held(body) == ""


def test_a_text_in_several_languages_is_fine() -> None:
    english = "\n\n".join(ENGLISH)
    assert held(f"{english}\n\n{JAPANESE[0]}{JAPANESE[1]}") == ""
    korean = "창고의 검수를 카메라로 바꾼 반년을 돌아봅니다. 첫 달에는 그림자 때문에 숫자가 맞지 않았습니다."
    assert held(f"{english[:200]}\n\n{korean}\n\n{korean}") == ""


def test_a_language_that_nobody_here_knows_is_left_alone() -> None:
    english = "\n\n".join(ENGLISH)
    assert held(english, "tlh") == ""
    assert held(english, "") == ""
    assert (
        held("Kamera i lageret blev skiftet ud, og natholdet opdagede først, at det virkede meget bedre.", "da") == ""
    )


@pytest.mark.parametrize(
    "unit",
    [
        "あ",
        "a",
        "#",
        "*",
        "|",
        "-",
        "`",
        "[",
        "<",
        "{",
        "「",
        "<!--",
        "](",
        "{%",
        "[a](",
        "- \n",
        "同じ行です。\n",
        "```\n",
    ],
)
def test_a_hostile_text_is_judged_in_linear_time(unit: str) -> None:
    body = unit * (1_000_000 // len(unit)) + "x"
    started = time.process_time()
    held(body)
    assert time.process_time() - started < 20


def test_three_hundred_posts_are_judged_quickly() -> None:
    bodies = [f"{number}番の記事です。\n\n" + LONG * 5 for number in range(300)]
    assert sum(map(len, bodies)) > 2_000_000
    started = time.process_time()
    for body in bodies:
        held(body)
    assert time.process_time() - started < 20
