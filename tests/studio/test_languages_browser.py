"""A marketer reads the studio in Japanese, in a real browser, and chooses the language with the keyboard alone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.projects import replace_in
from tests.studio.browsing import PATIENCE, follow
from tests.studio.starting import Studio

pytestmark = pytest.mark.browser
TRY = 60_000
"""Milliseconds that trying a design may take on a busy machine."""


def test_the_language_is_chosen_without_scripts_by_keyboard_and_stays(browser: Browser, studio: Studio) -> None:
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    page.goto(studio.url)
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.get_by_role("link", name="A week earlier").click()
    page.locator("#images").focus()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="日本語")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("html")).to_have_attribute("lang", "ja")
    assert page.url == f"{studio.origin}/issues/weekly/2026-W03"
    follow(page.get_by_role("link", name="デザインを編集"))
    expect(page.get_by_role("button", name="保存", exact=True)).to_be_visible()
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("button", name="Save", exact=True)).to_be_visible()
    context.close()


def test_scripts_speak_the_language_of_the_page(browser: Browser, studio: Studio, project: Path) -> None:
    context = browser.new_context(locale="ja-JP", permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(studio.url)
    expect(page.locator(".phone [data-width]")).to_have_text(re.compile(r"^375 px（\d+% 表示）$|^375 px$"))
    page.locator("#more-commands summary").click()
    page.locator(".command").first.click()
    expect(page.locator(".command-copy").first).to_have_text("コピーしました")
    expect(page.locator("#live")).to_have_text("自動更新中")
    replace_in(project / "templates/weekly/email.html", "{{ masthead() }}", "{{ masthead() }}<tr><td>x</td></tr>")
    expect(page.locator("#status")).to_have_text("最新の内容になりました", timeout=PATIENCE)
    page.goto(studio.origin + "/designs/weekly/style.css")
    text = page.get_by_label("style.css の中身")
    text.fill(text.input_value() + "\n.neu { color: {{ nobody }}; }\n")
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.locator("#status")).to_contain_text("保存していません：エラーが1件あります。", timeout=TRY)
    expect(page.locator("#status")).to_contain_text("テンプレートの書き方に誤りがあります。")
    studio.process.terminate()
    expect(page.locator("#live")).to_have_text("再接続しています…", timeout=PATIENCE)
    context.close()


def test_a_page_follows_the_language_that_is_chosen_beside_it(browser: Browser, studio: Studio, project: Path) -> None:
    context = browser.new_context(locale="ja-JP")
    first, second = context.new_page(), context.new_page()
    for page in (first, second):
        page.goto(studio.url)
    first.get_by_role("tab", name="選んだ理由").click()
    second.get_by_role("link", name="English").click()
    expect(second.locator("html")).to_have_attribute("lang", "en")
    replace_in(project / "templates/weekly/email.html", "{{ masthead() }}", "{{ masthead() }}<tr><td>x</td></tr>")
    assert_whole(first)
    context.close()


def assert_whole(page: Page) -> None:
    """Find the page in English from top to bottom, with the tab that was open."""
    page.bring_to_front()
    expect(page.locator("html")).to_have_attribute("lang", "en", timeout=PATIENCE)
    expect(page.get_by_role("tab", name="Reasons")).to_have_attribute("aria-selected", "true")
    expect(page.locator("figcaption").first).to_contain_text("Desktop")
