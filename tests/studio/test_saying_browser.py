"""Marketers say something about posts in a real browser, by mouse and by keyboard, alone and two at once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, Response, expect

from digest.app import Project
from digest.models import OverrideKind
from tests.studio.browsing import PATIENCE, Watched, mail
from tests.studio.starting import Studio

pytestmark = pytest.mark.browser


@pytest.fixture
def page(watched: Watched) -> Iterator[Page]:
    watched.page.get_by_role("tab", name="Reasons").click()
    yield watched.page
    assert watched.console == []


@pytest.fixture
def other(browser: Browser, studio: Studio, page: Page) -> Iterator[Page]:
    """Somebody else's page, beside the first."""
    watched = Watched(browser, studio.origin)
    watched.page.goto(studio.url)
    watched.page.get_by_role("tab", name="Reasons").click()
    yield watched.page
    assert watched.console == []
    watched.page.close()


def picks(page: Page, section: str = "news") -> Locator:
    return page.locator(f"#section-{section} .pick")


def ids(page: Page, section: str = "news") -> list[str]:
    return [each.get_attribute("data-post") or "" for each in picks(page, section).all()]


def told(page: Page, words: str) -> None:
    expect(page.locator("#notice")).to_contain_text(words, timeout=PATIENCE)


def test_a_post_is_pinned_left_out_and_brought_back(page: Page) -> None:
    post = picks(page).nth(1)
    name = post.get_attribute("id") or ""
    post.get_by_role("button", name="Pin").click()
    told(page, "is pinned")
    expect(picks(page).first).to_have_id(name)
    expect(page.locator(f"#{name}").get_by_role("button", name="Unpin")).to_be_focused()
    page.locator(f"#{name}").get_by_role("button", name="Leave out").click()
    told(page, "is left out")
    expect(page.locator(f"#{name}")).to_have_count(0)
    expect(page.get_by_role("tabpanel", name="Reasons")).to_be_focused()
    page.get_by_role("button", name="Let it in again").click()
    told(page, "taken back")
    expect(page.locator(f"#{name}")).to_be_visible()
    expect(page.locator(".said del")).to_have_count(2)


def test_a_post_goes_up_and_down_by_keyboard_and_keeps_the_focus(page: Page) -> None:
    before = ids(page)
    down = picks(page).first.get_by_role("button", name=re.compile("^Move down"))
    place = down.get_attribute("id") or ""
    down.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    moved = [*before[1:3], before[0], *before[3:]]
    expect(picks(page).nth(2)).to_have_attribute("data-post", before[0], timeout=PATIENCE)
    expect(page.locator(f"#{place}")).to_be_focused()
    assert ids(page) == moved
    title = picks(page).first.locator("h3 a").inner_text()[:10]
    expect(page.locator("#shown-text")).to_contain_text(title)


def test_a_post_is_dragged_within_its_section_and_to_another(page: Page, project: Path) -> None:
    before, there = ids(page), ids(page, "practice")
    drag(page, picks(page).nth(2), picks(page).first, behind=False)
    told(page, "has its new place")
    assert ids(page) == [before[2], before[0], before[1], *before[3:]]
    drag(page, picks(page).first, picks(page, "practice").first, behind=True)
    told(page, "is in its new section")
    assert ids(page, "practice")[:2] == [there[0], before[2]]
    assert before[2] not in ids(page)
    with Project(project) as opened:
        said = opened.store.overrides.history("weekly", "2026-W04")
    assert [str(each.kind) for each in said] == ["order", "move", "order"]


def test_nothing_moves_below_a_hand_that_drags(page: Page, project: Path, now: datetime) -> None:
    before = ids(page)
    with page.expect_response(is_page) as fresh:
        hold(page, picks(page).nth(2), picks(page).first, behind=False)
        with Project(project) as opened:
            opened.store.overrides.add("weekly", "2026-W04", before[-1], OverrideKind.EXCLUDE, "", "Kay", now)
    fresh.value.finished()
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert ids(page) == before
    expect(page.locator(".drop-before")).to_have_count(1)
    page.mouse.up()
    told(page, "has its new place")
    assert ids(page)[:3] == [before[2], before[0], before[1]]
    assert before[-1] not in ids(page)


def is_page(answer: Response) -> bool:
    return answer.request.resource_type == "fetch" and "text/html" in answer.headers.get("content-type", "")


def drag(page: Page, post: Locator, to: Locator, *, behind: bool) -> None:
    """Drag as a hand does: press the handle, move there in steps, let go."""
    hold(page, post, to, behind=behind)
    page.mouse.up()


TO_THE_MIDDLE = """(post, behind) => {
    let panel = post.parentElement;
    const scrolls = (each) => each.scrollHeight > each.clientHeight && getComputedStyle(each).overflowY !== "visible";
    while (!scrolls(panel)) panel = panel.parentElement;
    const [own, all] = [post.getBoundingClientRect(), panel.getBoundingClientRect()];
    panel.scrollBy(0, (behind ? own.bottom : own.top) - (all.top + all.bottom) / 2);
}"""
"""Bring an edge of a post to where a browser does not scroll by itself, as it does at the edges while one drags."""


def hold(page: Page, post: Locator, to: Locator, *, behind: bool) -> None:
    """Press the handle, and move there in steps."""
    grip = post.locator(".grip")
    grip.scroll_into_view_if_needed()
    box = grip.bounding_box()
    assert box
    page.mouse.move(box["x"] + 4, box["y"] + 6)
    page.mouse.down()
    page.mouse.move(box["x"] + 4, box["y"] + 16, steps=4)
    to.evaluate(TO_THE_MIDDLE, behind)
    goal = to.bounding_box()
    assert goal
    down = goal["height"] - 12 if behind else 12
    page.mouse.move(goal["x"] + 90, goal["y"] + down - 5, steps=4)
    page.mouse.move(goal["x"] + 90, goal["y"] + down, steps=4)
    expect(page.locator(".drop-behind" if behind else ".drop-before")).to_have_count(1)


def test_words_are_changed_and_the_mail_follows(page: Page) -> None:
    post = picks(page).first
    post.locator("summary").click()
    post.get_by_label("Title in this issue").fill("人が選んだ見出し")
    page.keyboard.press("Enter")
    told(page, "by its new title")
    for device in ("desktop", "phone"):
        expect(mail(page, device).get_by_text("人が選んだ見出し").first).to_be_attached(timeout=PATIENCE)
    expect(post.get_by_label("Title in this issue")).to_be_focused()
    post.get_by_label("Words below the title").fill("ひとこと。")
    post.get_by_role("button", name="Use these words").click()
    told(page, "new words")
    expect(mail(page, "desktop").get_by_text("ひとこと。").first).to_be_attached(timeout=PATIENCE)


def test_what_one_says_the_other_sees_and_loses_nothing_that_is_typed(page: Page, other: Page) -> None:
    mine = picks(page).last
    mine.locator("summary").click()
    title = mine.get_by_label("Title in this issue")
    title.fill("まだ途中の")
    title.press("ArrowLeft")
    caret = title.evaluate("each => each.selectionStart")
    words = mine.get_by_label("Words below the title")
    words.fill("書きかけ")
    mine.get_by_label("Section", exact=True).select_option("practice")
    title.focus()
    theirs = picks(other).first
    name = theirs.get_attribute("id") or ""
    theirs.get_by_role("button", name="Leave out").first.click()
    told(other, "is left out")
    expect(page.locator(f"#{name}")).to_have_count(0, timeout=PATIENCE)
    expect(page.locator(".said li")).to_have_count(1)
    expect(title).to_have_value("まだ途中の")
    expect(title).to_be_focused()
    assert title.evaluate("each => each.selectionStart") == caret
    expect(words).to_have_value("書きかけ")
    expect(mine.get_by_label("Section", exact=True)).to_have_value("practice")
    page.keyboard.type("題")
    expect(title).to_have_value("まだ途中題の")


def test_the_field_in_which_somebody_types_stays_where_others_move_its_post(page: Page, other: Page) -> None:
    mine = picks(page).last
    name, at = mine.get_attribute("id") or "", ids(page)
    mine.locator("summary").click()
    title = page.locator(f"#{name}").get_by_label("Title in this issue")
    title.fill("まだ")
    title.evaluate("each => (window.typedIn = each)")
    # Whoever composes Japanese loses it when the field leaves the page, be it for a moment.
    page.evaluate(
        """name => new MutationObserver((all) => {
            const left = all.flatMap((each) => [...each.removedNodes]);
            window.gone ||= left.some((node) => node.id === name);
        }).observe(document.getElementById("section-news"), { childList: true })""",
        name,
    )
    other.locator(f"#{name}").get_by_role("button", name="Pin").click()
    expect(picks(page).first).to_have_id(name, timeout=PATIENCE)
    assert ids(page) == [at[-1], *at[:-1]]
    expect(title).to_be_focused()
    assert title.evaluate("each => each === window.typedIn")
    assert page.evaluate("window.gone") is not True


def test_a_word_that_is_refused_is_not_lost(page: Page) -> None:
    post = picks(page).first
    post.locator("summary").click()
    field = post.get_by_label("Title in this issue")
    field.evaluate("each => (each.required = false)")
    field.fill("   ")
    post.get_by_role("button", name="Use this title").click()
    told(page, "That was not done.")
    expect(field).to_have_value("   ")


def test_what_is_said_in_a_terminal_shows_by_itself(page: Page, project: Path, now: datetime) -> None:
    before = ids(page)
    with Project(project) as opened:
        opened.store.overrides.add("weekly", "2026-W04", before[0], OverrideKind.EXCLUDE, "", "Kay", now)
    expect(picks(page).first).to_have_attribute("data-post", before[1], timeout=PATIENCE)
    expect(page.locator(".said")).to_contain_text("Kay")
    assert before[0] not in ids(page)


def test_without_scripts_the_same_forms_work(browser: Browser, studio: Studio) -> None:
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    page.goto(studio.url)
    page.goto(f"{studio.origin}/issues/weekly/2026-W04")
    post = ids(page)[0]
    picks(page).first.get_by_role("button", name="Leave out").first.click()
    told(page, "is left out")
    assert post not in ids(page)
    context.close()


def test_on_a_phone_the_tools_are_large_enough_and_fit(browser: Browser, studio: Studio) -> None:
    watched = Watched(browser, studio.origin, width=400, height=860)
    watched.page.goto(studio.url)
    watched.page.get_by_role("tab", name="Reasons").click()
    picks(watched.page).first.locator("summary").click()
    boxes = [each.bounding_box() for each in watched.page.locator(".tools .small:visible").all()]
    assert len(boxes) > 10
    assert all(box and box["height"] >= 44 and box["x"] + box["width"] <= 400 for box in boxes)
    assert watched.page.evaluate("document.documentElement.scrollWidth") <= 400
    watched.page.close()
