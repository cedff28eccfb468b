"""Links are asked for over the network, without bodies, within their time, and never in a private network."""

from __future__ import annotations

import socket
from dataclasses import replace
from typing import Any

import pytest

from digest.models import Level
from digest.pipeline import outside
from digest.pipeline.outside import asking, try_links
from tests.factories import make_email
from tests.servers.http import HttpServer, closed_port, reply, silence, unfinished_body

SECONDS = 5.0


def test_a_head_is_answered_with_where_the_page_is_in_the_end() -> None:
    with HttpServer(reply(301, {"Location": "/there"}), reply(200)) as server, asking(allow_private=True) as ask:
        answer = ask("HEAD", f"{server.url}/here", SECONDS)
        assert (answer.status, answer.address) == (200, f"{server.url}/there")
    assert [(each.method, each.path) for each in server.requests] == [("HEAD", "/here"), ("HEAD", "/there")]


@pytest.mark.parametrize("method", ["HEAD", "GET"])
def test_no_body_is_waited_for_however_long_it_is_said_to_be(method: Any) -> None:
    endless = unfinished_body(200, {"Content-Length": "99999999999"})
    with HttpServer(endless) as server, asking(allow_private=True) as ask:
        assert ask(method, server.url, SECONDS).status == 200


def test_a_page_is_asked_for_once_even_if_the_server_is_busy() -> None:
    with HttpServer(default=reply(503)) as server, asking(allow_private=True) as ask:
        assert ask("GET", server.url, SECONDS).status == 503
    assert len(server.requests) == 1


def test_a_private_network_is_not_asked() -> None:
    with HttpServer(default=reply(200)) as server, asking() as ask:
        answer = ask("HEAD", server.url, SECONDS)
    assert answer.private
    assert server.connections == 0


def test_why_there_is_no_answer_ends_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outside, "SECONDS_EACH", 0.2)
    with HttpServer(silence()) as server, asking(allow_private=True) as ask:
        assert ask("HEAD", server.url, SECONDS).reason == "did not answer in full within 0.2 seconds"
        assert ask("HEAD", f"http://127.0.0.1:{closed_port()}", SECONDS).reason == "cannot be reached"


def test_it_is_of_no_use_afterwards() -> None:
    with HttpServer(default=reply(200)) as server:
        with asking(allow_private=True) as ask:
            pass
        assert ask("HEAD", server.url, SECONDS).reason == "was given up"
    assert server.connections == 0


def test_the_links_of_a_mail_become_findings(monkeypatch: pytest.MonkeyPatch) -> None:
    with HttpServer(default=reply(404)) as server:
        look_up = socket.getaddrinfo
        monkeypatch.setattr(socket, "getaddrinfo", lambda host, port, **rest: look_up("127.0.0.1", port, **rest))
        page = f'<html><body><a href="http://blog.example:{server.port}/gone">読む</a></body></html>'
        email = replace(make_email(), html=page)
        assert [(each.level, each.code) for each in try_links(email, allow_private=True)] == [
            (Level.ERROR, "mail.link-dead")
        ]
        asked = len(server.requests)
        assert [each.code for each in try_links(email)] == ["mail.link-private"]
    assert len(server.requests) == asked == 1
