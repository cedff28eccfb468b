"""Titles and summaries that no editor would send are told; those that only sound a little like them are not."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from digest.collect.sources.plain import Source
from digest.collect.suspicion import suspicions
from digest.models import Level
from digest.select.soundness import is_answer, is_placeholder
from tests.factories import make_post

NOW = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "I am unable to perform the web search fo？",
        "I apologize, but I am currently unable t？",
        "I apologize, but I am unable to perform web searches at this moment due to a daily quota limit",
        "I’m sorry, but I can’t assist with that request.",
        "**I'm sorry, but as an AI language model, I cannot browse.**",
        "As an AI language model, I do not have access to the news.",
        "I cannot fulfill this request.",
        "The article has been generated according to the instructions.",
        "Sure! Here's a blog post about Llama 4",
        "Here is the revised article:",
        "申し訳ありませんが、「TIS、AI中心開発で生産性50%向上」に関する具体的な情報を見つけることがで...",
        "申し訳ありませんが、「TDK、CEATEC 2025でAIチップ展示 詳細情報 企業」に...",
        "大変申し訳ありませんが、現時点で公式な発表や詳細な情報は見つけることができませんでした。",
        "Web検索が現在利用できないため、詳細情報を取得できません。",
        "AI言語モデルとして、最新の情報にアクセスできません。お答えできません。",
        "承知いたしました。以下に記事を書きます。",
        "以下に、ご要望の記事を作成しました。",
    ],
)
def test_an_answer_of_a_language_model_is_known(text: str) -> None:
    assert is_answer(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "I can't help falling in love",
        "I can't access my account: what to do",
        "Sorry, I can't find my keys",
        "I'm sorry I couldn't write more this month",
        "Unfortunately, I forgot",
        "As an AI company, we look back on 2025",
        "Why models say “I am unable to perform the web search”",
        "Sure is hot in here",
        "Here is the plan",
        "The article that has been generated",
        "大変申し訳ございませんが、本日の配信はお休みします",
        "申し訳ない気持ちの伝え方",
        "「申し訳ありませんが」の言い換え10選",
        "Web検索の歴史",
        "AIとして働くということ",
        "以下の3つの方法を解説します",
        "承知しましたと了解しましたの違い",
    ],
)
def test_people_who_write_about_such_things_are_left_alone(text: str) -> None:
    assert not is_answer(text)


@pytest.mark.parametrize(
    "title", ["Untitled", "【タイトル】", "test 2", "テスト投稿", "{{ page.title }}", "TODO", "無題", "xxx"]
)
def test_a_placeholder_is_known(title: str) -> None:
    assert is_placeholder(title)


@pytest.mark.parametrize(
    "title", ["", "Hello World", "Using {{ mustache }} in Go", "Testing in production", "無題の詩", "2"]
)
def test_a_short_title_is_no_placeholder(title: str) -> None:
    assert not is_placeholder(title)


def test_title_and_summary_are_told_apart() -> None:
    refusal = "I am unable to perform the web search for it. " + "x" * 100
    title, summary = suspicions(make_post(title=refusal, summary=refusal))
    assert (title.code, title.level, title.file) == ("post.refusal", Level.WARNING, make_post().path)
    assert "The title reads like the answer" in title.message
    assert "The summary reads like the answer" in summary.message
    assert len(title.message) < 140
    (placeholder,) = suspicions(make_post(title="Untitled"))
    assert "placeholder" not in placeholder.message
    assert "only holds the place of one" in placeholder.message
    assert suspicions(make_post()) == ()


def test_every_kind_of_blog_is_looked_at_but_not_what_nobody_sees(tmp_path: Path) -> None:
    refusal = "---\ntitle: I am unable to perform the web search for it\ndate: 2026-01-14\n"
    (tmp_path / "a.md").write_text(refusal + "---\nText.\n")
    (tmp_path / "b.md").write_text(refusal + "draft: true\n---\nText.\n")
    problems = Source("blog", tmp_path, url_pattern="https://e.com/{slug}/").read(NOW).problems
    assert [(problem.code, problem.file) for problem in problems] == [("post.refusal", "a.md")]
