"""A Hugo site is read as Hugo itself reads it; what it said is recorded in tests/data/sources/hugo."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from digest.collect.sources.hugo import Source
from digest.models import Collection, Post

DATA = Path(__file__).parent.parent / "data" / "sources" / "hugo"
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=ZoneInfo("Asia/Tokyo"))
RECORDED = json.loads((DATA / "recorded.json").read_text("utf-8"))
OLD = json.loads((DATA / "recorded_old.json").read_text("utf-8"))
SITES: dict[str, dict[str, str]] = json.loads((DATA / "sites.json").read_text("utf-8"))

WITHHELD_ALTHOUGH_SHOWN = {
    "content/hidden/build-bool.md": "render: false",  # listed, but no page of its own is written
    "content/hidden/build-link.md": "render: link",
    "content/hidden/build-norender.md": "render: never",
    "content/hidden/draft-yes.md": "draft",  # no draft since 0.152, whose YAML knows no yes; the author meant one
}
CHANGED_SINCE_OLD = {
    "url": {
        "content/names/hash#tag.md",
        "content/names/two  blanks.md",
        "content/news/hash.md",
        "content/news/slash.md",
        "content/slugs/slug-q.md",
        "content/urls/colon.md",
        "content/urls/q.md",
        "content/urls/tokens.md",
    },
    "title": {
        "content/titles/t-N.md",
        "content/titles/t-big.md",
        "content/titles/t-exp.md",
        "content/titles/t-float3.md",
        "content/titles/t-octbad.md",
        "content/titles/t-off.md",
        "content/titles/t-yes.md",
    },
    "tags": {
        "content/casc2/inner/z.md",  # `target` was called `_target`
        "content/casc2/x.md",
        "content/terms/params.md",
    },
    "there": {
        "content/ext/UPPER.MD",  # not yet content
        "content/fences/toml-dotted.md",  # `build` was called `_build`
        "content/hidden/build-false.md",
        "content/hidden/build-local.md",
        "content/hidden/headless-single.md",  # only a page with a folder of its own could be headless
    },
}
"""What Hugo 0.111 saw in another way; its YAML was an older one."""


def dated(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [row for row in rows if not row["date"].startswith("0001-")]


def moment(written: str) -> datetime:
    return datetime.fromisoformat(written)


def terms(said: object) -> list[str]:
    """Return the terms as Hugo makes pages of them: one for those that differ in case only, none for inner lists."""
    listed = said if isinstance(said, list) else [said] if isinstance(said, str) else []
    texts = [str(each).lower() if isinstance(each, bool) else str(each) for each in listed if _is_scalar(each)]
    return list({text.casefold(): text for text in reversed(texts) if text}.values())[::-1]


def _is_scalar(value: object) -> bool:
    return value is not None and not isinstance(value, list | dict)


def agrees(row: Mapping[str, Any], found: Post) -> dict[str, bool]:
    seconds = timedelta(seconds=1)
    return {
        "url": found.url == row["url"] or not row["url"],
        "date": abs(found.published_at - moment(row["date"])) < seconds
        and found.published_at.utcoffset() == moment(row["date"]).utcoffset(),
        "title": found.title == re.sub("[ \n]+", " ", row["title"]).strip(),
        "categories": sorted(terms(row["categories"])) == sorted(found.categories),
        "tags": sorted(terms(row["tags"])) == sorted(found.tags),
    }


@pytest.fixture(scope="module")
def collection() -> Collection:
    return Source("blog", DATA / "blog", sections=("*",)).read(NOW)


@pytest.fixture(scope="module")
def read(collection: Collection) -> dict[str, Post]:
    return {found.path: found for found in collection.posts}


def test_exactly_the_dated_pages_that_hugo_shows_are_shown(collection: Collection) -> None:
    shown = {row["path"] for row in dated(RECORDED["blog"]) if row["shown"]}
    assert {found.path for found in collection.shown} == shown - set(WITHHELD_ALTHOUGH_SHOWN)
    assert len(shown) > 200


@pytest.mark.parametrize("row", dated(RECORDED["blog"]), ids=lambda row: row["path"])
def test_a_page_is_read_as_hugo_reads_it(row: dict[str, Any], read: dict[str, Post]) -> None:
    found = read[row["path"]]
    assert [name for name, same in agrees(row, found).items() if not same] == []
    if row["path"] in WITHHELD_ALTHOUGH_SHOWN:
        assert found.withheld == WITHHELD_ALTHOUGH_SHOWN[row["path"]]
    else:
        assert bool(found.withheld) is not row["shown"]


def test_an_older_hugo_agrees_but_for_what_has_changed_since(read: dict[str, Post]) -> None:
    different: dict[str, set[str]] = {name: set() for name in CHANGED_SINCE_OLD}
    for row in dated(OLD["blog"]):
        found = read[row["path"]]
        for name, same in agrees(row, found).items():
            if not same:
                different[name].add(row["path"])
    rows = {row["path"]: row for row in dated(OLD["blog"])}
    current = {row["path"] for row in dated(RECORDED["blog"])}
    different["there"] = rows.keys() ^ current
    assert different == CHANGED_SINCE_OLD
    assert len(rows) > 200
    assert read["content/hidden/draft-yes.md"].withheld == "draft"
    assert rows["content/hidden/draft-yes.md"]["draft"] is True


@pytest.mark.parametrize("name", SITES)
def test_a_site_with_other_settings_is_read_as_hugo_reads_it(name: str, tmp_path: Path) -> None:
    for path, text in SITES[name].items():
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    rows = dated(RECORDED["sites"][name])
    languages = sorted({row["language"] for row in rows})
    for language in languages:
        wanted = language if len(languages) > 1 else ""
        read = {
            found.path: found for found in Source("blog", tmp_path, language=wanted, sections=("*",)).read(NOW).posts
        }
        expected = {row["path"]: row for row in rows if row["language"] == language}
        assert {path for path, found in read.items() if not found.withheld} == {
            path for path, row in expected.items() if row["shown"]
        }
        for path, row in expected.items():
            same = agrees(row, read[path])
            if "topics" in SITES[name].get("config/_default/hugo.yaml", ""):
                same.pop("categories")  # the first taxonomy stands in for categories; see below
            assert [field for field, agreed in same.items() if not agreed] == [], path


def test_the_details_of_a_post_are_read(read: dict[str, Post]) -> None:
    first = read["content/posts/first.md"]
    assert first.author == "山田太郎"
    assert first.language == "ja-JP"
    assert first.summary == "著者の言葉。"
    assert first.image == "https://tricky.example.com/blog/img/%E7%B5%B5%201.png"
    assert first.updated_at == datetime(2026, 11, 18, tzinfo=ZoneInfo("Asia/Tokyo"))
    assert first.categories == ("お知らせ", "製品")
    bundled = read["content/posts/bundled/index.md"]
    assert bundled.id == "blog:stable-1"
    assert bundled.author == "Default Author"
    assert bundled.image == "https://tricky.example.com/blog/posts/bundled/cover.png"
    assert (bundled.pinned, bundled.weight) == (True, 0.5)
    assert read["content/posts/opt-out.md"].opt_out
    assert read["content/terms/params.md"].author == "Param Author"


def test_a_post_that_appeared_later_than_its_date_is_news_when_it_appears(read: dict[str, Post]) -> None:
    scheduled = read["content/posts/scheduled.md"]
    assert scheduled.published_at == datetime(2026, 1, 2, tzinfo=ZoneInfo("Asia/Tokyo"))
    assert scheduled.offered_at == datetime(2026, 11, 18, 12, tzinfo=ZoneInfo("Asia/Tokyo"))
    since = datetime(2026, 11, 15, tzinfo=ZoneInfo("Asia/Tokyo"))
    recent = Source("blog", DATA / "blog", sections=("*",)).read(NOW, since).posts
    assert "content/posts/scheduled.md" in {found.path for found in recent}


def test_what_is_before_the_mark_is_the_summary_and_only_where_hugo_sees_the_mark(read: dict[str, Post]) -> None:
    assert read["content/sum/more.md"].summary == "# Head\n\nBefore the *mark*."
    assert read["content/sum/front.md"].summary == "Before the mark."
    assert read["content/sum/more-blank.md"].summary == ""


def test_shortcodes_leave_their_words_and_links_behind(read: dict[str, Post]) -> None:
    body = read["content/sum/shortcodes.md"].body
    assert "Text https://tricky.example.com/blog/toplevel/ and" in body
    assert "[l](https://tricky.example.com/blog/sum/front/#x)" in body
    assert "\nInner **bold**.\n" in body
    assert "\nNoted.\n" in body
    assert 'Escaped {{< x "y" >}} and {{% z %}}. \n' in body
    assert "\n    func x(){}\n" in body
    assert body.endswith("End.\n")


def test_org_is_handed_out_as_markdown(read: dict[str, Post]) -> None:
    body = read["content/posts/about-org.org"].body
    assert "# Head\nWords of **bold** and [a link](https://example.com).\n" in body
    assert "    func x() {}" in body
    assert "#+" not in body
