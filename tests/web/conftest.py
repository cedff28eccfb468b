"""A project whose list is in the store and has a form, and a visitor who uses its pages."""

from __future__ import annotations

import asyncio
import email
import email.policy
import html
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any, cast

import pytest
from httpx import ASGITransport, AsyncClient, Response
from starlette.types import ASGIApp

from digest.app import Project
from digest.models import Subscriber
from digest.web import create_app
from tests.projects import make_project

PUBLIC = "https://news.example.com"
WITH_FORM = {'audience = "examples/audience.csv"': 'audience = "store"\nsubscribe = true'}
IN_STORE = {'audience = "examples/audience.csv"': 'audience = "store"'}


class Browser:
    """Asks the real application, one request after the other; returns when its background task has ended, too."""

    def __init__(self, app: ASGIApp, host: str) -> None:
        self.app = app
        self._host = host

    def get(self, path: str, **more: Any) -> Response:
        return self.ask("GET", path, **more)

    def post(self, path: str, **more: Any) -> Response:
        return self.ask("POST", path, **more)

    def ask(self, method: str, path: str, **more: Any) -> Response:
        return asyncio.run(self._ask(method, path, more))

    async def _ask(self, method: str, path: str, more: dict[str, Any]) -> Response:
        transport = ASGITransport(self.app, client=(self._host, 50_000))
        async with AsyncClient(transport=transport, base_url=PUBLIC) as client:
            return await client.request(method, path, **more)


class Visitor:
    """Somebody at a browser, at a time that moves when told."""

    def __init__(self, project: Project, now: datetime, host: str = "203.0.113.7") -> None:
        self.project = project
        self.now = now
        self.app = create_app(project, lambda: self.now)
        self.client = self.at(host)

    def at(self, host: str) -> Browser:
        """Return a browser at another address of the same server."""
        return Browser(self.app, host)

    def wait(self, **time: float) -> None:
        self.now += timedelta(**time)

    def join(self, address: str = "hanako@example.com", **fields: str) -> Response:
        """Send the form off; a field that is empty is left out."""
        filled = {"address": address, "consent": "yes", **fields}
        return self.client.post("/subscribe/weekly", data={name: value for name, value in filled.items() if value})

    def mails(self) -> list[EmailMessage]:
        """Return the confirmation mails that left, in their order."""
        folders = sorted((self.project.root / "var/outbox/weekly").glob("confirmation-*"))
        files = [file for folder in folders for file in sorted(folder.glob("*.eml"))]
        parser = email.policy.default
        return [cast("EmailMessage", email.message_from_bytes(file.read_bytes(), policy=parser)) for file in files]

    def link(self) -> str:
        """Return the path of the link in the last confirmation mail."""
        body = self.mails()[-1].get_body(("plain",))
        assert body
        found = re.search(rf"{re.escape(PUBLIC)}(/confirm/\S+)", body.get_content())
        assert found
        return found.group(1)

    def put(self, address: str = "hanako@example.com", **known: object) -> str:
        """Put a reader on the list as an import would; return the token."""
        agreed = {"confirmed_at": self.now, **known}
        entry = Subscriber(address, **agreed)  # type: ignore[arg-type]  # a test names what it is about
        self.project.store.subscribers.take("weekly", [(address.casefold(), entry)], self.now, f"import of {address}")
        return self.reader(address).token

    def reader(self, address: str = "hanako@example.com") -> Subscriber:
        found = self.project.store.subscribers.find("weekly", address)
        assert found
        return found


def shown(answer: Response) -> str:
    """Return the text of a page as a person sees it."""
    body = re.sub(r"<style>.*?</style>", "", answer.text, flags=re.DOTALL)
    return html.unescape(re.sub(r"<[^>]+>", " ", body))


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project(make_project(tmp_path / "p", weekly=WITH_FORM)) as opened:
        yield opened


@pytest.fixture
def visitor(project: Project, now: datetime) -> Visitor:
    return Visitor(project, now)
