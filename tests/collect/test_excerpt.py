"""The words under a title: from the author, the marker or the first real paragraph, never wider than they may be."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import wcwidth
from hypothesis import given
from hypothesis import strategies as st

from digest.collect.sources.jekyll import Source
from digest.collect.words import liquid
from digest.collect.words.excerpt import excerpt
from digest.collect.words.markdown_text import blocks, plain_text
from digest.typography import columns_of, fit
from tests.factories import make_post

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=ZoneInfo("Asia/Tokyo"))
LONG = "これは六十桁よりも長い段落なので、次の段落とつながずに、ひとりで読者の前に出ていきます。"


def words(body: str, summary: str = "", title: str = "見出し", columns: int = 160) -> str:
    return excerpt(make_post(title=title, body=body, summary=summary), columns)


# ---------------------------------------------------------------- which words


def test_the_first_real_posts_summary_loses_its_asterisks(shared_blog: Path) -> None:
    _, first = Source("blog", shared_blog).read(NOW).posts
    assert excerpt(first, 160) == "Meta Llama 4、推論性能2倍にについて詳細に分析します。"


def test_the_second_real_posts_summary_is_its_title_so_the_first_real_paragraph_speaks(shared_blog: Path) -> None:
    second, _ = Source("blog", shared_blog).read(NOW).posts
    assert second.summary == second.title
    assert excerpt(second, 80) == "いやはや、Metaからのニュースには、正直ちょっと驚きましたよ。"


@pytest.mark.parametrize(
    ("summary", "title"),
    [
        ("", "題名の話"),
        ("題名の話！", "題名の話"),
        ("「題名の話」について詳しく解説します。", "題名の話"),
        ("題名の話", "2026年題名の話の全貌と実践的な活用法"),
        ("{% comment %}x{% endcomment %}", "題名の話"),
        ("![alt](x.png)", "題名の話"),
    ],
)
def test_a_summary_that_says_nothing_new_is_passed_over(summary: str, title: str) -> None:
    assert words(LONG, summary, title) == LONG


def test_a_summary_that_begins_with_the_headline_goes_on_after_it() -> None:
    summary = f"新しい題名の真意は何か？その戦略を読み解く{LONG}"
    assert words("", summary, "2026年新しい題名の真意は何か？その戦略を読み解くの最新動向") == LONG


@pytest.mark.parametrize(
    ("summary", "shown"),
    [
        ("概要：要点だけを先にお伝えします。", "要点だけを先にお伝えします。"),
        ("Summary: what it is about", "what it is about"),
        ("What happened next [...]", "What happened next…"),
        ("What happened next...", "What happened next…"),
        (f"{LONG}そして続きは途中で", LONG),
        ("A caption without a full stop", "A caption without a full stop"),
        ("<p>One &amp; two</p>", "One & two"),
    ],
)
def test_a_summary_is_shown_as_plain_words_that_end(summary: str, shown: str) -> None:
    assert words("本文はこちらです。", summary) == shown


def test_a_summary_that_was_cut_out_of_the_text_gives_way_to_the_text() -> None:
    assert words(LONG, LONG[:30]) == LONG
    assert words("A long sentence that goes on for a while.", "A long sentence that goes") == (
        "A long sentence that goes on for a while."
    )
    assert words("The full sentence of the text.\n\nMore.", "The full sentence of the text") == (
        "The full sentence of the text"
    )


@pytest.mark.parametrize(
    "refusal", ["I am unable to perform the web search for it.", "承知しました。記事を作成します。"]
)
def test_a_refusal_is_nobodys_summary(refusal: str) -> None:
    assert words(LONG, refusal) == LONG
    assert words("", refusal) == ""
    assert words(refusal) == ""


def test_what_is_written_for_the_newsletter_comes_before_everything() -> None:
    blurb = "**編集部より**　短い。それでも[全部](https://e.com)出ます。"
    post = make_post(body=LONG, summary="概要です。", blurb=blurb)
    assert excerpt(post, 160) == "編集部より　短い。それでも全部出ます。"
    assert excerpt(post, 30) == "編集部より　短い。"
    assert excerpt(make_post(body=LONG, blurb="![](a.png)"), 160) == LONG


def test_a_heading_that_lost_its_line_break_is_still_a_heading() -> None:
    assert words("", f"## 長い見出しの言葉  {LONG}") == LONG


@pytest.mark.parametrize(
    "before",
    [
        "# A heading",
        "見出し",
        "**見出し**",
        "![picture](a.png)",
        "```\ncode();\n```",
        "    indented code",
        "| a | b |\n|---|---|\n| c | d |",
        "---",
        "<!-- a comment -->",
        "* TOC\n{:toc}",
        "{:toc}",
        "{: .lead}",
        "[[toc]]",
        "[^1]: A footnote, defined early.",
        "---END---",
        "**太字だけの一行は見出し**",
        "#空白のない見出し",
        "目次",
        "AIの基礎からエンジニアの実践まで",
        "タイトル：見出し",
        "※本記事はプロモーションを含みます。",
        "（この記事は2025年に公開したものです。）",
        "*Welcome to our series of case studies.*",
        "Note: this was written in 2019.",
        "This post contains affiliate links.",
        "この記事は約5分で読めます。",
        "5 min read",
        "申し訳ありませんが、関連する情報を見つけることができませんでした。",
        "I'm sorry, but I cannot assist with that request.",
        "今回の3点は次のとおり：",
        "最終更新日：2026年1月5日",
        "更新：2026/01/05",
        "著者：山田太郎",
        "By Jane Doe",
        "Last updated: 2026-01-05",
        "> 引用した言葉がここに立っています。",
        "- first item of a list\n- second item",
        "{% include banner.html %}",
        "{% highlight ruby %}\nputs 1\n{% endhighlight %}",
        "<script>alert(1)</script>",
        "<style>p { color: red }</style>",
        "<table><tr><td>cell</td></tr></table>",
        "<h2>HTML heading</h2>",
        '<figure><img src="x.png"><figcaption>caption</figcaption></figure>',
        "……",
    ],
)
def test_what_is_no_paragraph_is_passed_over(before: str) -> None:
    assert words(f"{before}\n\n{LONG}\n\n次の段落。") == LONG


def test_a_title_on_the_first_line_of_the_paragraph_goes() -> None:
    assert words(f"# 見出し\n見出し\n{LONG}") == LONG


def test_short_openers_are_joined_with_what_follows() -> None:
    assert words("こんにちは。\n\n編集部です。\n\n" + LONG) == "こんにちは。編集部です。" + LONG
    assert words("Hello.\n\nHere we are.\n\n" + LONG).startswith("Hello. Here we are. これは")


def test_a_paragraph_that_announces_a_list_loses_the_announcement() -> None:
    assert words("It is a queue. We want to:\n\n- a\n- b\n\n" + LONG) == f"It is a queue. {LONG}"
    assert words("次のものを用意します：\n\n- 紙\n- 鉛筆") == "紙 鉛筆"
    long = "This is the simplest way to write the programme that says hello to the world:"
    assert words(f"{long}\n\n```\nputs 1\n```") == long[:-1] + "…"


def test_a_headline_stays_when_no_sentence_follows_it() -> None:
    assert words("短い詩の一行\n\nもう一行") == "短い詩の一行 もう一行"


def test_a_remark_speaks_when_nothing_else_does() -> None:
    assert words("*All in italics, all alone.*") == "All in italics, all alone."
    assert words("※お知らせだけの記事です。") == "※お知らせだけの記事です。"


def test_a_bold_lead_that_is_a_sentence_is_a_paragraph() -> None:
    assert words("**太字のリード文が、ここでは文として終わっています。**\n\n" + LONG).startswith("太字のリード文が")


def test_links_are_resolved_whose_definitions_stand_at_the_end() -> None:
    body = (
        "We like [Summer of Code][gsoc] and [docs].\n\n" + "Words. " * 400 + "\n\n[gsoc]: https://e.com\n[docs]: /d\n"
    )
    assert words(body, columns=60) == "We like Summer of Code and docs. Words. Words. Words. Words."


def test_what_follows_a_quoted_title_does_not_begin_with_its_closing_mark() -> None:
    title = "「AIの真意はどこにあるのか？それを読み解く」"
    assert words(f"「AIの真意はどこにあるのか？」{LONG}", title=title) == LONG


def test_quotes_and_lists_speak_when_nothing_else_does() -> None:
    assert words("> 引用だけの記事です。\n") == "引用だけの記事です。"
    assert words("- 一つ目です。\n- 二つ目です。\n") == "一つ目です。二つ目です。"


def test_what_stands_before_the_marker_is_the_excerpt() -> None:
    assert words("一つ目の短い段落。\n\n二つ目。\n\n<!-- more -->\n\n" + LONG) == "一つ目の短い段落。二つ目。"


def test_a_paragraph_after_much_code_is_found() -> None:
    assert words("```\n" + "code();\n" * 2000 + "```\n\n" + LONG) == LONG


def test_a_post_without_words_has_no_excerpt() -> None:
    assert words("![a](b.png)\n\n---\n") == ""
    assert words("", "") == ""


def test_a_post_written_in_html_has_an_excerpt() -> None:
    assert words(f"<div>\n<p>{LONG}</p>\n<p>Next &amp; more</p>\n</div>") == LONG


# ---------------------------------------------------------------- plain words


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("**太字**と*斜体*と~~消した~~`コード`", "太字と斜体と消したコード"),
        ("これは**「括弧」**です", "これは「括弧」です"),
        ("[link](https://e.com/?a=b) and <https://e.com>", "link and https://e.com"),
        ("[a]({% post_url 2026-01-01-x %}){:target='_blank'} b", "a b"),
        ("A &amp; B &lt;tag&gt; &nbsp; C", "A & B <tag> C"),
        ("日本語の\n改行", "日本語の改行"),
        ("Latin\nlines  \nbreak", "Latin lines break"),
        ("日本語と\nLatin", "日本語と Latin"),
        ("한국어\n줄", "한국어 줄"),
        ("a<br>b", "a b"),
        ("<ruby>漢字<rt>かんじ</rt></ruby>を読む", "漢字を読む"),
        ("注[^1]つき:smile:です 10:30:45", "注つきです 10:30:45"),
        ("良い:+1:です", "良いです"),
        ("#1 in the list", "#1 in the list"),
        ("x <span style='a'>y</span> z", "x y z"),
        ("{{ page.title }}と{% if a %}中{% endif %}", "と中"),
        ("{% raw %}{{ x }}{% endraw %}", "{{ x }}"),
        ("2 ** 3 and a == b", "2 ** 3 and a == b"),
        ("zero\u200bwidth\ufeff\u202e", "zerowidth"),
        ("![alt](a.png) text", "text"),
    ],
)
def test_markdown_becomes_plain_words(markdown: str, text: str) -> None:
    assert plain_text(markdown) == text


def test_liquid_is_never_executed_only_taken_away() -> None:
    text = "a{%- include x.html -%}b{{ 7 | times: 6 }}c{% comment %}d{% endcomment %}e{% unknown %}f{% endunknown %}g"
    assert liquid.remove(text) == "abcefg"
    assert liquid.remove("{{ open and {% open") == "{{ open and {% open"


def test_only_links_are_resolved_when_links_are_resolved() -> None:
    text = "{% link a.md %} {{ x }} {% raw %}{% link b.md %}{% endraw %}"
    resolved = liquid.resolve_links(text, lambda tag, argument: f"<{tag} {argument}>")
    assert resolved == "<link a.md> {{ x }} {% raw %}{% link b.md %}{% endraw %}"


# ---------------------------------------------------------------- where it ends


@pytest.mark.parametrize(
    ("text", "columns", "cut"),
    [
        ("短い文です。", 12, "短い文です。"),
        ("一つ目の文です。二つ目の文です。三つ目の文です。", 40, "一つ目の文です。二つ目の文です。"),
        ("彼は「すごい。本当に」と言いました。それから帰りました。", 36, "彼は「すごい。本当に」と言いました。"),
        ("彼は「すごい。本当に」と言いました。それから帰りました。", 24, "彼は「すごい。本当に」…"),
        ("Mr. Smith paid 3.5 dollars. Then he left the shop for good.", 40, "Mr. Smith paid 3.5 dollars."),
        ("A sentence that has no end before the limit", 20, "A sentence that has…"),
        ("Version v1.2 is out. Use e.g. this one or that one.", 36, "Version v1.2 is out."),
        ("He came on Jan. 5 with Dr. No. Then he went away.", 40, "He came on Jan. 5 with Dr. No. Then he…"),
        ("We met at 5 p.m. in the park. Nobody else was there.", 40, "We met at 5 p.m. in the park."),
        ("Apples, pears etc. are fruit. Nobody denies it at all.", 40, "Apples, pears etc. are fruit."),
        ("今日はとても天気が良いので散歩に行きます", 24, "今日はとても天気が…"),
        ("名前は「とても長い引用の言葉がここに続きます」です", 26, "名前は「とても長い引用の…"),
        ("かなり長めの前置きの後に「引用」が来ます", 28, "かなり長めの前置きの後に…"),
        ("👨‍👩‍👧‍👦👨‍👩‍👧‍👦👨‍👩‍👧‍👦", 5, "👨‍👩‍👧‍👦👨‍👩‍👧‍👦…"),
        ("あいうえお", 1, "…"),
        ("あいうえお", 0, ""),
    ],
)
def test_a_text_ends_where_it_reads_well(text: str, columns: int, cut: str) -> None:
    assert fit(text, columns) == cut


TEXT = st.text(
    alphabet=st.one_of(
        st.sampled_from(
            "、。！？「」『』（）.,!? \n*_#`[]()あいうアカ漢字日本語abcXYZ019é가👍🏽👨‍👩‍👧🇯🇵e\u0301が\u200d\ufe0f"
        ),
        st.characters(blacklist_categories=("Cs",)),
    ),
    max_size=300,
)


@given(TEXT, st.integers(0, 120))
def test_an_excerpt_is_never_wider_than_its_limit_and_always_the_same(text: str, columns: int) -> None:
    post = make_post(title="題", summary="", body=text)
    result = excerpt(post, columns)
    assert columns_of(result) <= columns
    assert "\n" not in result
    assert result == excerpt(post, columns)


@given(TEXT, st.integers(1, 120))
def test_a_cut_text_is_a_beginning_that_splits_no_grapheme(text: str, columns: int) -> None:
    result = fit(text, columns)
    if result == text:
        return
    head = result.removesuffix("…")
    assert text.startswith(head)
    ends, offset = {0}, 0
    for cluster in wcwidth.iter_graphemes(text):
        offset += len(cluster)
        ends.add(offset)
    assert len(head) in ends


@given(st.lists(st.sampled_from(["日本語", "Latin words", "２倍", "AI", "です。", "end."]), min_size=1, max_size=12))
def test_simple_markdown_leaves_no_marks(parts: list[str]) -> None:
    marked = " ".join(
        (f"**{part}**", f"*{part}*", f"[{part}](https://e.com)", f"`{part}`", f"~~{part}~~", part)[index % 6]
        for index, part in enumerate(parts)
    )
    assert plain_text(marked) == " ".join(parts)


@given(TEXT)
def test_no_text_breaks_the_reader(text: str) -> None:
    for block in blocks(text):
        assert block.text
        assert block.kind in {"paragraph", "heading", "quote", "item", "aside"}


@pytest.mark.parametrize(
    "bad",
    [
        "{%",
        "{{",
        "{% comment %}",
        "{% link ",
        "{:",
        "[^a",
        "<!--",
        "![",
        "[",
        "![a][",
        "==",
        "「",
        "あ。",
        "Mr. ",
        "(",
        "* x\n{:",
    ],
)
def test_a_hostile_text_costs_no_more_than_a_long_one(bad: str) -> None:
    text = "link" + bad * (300_000 // len(bad))
    begun = time.process_time()
    excerpt(make_post(title=text, body=text, summary=text), 160)
    liquid.links(text)
    liquid.resolve_addresses(text, "https://e.com")
    assert time.process_time() - begun < 20
