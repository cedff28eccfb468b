"""What axe-core says of every page of the studio: nothing, in both languages, in light and dark, wide and narrow.

It runs where `DIGEST_AXE` names a copy of `axe.min.js` (npm package `axe-core`). That every address has an example to
look at is tested everywhere.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import httpx
import pytest
from playwright.sync_api import Browser, Page, ViewportSize
from starlette.applications import Starlette
from starlette.routing import Route

from tests.conftest import skip_or_fail
from tests.projects import make_project, replace_in
from tests.studio.browsing import PATIENCE
from tests.studio.past_world import PERIOD, World, half_a_year
from tests.studio.people.starting import started_for_a_team
from tests.studio.people.team import give_users
from tests.studio.starting import Studio, started

AXE = os.environ.get("DIGEST_AXE", "")  # read here: a test itself sees no such variable
COMING = "2026-W05"
"""An issue that is approved and has not left."""
SCREENS = (("ja", "light", 1440), ("en", "dark", 400), ("ja", "dark", 400), ("en", "light", 1440))
"""Languages, colour schemes and widths."""
PAGES = {
    "/": ("/",),
    "/issues/{newsletter}": ("/issues/weekly", "/issues/none"),
    "/issues/{newsletter}/{period}": (
        f"/issues/weekly/{PERIOD}#reasons",
        f"/issues/weekly/{COMING}#reasons",
        f"/issues/weekly/{COMING}?shown=draft#findings",
        f"/issues/weekly/{COMING}?dark=1&gmail=1#source",
        "/issues/weekly/2026-W06#text",
    ),
    "/issues/{newsletter}/{period}/send": (f"/issues/weekly/{COMING}/send",),
    "/issues/{newsletter}/{period}/compare": (f"/issues/weekly/{PERIOD}/compare?with=rebuilt",),
    "/calendar": ("/calendar",),
    "/history": ("/history",),
    "/history/{newsletter}/{period}": (f"/history/weekly/{PERIOD}",),
    "/designs/{design}": ("/designs/weekly", "/designs/none"),
    "/designs/{design}/{file:path}": ("/designs/weekly/style.css",),
    "/look/{newsletter}": ("/look/weekly",),
    "/stress/{newsletter}": ("/stress/weekly",),
    "/stress/{newsletter}/{number:int}": ("/stress/weekly/1",),
}
"""The addresses of pages, each with what is looked at."""
NO_PAGES = {
    "/issues/{newsletter}/{period}/progress",
    "/issues/{newsletter}/{period}/place",
    "/issues/{newsletter}/{period}/picture",
    "/history/{newsletter}/{period}/copies.csv",
    "/stress/{newsletter}/state",
    "/stress/{newsletter}/{number:int}/mail",  # a mail alone: `tests/render/test_accessibility.py` looks at those
    "/trying",
    "/events",
    "/static/{name}",
}
VIOLATIONS = """async () => {
  for (const each of document.querySelectorAll("details")) each.open = true;
  const {passes, violations} = await axe.run(document, {iframes: false, resultTypes: ["violations"]});
  return [passes.map(rule => rule.id), violations.flatMap(rule => rule.nodes.map(node => [rule.id, node.html]))];
}"""
"""Mails in frames are left to the tests of the designs."""


@pytest.fixture(scope="module")
def axe() -> str:
    """The program that is injected into the pages."""
    if not Path(AXE).is_file():
        skip_or_fail("axe", "DIGEST_AXE does not name a copy of axe.min.js")
    return Path(AXE).read_text(encoding="utf-8")


@pytest.fixture
def project(project: Path) -> Path:
    """A project in which every kind of page has something to say."""
    world = World(project)
    half_a_year(world, 3)
    world.approved(world.slot(COMING))
    world.close()
    return project


@pytest.fixture
def studio(axe: str, project: Path) -> Iterator[Studio]:
    with started(project) as studio:
        yield studio


def addresses(app: Starlette) -> list[str]:
    """Return the addresses that can be opened."""
    routes = [each for each in app.routes if isinstance(each, Route)]
    return sorted({each.path for each in routes if "GET" in (each.methods or ())})


def test_every_address_is_known_here(app: Starlette) -> None:
    assert set(addresses(app)) == {*PAGES, *NO_PAGES}, "a new page is looked at by axe, too: name an example of it"


@pytest.mark.anyio
async def test_what_is_called_no_page_is_none(client: httpx.AsyncClient, app: Starlette, now: datetime) -> None:
    names = {"newsletter": "weekly", "period": PERIOD, "number:int": "1", "name": "studio.js"}
    for address in NO_PAGES - {"/events", "/stress/{newsletter}/{number:int}/mail"}:
        for name, value in names.items():
            address = address.replace(f"{{{name}}}", value)
        answer = await client.get(address)
        kind = answer.headers["content-type"]
        assert answer.status_code in {200, 400, 404}, address
        assert answer.status_code == 404 or not kind.startswith("text/html"), address


@pytest.mark.browser
@pytest.mark.parametrize(("language", "scheme", "width"), SCREENS)
def test_nothing_keeps_anybody_out(
    browser: Browser, studio: Studio, axe: str, language: str, scheme: Literal["light", "dark"], width: int
) -> None:
    page = opened(browser, studio, language, scheme, width)
    found = {
        address: broken
        for examples in PAGES.values()
        for address in examples
        if (broken := looked_at(page, studio.origin + address, axe))
    }
    assert found == {}
    page.context.close()


@pytest.mark.browser
@pytest.mark.parametrize(("language", "scheme", "width"), SCREENS[:2])
def test_nothing_keeps_anybody_from_reading_what_is_wrong(
    browser: Browser,
    studio: Studio,
    project: Path,
    axe: str,
    language: str,
    scheme: Literal["light", "dark"],
    width: int,
) -> None:
    page = opened(browser, studio, language, scheme, width)
    replace_in(project / "templates/weekly/email.html", "{{ masthead() }}", "{{ masthead( }}")
    for address in (f"/issues/weekly/{COMING}?shown=draft", "/look/weekly", "/designs/weekly/email.html"):
        assert looked_at(page, studio.origin + address, axe) == [], address
    page.context.close()


@pytest.mark.browser
@pytest.mark.parametrize(("language", "scheme", "width"), SCREENS[:2])
def test_nothing_keeps_anybody_from_signing_in(
    browser: Browser, tmp_path: Path, axe: str, language: str, scheme: Literal["light", "dark"], width: int
) -> None:
    team = make_project(tmp_path / "team")
    give_users(team)
    with started_for_a_team(team) as studio:
        size: ViewportSize = {"width": width, "height": 900}
        page = browser.new_context(color_scheme=scheme, viewport=size, locale=language).new_page()
        assert looked_at(page, studio.origin + "/sign-in", axe) == []
        page.locator("#name").fill("guest")
        page.locator("#password").fill("not the password")
        page.keyboard.press("Enter")
        page.locator("#refused").wait_for()
        page.evaluate(axe)
        assert page.evaluate(VIOLATIONS)[1] == []
        page.context.close()


def opened(browser: Browser, studio: Studio, language: str, scheme: Literal["light", "dark"], width: int) -> Page:
    page = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 900}).new_page()
    page.set_default_timeout(PATIENCE)
    page.route("https://**/*", lambda route: route.abort())
    page.goto(studio.url.replace("/?", f"/?language={language}&"))
    return page


def looked_at(page: Page, address: str, axe: str) -> list[Any]:
    """Return what axe finds: the rule and the element."""
    page.goto("about:blank")  # an address with another tab's name alone would not be loaded
    page.goto(address)
    page.evaluate(axe)
    kept, broken = page.evaluate(VIOLATIONS)
    assert {"color-contrast", "html-has-lang", "document-title"} <= set(kept), address
    return list(broken)
