"""A team in real browsers: signs in, is stopped where a right is missing, and leaves; no script of others runs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.studio.browsing import PATIENCE
from tests.studio.people.starting import started_for_a_team
from tests.studio.people.team import PASSWORDS, give_users
from tests.studio.starting import Studio

pytestmark = pytest.mark.browser
WEEK = "/issues/weekly/2026-W04"
SHOTS = os.environ.get("DIGEST_SHOTS", "")


@pytest.fixture
def studio(project: Path) -> Iterator[Studio]:
    give_users(project)
    with started_for_a_team(project) as studio:
        yield studio


class Person:
    """A browser of one's own, and what its console says."""

    def __init__(self, browser: Browser, studio: Studio, language: str = "en-GB") -> None:
        self.context: BrowserContext = browser.new_context(viewport={"width": 1440, "height": 900}, locale=language)
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.origin = studio.origin
        self.console: list[str] = []
        self.page.on("console", lambda message: self.console.append(message.text))
        self.page.on("pageerror", lambda error: self.console.append(str(error)))

    def sign_in(self, name: str, password: str | None = None, to: str = "/") -> None:
        self.page.goto(self.origin + to)
        self.page.locator("#name").fill(name)
        self.page.locator("#password").fill(PASSWORDS[name] if password is None else password)
        self.page.keyboard.press("Enter")

    def picture(self, name: str) -> None:
        if SHOTS:
            self.page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)


def test_somebody_signs_in_from_the_keyboard_approves_and_leaves(browser: Browser, studio: Studio) -> None:
    person = Person(browser, studio)
    page = person.page
    person.sign_in("花子", "not the password", to=WEEK)
    expect(page.locator("#refused")).to_have_text("Name and password do not fit together.", timeout=PATIENCE)
    expect(page.locator("#refused")).to_have_role("alert")
    expect(page.locator("#password")).to_be_focused(timeout=PATIENCE)
    page.keyboard.type(PASSWORDS["花子"])
    page.keyboard.press("Enter")
    page.wait_for_url(f"{studio.origin}{WEEK}")
    expect(page.locator("#person")).to_have_text("花子", timeout=PATIENCE)
    page.locator("#act-build button").click()
    expect(page.locator("#state")).to_have_text("frozen", timeout=PATIENCE)
    page.locator("#act-approve button").click()
    expect(page.locator("#state")).to_have_text("approved", timeout=PATIENCE)
    page.locator("#sign-out").click()
    page.wait_for_url(f"{studio.origin}/sign-in")
    page.go_back()
    page.locator("#name").wait_for()
    assert [each for each in person.console if "Failed to load" not in each and "abort" not in each] == []
    person.context.close()


def test_who_may_only_look_sees_why_and_no_button(browser: Browser, studio: Studio) -> None:
    person = Person(browser, studio)
    page = person.page
    person.sign_in("guest", to=WEEK)
    page.locator("#no-approve").wait_for()
    expect(page.locator("form[data-act]")).to_have_count(0)
    page.goto(f"{studio.origin}/designs/weekly/style.css")
    page.locator("#no-edit").wait_for()
    text = page.locator("#text")
    before = text.input_value()
    text.focus()
    page.keyboard.type("x")
    page.keyboard.press("Control+s")
    page.keyboard.press("Tab")
    assert text.input_value() == before
    expect(text).not_to_be_focused()
    page.goto(f"{studio.origin}/look/weekly")
    page.locator("#no-edit").wait_for()
    expect(page.locator("textarea#subject")).to_be_disabled()
    page.locator("#sign-out").click()
    page.wait_for_url(f"{studio.origin}/sign-in")
    assert [each for each in person.console if "Failed to load" not in each and "abort" not in each] == []
    person.context.close()


def test_a_page_whose_session_has_ended_says_so_and_leads_back(browser: Browser, studio: Studio) -> None:
    person = Person(browser, studio)
    page = person.page
    person.sign_in("花子", to=WEEK)
    page.locator("#person").wait_for()
    person.context.clear_cookies()
    page.locator("#after").click()
    page.wait_for_url("**/sign-in?next=*")
    page.locator("#name").fill("花子")
    page.locator("#password").fill(PASSWORDS["花子"])
    page.keyboard.press("Enter")
    page.wait_for_url("**/issues/weekly/2026-W05*")
    person.context.close()


def test_a_design_is_edited_by_who_may_and_the_way_out_is_no_save(browser: Browser, studio: Studio) -> None:
    person = Person(browser, studio)
    page = person.page
    person.sign_in("writer", to="/designs/weekly/style.css")
    page.locator("form#edit").wait_for()
    page.locator("#sign-out").click()
    page.wait_for_url(f"{studio.origin}/sign-in")
    person.sign_in("writer", to="/look/weekly")
    page.locator("form#edit").wait_for()
    page.locator("#sign-out").click()
    page.wait_for_url(f"{studio.origin}/sign-in")
    person.context.close()


def test_no_script_of_a_post_or_a_template_runs(browser: Browser, studio: Studio, project: Path) -> None:
    evil = "<img src=x onerror='top.stolen=1'><script>top.stolen=1</script>"
    post = project / "examples/blog/_posts/2026-01-15-evil.md"
    post.write_text(f'---\ntitle: "{evil}"\ncategories: [news]\n---\n{evil}\n', encoding="utf-8")
    file = min((project / "templates/weekly").glob("*.html"))
    file.write_text(file.read_text(encoding="utf-8") + evil, encoding="utf-8")
    person = Person(browser, studio)
    person.sign_in("花子", to=WEEK)
    person.page.locator("#person").wait_for()
    person.page.wait_for_timeout(500)
    assert person.page.evaluate("typeof window.stolen") == "undefined"
    person.context.close()


@pytest.mark.parametrize("language", ["en-GB", "ja-JP"])
def test_nothing_is_wider_than_the_window_and_all_is_large_enough(
    browser: Browser, studio: Studio, language: str
) -> None:
    person = Person(browser, studio, language)
    page = person.page
    for width in (1440, 900, 400):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme="dark" if width == 900 else "light")
        page.context.clear_cookies()
        page.goto(f"{studio.origin}/sign-in")
        assert _fits(page), width
        assert all(box["height"] >= 44 for box in _boxes(page, ".sign-in input:not([type=hidden]), .sign-in button"))
        person.picture(f"sign-in-{language[:2]}-{width}")
        person.sign_in("guest", "not the password")
        page.locator("#refused").wait_for()
        person.picture(f"refused-{language[:2]}-{width}")
        person.sign_in("guest", to=WEEK)
        page.locator("#person").wait_for()
        for address in (WEEK, "/designs/weekly/style.css", "/look/weekly", "/calendar"):
            page.goto(studio.origin + address)
            page.locator("#sign-out").wait_for()
            assert width != 400 or all(box["height"] >= 44 for box in _boxes(page, "#sign-out"))
            assert _fits(page), (address, width)
            person.picture(f"guest-{address.split('/')[1]}-{language[:2]}-{width}")
    person.context.close()


def _fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def _boxes(page: Page, selector: str) -> list[dict[str, float]]:
    return [dict(box) for each in page.locator(selector).all() if (box := each.bounding_box())]
