"""A Jekyll site is read as Jekyll 4.3.1 itself reads it; what it said is recorded in tests/data/sources/jekyll."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

import pytest

from digest.collect.jekyll.permalinks import STYLES, Address, path_of, slugify
from digest.collect.sources.jekyll import Source
from digest.models import Post

DATA = Path(__file__).parent.parent / "data" / "sources" / "jekyll"
TOKYO = ZoneInfo("Asia/Tokyo")
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=TOKYO)
RECORDED = json.loads((DATA / "recorded.json").read_text("utf-8"))
CONFIG = "url: https://example.com\ntimezone: Asia/Tokyo\n"

# ---------------------------------------------------------------- as recorded


@pytest.fixture(scope="module")
def read() -> dict[str, Post]:
    return {found.path: found for found in Source("blog", DATA / "blog").read(NOW).shown}


def test_exactly_the_posts_that_jekyll_shows_are_shown(read: dict[str, Post]) -> None:
    assert sorted(read) == sorted(row["path"] for row in RECORDED)
    assert len(read) > 120


@pytest.mark.parametrize("row", RECORDED, ids=lambda row: row["path"])
def test_a_post_is_read_as_jekyll_reads_it(row: dict[str, Any], read: dict[str, Post]) -> None:
    found = read[row["path"]]
    assert found.url == "https://tricky.example.com/blog" + quote(row["url"], safe="%/:=&?~#+!$,;'@()*[]-._")
    assert found.published_at.isoformat() == row["date"]
    assert found.title == row["title"]
    assert list(found.categories) == row["categories"]
    assert list(found.tags) == row["tags"]


@pytest.mark.parametrize(("template", "path"), json.loads((DATA / "permalinks.json").read_text("utf-8")))
def test_a_permalink_leads_where_jekyll_puts_it(template: str, path: str) -> None:
    address = Address(
        date=datetime(2026, 1, 2, 3, 4, 5, tzinfo=TOKYO),
        slug="Mixed.Case_v1.2!",
        relative_path="news/_posts/2026-01-02-Mixed.Case_v1.2!.md",
        categories=("news", "Big News", "C++"),
    )
    assert path_of(STYLES.get(template, template), address) == quote(path, safe="/%!+")


def test_the_details_of_a_post_are_read(read: dict[str, Post]) -> None:
    found = read["_posts/2026-10-02-author.md"]
    assert found.id == "blog:stable-1"
    assert found.author == "山田太郎"
    assert found.language == "en"
    assert found.image == "https://tricky.example.com/blog/assets/%E7%B5%B5%201.png"
    assert found.updated_at == datetime(2026, 10, 3, 9, 0, tzinfo=TOKYO)
    assert (found.pinned, found.weight) == (True, 0.5)
    assert read["_posts/2026-10-03-opt-out.md"].opt_out
    assert read["_posts/2026-01-01-offset.md"].author == "Default Author"
    assert read["_posts/2026-01-01-offset.md"].language == "ja-JP"


def test_links_between_posts_become_addresses_and_raw_text_stays(read: dict[str, Post]) -> None:
    body = read["_posts/2026-10-01-links.md"].body
    assert "[this](https://tricky.example.com/blog/def-cat/2026/03/01/bom.html)" in body
    assert "https://tricky.example.com/blog/n/news/" in body
    assert "https://tricky.example.com/blog/def-cat/2026/03/01/dots-close.html" in body
    assert "{% raw %}{% post_url kept %}{% endraw %}" in body


def test_the_two_real_posts_have_the_addresses_of_their_blog(shared_blog: Path) -> None:
    first, second = Source("blog", shared_blog).read(NOW).posts
    assert second.url == "https://ai-media.co.jp/2025/12/09/1-llama-42/"
    assert second.published_at.isoformat() == "2025-12-09T17:46:44+09:00"
    assert first.url == "https://ai-media.co.jp/2026/01/01/1-llama-42ai/"
    assert first.categories == ("AI最新ニュース",)
    assert second.tags == ("AI", "最新ニュース", "技術動向", "Meta", "OpenAI", "投資")
    assert second.author == "ALLFORCES編集部"


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("The _config.yml file", "the-config-yml-file"),
        ("--a--", "a"),
        ("日本語・題", "日本語-題"),
        ("É!", "é"),
        ("!", ""),
    ],
)
def test_a_slug_keeps_letters_marks_and_digits(text: str, slug: str) -> None:
    assert slugify(text) == slug
