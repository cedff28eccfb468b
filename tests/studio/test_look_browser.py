"""A marketer chooses a newsletter's look in a browser: sees it while typing, is warned, saves, and takes it back."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.studio.browsing import Watched, follow, mail
from tests.studio.starting import Studio

pytestmark = pytest.mark.browser
TRY = 60_000
"""Milliseconds that trying a newsletter may take on a busy machine."""


@pytest.fixture
def file(project: Path) -> Path:
    return project / "config/newsletters/weekly.toml"


@pytest.fixture
def page(watched: Watched) -> Page:
    page = watched.page
    follow(page.get_by_role("link", name="Look and words"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("Look and words")
    page.on("dialog", lambda dialog: dialog.accept())
    return page


def save(page: Page, outcome: str) -> None:
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(f"[data-outcome={outcome}]")).to_be_visible(timeout=TRY)


def test_the_mail_follows_what_is_typed_and_a_save_keeps_it(page: Page, file: Path, watched: Watched) -> None:
    before = file.read_bytes()
    page.get_by_text("Words of the mail").click()
    page.get_by_label("read_more", exact=True).press_sequentially("もっと読む")
    page.get_by_label("Subject", exact=True).fill("新しい件名")
    for device in ("phone", "desktop"):
        expect(mail(page, device).get_by_text("もっと読む").first).to_be_attached()
    expect(page.locator("#inbox .subject")).to_have_text("新しい件名")
    expect(page.get_by_label("read_more", exact=True)).to_have_value("もっと読む")
    assert file.read_bytes() == before
    page.get_by_label("Your name, for the history").fill("花子")
    save(page, "saved")
    assert 'read_more = "もっと読む"' in file.read_text(encoding="utf-8")
    expect(page.locator("#history")).to_contain_text("花子")
    page.get_by_role("button", name=re.compile("Bring back")).click()
    expect(page.get_by_label("read_more", exact=True)).to_have_value("", timeout=TRY)
    assert file.read_bytes() == before
    assert watched.console == []


def test_a_colour_that_cannot_be_read_is_warned_of_and_mended_with_one_click(page: Page, file: Path) -> None:
    before = file.read_bytes()
    ink = page.get_by_label("Text colour", exact=True)
    ink.fill("#888888")
    expect(page.locator("#note-ink")).to_contain_text("cannot be read: 4.5 is needed")
    save(page, "refused")
    assert file.read_bytes() == before
    page.locator("#note-ink").get_by_role("button", name="#767676").click()
    expect(ink).to_have_value("#767676")
    expect(page.locator("#note-ink")).not_to_contain_text("cannot be read")
    save(page, "saved")
    assert 'ink = "#767676"' in file.read_text(encoding="utf-8")


def test_the_picker_and_the_field_say_the_same(page: Page) -> None:
    page.get_by_label("Accent colour, with the picker").fill("#7a1f4d")
    expect(page.get_by_label("Accent colour", exact=True)).to_have_value("#7a1f4d")
    page.get_by_label("Accent colour", exact=True).fill("#224466")
    expect(page.get_by_label("Accent colour, with the picker")).to_have_value("#224466")


def test_a_logo_is_measured(page: Page) -> None:
    page.get_by_label("Address of the logo").fill("https://pictures.example/logo.png")
    expect(page.locator("#logo-logo")).to_contain_text("blurred on sharp screens: take one of 400 px")


def test_what_somebody_else_saves_meanwhile_is_told_and_kept(page: Page, file: Path) -> None:
    expect(page.locator("#live")).to_have_text("Live")
    page.get_by_label("Text colour", exact=True).fill("#222222")
    text = file.read_text(encoding="utf-8")
    file.write_text(text + '\n[design]\naccent = "#7a1f4d"\n', encoding="utf-8")
    expect(page.locator("#progress")).to_contain_text("Somebody else changed these settings", timeout=TRY)
    save(page, "changed")
    assert "#222222" not in file.read_text(encoding="utf-8")
    expect(page.get_by_label("Accent colour", exact=True)).to_have_value("#7a1f4d")
    save(page, "saved")
    assert file.read_text(encoding="utf-8") == text + '\n[design]\naccent = "#7a1f4d"\nink = "#222222"\n'


def test_it_works_without_scripts(browser: Browser, studio: Studio, file: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(studio.url)
    page.goto(studio.origin + "/look/weekly")
    page.get_by_label("Accent colour", exact=True).fill("#ffee00")
    page.get_by_role("button", name="Show it").click()
    expect(page.locator("#note-accent")).to_contain_text("readers see")
    page.get_by_label("Accent colour", exact=True).fill("#7a1f4d")
    page.get_by_role("checkbox", name="Show the authors").check()
    page.get_by_role("button", name="Save", exact=True).click(timeout=TRY)
    expect(page.locator("[data-outcome=saved]")).to_be_visible(timeout=TRY)
    assert file.read_text(encoding="utf-8").endswith('\n[design]\naccent = "#7a1f4d"\nshow_author = true\n')
    context.close()


@pytest.mark.parametrize("width", [1440, 900, 400])
def test_the_page_fits_every_width_and_everything_has_a_name(browser: Browser, still: Studio, width: int) -> None:
    watched = Watched(browser, still.origin, width=width, height=844)
    watched.page.goto(still.url)
    watched.page.goto(still.origin + "/look/weekly")
    assert watched.page.evaluate("document.documentElement.scrollWidth") <= width
    nameless = watched.page.evaluate(
        """() => [...document.querySelectorAll("a, button, select, iframe, textarea, input")]
            .filter(each => each.offsetParent)
            .filter(each => !(each.getAttribute("aria-label") || each.title || each.labels?.length))
            .filter(each => !each.textContent.trim())
            .map(each => each.outerHTML.slice(0, 80))"""
    )
    assert nameless == []
    assert watched.console == []
    watched.page.close()
