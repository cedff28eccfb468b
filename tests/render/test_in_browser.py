"""What a browser shows of the shipped design: nothing sticks out, and the dark is dark."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from digest.models import Selection
from digest.render import Renderer
from tests.render.issues import COPY, LINKS, TEMPLATES, awkward, full_week, more_awkward, newsletter, week

pytestmark = pytest.mark.browser

WEEKS = {"a week": week, "awkward posts": awkward, "a full week": full_week, "awkward titles": more_awkward}


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    switches = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=switches)
        yield browser
        browser.close()


def html(selection: Selection, **changes: object) -> str:
    return Renderer(TEMPLATES, COPY).render(newsletter(**changes), 3, selection, LINKS).html


@pytest.mark.parametrize("width", [320, 375, 600, 1024])
@pytest.mark.parametrize("name", WEEKS)
def test_nothing_sticks_out_of_the_screen(name: str, width: int, browser: Browser) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.route("https://**/*", lambda route: route.abort())
    page.set_content(html(WEEKS[name]()))
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    sheet = page.locator(".sheet").bounding_box()
    assert sheet is not None
    assert sheet["width"] <= 600
    page.close()


@pytest.mark.parametrize("name", WEEKS)
def test_without_the_styles_in_the_head_it_still_fits_a_phone(name: str, browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 375, "height": 800})
    page.route("https://**/*", lambda route: route.abort())
    page.set_content(html(WEEKS[name]()))
    page.evaluate("document.querySelectorAll('style').forEach(style => style.remove())")
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    page.close()


@pytest.mark.parametrize("accent", ["#124e78", "#e8b400", "#ffffff"])
def test_the_dark_form_is_dark_and_its_text_can_be_read(accent: str, browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 600, "height": 800}, color_scheme="dark")
    page.route("https://**/*", lambda route: route.abort())
    page.set_content(html(full_week(), design={"accent": accent}))
    contrasts = page.evaluate(
        """() => {
          const channels = color => color.match(/\\d+/g).slice(0, 3).map(Number);
          const light = color => channels(color).map(c => c / 255)
            .map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
            .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
          const behind = node => {
            for (; node; node = node.parentElement) {
              const color = getComputedStyle(node).backgroundColor;
              if (!color.endsWith(', 0)')) return color;
            }
          };
          return [...document.querySelectorAll('p, h1, h2, h3, a, b, td')]
            .filter(node => [...node.childNodes].some(child => child.nodeType === 3 && child.data.trim()))
            .map(node => {
              const pair = [light(getComputedStyle(node).color), light(behind(node))].sort((a, b) => b - a);
              return [(pair[0] + 0.05) / (pair[1] + 0.05), light(behind(node)), node.textContent.trim().slice(0, 20)];
            });
        }"""
    )
    assert len(contrasts) > 40
    assert [text for ratio, _, text in contrasts if ratio < 4.5] == []
    assert page.evaluate("getComputedStyle(document.querySelector('.sheet')).backgroundColor") == "rgb(24, 27, 32)"
    page.close()
