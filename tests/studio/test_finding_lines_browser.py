"""Somebody points at a part of the mail, with the mouse or the keyboard, and the editor opens at its line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.projects import replace_in
from tests.studio.browsing import Watched, mail
from tests.studio.starting import Studio

pytestmark = pytest.mark.browser


@pytest.fixture
def line(project: Path, page: Page) -> int:
    file = project / "templates/weekly/email.html"
    replace_in(file, "{{ masthead() }}", '{{ masthead() }}\n<tr><td class="mine">とれたて</td></tr>')
    for device in ("desktop", "phone"):
        expect(mail(page, device).get_by_text("とれたて")).to_be_visible()
    return file.read_text(encoding="utf-8").split('class="mine"')[0].count("\n") + 1


def selected(page: Page) -> str:
    return str(page.evaluate("getSelection().toString()"))


@pytest.mark.parametrize("device", ["desktop", "phone"])
def test_a_click_opens_the_line(page: Page, watched: Watched, line: int, device: str) -> None:
    page.get_by_role("switch", name="Find the line").click()
    part = mail(page, device).get_by_text("とれたて").bounding_box()
    assert part
    page.mouse.move(part["x"] + 5, part["y"] + 5)
    expect(page.locator(f".{device} .find-layer i")).to_be_visible()
    page.mouse.click(part["x"] + 5, part["y"] + 5)
    expect(page).to_have_url(re.compile(rf"/designs/weekly/email\.html#L{line}$"))
    expect(page.get_by_label("Text of email.html")).to_be_focused()
    assert selected(page) == '<tr><td class="mine">とれたて</td></tr>'
    assert watched.console == []


def test_the_keyboard_opens_the_line_and_escape_ends_it(page: Page, line: int) -> None:
    switch = page.get_by_role("switch", name="Find the line")
    switch.focus()
    page.keyboard.press("Enter")
    expect(switch).to_have_attribute("aria-checked", "true")
    page.locator(".phone .find-layer").focus()
    for _ in range(20):
        page.keyboard.press("ArrowDown")
        if page.locator("#found").text_content() == "とれたて":
            break
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(rf"/designs/weekly/email\.html#L{line}$"))
    page.go_back()
    page.get_by_role("switch", name="Find the line").click()
    page.locator(".phone .find-layer").focus()
    page.keyboard.press("Escape")
    expect(page.locator(".find-layer")).to_have_count(0)
    expect(page.get_by_role("switch", name="Find the line")).to_be_focused()


def test_links_of_the_mail_lead_nowhere_meanwhile_and_it_scrolls(page: Page, watched: Watched) -> None:
    page.get_by_role("switch", name="Find the line").click()
    screen = page.locator(".desktop .screen").bounding_box()
    assert screen
    page.mouse.move(screen["x"] + screen["width"] / 2, screen["y"] + 60)
    page.mouse.wheel(0, 100_000)
    last = mail(page, "desktop").get_by_text("配信を停止").first
    expect(last).to_be_in_viewport()
    link = last.bounding_box()
    assert link
    page.mouse.click(link["x"] + 5, link["y"] + 5)
    expect(page).to_have_url(re.compile("/designs/weekly/_macros/footer"))
    assert len(page.context.pages) == 1


def test_a_finding_opens_the_field_of_the_form(browser: Browser, studio: Studio, project: Path) -> None:
    file = project / "config/newsletters/weekly.toml"
    replace_in(file, "[publisher] ", '[design]\naccent = "#ffee00"\n\n[publisher] ')
    watched = Watched(browser, studio.origin)
    watched.page.goto(studio.url)
    watched.page.get_by_role("tab", name="Findings").click()
    watched.page.locator("#shown-findings .place a[href^='/look/']").first.click()
    expect(watched.page.get_by_label("Accent colour", exact=True)).to_be_focused()
    watched.page.close()
