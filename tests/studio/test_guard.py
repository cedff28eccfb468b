"""Only this machine's browser, our own page and this start's token get an answer, and only to read."""

from __future__ import annotations

import httpx
import pytest
from starlette.applications import Starlette

from tests.studio.conftest import HOST, TOKEN

pytestmark = pytest.mark.anyio


async def test_without_the_token_nothing_is_shown(stranger: httpx.AsyncClient) -> None:
    for path in ("/", "/issues/weekly/2026-W04", "/events", "/static/studio.js"):
        answer = await stranger.get(path)
        assert answer.status_code == 403
        assert "ことのは" not in answer.text
        assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("token", ["", "wrong", TOKEN + "x", TOKEN[:-1], "キー"])
async def test_a_wrong_token_is_refused(stranger: httpx.AsyncClient, token: str) -> None:
    assert (await stranger.get("/", params={"token": token})).status_code == 403
    stranger.cookies.set("digest-studio-8025", "wrong")
    assert (await stranger.get("/")).status_code == 403


async def test_the_token_becomes_a_cookie_and_leaves_the_address(stranger: httpx.AsyncClient) -> None:
    answer = await stranger.get("/issues/weekly/2026-W03", params={"token": TOKEN})
    assert answer.status_code == 303
    assert answer.headers["location"] == "/issues/weekly/2026-W03"
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert (await stranger.get("/issues/weekly/2026-W03")).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1", "127.0.0.1:8026", "localhost", "[::1]:8025", "[", "a b", ""]
)
async def test_any_other_host_is_refused(client: httpx.AsyncClient, host: str) -> None:
    answer = await client.get("/", headers={"host": host})
    assert answer.status_code == 421
    assert "ことのは" not in answer.text


async def test_two_host_headers_are_refused(app: Starlette) -> None:
    headers = [("host", HOST), ("host", "evil.example"), ("cookie", f"digest-studio-8025={TOKEN}")]
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=f"http://{HOST}") as client:
        assert (await client.get("/", headers=headers)).status_code == 421


async def test_each_allowed_host_is_answered(app: Starlette) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost:8025") as client:
        await client.get("/", params={"token": TOKEN})
        assert (await client.get("/")).status_code == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
async def test_nothing_can_be_changed(client: httpx.AsyncClient, method: str) -> None:
    ours = await client.request(method, "/", headers={"origin": f"http://{HOST}"})
    assert ours.status_code == 405
    assert ours.headers["allow"] == "GET, HEAD"
    for headers in ({"origin": "https://evil.example"}, {"origin": "null"}, {}):
        assert (await client.request(method, "/", headers=headers)).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "http://127.0.0.1:3000"},
        {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"},
        {"sec-fetch-site": "same-site", "sec-fetch-mode": "no-cors"},
    ],
)
async def test_another_sites_page_cannot_read(client: httpx.AsyncClient, headers: dict[str, str]) -> None:
    assert (await client.get("/issues/weekly/2026-W04", headers=headers)).status_code == 403


async def test_a_link_from_another_site_can_be_followed(client: httpx.AsyncClient) -> None:
    headers = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}
    assert (await client.get("/", headers=headers)).status_code == 200


async def test_every_answer_forbids_scripts_frames_and_caches(client: httpx.AsyncClient) -> None:
    answers = [
        await client.get("/"),
        await client.get("/static/studio.js"),
        await client.get("/nowhere"),
        await client.get("/", headers={"host": "evil.example"}),
        await client.post("/"),
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 404, 421, 403]
    for answer in answers:
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; script-src 'self';")
        assert "frame-ancestors 'none'" in policy
        assert "unsafe-eval" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
        assert not [name for name in answer.headers if name.startswith("access-control-")]


@pytest.mark.parametrize(
    "path",
    [
        "/static/../desk.py",
        "/static/..%2fdesk.py",
        "/static/%2e%2e/desk.py",
        "/static/%2e%2e%2fdesk.py",
        "/static//etc/passwd",
        "/static/%2fetc%2fpasswd",
        "/static/..\\desk.py",
        "/static/studio.js%00.css",
        "/static/",
        "/static",
    ],
)
async def test_no_address_leads_out_of_the_static_files(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(httpx.URL(f"http://{HOST}").copy_with(raw_path=path.encode()))).status_code == 404


async def test_static_files_have_the_types_that_browsers_insist_on(client: httpx.AsyncClient) -> None:
    for name, kind in (("studio.js", "text/javascript"), ("parts.css", "text/css"), ("icon.svg", "image/svg+xml")):
        assert (await client.get(f"/static/{name}")).headers["content-type"].startswith(kind)


async def test_an_error_of_our_own_says_so_and_keeps_the_headers(
    app: Starlette, project: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr("digest.studio.routes.studio_page", broken)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=f"http://{HOST}") as client:
        await client.get("/", params={"token": TOKEN})
        answer = await client.get("/")
    assert answer.status_code == 500
    assert "a bug" not in answer.text
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
