"""A project of one's own, and the studio on it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from digest.studio import create_app
from digest.studio.desk import Desk
from tests.projects import make_project

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
    """A client that knows the address, but not the token."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=f"http://{HOST}") as client:
        yield client


@pytest.fixture
async def client(stranger: httpx.AsyncClient) -> httpx.AsyncClient:
    """A client that came with the token."""
    answer = await stranger.get("/", params={"token": TOKEN})
    assert answer.status_code == 303
    return stranger
