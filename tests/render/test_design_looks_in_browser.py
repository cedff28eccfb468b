"""What every design owes a reader's eyes and thumbs: type that can be read, links that can be hit, lines that hold."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from digest.render import Renderer
from digest.render.designs import designs
from tests.render.issues import COPY, LINKS, TEMPLATES, full_week, newsletter

pytestmark = pytest.mark.browser

PHONE = 375
SHEET = 600
THUMB = 44
"""Pixels that a thumb hits without looking."""

_SMALL_TYPE = """() => [...document.querySelectorAll('body *')]
  .filter(node => [...node.childNodes].some(child => child.nodeType === 3 && child.data.trim()))
  .filter(node => !node.closest('.preheader') && parseFloat(getComputedStyle(node).fontSize) < 14)
  .map(node => node.textContent.trim())"""
_LOW_LINKS = """low => [...document.querySelectorAll('.button-link, .more-link, .small-link')]
  .filter(link => link.getBoundingClientRect().height < low).map(link => link.textContent.trim())"""
_BROKEN_PARTS = """separator => [...document.querySelectorAll('.about, .about-plate')].flatMap(line => {
  const text = line.lastChild;
  let from = 0;
  return text.data.split(separator).filter(part => {
    const range = document.createRange();
    const start = text.data.indexOf(part, from);
    from = start + part.length;
    range.setStart(text, start + part.length - part.trimStart().length);
    range.setEnd(text, start + part.trimEnd().length);
    return range.getClientRects().length > 1;
  });
})"""


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    switches = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=switches)
        yield browser
        browser.close()


@pytest.fixture(params=designs(TEMPLATES))
def design(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def opened(browser: Browser, design: str, width: int, language: str = "ja") -> Page:
    wanted = newsletter(template=design, language=language, design={"footer_note": "ひとこと", "show_author": True})
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.route("https://**/*", lambda route: route.abort())
    page.set_content(Renderer(TEMPLATES, COPY).render(wanted, 3, full_week(), LINKS).html)
    return page


@pytest.mark.parametrize("width", [PHONE, SHEET])
def test_no_type_is_smaller_than_fourteen_pixels(design: str, width: int, browser: Browser) -> None:
    page = opened(browser, design, width)
    assert page.evaluate(_SMALL_TYPE) == []
    page.close()


def test_a_thumb_hits_every_link_that_is_no_title(design: str, browser: Browser) -> None:
    page = opened(browser, design, PHONE)
    assert page.locator(".small-link").count() >= 2
    assert page.evaluate(_LOW_LINKS, THUMB) == []
    page.close()


def test_nothing_steps_down_while_the_sheet_has_its_width(design: str, browser: Browser) -> None:
    sizes = {}
    for width in (SHEET, 1024):
        page = opened(browser, design, width)
        sheet = page.locator(".sheet").bounding_box()
        assert sheet is not None
        assert sheet["width"] == SHEET
        sizes[width] = page.evaluate(
            "[...document.querySelectorAll('h1, h2, h3, p, a')].map(node => getComputedStyle(node).fontSize)"
        )
        page.close()
    assert sizes[SHEET] == sizes[1024]


@pytest.mark.parametrize(("language", "separator"), [("ja", "・"), ("en", " · ")])
def test_no_date_and_no_minutes_break_in_two(design: str, language: str, separator: str, browser: Browser) -> None:
    for width in (320, PHONE, SHEET):
        page = opened(browser, design, width, language)
        assert page.locator(".about").count() > 3
        assert page.evaluate(_BROKEN_PARTS, separator) == []
        page.close()
