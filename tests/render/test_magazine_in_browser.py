"""What a browser shows of the magazine: two columns where there is room, one where not, and neighbours in line."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, sync_playwright

from tests.render.issues import full_week, issue_of
from tests.render.test_magazine import ALL, WEEKS, mail, pictured

pytestmark = pytest.mark.browser

_FILLED = ("a full week with some", "awkward posts with pictures", "awkward titles")
_SHAPES = ((1200, 630), (800, 800), (1200, 900))
_BARE = "document.querySelectorAll('style').forEach(style => style.remove())"
_BOXES = """() => [...document.querySelectorAll('.column')].map(column => {
  const box = column.getBoundingClientRect();
  return {left: box.left, right: box.right, top: box.top, bottom: box.bottom};
})"""


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    switches = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=switches)
        yield browser
        browser.close()


def drawn(route: Route) -> None:
    """Answer with a picture; those of one mail have several shapes."""
    width, height = _SHAPES[sum(route.request.url.encode()) % len(_SHAPES)]
    picture = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"/>'
    route.fulfill(content_type="image/svg+xml", body=picture)


def opened(browser: Browser, html: str, width: int, *, styles: bool = True, images: bool = True) -> Page:
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.route("https://**/*", drawn if images else lambda route: route.abort())
    page.set_content(html)
    if not styles:
        page.evaluate(_BARE)
    return page


def pairs(page: Page) -> list[tuple[dict[str, float], dict[str, float]]]:
    boxes = page.evaluate(_BOXES)
    assert len(boxes) >= 6
    return list(zip(boxes[::2], boxes[1::2], strict=True))


@pytest.mark.parametrize("name", _FILLED)
def test_columns_stand_side_by_side_where_there_is_room(name: str, browser: Browser) -> None:
    for width, styles, images in ((600, True, True), (640, True, True), (640, True, False), (640, False, True)):
        page = opened(browser, mail(WEEKS[name]()).html, width, styles=styles, images=images)
        for left, right in pairs(page):
            assert left["top"] == pytest.approx(right["top"])
            assert left["right"] == pytest.approx(right["left"])
        page.close()


@pytest.mark.parametrize("name", _FILLED)
def test_columns_stack_on_a_phone_also_without_the_styles_in_the_head(name: str, browser: Browser) -> None:
    for styles in (True, False):
        page = opened(browser, mail(WEEKS[name]()).html, 375, styles=styles)
        for width in (375, 320):
            page.set_viewport_size({"width": width, "height": 800})
            for first, second in pairs(page):
                assert first["bottom"] <= second["top"]
                assert first["left"] == second["left"]
                assert second["right"] <= width
        page.close()


@pytest.mark.parametrize("name", WEEKS)
def test_nothing_sticks_out_of_the_screen(name: str, browser: Browser) -> None:
    page = opened(browser, mail(WEEKS[name]()).html, 320)
    for width in (320, 375, 600, 617, 640, 1024):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, width
        sheet = page.locator(".sheet").bounding_box()
        assert sheet is not None
        assert sheet["width"] <= 600
    page.evaluate(_BARE)
    for width in (320, 375, 640):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, width
    page.close()


def test_no_text_sticks_out_of_its_column(browser: Browser) -> None:
    for name in ("awkward posts with pictures", "awkward titles"):
        page = opened(browser, mail(WEEKS[name]()).html, 640)
        assert (
            page.evaluate(
                """() => [...document.querySelectorAll('.column')]
              .filter(column => column.scrollWidth > Math.ceil(column.getBoundingClientRect().width))
              .map(column => column.textContent.trim().slice(0, 40))"""
            )
            == []
        )
        page.close()


def test_titles_of_neighbours_begin_at_one_height_whatever_their_pictures_and_without_them(browser: Browser) -> None:
    for places, images in ((ALL, True), ((0, 4, 7), True), ((), True), (ALL, False), ((0, 4, 7), False)):
        page = opened(browser, mail(pictured(issue_of(12), places)).html, 640, images=images)
        tops = page.evaluate(
            """() => [...document.querySelectorAll('.columns')]
              .map(row => [...row.querySelectorAll('h3')].map(title => title.getBoundingClientRect().top))"""
        )
        assert sum(len(row) == 2 for row in tops) == 4
        assert [row for row in tops if len(row) == 2 and abs(row[0] - row[1]) > 2] == []
        page.close()


def test_the_card_that_is_left_over_takes_the_whole_width(browser: Browser) -> None:
    for places in ((), ALL):
        page = opened(browser, mail(pictured(issue_of(4), places)).html, 640)
        rows = page.evaluate(
            """() => [...document.querySelectorAll('.columns')].map(row => {
              const pieces = [...row.querySelectorAll('h3, .text, .card-picture')].map(e => e.getBoundingClientRect());
              return [Math.min(...pieces.map(p => p.left)), Math.max(...pieces.map(p => p.right))];
            })"""
        )
        assert rows == [[52, 588], [52, 588]]
        page.close()


def test_the_dark_form_is_dark(browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 640, "height": 800}, color_scheme="dark")
    page.route("https://**/*", drawn)
    page.set_content(mail(full_week()).html)
    assert page.evaluate("getComputedStyle(document.querySelector('.sheet')).backgroundColor") == "rgb(27, 25, 23)"
    assert page.evaluate("getComputedStyle(document.querySelector('h3 a')).color") == "rgb(241, 238, 234)"
    page.close()
