"""Every provider can be asked whether it lets us in: harmlessly, within bounds, and without showing the key."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from digest.send.key_checks import KeyCheck, KeyState, check_key
from digest.send.key_checks.calls import QUESTIONS
from digest.send.opening import kinds, open_provider
from digest.send.providers import Provider
from tests.servers.http import HttpServer, Scripted, closed_port, garbage, reply, reset_after_body, silence
from tests.servers.key_peers import KEY_PEERS, NOT_ASKED, key_server
from tests.servers.peer import SECRET
from tests.servers.smtp import SmtpServer

KINDS = sorted(KEY_PEERS)
RESTRICTED = sorted(kind for kind, peer in KEY_PEERS.items() if peer.limited)
UNSURE_OF_WRONG = {"mailgun", "mailtrap", "sparkpost"}
"""Of these it is not written that a refusal means a wrong key."""


def opened(kind: str, url: str, root: Path, secret: str = SECRET) -> Provider:
    peer = KEY_PEERS[kind]
    options = {"api_key": "env:CANARY", **peer.options, "base_url": url + peer.base}
    return open_provider(kind, options, {"CANARY": secret, "OTHER": "other-half"}, root=root)


def asked(provider: Provider) -> KeyCheck:
    found = asyncio.run(check_key(provider))
    assert found is not None
    assert SECRET not in repr(found)
    return found


def test_every_provider_is_asked_or_named_as_one_that_need_not_be() -> None:
    assert set(kinds()) == KEY_PEERS.keys() | NOT_ASKED | {"smtp"}
    assert QUESTIONS.keys() == KEY_PEERS.keys()


@pytest.mark.parametrize("kind", KINDS)
def test_the_right_key_is_known(kind: str, tmp_path: Path) -> None:
    with key_server(KEY_PEERS[kind]) as server:
        found = asked(opened(kind, server.url, tmp_path))
        assert (found.state, found.warnings) == (KeyState.VALID, ())
        assert len(server.requests) == 1
    assert found.answered_at is not None
    assert abs(datetime.now(UTC) - found.answered_at) < timedelta(minutes=1)


@pytest.mark.parametrize("kind", KINDS)
def test_a_wrong_key_is_not(kind: str, tmp_path: Path) -> None:
    with key_server(KEY_PEERS[kind]) as server:
        found = asked(opened(kind, server.url, tmp_path, secret="sk-canary-another"))
    assert found.state is (KeyState.UNSURE if kind in UNSURE_OF_WRONG else KeyState.INVALID)
    assert "canary" not in found.said


@pytest.mark.parametrize("kind", RESTRICTED)
def test_a_key_that_may_not_ask_is_no_wrong_key(kind: str, tmp_path: Path) -> None:
    with key_server(KEY_PEERS[kind], limited=True) as server:
        assert asked(opened(kind, server.url, tmp_path)).state is KeyState.LIMITED


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("answer", [reset_after_body(), garbage()], ids=["reset", "garbage"])
def test_no_answer_is_no_wrong_key(kind: str, answer: Scripted, tmp_path: Path) -> None:
    with HttpServer(default=answer) as server:
        assert asked(opened(kind, server.url, tmp_path)).state is KeyState.UNREACHABLE


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("status", [404, 429, 500, 302])
def test_what_says_nothing_about_the_key_is_told_as_that(kind: str, status: int, tmp_path: Path) -> None:
    body = f"<html>no {SECRET} here, reader0@example.com</html>"
    with HttpServer(default=reply(status, {"Location": "http://127.0.0.1:9/"}, body)) as server:
        found = asked(opened(kind, server.url, tmp_path))
    assert found.state is KeyState.UNSURE
    assert str(status) in found.said
    assert "reader0" not in found.said


def test_nobody_there_is_told(tmp_path: Path) -> None:
    found = asked(opened("sendgrid", f"http://127.0.0.1:{closed_port()}", tmp_path))
    assert (found.state, found.answered_at) == (KeyState.UNREACHABLE, None)


def test_who_does_not_answer_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("digest.send.key_checks.asking.SECONDS", 0.2)
    with HttpServer(default=silence()) as server:
        assert asked(opened("sendgrid", server.url, tmp_path)).state is KeyState.UNREACHABLE


def test_a_key_of_sendgrid_without_the_scope_to_send_is_told(tmp_path: Path) -> None:
    with HttpServer(default=reply(200, body={"scopes": ["alerts.read"]})) as server:
        found = asked(opened("sendgrid", server.url, tmp_path))
    assert found.state is KeyState.VALID
    assert "mail.send" in found.warnings[0]


def test_an_account_of_amazon_in_the_sandbox_or_paused_is_told(tmp_path: Path) -> None:
    body = {"SendingEnabled": False, "ProductionAccessEnabled": False}
    with HttpServer(default=reply(200, body=body)) as server:
        paused, sandbox = asked(opened("ses", server.url, tmp_path)).warnings
    assert "paused" in paused
    assert "sandbox" in sandbox


@pytest.mark.parametrize("kind", ["file", "postmark"])
def test_who_cannot_be_asked_is_not(kind: str, tmp_path: Path) -> None:
    options: dict[str, object] = {"api_key": "env:CANARY", "sandbox": True} if kind == "postmark" else {}
    provider = open_provider(kind, options, {"CANARY": SECRET}, root=tmp_path)
    assert asyncio.run(check_key(provider)) is None


def test_a_provider_without_its_key_is_not_asked(tmp_path: Path) -> None:
    with key_server(KEY_PEERS["sendgrid"]) as server:
        assert asyncio.run(check_key(opened("sendgrid", server.url, tmp_path, secret=""))) is None
        assert server.requests == []


def test_a_provider_of_ones_own_may_know_how_to_ask() -> None:
    class Own:
        async def verify(self) -> KeyCheck:
            return KeyCheck(KeyState.VALID, "ours knows us")

    assert asyncio.run(check_key(Own())) == KeyCheck(KeyState.VALID, "ours knows us")  # type: ignore[arg-type]


@contextmanager
def mail_server(
    root: Path, password: str, port: int | None = None, **rules: object
) -> Iterator[tuple[Provider, SmtpServer]]:
    with SmtpServer(login=("digest", SECRET), **rules) as server:  # type: ignore[arg-type]
        options = {"host": server.host, "port": port or server.port, "security": "none", "username": "digest"}
        asked_for = {**options, "password": "env:CANARY"}
        yield open_provider("smtp", asked_for, {"CANARY": password}, root=root), server


def test_a_mail_server_that_knows_us_is_left_without_a_mail(tmp_path: Path) -> None:
    with mail_server(tmp_path, SECRET) as (provider, server):
        found = asked(provider)
        assert found.state is KeyState.VALID
        assert server.logins == [("digest", SECRET)]
        assert server.messages == []


def test_a_mail_server_that_does_not_know_us_says_so(tmp_path: Path) -> None:
    with mail_server(tmp_path, "sk-canary-another") as (provider, _):
        found = asked(provider)
    assert found.state is KeyState.INVALID
    assert "canary" not in found.said


def test_a_mail_server_that_hangs_up_at_the_login_says_so(tmp_path: Path) -> None:
    with mail_server(tmp_path, "sk-canary-another", hang_up_at_login=True) as (provider, _):
        assert asked(provider).state is KeyState.INVALID


def test_a_mail_server_that_is_not_there_is_unreachable(tmp_path: Path) -> None:
    with mail_server(tmp_path, SECRET, port=closed_port()) as (provider, _):
        assert asked(provider).state is KeyState.UNREACHABLE
