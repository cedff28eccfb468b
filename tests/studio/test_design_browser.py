"""A marketer edits a design in a real browser: breaks it, is told where, mends it, saves, and sees the mail follow."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.studio.browsing import Watched, follow, mail
from tests.studio.starting import Studio

pytestmark = pytest.mark.browser
TRY = 60_000
"""Milliseconds that trying a design may take on a busy machine."""


@pytest.fixture
def email(project: Path) -> Path:
    return project / "templates/weekly/email.html"


@pytest.fixture
def page(watched: Watched) -> Iterator[Page]:
    page = watched.page
    follow(page.get_by_role("link", name="Edit the design"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("email.html")
    yield page
    page.on("dialog", lambda dialog: dialog.accept())


def save(page: Page, outcome: str) -> None:
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(f"[data-outcome={outcome}]")).to_be_visible(timeout=TRY)


def test_a_marketer_breaks_a_template_is_told_mends_it_and_saves(page: Page, email: Path, watched: Watched) -> None:
    before = email.read_bytes()
    text = page.get_by_label("Text of email.html")
    good = text.input_value()
    assert good == before.decode()
    text.fill(good.replace("{{ masthead() }}", "{{ masthead( }}"))
    save(page, "refused")
    line = good.split("{{ masthead() }}")[0].count("\n") + 1
    expect(page.locator("[data-outcome]")).to_contain_text(f"Line {line} of this file")
    expect(page.locator("#numbers .guilty")).to_have_text(str(line))
    expect(page.locator("#status")).to_contain_text("Not saved: 1 error")
    assert email.read_bytes() == before
    assert "{{ masthead( }}" in text.input_value()
    expect(mail(page, "phone").get_by_text("ことのは週報").first).to_be_visible()

    page.get_by_role("link", name=f"Line {line}").click()
    expect(text).to_be_focused()
    assert page.evaluate("getSelection().toString()") == "{{ masthead( }}"
    page.keyboard.type("{{ masthead() }}<tr><td>とれたて</td></tr>")
    page.keyboard.press("Control+s")
    expect(page.locator("[data-outcome=saved]")).to_be_visible(timeout=TRY)
    expect(text).to_be_focused()
    expect(page.locator("#numbers .guilty")).to_have_count(0)
    for device in ("phone", "desktop"):
        expect(mail(page, device).get_by_text("とれたて")).to_be_attached()
    assert email.read_bytes() == before.replace(
        b"{{ masthead() }}", "{{ masthead() }}<tr><td>とれたて</td></tr>".encode()
    )
    assert [each for each in watched.console if "422" not in each] == []


def test_what_was_saved_can_be_looked_at_and_brought_back(page: Page, email: Path) -> None:
    before = email.read_bytes()
    text = page.get_by_label("Text of email.html")
    text.fill(text.input_value() + "{# neu #}\n")
    save(page, "saved")
    follow(page.get_by_role("link", name=re.compile("What changed")))
    expect(page.locator("#changed ins")).to_have_text("{# neu #}")
    page.get_by_role("button", name=re.compile("Bring back")).click()
    expect(page.locator("[data-outcome=saved]")).to_be_visible(timeout=TRY)
    expect(text).to_have_value(before.decode())
    assert email.read_bytes() == before


def test_a_file_that_somebody_else_saves_meanwhile_is_taken_over_only_where_nothing_is_lost(
    page: Page, email: Path
) -> None:
    text = page.get_by_label("Text of email.html")
    good = text.input_value()
    expect(page.locator("#live")).to_have_text("Live")
    email.write_text(good + "{# theirs #}\n", encoding="utf-8")
    expect(text).to_have_value(good + "{# theirs #}\n", timeout=TRY)
    text.fill(good + "{# mine #}\n")
    email.write_text(good + "{# theirs again #}\n", encoding="utf-8")
    expect(page.locator("#progress")).to_contain_text("Somebody else saved this file", timeout=TRY)
    save(page, "changed")
    expect(text).to_have_value(good + "{# mine #}\n")
    expect(page.get_by_label("What the file says now")).to_have_value(good + "{# theirs again #}\n")
    assert email.read_text(encoding="utf-8") == good + "{# theirs again #}\n"


def test_the_keyboard_gets_into_the_text_and_out_again(page: Page) -> None:
    text = page.get_by_label("Text of email.html")
    good = text.input_value()
    expect(page.get_by_text("press Esc and then Tab")).to_be_visible()
    text.focus()
    page.keyboard.press("Control+Home")
    page.keyboard.press("Tab")
    expect(text).to_have_value("  " + good)
    page.keyboard.press("Control+z")
    expect(text).to_have_value(good)
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Your name, for the history")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Save", exact=True)).to_be_focused()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    expect(text).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(text).not_to_be_focused()
    expect(text).to_have_value(good)


def test_it_works_without_scripts(browser: Browser, studio: Studio, email: Path) -> None:
    before = email.read_bytes()
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(studio.url)
    page.get_by_role("link", name="Edit the design").click()
    text = page.get_by_label("Text of email.html")
    text.fill(text.input_value() + "{# neu #}\n")
    page.get_by_role("button", name="Save", exact=True).click(timeout=TRY)
    expect(page.locator("[data-outcome=saved]")).to_be_visible(timeout=TRY)
    assert email.read_bytes() == before + b"{# neu #}\n"
    context.close()


@pytest.mark.parametrize("width", [1440, 1024, 390])
def test_the_page_fits_every_width_and_everything_has_a_name(browser: Browser, still: Studio, width: int) -> None:
    watched = Watched(browser, still.origin, width=width, height=844)
    watched.page.goto(still.url)
    watched.page.goto(still.origin + "/designs/weekly/_macros/footer.html")
    expect(watched.page.get_by_text("shared by all designs", exact=True)).to_be_visible()
    assert watched.page.evaluate("document.documentElement.scrollWidth") <= width
    nameless = watched.page.evaluate(
        """() => [...document.querySelectorAll("a, button, select, iframe, textarea")]
            .filter(each => each.offsetParent)
            .filter(each => !(each.getAttribute("aria-label") || each.title || each.labels?.length))
            .filter(each => !each.textContent.trim())
            .map(each => each.outerHTML.slice(0, 80))"""
    )
    assert nameless == []
    assert watched.console == []
    watched.page.close()
