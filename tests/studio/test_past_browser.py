"""A person looks back in a real browser: at all issues, at one, at the mail as Gmail's dark mode shows it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from digest.check.colors import color_of, inverted
from digest.models import EventKind
from tests.projects import make_project
from tests.studio.browsing import Watched, follow, inside, mail
from tests.studio.past_world import PERIOD, World, answers, half_a_year
from tests.studio.starting import Studio, started

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """The studio on a newsletter of a few weeks, the last of them with trouble; nobody changes anything in it."""
    project = make_project(tmp_path_factory.mktemp("past"))
    world = World(project)
    half_a_year(world, 8)
    world.close()
    with started(project) as studio:
        yield studio


def test_a_person_looks_back_and_takes_the_copies_home(watched: Watched, page: Page) -> None:
    follow(page.get_by_role("link", name="History", exact=True))
    expect(page.get_by_role("heading", level=1, name="History")).to_be_visible()
    expect(page.get_by_role("img", name="What became of each issue's copies")).to_be_visible()
    expect(page.locator(".drawing .bar-of")).to_have_count(8)
    follow(page.get_by_role("rowheader", name=f"{PERIOD} No. 8").get_by_role("link"))
    expect(page.get_by_role("heading", level=1)).to_contain_text(PERIOD)
    with page.expect_download() as download:
        page.get_by_role("link", name="Every reader's copy as a file (CSV)").click()
    file = Path(download.value.path())
    assert download.value.suggested_filename == f"weekly-{PERIOD}.csv"
    lines = list(csv.DictReader(io.StringIO(file.read_text(encoding="utf-8-sig"), newline="")))
    accepted = (
        page.locator(".numbers").first.get_by_role("row", name="Accepted").get_by_role("cell").first.text_content()
    )
    assert str(sum(line["state"] == "accepted" for line in lines)) == accepted
    expect(page.frame_locator("iframe.mail").get_by_text("ことのは週報").first).to_be_attached()
    follow(page.get_by_role("link", name="Desktop, phone, dark and source of this version"))
    expect(mail(page, "phone").get_by_text("ことのは週報").first).to_be_visible()
    # Pictures of a mail in its own sandbox are asked for where no test can answer.
    assert [each for each in watched.console if "ERR_NAME_NOT_RESOLVED" not in each] == []


def test_bars_have_the_heights_that_the_table_says(page: Page, studio: Studio) -> None:
    page.goto(studio.origin + "/history")
    heights = page.evaluate(
        """() => [...document.querySelectorAll(".bar-of .accepted")].map(each => each.getBoundingClientRect().height)"""
    )
    counts = page.evaluate(
        """() => [...document.querySelectorAll(".issues tbody tr")]
            .map(each => Number(each.querySelector(".amount").textContent))"""
    )
    assert len(counts) == 8
    ratios = [height / count for height, count in zip(heights, reversed(counts), strict=True)]
    assert max(ratios) - min(ratios) < 0.02
    expect(page.locator(".rates ~ .axes polyline").first).to_have_class(f"run {EventKind.OPENED}")


@pytest.mark.parametrize("width", [1440, 900, 400])
@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_pages_fit_every_width(browser: Browser, studio: Studio, width: int, language: str) -> None:
    watched = Watched(browser, studio.origin, width=width)
    page = watched.page
    page.goto(studio.url.replace("/?", f"/?language={language}&"))
    for address in ("/history", f"/history/weekly/{PERIOD}", f"/issues/weekly/{PERIOD}"):
        page.goto(studio.origin + address)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
        sizes = page.evaluate(
            """() => [...document.querySelectorAll(".plot text, .weights text")]
                .map(each => parseFloat(getComputedStyle(each).fontSize) * each.getScreenCTM().a)"""
        )
        assert all(size >= 12 for size in sizes), (address, sizes)
    page.goto(studio.origin + "/history")
    overlapping = page.evaluate(
        """() => { const seen = [...document.querySelectorAll(".drawing .name:not(.year)")]
            .map(each => each.getBoundingClientRect()).filter(each => each.width)
            return seen.slice(1).filter((each, at) => each.left < seen[at].right + 2).length }"""
    )
    assert overlapping == 0
    if width == 400:
        small = page.evaluate(
            """() => [...document.querySelectorAll("main a, main summary")]
                .filter(each => each.getBoundingClientRect().height < 43.5).map(each => each.textContent)"""
        )
        assert small == []
    watched.page.close()


def test_a_table_on_a_phone_stays_a_table(browser: Browser, studio: Studio) -> None:
    watched = Watched(browser, studio.origin, width=400)
    watched.page.goto(studio.url)
    watched.page.goto(studio.origin + "/history")
    row = watched.page.get_by_role("table", name="Issues").get_by_role("row").nth(1)
    expect(row.get_by_role("cell")).to_have_count(13)
    expect(row.get_by_role("rowheader")).to_contain_text(PERIOD)
    watched.page.close()


def test_gmails_dark_turns_what_the_mail_paints_and_leaves_pictures(page: Page, studio: Studio) -> None:
    page.goto(f"{studio.origin}/issues/weekly/{PERIOD}")
    paint = f"""[...{inside("desktop")}.document.querySelectorAll("h1, h2, p, td, a")].map(each => {{
        const style = getComputedStyle(each); return [style.color, style.backgroundColor] }})"""
    before = page.evaluate(paint)
    page.get_by_role("switch", name="Gmail dark").click()
    expect(page.get_by_role("switch", name="Gmail dark")).to_have_attribute("aria-checked", "true")
    page.wait_for_function(
        f"light => JSON.stringify({paint}) !== light", arg=page.evaluate("x => JSON.stringify(x)", before)
    )
    after = page.evaluate(paint)
    assert len(after) == len(before) > 20
    for old, new in zip(before, after, strict=True):
        for was, now in zip(old, new, strict=True):
            light, dark = color_of(was), color_of(now)
            assert (light is None) == (dark is None), (was, now)
            if light and dark:
                assert all(abs(a - b) <= 1 for a, b in zip(inverted(light), dark, strict=True)), (was, now)
    page.get_by_role("switch", name="Dark", exact=True).click()
    expect(page.get_by_role("switch", name="Dark", exact=True)).to_have_attribute("aria-checked", "true")
    expect(page.get_by_role("switch", name="Gmail dark")).to_have_attribute("aria-checked", "true")
    expect(page.locator(".device")).to_have_count(4)  # beside each other


def test_what_is_unfolded_stays_so_when_the_look_changes(page: Page) -> None:
    page.get_by_text("How inboxes cut this line").click()
    expect(page.locator("#inbox-cuts li").first).to_be_visible()
    page.get_by_role("switch", name="Gmail dark").click()
    expect(page.locator("#gmail-like")).to_be_visible()
    expect(page.locator("#inbox-cuts li").first).to_be_visible()


def test_gmails_line_falls_into_the_part_that_it_cuts(browser: Browser, project: Path) -> None:
    from tests.projects import replace_in  # only this one makes a mail too heavy

    replace_in(
        project / "templates/weekly/email.html",
        "{{ masthead() }}",
        "{{ masthead() }}<tr><td>" + "重" * 40_000 + "</td></tr>",
    )
    with started(project) as studio:
        watched = Watched(browser, studio.origin)
        watched.page.goto(studio.url)
        watched.page.get_by_role("tab", name="Source").click()
        expect(watched.page.locator(".weighed .within")).to_have_count(1)
        assert watched.page.locator(".weighed .after").count() > 2
        line = watched.page.locator(".weights .clip").bounding_box()
        place = watched.page.locator(".weighed tr").evaluate_all(
            "rows => rows.findIndex(row => row.className === 'within')"
        )
        cut = watched.page.locator(".weights .piece").nth(place - 1).bounding_box()
        assert line
        assert cut
        assert cut["x"] <= line["x"] <= cut["x"] + cut["width"]
        watched.page.close()


def test_many_readers_are_turned_over_page_by_page(browser: Browser, project: Path) -> None:
    world = World(project)
    world.sent(PERIOD, answers(1, rejected=150))
    world.close()
    with started(project) as studio:
        watched = Watched(browser, studio.origin)
        watched.page.goto(studio.url)
        watched.page.goto(f"{studio.origin}/history/weekly/{PERIOD}")
        watched.page.get_by_role("link", name="Next").first.click()
        expect(watched.page.locator(".readers tbody tr")).to_have_count(50)
        expect(watched.page.locator("#readers")).to_be_in_viewport()
        watched.page.close()
