"""What differs between two versions of an issue: in blocks, words, posts and bytes, and which two are compared."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from digest.pipeline import approve, build
from digest.studio.comparing.blocks import changed_blocks
from tests.projects import replace_in
from tests.studio.acting import WEEK, look
from tests.studio.past_world import HOSTILE, NOW, PERIOD, World, answers

MAIL = """<!doctype html><html><head><style>p{margin:0}</style></head><body style="background-color:#eeeeee">
<table><tr><td bgcolor="#124e78" style="background-color:#124e78;color:#ffffff"><h1>ことのは週報</h1></td></tr>
<tr><td height="8" style="background-color:#cccccc"></td></tr>
<tr><td><p style="color:#333333">一つ目の記事</p><a href="https://a.example/1">続きを読む</a>
<img src="https://a.example/1.png" alt="絵">
</td></tr></table></body></html>"""


def told(before: str, after: str) -> list[tuple[str, tuple[tuple[str, str, str], ...], list[str]]]:
    changes = changed_blocks(before, after)
    assert changes is not None
    return [(each.kind, each.details, [place.text for place in each.places]) for each in changes]


# ---------------------------------------------------------------- blocks


def test_the_same_mail_has_no_changes() -> None:
    assert told(MAIL, MAIL) == []


def test_a_colour_that_a_tag_around_says_is_told_for_the_block_that_wears_it_and_said_once() -> None:
    after = MAIL.replace("#124e78", "#8a1f5c")
    assert told(MAIL, after) == [("looks", (("background-color", "#124e78", "#8a1f5c"),), ["ことのは週報"])]


def test_a_change_of_many_blocks_is_told_once_with_all_of_them() -> None:
    ((kind, details, places),) = told(
        MAIL, MAIL.replace('"background-color:#eeeeee"', '"background-color:#eeeeee;direction:rtl"')
    )
    assert (kind, details) == ("looks", (("direction", "", "rtl"),))
    assert places == ["ことのは週報", "", "一つ目の記事", "続きを読む", "絵"]


def test_words_links_pictures_and_empty_areas_are_told_apart() -> None:
    after = (
        MAIL.replace("一つ目の記事", "最初の記事")
        .replace('https://a.example/1"', 'https://b.example/1"')
        .replace("1.png", "2.png")
        .replace("#cccccc", "#dddddd")
        .replace("p{margin:0}", "p{margin:1px}")
    )
    assert told(MAIL, after) == [
        ("sheet", (), []),
        ("looks", (("background-color", "#cccccc", "#dddddd"),), [""]),
        ("words", (("", "一つ目の記事", "最初の記事"),), ["最初の記事"]),
        ("link", (("href", "https://a.example/1", "https://b.example/1"),), ["続きを読む"]),
        ("picture", (("src", "https://a.example/1.png", "https://a.example/2.png"),), ["絵"]),
    ]


def test_what_came_and_went_is_told_with_its_place_in_the_one_mail_that_has_it() -> None:
    after = MAIL.replace("<p style", "<h2>新しい見出し</h2><p style")
    (added,) = changed_blocks(MAIL, after) or ()
    assert (added.kind, added.places[0].text, added.places[0].before) == ("added", "新しい見出し", -1)
    assert after[added.places[0].after :].startswith("<h2>")
    (gone,) = changed_blocks(after, MAIL) or ()
    assert (gone.kind, gone.places[0].after) == ("removed", -1)


def test_broken_deep_and_endless_mails_are_compared_or_said_to_be_too_long() -> None:
    assert changed_blocks("", MAIL) is not None
    assert changed_blocks("<" * 100, "</td>") is not None
    assert changed_blocks("<div>" * 20_000, "<div>" * 20_000 + "x") is not None
    assert changed_blocks("<p>a</p>" * 5_000, MAIL) is None


# ---------------------------------------------------------------- the page


def freeze(project: Path, *, approved: bool) -> None:
    world = World(project)
    issue, _ = build(world.opened.press("weekly"), world.slot(PERIOD), NOW)
    if approved:
        approve(world.opened.store, issue, f"花子{HOSTILE}", NOW)
    world.close()


def recolour(project: Path) -> None:
    replace_in(project / "templates/weekly/tokens.toml", 'default = "#124e78"', 'default = "#8a1f5c"')


@pytest.mark.anyio
async def test_without_a_stored_version_there_is_nothing_to_compare(client: httpx.AsyncClient) -> None:
    page = (await look(client, f"{WEEK}/compare")).tree
    assert "no two versions" in page.get_element_by_id("no-pair").text_content()
    assert (await client.get("/issues/weekly/nonsense/compare")).status_code == 404


@pytest.mark.anyio
async def test_the_approved_version_and_the_present_one_stand_beside_each_other(
    client: httpx.AsyncClient, project: Path
) -> None:
    freeze(project, approved=True)
    recolour(project)
    freeze(project, approved=False)
    shown = await look(client)
    way = shown.tree.get_element_by_id("since-pixels").get("href")
    answer = await client.get(way)
    page = (await look(client, way)).tree
    before, after = (each.get("srcdoc") for each in page.cssselect("iframe[sandbox]"))
    assert "#124e78" in before
    assert "#8a1f5c" not in before
    assert "#8a1f5c" in after
    assert "allow-scripts" not in answer.text
    assert "<img src=x" not in answer.text
    assert "only the looks" in page.get_element_by_id("told").text_content()
    blocks = page.get_element_by_id("blocks").text_content()
    assert "Background" in blocks
    assert "#8a1f5c" in blocks
    assert "bytes" in page.get_element_by_id("bytes").text_content()
    assert [each.get("id") for each in page.cssselect("nav.segments a")] == ["with-approved", "with-rebuilt"]


@pytest.mark.anyio
async def test_a_past_week_is_made_again_and_compared_with_what_was_sent(
    client: httpx.AsyncClient, project: Path
) -> None:
    world = World(project)
    world.sent(PERIOD, answers(3))
    world.close()
    same = (await look(client, f"{WEEK}/compare")).tree
    assert "very same mail" in same.get_element_by_id("same").text_content()
    assert "As it was sent" in same.get_element_by_id("versions").text_content()


@pytest.mark.anyio
async def test_a_past_week_that_would_be_another_now_says_in_words_posts_and_bytes(
    client: httpx.AsyncClient, project: Path
) -> None:
    world = World(project)
    world.sent(PERIOD, answers(3))
    world.close()
    post = (
        "---\ntitle: 飛び込みの記事\ndate: 2026-01-18 21:00:00 +0900\ncategories: [AI最新ニュース]\n---\n本文です。\n"
    )
    (project / "examples/blog/_posts/2026-01-18-9-tobikomi.md").write_text(post, encoding="utf-8")
    shown = await look(client)
    page = (await look(client, shown.tree.get_element_by_id("compare").get("href"))).tree
    said = page.get_element_by_id("told").text_content()
    assert "飛び込みの記事" in said
    assert "Posts that are new" in said
    assert "As today's files make it" in page.get_element_by_id("versions").text_content()
    assert page.cssselect("#line-changes .added")
