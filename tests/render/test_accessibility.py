"""What axe-core says of the shipped designs: nothing that keeps a reader out.

It runs where `DIGEST_AXE` names a copy of its `axe.min.js` (npm package `axe-core`), and is skipped elsewhere.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, sync_playwright

from digest.models import Selection
from digest.render import Renderer
from tests.conftest import skip_or_fail
from tests.factories import make_selection
from tests.render.issues import COPY, LINKS, TEMPLATES, awkward, full_week, issue_of, more_awkward, newsletter

pytestmark = pytest.mark.browser

AXE = os.environ.get("DIGEST_AXE", "")  # read here: a test itself sees no such variable
DESIGNS = sorted(folder.name for folder in TEMPLATES.iterdir() if (folder / "email.html").is_file())
WEEKS = {
    "a full week": full_week(),
    "awkward posts": awkward(),
    "awkward titles": more_awkward(),
    "no posts": replace(make_selection(), sections=(), lead=""),
    "one post": issue_of(1),
}
ENGLISH = {
    "title": "The Weekly",
    "preheader": "{{ issue.count }} stories of this week.",
    "greeting": "Good morning. These are the posts that are worth your time.",
}
SCREENS: dict[Literal["light", "dark"], int] = {"light": 640, "dark": 375}
"""The width of a screen in each colour scheme."""
BARRIERS = """async () => {
  const {passes, violations} = await axe.run(document);
  const found = violations.filter(rule => ['serious', 'critical'].includes(rule.impact));
  return [passes.map(rule => rule.id), found.flatMap(rule => rule.nodes.map(node => [rule.id, node.html]))];
}"""
"""The rules that were kept, and those that were broken with what broke them. Landmarks, which axe asks for with less
weight, are the mail program's to set: a mail is an article in its page."""


@pytest.fixture(scope="module")
def axe() -> str:
    """The program that is injected into the mails."""
    if not Path(AXE).is_file():
        skip_or_fail("axe", "DIGEST_AXE does not name a copy of axe.min.js")
    return Path(AXE).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def browser(axe: str, chromium: str) -> Iterator[Browser]:
    switches = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=switches)
        yield browser
        browser.close()


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("selection", WEEKS.values(), ids=WEEKS)
@pytest.mark.parametrize("design", DESIGNS)
def test_nothing_keeps_a_reader_out(
    design: str, selection: Selection, language: str, axe: str, browser: Browser
) -> None:
    words = ENGLISH if language == "en" else {}
    settings = newsletter(template=design, language=language, **words)
    html = Renderer(TEMPLATES, COPY).render(settings, 3, selection, LINKS).html
    for scheme, width in SCREENS.items():
        page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
        page.route("https://**/*", lambda route: route.abort())
        page.set_content(html)
        page.evaluate(axe)
        kept, broken = page.evaluate(BARRIERS)
        assert {"color-contrast", "link-name", "html-has-lang"} <= set(kept), scheme
        assert broken == [], scheme
        page.close()
