"""`/webhooks/{kind}`: what a provider posts is heeded; what it did not post changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from httpx import ASGITransport, AsyncClient

from digest.app import Project
from digest.errors import ConfigError
from digest.web import create_app
from digest.web.webhooks import MOST_BYTES
from tests.projects import make_project, replace_in
from tests.servers.webhooks import KEY, NOW, tell

pytestmark = pytest.mark.anyio


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    folder = make_project(tmp_path / "p")
    replace_in(folder / "config/digest.toml", "[store]", '[webhooks.mailtrap]\nkey = "env:HOOK"\n\n[store]')
    with Project(folder, {"HOOK": KEY}) as opened:
        yield opened


@pytest.fixture
def client(project: Project) -> AsyncClient:
    transport = ASGITransport(create_app(project, lambda: NOW))
    return AsyncClient(transport=transport, base_url="https://news.example.com")


async def post(client: AsyncClient, kind: str = "mailtrap", what: str = "bounced", body: bytes | None = None) -> int:
    posted = tell(kind, what)
    posted = replace(posted, body=posted.body if body is None else body)
    answer = await client.post(f"/webhooks/{kind}", content=posted.body, headers=dict(posted.headers))
    assert KEY not in answer.text
    return answer.status_code


async def test_a_bounce_that_the_provider_posts_keeps_the_address_out(project: Project, client: AsyncClient) -> None:
    assert await post(client) == 200
    assert await post(client) == 200
    (kept_out,) = project.store.suppressions.everyone()
    assert (kept_out.address, kept_out.because, kept_out.who) == ("hanako@example.com", "bounced", "mailtrap")


async def test_what_somebody_else_posts_changes_nothing(
    project: Project, client: AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    assert await post(client, body=tell("mailtrap", "bounced").body.replace(b"hanako", b"taro")) == 403
    assert list(project.store.suppressions.everyone()) == []
    assert "the signature does not fit" in caplog.text
    assert KEY not in caplog.text


async def test_a_kind_that_is_not_set_up_is_not_there(client: AsyncClient) -> None:
    assert await post(client, "mailersend") == 404
    assert (await client.post("/webhooks/nonsense")).status_code == 404
    assert (await client.get("/webhooks/mailtrap")).status_code == 405


async def test_a_body_that_is_too_large_is_not_read(client: AsyncClient) -> None:
    assert await post(client, body=b"x" * (MOST_BYTES + 1)) == 413


def test_a_webhook_without_its_key_is_one_clear_error(tmp_path: Path) -> None:
    folder = make_project(tmp_path / "p")
    replace_in(folder / "config/digest.toml", "[store]", '[webhooks.mailtrap]\nkey = "env:HOOK"\n\n[store]')
    with Project(folder, {}) as opened, pytest.raises(ConfigError, match="HOOK is not set"):
        create_app(opened, lambda: NOW)


def test_a_misspelt_kind_or_option_is_one_too(tmp_path: Path) -> None:
    for lines, says in (("[webhooks.mailtrop]\n", "mailtrap"), ('[webhooks.mailtrap]\nkye = "env:HOOK"\n', "key")):
        folder = make_project(tmp_path / says)
        replace_in(folder / "config/digest.toml", "[store]", f"{lines}\n[store]")
        with Project(folder, {"HOOK": KEY}) as opened, pytest.raises(ConfigError, match=says):
            create_app(opened, lambda: NOW)
