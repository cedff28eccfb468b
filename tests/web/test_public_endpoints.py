"""The public endpoints: scanners unsubscribe nobody, readers do with one click, and nothing unsent is shown."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from digest import pipeline
from digest.app import Project
from digest.models import READER_TOKEN
from digest.send.outbox import Edge
from digest.web import create_app
from tests.projects import make_project


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project(make_project(tmp_path / "p", readers=3)) as opened:
        yield opened


@pytest.fixture
def client(project: Project, now: datetime) -> TestClient:
    return TestClient(create_app(project, lambda: now))


@pytest.fixture
def token(project: Project, now: datetime) -> str:
    return project.store.readers.tokens("weekly", ["reader0@example.com"], now)["reader0@example.com"]


def suppressed(project: Project, token: str) -> str:
    reader = project.store.readers.by_token(token)
    assert reader
    return reader.suppressed_because


def test_looking_at_the_link_unsubscribes_nobody(client: TestClient, project: Project, token: str) -> None:
    page = client.get(f"/u/{token}")
    assert page.status_code == 200
    assert "配信を停止する" in page.text
    assert suppressed(project, token) == ""


def test_one_click_unsubscribes(client: TestClient, project: Project, token: str) -> None:
    answer = client.post(f"/u/{token}", data={"List-Unsubscribe": "One-Click"}, follow_redirects=False)
    assert answer.status_code == 200
    assert suppressed(project, token) == "unsubscribed"
    assert client.post(f"/u/{token}").status_code == 200


@pytest.mark.parametrize("guess", ["nobody", "x" * 500, "%00", "..%2f..", "'; DROP TABLE reader"])
def test_a_guess_gets_the_same_answer_as_a_reader(client: TestClient, token: str, guess: str) -> None:
    assert (
        client.get(f"/u/{guess}").text == client.get(f"/u/{token}").text or client.get(f"/u/{guess}").status_code == 404
    )
    answer = client.post(f"/u/{guess}")
    assert answer.status_code == 404 or answer.text == client.post(f"/u/{token}").text


def test_an_issue_is_shown_once_it_has_left_and_without_anybodys_token(
    client: TestClient, project: Project, now: datetime
) -> None:
    press = project.press()
    slot_url = "/issues/weekly/2026-W04"
    assert client.get(slot_url).status_code == 404
    asyncio.run(pipeline.run(press, Edge(lambda: now)))
    page = client.get(slot_url)
    assert page.status_code == 200
    assert "ことのは週報" in page.text
    assert READER_TOKEN not in page.text
    assert client.get("/issues/weekly/2026-W05").status_code == 404
    assert client.get("/issues/other/2026-W04").status_code == 404


def test_a_reader_who_unsubscribed_gets_no_issue(
    client: TestClient, project: Project, token: str, now: datetime
) -> None:
    client.post(f"/u/{token}")
    outcome = asyncio.run(pipeline.run(project.press(), Edge(lambda: now)))
    assert {str(state): count for state, count in (outcome.tally or {}).items()} == {"accepted": 2, "suppressed": 1}
    assert len(list((project.root / "var/outbox").rglob("*.eml"))) == 2


def test_every_answer_keeps_scripts_frames_and_referrers_out(client: TestClient, token: str) -> None:
    for answer in (client.get(f"/u/{token}"), client.get("/healthz"), client.get("/nowhere")):
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cache-control"] == "no-store"


def test_a_store_that_fails_is_not_called_done(client: TestClient, project: Project, token: str) -> None:
    with project.store._engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE reader RENAME TO lost")
    assert client.post(f"/u/{token}").status_code == 503
    assert "reader" not in client.post(f"/u/{token}").text.lower().replace("later", "")


def test_it_says_that_it_lives(client: TestClient) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
