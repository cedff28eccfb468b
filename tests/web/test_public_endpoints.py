"""The public endpoints: scanners unsubscribe nobody, readers do with one click, and nothing unsent is shown."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from httpx import ASGITransport, AsyncClient

from digest import pipeline
from digest.app import Project
from digest.models import READER_TOKEN
from digest.send.edge import Edge
from digest.web import create_app
from tests.projects import make_project

pytestmark = pytest.mark.anyio


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project(make_project(tmp_path / "p", readers=3)) as opened:
        yield opened


@pytest.fixture
def client(project: Project, now: datetime) -> AsyncClient:
    transport = ASGITransport(create_app(project, lambda: now))
    return AsyncClient(transport=transport, base_url="https://news.example.com")


@pytest.fixture
def token(project: Project, now: datetime) -> str:
    return project.store.readers.tokens("weekly", ["reader0@example.com"], now)["reader0@example.com"]


def suppressed(project: Project, token: str) -> str:
    reader = project.store.readers.by_token(token)
    assert reader
    return reader.suppressed_because


async def test_looking_at_the_link_unsubscribes_nobody(client: AsyncClient, project: Project, token: str) -> None:
    page = await client.get(f"/u/{token}")
    assert page.status_code == 200
    assert "配信を停止する" in page.text
    assert suppressed(project, token) == ""


async def test_one_click_unsubscribes(client: AsyncClient, project: Project, token: str) -> None:
    answer = await client.post(f"/u/{token}", data={"List-Unsubscribe": "One-Click"}, follow_redirects=False)
    assert answer.status_code == 200
    assert suppressed(project, token) == "unsubscribed"
    assert (await client.post(f"/u/{token}")).status_code == 200


@pytest.mark.parametrize("guess", ["nobody", "x" * 500, "%00", "..%2f..", "'; DROP TABLE reader"])
async def test_a_guess_gets_the_same_answer_as_a_reader(client: AsyncClient, token: str, guess: str) -> None:
    for ask in (client.get, client.post):
        answer = await ask(f"/u/{guess}")
        # A guess with a slash in it is another address altogether.
        assert answer.status_code == 404 or answer.text == (await ask(f"/u/{token}")).text


async def test_an_issue_is_shown_once_it_has_left_and_without_anybodys_token(
    client: AsyncClient, project: Project, now: datetime
) -> None:
    press = project.press()
    slot_url = "/issues/weekly/2026-W04"
    assert (await client.get(slot_url)).status_code == 404
    await pipeline.run(press, Edge(lambda: now))
    page = await client.get(slot_url)
    assert page.status_code == 200
    assert "ことのは週報" in page.text
    assert READER_TOKEN not in page.text
    assert (await client.get("/issues/weekly/2026-W05")).status_code == 404
    assert (await client.get("/issues/other/2026-W04")).status_code == 404


async def test_a_reader_who_unsubscribed_gets_no_issue(
    client: AsyncClient, project: Project, token: str, now: datetime
) -> None:
    await client.post(f"/u/{token}")
    (outcome,) = await pipeline.run(project.press(), Edge(lambda: now))
    assert {str(state): count for state, count in (outcome.tally or {}).items()} == {"accepted": 2, "suppressed": 1}
    assert len(list((project.root / "var/outbox").rglob("*.eml"))) == 2


async def test_the_link_in_the_public_issue_does_not_pretend_to_unsubscribe(client: AsyncClient) -> None:
    for ask in (client.get, client.post):
        answer = await ask("/u/-")
        assert "この画面からは配信を停止できません" in answer.text
        assert "配信を停止しました" not in answer.text


async def test_every_answer_keeps_scripts_frames_and_referrers_out(client: AsyncClient, token: str) -> None:
    for answer in (await client.get(f"/u/{token}"), await client.get("/healthz"), await client.get("/nowhere")):
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cache-control"] == "no-store"


async def test_a_store_that_fails_is_not_called_done(client: AsyncClient, project: Project, token: str) -> None:
    with project.store._engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE reader RENAME TO lost")
    assert (await client.post(f"/u/{token}")).status_code == 503
    assert "reader" not in (await client.post(f"/u/{token}")).text.lower().replace("later", "")


async def test_it_says_that_it_lives(client: AsyncClient) -> None:
    assert (await client.get("/healthz")).json() == {"status": "ok"}
