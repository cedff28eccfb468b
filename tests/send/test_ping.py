"""The dead-man ping: a GET, asked once, whose address is shown nowhere."""

from __future__ import annotations

import asyncio

import pytest

from digest.models import Secret
from digest.send.ping import Ping, open_ping
from tests.servers.http import HttpServer, Scripted, closed_port, garbage, reply, reset_after_body


def go(url: str) -> str:
    return asyncio.run(Ping(Secret("DIGEST_PING_URL", url)).go())


def test_it_asks_the_address_once() -> None:
    with HttpServer(reply(200, body="OK")) as server:
        assert go(f"{server.url}/9b1a-canary") == ""
    (request,) = server.requests
    assert (request.method, request.path, request.body) == ("GET", "/9b1a-canary", b"")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (reply(404, body="not found /9b1a-canary"), "it was answered 404"),
        (reply(302, {"Location": "http://127.0.0.1:9/"}), "it was answered 302"),
        (reset_after_body(), "no answer came"),
        (garbage(), "no answer came"),
    ],
)
def test_what_fails_is_told_without_the_address_and_not_tried_again(answer: Scripted, said: str) -> None:
    with HttpServer(answer) as server:
        assert go(f"{server.url}/9b1a-canary") == said
        assert len(server.requests) == 1


def test_nobody_there_is_told_without_the_address() -> None:
    assert go(f"http://127.0.0.1:{closed_port()}/9b1a-canary") == "no connection"


@pytest.mark.parametrize(
    "url", ["", "http://hc.example.com/9b1a-canary", "hc.example.com", "https://a b/", "https://[/"]
)
def test_an_address_that_is_none_or_not_safe_is_not_asked(url: str) -> None:
    said = go(url)
    assert said.startswith("DIGEST_PING_URL")
    assert "canary" not in said


def test_who_asks_for_no_ping_gets_none() -> None:
    assert open_ping("", {"X": "https://example.com"}) is None
    ping = open_ping("env:X", {"X": "https://example.com"})
    assert ping is not None
    assert ping.problems() == ()
