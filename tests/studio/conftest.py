"""A project of one's own, and the studio on it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from starlette.applications import Starlette

from digest.studio import create_app
from digest.studio.desk import Desk
from tests.projects import make_project
from tests.studio.browsing import Watched
from tests.studio.starting import Studio, started

TOKEN = "the-token-of-this-start"
HOST = "127.0.0.1:8025"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return make_project(tmp_path)


@pytest.fixture
def desk(project: Path, now: datetime) -> Desk:
    return Desk(project, lambda: now, None)


@pytest.fixture
def app(project: Path, now: datetime) -> Starlette:
    return create_app(project, lambda: now, newsletter=None, token=TOKEN, hosts=[HOST, "localhost:8025"])


@pytest.fixture
async def stranger(app: Starlette) -> AsyncIterator[httpx.AsyncClient]:
    """A client that knows the address, but not the token. It wants English."""
    wants = {"accept-language": "en-GB,en;q=0.8"}
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url=f"http://{HOST}", headers=wants) as client:
        yield client


@pytest.fixture
async def client(stranger: httpx.AsyncClient) -> httpx.AsyncClient:
    """A client that came with the token."""
    answer = await stranger.get("/", params={"token": TOKEN})
    assert answer.status_code == 303
    return stranger


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    # Whatever a route does not catch finds no name but ours.
    arguments.append("--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def studio(project: Path) -> Iterator[Studio]:
    with started(project) as studio:
        yield studio


@pytest.fixture(scope="module")
def still(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """A studio in which nobody changes anything: one for all tests of a module that only look."""
    with started(make_project(tmp_path_factory.mktemp("still"))) as studio:
        yield studio


@pytest.fixture
def watched(browser: Browser, studio: Studio) -> Iterator[Watched]:
    watched = Watched(browser, studio.origin)
    watched.page.goto(studio.url)
    yield watched
    watched.page.close()


@pytest.fixture
def page(watched: Watched) -> Page:
    return watched.page
