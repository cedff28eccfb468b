"""A person at the studio, in a real browser: nothing is touched but files, weeks and tabs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.projects import replace_in
from tests.studio.browsing import PATIENCE, Watched, inside, mail
from tests.studio.starting import Studio, started

pytestmark = pytest.mark.browser
EMAIL = "templates/weekly/email.html"


def write_post(project: Path, name: str, title: str) -> None:
    front_matter = f"title: {title}\ndate: 2026-01-18 21:00:00 +0900\ncategories: [AI最新ニュース]\n"
    file = project / "examples/blog/_posts" / name
    file.write_text(f"---\n{front_matter}---\n本文です。\n", encoding="utf-8")


def inner_width(page: Page, device: str) -> int:
    return int(page.evaluate(f"{inside(device)}.innerWidth"))


def scrolled(page: Page) -> int:
    return int(page.evaluate(f"{inside('desktop')}.scrollY"))


def test_the_mail_is_seen_on_a_desktop_on_a_phone_and_as_text(page: Page, watched: Watched) -> None:
    for device in ("desktop", "phone"):
        expect(mail(page, device).get_by_text("ことのは週報").first).to_be_visible()
    assert inner_width(page, "desktop") >= 600
    assert inner_width(page, "phone") == 375
    expect(page.locator("#shown-text pre")).to_contain_text("配信")
    for tab in ("Reasons", "Findings", "Source"):
        page.get_by_role("tab", name=tab).click()
        expect(page.get_by_role("tabpanel", name=tab)).to_be_visible()
    assert watched.console == []
    assert {kind for kind, _ in watched.outside} <= {"image"}
    assert all(address.startswith("https://blog.example.com/") for _, address in watched.outside)


def test_weeks_are_walked_by_button_key_and_list(page: Page, watched: Watched) -> None:
    page.get_by_role("link", name="A week earlier").click()
    expect(page).to_have_title("2026-W03 · ことのは週報 · digest studio", timeout=PATIENCE)
    page.keyboard.press("ArrowRight")
    expect(page).to_have_title("2026-W04 · ことのは週報 · digest studio", timeout=PATIENCE)
    page.get_by_role("combobox", name="Week").select_option("/issues/weekly/2026-W02")
    expect(page).to_have_title("2026-W02 · ことのは週報 · digest studio", timeout=PATIENCE)
    page.go_back()
    expect(page).to_have_title("2026-W04 · ことのは週報 · digest studio", timeout=PATIENCE)
    assert watched.console == []


def test_an_edited_template_shows_by_itself_and_nothing_moves(page: Page, project: Path, watched: Watched) -> None:
    page.get_by_role("tab", name="Source").click()
    mail(page, "desktop").locator("h2").last.scroll_into_view_if_needed()
    page.wait_for_function("document.querySelector('.desktop iframe').contentWindow.scrollY > 500")
    before = scrolled(page)
    replace_in(project / EMAIL, "{{ masthead() }}", "{{ masthead() }}<tr><td>とれたて</td></tr>")
    for device in ("desktop", "phone"):
        expect(mail(page, device).get_by_text("とれたて")).to_be_attached(timeout=PATIENCE)
    assert scrolled(page) == before
    expect(page.get_by_role("tab", name="Source")).to_have_attribute("aria-selected", "true")
    assert watched.console == []


def test_an_edit_is_seen_before_it_is_checked(page: Page, project: Path) -> None:
    expect(page.locator("#live")).to_have_text("Live")
    held: list[Route] = []
    page.route(lambda address: address.removesuffix("/").count("/") == 2, lambda route: held.append(route))
    replace_in(project / EMAIL, "{{ masthead() }}", "{{ masthead() }}<tr><td>とれたて</td></tr>")
    for device in ("desktop", "phone"):
        expect(mail(page, device).get_by_text("とれたて")).to_be_attached(timeout=PATIENCE)
    expect(page.locator("#shown-text")).not_to_contain_text("とれたて")
    page.wait_for_timeout(0)
    assert held, "the whole page is asked for after the picture"
    page.unroute_all()  # lets those go, too
    text = project / "templates/weekly/email.txt"
    text.write_text("とれたて\n" + text.read_text(encoding="utf-8"), encoding="utf-8")
    expect(page.locator("#shown-text")).to_contain_text("とれたて", timeout=PATIENCE)


def test_a_mistake_is_shown_over_the_last_good_page_until_it_is_mended(
    page: Page, project: Path, watched: Watched
) -> None:
    expect(mail(page, "desktop").get_by_text("ことのは週報").first).to_be_visible()
    replace_in(project / EMAIL, "{{ masthead() }}", "{{ masthead( }}")
    line = (project / EMAIL).read_text(encoding="utf-8").split("{{ masthead( }}")[0].count("\n") + 1
    trouble = page.get_by_role("alert")
    expect(trouble).to_contain_text(f"{EMAIL}:{line}", timeout=PATIENCE)
    expect(trouble.locator(".guilty")).to_contain_text("{{ masthead( }}")
    expect(mail(page, "desktop").get_by_text("ことのは週報").first).to_be_visible()
    expect(page.locator("#version")).to_have_text("Last good draft")
    replace_in(project / EMAIL, "{{ masthead( }}", "{{ masthead() }}")
    expect(trouble).to_have_count(0, timeout=PATIENCE)
    expect(page.locator("#version")).to_have_text("Draft")
    assert watched.console == []


def test_a_new_post_appears_in_the_reasons(page: Page, project: Path) -> None:
    page.get_by_role("tab", name="Reasons").click()
    post = (
        "---\ntitle: 飛び込みの記事\ndate: 2026-01-18 21:00:00 +0900\ncategories: [AI最新ニュース]\n---\n本文です。\n"
    )
    (project / "examples/blog/_posts/2026-01-18-9-tobikomi.md").write_text(post, encoding="utf-8")
    added = page.locator(".pick", has_text="飛び込みの記事")
    expect(added).to_contain_text("_posts/2026-01-18-9-tobikomi.md", timeout=PATIENCE)
    expect(added.locator(".bar").first).to_be_visible()
    expect(mail(page, "phone").get_by_text("飛び込みの記事").first).to_be_attached(timeout=PATIENCE)


def test_the_dark_switch_applies_the_mails_own_dark_rules(page: Page) -> None:
    ground = f"getComputedStyle({inside('desktop')}.document.body).backgroundColor"
    light = page.evaluate(ground)
    page.get_by_role("switch", name="Dark", exact=True).click()
    page.wait_for_function(f"light => {ground} !== light", arg=light)
    assert sum(int(part) for part in page.evaluate(ground)[4:-1].split(",")) < 200
    page.emulate_media(color_scheme="dark")
    page.get_by_role("switch", name="Dark", exact=True).click()
    page.wait_for_function(f"light => {ground} === light", arg=light)


def test_scripts_of_posts_and_templates_never_run(browser: Browser, project: Path) -> None:
    attack = "<script>top.hacked=1</script><img src=x onerror='top.hacked=1'><svg onload='top.hacked=1'></svg>"
    replace_in(project / EMAIL, "{% call sheet() %}", attack + "{% call sheet() %}")
    write_post(project, "2026-01-18-9-attack.md", f'"{attack}"')
    with started(project) as studio:
        watched = Watched(browser, studio.origin)
        watched.page.goto(studio.url)
        expect(mail(watched.page, "desktop").locator("svg")).to_be_attached(timeout=PATIENCE)
        watched.page.wait_for_load_state("networkidle")
        assert watched.page.evaluate("window.hacked") is None
        sources = [each.get_attribute("src") or "" for each in watched.page.locator("script").all()]
        assert sources
        assert all(re.fullmatch(r"/static/[a-z]+\.js", source) for source in sources), sources
        watched.page.close()


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (1440, 900), (1280, 720), (1024, 768), (390, 844)])
def test_the_page_fits_every_width(browser: Browser, still: Studio, width: int, height: int) -> None:
    watched = Watched(browser, still.origin, width=width, height=height)
    watched.page.goto(still.url)
    expect(mail(watched.page, "phone").get_by_text("ことのは週報").first).to_be_visible(timeout=PATIENCE)
    assert watched.page.evaluate("document.documentElement.scrollWidth") <= width
    for device, narrowest in (("desktop", 600), ("phone", 375)):
        assert (
            watched.page.evaluate(f"document.querySelector('.{device} iframe').contentWindow.innerWidth") >= narrowest
        )
    watched.page.close()


def test_everything_can_be_reached_by_keyboard_and_has_a_name(page: Page) -> None:
    nameless = page.evaluate(
        """() => [...document.querySelectorAll("a, button, select, iframe")]
            .filter(each => each.offsetParent)
            .filter(each => !(each.getAttribute("aria-label") || each.title || each.textContent.trim()))
            .map(each => each.outerHTML.slice(0, 80))"""
    )
    assert nameless == []
    page.get_by_role("tab", name="Text").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tabpanel", name="Reasons")).to_be_visible()
    page.keyboard.press("End")
    expect(page.get_by_role("tabpanel", name="Source")).to_be_visible()
    expect(page).to_have_title("2026-W04 · ことのは週報 · digest studio")
    page.get_by_role("switch", name="Images").focus()
    page.keyboard.press("Space")
    expect(page.get_by_role("switch", name="Images")).not_to_be_checked(timeout=PATIENCE)
    expect(page.get_by_role("switch", name="Images")).to_be_focused()


def test_a_studio_that_stops_is_told(page: Page, studio: Studio) -> None:
    expect(page.locator("#live")).to_have_text("Live")
    studio.process.terminate()
    expect(page.locator("#live")).to_have_text("Reconnecting…", timeout=PATIENCE)
