"""A person lets an issue go in a real browser, watches it leave, stops it, and lets it go on."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.projects import make_project
from tests.servers.smtp import SmtpServer
from tests.studio.browsing import PATIENCE, Watched, follow
from tests.studio.starting import Studio, started

pytestmark = pytest.mark.browser
READERS = 12
WEEK = "/issues/weekly/2026-W04"


class Gated:
    """A mail server that takes so many messages, and lets the others wait until more are allowed."""

    def __init__(self, server: SmtpServer) -> None:
        self.server = server
        self._loop = server._controller.loop
        self._free = asyncio.Semaphore(0)
        hooks: Any = server._controller.handler
        take = hooks.handle_DATA

        async def handle_data(*told: Any) -> str:
            await self._free.acquire()
            answer: str = await take(*told)
            return answer

        hooks.handle_DATA = handle_data

    def allow(self, more: int) -> None:
        for _ in range(more):
            self._loop.call_soon_threadsafe(self._free.release)


@pytest.fixture
def gated() -> Iterator[Gated]:
    with SmtpServer() as server:
        gated = Gated(server)
        yield gated
        gated.allow(1_000)  # nobody is left waiting


@pytest.fixture
def project(tmp_path: Path, gated: Gated) -> Path:
    server = gated.server
    smtp = f'kind = "smtp"\nhost = "{server.host}"\nport = {server.port}\nsecurity = "none"\nbatch_limit = 2'
    return make_project(tmp_path, provider=smtp, readers=READERS)


def approve(page: Page) -> None:
    page.get_by_role("button", name="Freeze the draft", exact=True).click()
    expect(page.locator("#state")).to_have_text("frozen")
    page.get_by_label("Your name").first.fill("花子 <b>")
    page.get_by_role("button", name="Approve", exact=True).click()
    expect(page.locator("#notice")).to_contain_text("花子 <b> approved this very version")


def let_go(page: Page, question: str, button: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(question)
    page.get_by_role("button", name=button).click()
    expect(page).to_have_url(re.compile(r"/2026-W04\?told="), timeout=PATIENCE)


def test_an_issue_is_let_go_watched_stopped_and_gone_on_with(page: Page, gated: Gated, watched: Watched) -> None:
    approve(page)
    follow(page.get_by_role("link", name="Send now…"))
    let_go(page, "Send this issue to 12 readers now?", "Send to 12 readers")
    bar = page.get_by_role("progressbar", name="Readers who are done")
    expect(bar).to_have_attribute("value", "0")
    gated.allow(4)
    expect(page.locator("[data-far]")).to_have_text("4 of 12 readers")
    expect(page.locator("#status")).to_have_text("4 of 12 readers")
    assert bar.evaluate("each => each.value") == 4
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.locator("#state")).to_have_text("paused")
    gated.allow(100)
    expect(page.locator("#ended")).to_have_text("It was stopped as asked. What was under way is written down.")
    left = READERS - len(gated.server.messages)
    assert 0 < left < READERS - 4 + 1
    follow(page.get_by_role("link", name="Go on sending…"))
    let_go(page, f"Go on, and send this issue to the remaining {left} readers?", f"Send to {left} readers")
    expect(page.locator("#ended")).to_have_text("It was sent: 12 readers have it.")
    expect(page.locator("#state")).to_have_text("sent")
    assert len({each.recipient for each in gated.server.messages}) == len(gated.server.messages) == READERS
    assert watched.console == []


def test_a_studio_that_is_stopped_writes_down_what_left_and_the_next_one_goes_on(
    browser: Browser, project: Path, gated: Gated
) -> None:
    with started(project) as first:
        page = opened(browser, first)
        approve(page)
        follow(page.get_by_role("link", name="Send now…"))
        let_go(page, "Send this issue to 12 readers now?", "Send to 12 readers")
        gated.allow(4)
        expect(page.locator("[data-far]")).to_have_text("4 of 12 readers")
        first.process.terminate()
        expect(page.locator("#live")).to_have_attribute("data-state", "waiting")
        page.close()
        gated.allow(4)  # what is under way is finished
        assert first.process.wait(30) == 0
    left = READERS - len(gated.server.messages)
    assert left >= 4
    gated.allow(100)
    with started(project) as second:
        page = opened(browser, second)
        expect(page.locator("#state")).to_have_text("sending")
        follow(page.get_by_role("link", name="Go on sending…"))
        let_go(page, f"Go on, and send this issue to the remaining {left} readers?", f"Send to {left} readers")
        expect(page.locator("#state")).to_have_text("sent")
        page.close()
    assert len({each.recipient for each in gated.server.messages}) == len(gated.server.messages) == READERS


def test_it_works_without_scripts(browser: Browser, studio: Studio, gated: Gated) -> None:
    gated.allow(100)
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.route(lambda address: not address.startswith(studio.origin), lambda route: route.abort())
    page.goto(studio.url)
    approve(page)
    follow(page.get_by_role("link", name="Send now…"))
    page.get_by_role("button", name="Send to 12 readers").click()
    expect(page.locator("#notice")).to_contain_text("The sending has begun")
    for _ in range(50):
        if page.locator("#state").inner_text() == "sent":
            break
        page.goto(f"{studio.origin}{WEEK}")
    expect(page.locator("#ended")).to_have_text("It was sent: 12 readers have it.")
    context.close()


def opened(browser: Browser, studio: Studio) -> Page:
    page = Watched(browser, studio.origin).page
    page.goto(studio.url)
    return page
