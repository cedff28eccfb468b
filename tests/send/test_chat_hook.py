"""A chat's incoming webhook: posted once, nobody is called by a post's title, and the address is shown nowhere."""

from __future__ import annotations

import asyncio

import pytest

from digest.models import Secret
from digest.send.chat_hook import ChatHook
from tests.servers.http import HttpServer, Scripted, closed_port, garbage, reply, reset_after_body


def hook(url: str) -> ChatHook:
    return ChatHook(Secret("HOOK", url))


def tell(url: str, text: str = "hello") -> str:
    return asyncio.run(hook(url).tell(text))


def test_the_text_is_posted_once_as_slack_takes_it() -> None:
    with HttpServer(reply(200, body="ok")) as server:
        assert tell(f"{server.url}/services/T0/B0/XYZ?token=1", "第1号を送りました\n& <b>") == ""
    (request,) = server.requests
    assert (request.method, request.path) == ("POST", "/services/T0/B0/XYZ?token=1")
    assert request.headers["content-type"] == "application/json"
    assert request.json == {"text": "第1号を送りました\n&amp; &lt;b&gt;"}


def test_a_title_calls_nobody() -> None:
    with HttpServer(reply(200)) as server:
        tell(server.url, "<!channel> <https://evil.example|click>")
    assert "<" not in server.requests[0].json["text"]


def test_half_a_character_and_a_long_text_still_arrive() -> None:
    with HttpServer(reply(200)) as server:
        assert tell(server.url, "\ud800" + "あ" * 9_000) == ""
    text = server.requests[0].json["text"]
    assert len(text) == 4_000
    assert text.endswith("…")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (reply(404, body="no_service"), "the chat answered 404"),
        (reply(500, body="cannot POST /services/T0/B0/XYZ"), "the chat answered 500"),
        (reply(302, {"Location": "http://127.0.0.1:9/"}), "the chat answered 302"),
        (reset_after_body(), "no answer came"),
        (garbage(), "no answer came"),
    ],
)
def test_what_fails_is_told_without_the_address_and_not_tried_again(answer: Scripted, said: str) -> None:
    with HttpServer(answer) as server:
        assert tell(f"{server.url}/services/T0/B0/XYZ") == said
        assert len(server.requests) == 1


def test_nobody_there_is_told() -> None:
    assert tell(f"http://127.0.0.1:{closed_port()}/XYZ") == "no connection"


@pytest.mark.parametrize(
    "url",
    ["", "http://hooks.example.com/XYZ", "XYZ", "https://", "https://[XYZ", "https://a.example/XYZ\n", "ftp://a/XYZ",
     "https://a.example:99999/XYZ", "https://a.example/X YZ"],
)  # fmt: skip
def test_an_address_that_cannot_be_used_is_named_by_its_variable_only(url: str) -> None:
    (problem,) = hook(url).problems()
    assert "HOOK" in problem
    assert "XYZ" not in problem
    assert tell(url) == problem


def test_the_address_does_not_show_itself() -> None:
    assert "XYZ" not in repr(hook("https://hooks.example.com/XYZ"))
    assert hook("https://hooks.example.com/XYZ").problems() == ()
