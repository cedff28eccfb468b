"""The pictures of the studio in a real browser: both kinds of dark, the contact sheet, two versions over each other."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from digest.pipeline import approve, build
from tests.projects import replace_in
from tests.studio.browsing import PATIENCE, Watched, follow, inside, mail
from tests.studio.past_world import NOW, PERIOD, World, answers
from tests.studio.starting import Studio, started

pytestmark = pytest.mark.browser
EMAIL = "templates/weekly/email.html"
MAKING = 120_000
"""Milliseconds that a whole contact sheet may take on a busy machine."""
WEEK = f"/issues/weekly/{PERIOD}"


def freeze(project: Path, *, approved: bool = False) -> None:
    world = World(project)
    issue, _ = build(world.opened.press("weekly"), world.slot(PERIOD), NOW)
    if approved:
        approve(world.opened.store, issue, "花子", NOW)
    world.close()


def recolour(project: Path) -> None:
    replace_in(project / "templates/weekly/tokens.toml", 'default = "#124e78"', 'default = "#8a1f5c"')


def pixels(png: bytes) -> list[tuple[int, int, int]]:
    """Return the colours of a screenshot, row by row."""
    width, height, depth, kind = struct.unpack(">IIBB", png[16:26])
    assert (depth, kind) in {(8, 2), (8, 6)}
    size = 3 if kind == 2 else 4
    packed, place = b"", 8
    while place < len(png):
        (length,) = struct.unpack(">I", png[place : place + 4])
        if png[place + 4 : place + 8] == b"IDAT":
            packed += png[place + 8 : place + 8 + length]
        place += length + 12
    raw, row = zlib.decompress(packed), bytearray(width * size)
    colours = []
    for line in range(height):
        start = line * (width * size + 1)
        filtered, now = raw[start], bytearray(raw[start + 1 : start + 1 + width * size])
        for at in range(len(now)):
            left = now[at - size] if at >= size else 0
            above, corner = row[at], row[at - size] if at >= size else 0
            now[at] = (now[at] + _predicted(filtered, left, above, corner)) & 255
        row = now
        colours += [(now[at], now[at + 1], now[at + 2]) for at in range(0, len(now), size)]
    return colours


def _predicted(filtered: int, left: int, above: int, corner: int) -> int:
    if filtered == 4:
        guess = left + above - corner
        return min((left, above, corner), key=lambda each: abs(guess - each))
    return (0, left, above, (left + above) // 2)[filtered]


def ground(page: Page, wear: str, device: str) -> int:
    """Return how light the ground of a mail is: the sum of its three colours."""
    frame = f".{device}[data-wear={wear}] iframe:not([data-coming])"
    colour = page.evaluate(
        f"""() => {{
            const inside = document.querySelector("{frame}").contentDocument;
            const seen = [inside.body, inside.documentElement].map((each) => getComputedStyle(each).backgroundColor);
            return seen.find((each) => !each.endsWith(", 0)")) ?? "";
        }}"""
    )
    return sum(int(part) for part in colour.removeprefix("rgb(").removesuffix(")").split(",")[:3])


# ---------------------------------------------------------------- dark


def test_its_own_dark_colours_and_gmails_are_seen_at_once_whatever_the_person_prefers(
    page: Page, watched: Watched
) -> None:
    page.get_by_role("switch", name="Dark", exact=True).click()
    expect(page.get_by_role("switch", name="Dark", exact=True)).to_be_checked(timeout=PATIENCE)
    page.get_by_role("switch", name="Gmail dark").click()
    expect(page.locator("iframe[data-mail]:visible")).to_have_count(4, timeout=PATIENCE)
    for scheme in ("dark", "light"):
        page.emulate_media(color_scheme=scheme)
        for device in ("desktop", "phone"):
            expect(
                page.frame_locator(f".{device}[data-wear=turned] iframe").get_by_text("ことのは週報").first
            ).to_be_visible()
            own, turned = ground(page, "own", device), ground(page, "turned", device)
            assert own < 250
            assert turned < 250
            assert own != turned
    boxes = [each.bounding_box() for each in page.locator(".device.desktop .screen").all()]
    assert boxes[0]
    assert boxes[1]
    assert boxes[0]["y"] == boxes[1]["y"]
    assert boxes[0]["x"] + boxes[0]["width"] <= boxes[1]["x"]
    page.get_by_role("switch", name="Gmail dark").click()
    expect(page.locator("iframe[data-mail]")).to_have_count(2, timeout=PATIENCE)
    assert watched.console == []


def test_zoom_and_scroll_of_every_frame_survive_a_change_of_the_mail_and_a_reload_of_the_page(
    page: Page, project: Path, studio: Studio, watched: Watched
) -> None:
    page.goto(f"{studio.origin}{WEEK}?dark=1&gmail=1")
    page.get_by_label("Zoom of the mail").select_option("75")
    frames = [f".{device}[data-wear={wear}]" for device in ("desktop", "phone") for wear in ("own", "turned")]
    for number, frame in enumerate(frames, 3):
        expect(page.frame_locator(f"{frame} iframe").get_by_text("配信を停止").first).to_be_attached()
        page.evaluate(f"document.querySelector('{frame} iframe').contentWindow.scrollTo(0, {number * 100})")

    def seen() -> list[tuple[int, str]]:
        return [
            (
                page.evaluate(f"document.querySelector('{frame} iframe:not([data-coming])').contentWindow.scrollY"),
                page.evaluate(f"document.querySelector('{frame} .screen').style.getPropertyValue('--scale')"),
            )
            for frame in frames
        ]

    wanted = [(number * 100, "0.75") for number in range(3, 7)]
    assert seen() == wanted
    replace_in(project / EMAIL, "{{ masthead() }}", "{{ masthead() }}<tr><td>とれたて</td></tr>")
    for frame in frames:
        fresh = page.frame_locator(f"{frame} iframe:not([data-coming])").get_by_text("とれたて")
        expect(fresh).to_be_attached(timeout=PATIENCE)
    assert seen() == wanted
    page.reload()
    for frame in frames:
        expect(page.frame_locator(f"{frame} iframe").get_by_text("とれたて")).to_be_attached()
    page.wait_for_function(f"() => document.querySelector('{frames[3]} iframe').contentWindow.scrollY === 600")
    assert seen() == wanted
    expect(page.get_by_label("Zoom of the mail")).to_have_value("75")
    page.get_by_label("Zoom of the mail").select_option("0")
    assert seen()[0][1] != "0.75"
    assert watched.console == []


# ---------------------------------------------------------------- the contact sheet


def test_every_awkward_case_is_a_small_picture_that_opens_at_full_size(page: Page, watched: Watched) -> None:
    page.get_by_role("tab", name="Findings").click()
    follow(page.get_by_role("link", name="Every awkward case"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Every awkward case")
    expect(page.locator("#sheet-state")).to_contain_text("mails were made", timeout=MAKING)
    made = page.locator(".picture").count()
    assert made > 30
    first = page.locator(".picture iframe").first
    expect(first).to_be_attached(timeout=PATIENCE)
    assert first.get_attribute("sandbox") == ""
    loaded = page.locator(".picture iframe").count()
    assert loaded < made  # those that nobody has come to are not loaded
    page.locator(".picture").last.scroll_into_view_if_needed()
    expect(page.locator(".picture").last.locator("iframe")).to_be_attached(timeout=PATIENCE)
    follow(page.get_by_role("link", name="Sixty posts").first)
    expect(page.get_by_role("heading", level=1)).to_have_text("Sixty posts")
    expect(mail(page, "desktop").get_by_text("ことのは週報").first).to_be_visible()
    page.wait_for_function(f"() => {inside('phone')}.innerWidth === 375")
    expect(page.locator(".findings .finding").first).to_be_visible()
    follow(page.get_by_role("link", name="All cases"))
    expect(page.locator("#sheet-state")).to_contain_text("mails were made")  # it is remembered
    assert [line for line in watched.console if "ERR_NAME_NOT_RESOLVED" not in line] == []


def test_a_sheet_that_is_looked_at_is_made_anew_when_the_design_changes(
    page: Page, studio: Studio, project: Path
) -> None:
    page.goto(f"{studio.origin}/stress/weekly")
    expect(page.locator("#sheet-state")).to_contain_text("mails were made", timeout=MAKING)
    replace_in(project / EMAIL, "{{ masthead() }}", "{{ masthead( }}")
    expect(page.locator("#group-error .picture").first).to_be_visible(timeout=MAKING)
    expect(page.locator("#group-fine")).to_have_count(0, timeout=MAKING)
    expect(page.locator("#group-error .picture").first).to_contain_text("could not be made")


# ---------------------------------------------------------------- two versions


def test_a_changed_colour_really_shows_and_what_is_the_same_stays_black(browser: Browser, project: Path) -> None:
    freeze(project, approved=True)
    recolour(project)
    freeze(project)
    with started(project) as studio:
        watched = Watched(browser, studio.origin)
        page = watched.page
        page.goto(studio.url)
        page.locator("#since summary").click()
        page.locator("#since-pixels").click()
        stage = page.locator("#stage-around")
        for side in ("before", "after"):
            expect(page.frame_locator(f".{side} iframe").get_by_text("ことのは週報").first).to_be_visible()
        page.get_by_role("radio", name="Side by side").focus()
        page.keyboard.press("ArrowRight")
        expect(page.get_by_role("radio", name="Difference")).to_be_checked()

        def seen(top: float) -> list[tuple[int, int, int]]:
            box = stage.bounding_box()
            assert box
            middle = box["x"] + box["width"] / 2
            clip = {"x": middle - 250, "y": box["y"] + top, "width": 40, "height": 6}
            return pixels(page.screenshot(clip=clip))  # type: ignore[arg-type] # a box, as playwright takes it

        assert any(max(colour) > 60 for colour in seen(40))  # the masthead has another colour
        assert set(seen(4)) == {(0, 0, 0)}  # the paper around it has not
        page.keyboard.press("ArrowRight")
        expect(page.get_by_role("radio", name="Slider")).to_be_checked()
        page.get_by_label("Before on the left").focus()
        page.keyboard.press("Home")
        new = seen(40)[0]
        page.keyboard.press("End")
        old = seen(40)[0]
        assert old != new
        page.get_by_role("radio", name="In turns").check(force=True)
        assert seen(40)[0] == new
        page.keyboard.press("b")
        expect(page.locator("#turned")).to_have_text("Before")
        assert seen(40)[0] == old
        page.locator(".goto").first.click()
        marked = page.frame_locator(".after iframe").locator("[data-marked]")
        expect(marked).to_have_count(1)
        assert watched.console == []
        page.close()


def test_a_past_week_is_rebuilt_and_compared_with_what_was_sent(browser: Browser, project: Path) -> None:
    world = World(project)
    world.sent(PERIOD, answers(3))
    world.close()
    with started(project) as studio:
        watched = Watched(browser, studio.origin)
        page = watched.page
        page.goto(studio.url)
        page.goto(f"{studio.origin}{WEEK}")
        expect(page.locator("#note")).to_contain_text("very same mail", timeout=PATIENCE)
        recolour(project)
        expect(page.locator("#compare")).to_be_visible(timeout=PATIENCE)
        page.locator("#compare").click()
        expect(page.locator("#versions")).to_contain_text("As it was sent")
        expect(page.locator("#blocks")).to_contain_text("#8a1f5c")
        replace_in(project / "templates/weekly/tokens.toml", '"#8a1f5c"', '"#1b6b3a"')
        expect(page.locator("#blocks")).to_contain_text("#1b6b3a", timeout=PATIENCE)  # it follows the files
        expect(page.frame_locator(".after iframe").locator("[bgcolor='#1b6b3a']").first).to_be_attached()
        assert watched.console == []
        page.close()


def test_it_works_without_scripts(browser: Browser, project: Path) -> None:
    freeze(project)
    recolour(project)
    with started(project) as studio:
        context = browser.new_context(java_script_enabled=False, viewport={"width": 1440, "height": 900})
        page = context.new_page()
        page.goto(studio.url)
        page.goto(f"{studio.origin}{WEEK}/compare")
        expect(page.get_by_role("radio")).to_have_count(2)
        page.get_by_role("radio", name="Difference").check(force=True)
        expect(page.locator(".side.after")).to_have_css("mix-blend-mode", "difference")
        page.goto(f"{studio.origin}{WEEK}")
        page.locator("#picker summary").click()
        page.get_by_label("The issue of this day").fill("2025-07-02")
        page.get_by_label("Template").select_option("briefing")
        page.get_by_role("button", name="Show it").click()
        expect(page).to_have_url(f"{studio.origin}/issues/weekly/2025-W27?design=briefing")
        context.close()


# ---------------------------------------------------------------- the pickers and the other views


def test_week_template_newsletter_and_language_are_picked(browser: Browser, project: Path) -> None:
    weekly = (project / "config/newsletters/weekly.toml").read_text(encoding="utf-8")
    other = weekly.replace('title = "ことのは週報"', 'title = "Another letter"')
    (project / "config/newsletters/another.toml").write_text(other, encoding="utf-8")
    with started(project) as studio:
        watched = Watched(browser, studio.origin)
        page = watched.page
        page.goto(studio.url)
        page.goto(f"{studio.origin}{WEEK}")
        page.get_by_role("combobox", name="Newsletter").select_option(label="Another letter")
        expect(page).to_have_url(f"{studio.origin}/issues/another")
        page.goto(f"{studio.origin}{WEEK}")
        page.locator("#picker summary").click()
        page.get_by_label("Template").select_option("magazine")
        expect(page.locator("#tried-on")).to_be_visible(timeout=PATIENCE)
        page.wait_for_load_state("load")
        page.get_by_label("Language of the mail").select_option("en")
        expect(mail(page, "desktop").locator("html")).to_have_attribute("lang", "en", timeout=PATIENCE)
        page.get_by_label("The issue of this day").fill("2026-01-07")
        page.get_by_role("button", name="Show it").click()
        expect(page).to_have_title("2026-W02 · ことのは週報 · digest studio", timeout=PATIENCE)
        page.get_by_role("link", name="Back to its own").click()
        expect(page.locator("#tried-on")).to_have_count(0)
        page.get_by_role("link", name="日本語").click()
        expect(page.locator("html")).to_have_attribute("lang", "ja")
        page.close()


@pytest.mark.parametrize(
    ("language", "images", "text", "source"),
    [("en", "Images", "Text", "Source"), ("ja", "画像", "本文", "ソース")],
)
def test_images_off_plain_text_and_the_source_with_sizes_are_there_in_both_languages(
    page: Page, studio: Studio, watched: Watched, language: str, images: str, text: str, source: str
) -> None:
    page.goto(f"{studio.origin}{WEEK}?language={language}")
    expect(mail(page, "desktop").get_by_text("ことのは週報").first).to_be_visible()
    page.get_by_role("switch", name=images).click()
    expect(page.get_by_role("switch", name=images)).not_to_be_checked(timeout=PATIENCE)
    page.wait_for_function(f"() => {inside('desktop')}.document.documentElement.outerHTML.includes(\"img-src 'none'\")")
    asked = len(watched.outside)
    page.reload()
    expect(mail(page, "desktop").get_by_text("ことのは週報").first).to_be_visible()
    assert len(watched.outside) == asked
    page.locator("#tab-text").click()
    expect(page.locator("#shown-text pre")).to_contain_text("メモリー6GBで足りるなら")
    page.locator("#tab-source").click()
    expect(page.locator("#size")).to_have_text("31.2 kB")
    expect(page.locator("table.weighed tbody tr")).to_have_count(9)
    expect(page.locator("#panel-source pre.html")).to_contain_text("<!DOCTYPE", ignore_case=True)
    expect(page.locator("#panel-source dl.headers")).to_contain_text("List-Unsubscribe")
