"""The real server and a real mail server: from the form to a confirmed reader, to whom the issue goes."""

from __future__ import annotations

import asyncio
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import httpx
import pytest

from digest import pipeline
from digest.app import Project
from digest.models import Standing, Subscriber
from digest.send.edge import Edge
from tests.conftest import ROOT
from tests.projects import AS_OF, make_project
from tests.servers.smtp import SmtpServer
from tests.web.conftest import WITH_FORM

_PROGRAM = """
import sys
from datetime import datetime
from pathlib import Path
from digest.web import serve

now = datetime.fromisoformat(sys.argv[2])
serve(Path(sys.argv[1]), lambda: now, "127.0.0.1", int(sys.argv[3]))
"""
JOIN = {"address": "hanako@example.com", "name": "花子", "consent": "yes"}


@contextmanager
def served(project: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Start `digest serve` and stop it as an operator would."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-c", _PROGRAM, str(project), AS_OF, str(port)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stderr is not None
    try:
        for line in process.stderr:
            if "Uvicorn running" in line:
                break
        yield f"http://127.0.0.1:{port}", process
    finally:
        process.terminate()
        process.wait(60)
        process.stderr.close()


def asked(project: Path) -> Subscriber:
    with Project(project) as opened:
        found = opened.store.subscribers.find("weekly", "hanako@example.com")
    assert found
    return found


def eventually(happened: object) -> None:
    """Wait for what another process does after its answer; a test that waits for nothing hangs, and says so."""
    for _ in range(3000):
        if callable(happened) and happened():
            return
        time.sleep(0.01)
    raise AssertionError("it never happened")


@pytest.fixture
def mailbox() -> Iterator[SmtpServer]:
    with SmtpServer() as server:
        yield server


@pytest.fixture
def project(tmp_path: Path, mailbox: SmtpServer) -> Path:
    provider = f'kind = "smtp"\nhost = "127.0.0.1"\nport = {mailbox.port}\nsecurity = "none"'
    return make_project(tmp_path / "p", provider=provider, weekly=WITH_FORM)


def test_from_the_form_to_the_issue(project: Path, mailbox: SmtpServer) -> None:
    with served(project) as (url, _):
        assert httpx.post(f"{url}/subscribe/weekly", data=JOIN).status_code == 200
        eventually(lambda: mailbox.messages)
        mail = mailbox.messages[0]
        assert (mail.sender, mail.recipient) == ("digest@news.example.com", "hanako@example.com")
        body = mail.parsed.get_body(("plain",))
        assert body
        link = re.search(r"https://news\.example\.com(/confirm/\S+)", body.get_content())
        assert link
        page = httpx.get(url + link.group(1))
        assert "<button>" in page.text
        assert asked(project).standing is Standing.UNCONFIRMED
        assert httpx.post(url + link.group(1)).status_code == 200
        assert asked(project).standing is Standing.SUBSCRIBED
    now = datetime.fromisoformat(AS_OF)
    with Project(project) as opened:
        press = opened.press()
        (outcome,) = asyncio.run(pipeline.run(press, Edge(lambda: now)))
        token = asked(project).token
    issue = mailbox.messages[-1]
    assert (outcome.issue.state, issue.recipient, len(mailbox.messages)) == ("sent", "hanako@example.com", 2)
    assert issue.parsed["To"].addresses[0].display_name == "花子"
    assert f"/u/{token}" in issue.parsed["List-Unsubscribe"]
    with served(project) as (url, _):
        assert httpx.post(f"{url}/u/{token}", data={"List-Unsubscribe": "One-Click"}).status_code == 200
    assert asked(project).standing is Standing.UNSUBSCRIBED


def test_the_answer_waits_for_no_mail_server(project: Path, mailbox: SmtpServer) -> None:
    mailbox.silent_after_body.add("hanako@example.com")
    with served(project) as (url, process), httpx.Client() as browser:
        assert browser.post(f"{url}/subscribe/weekly", data=JOIN).status_code == 200
        # The same connection goes on, too, while the mail server still says nothing.
        assert browser.get(f"{url}/subscribe/weekly").status_code == 200
        eventually(lambda: mailbox.messages)
        process.kill()


@pytest.mark.parametrize(("come_from", "network"), [("127.0.0.1", "198.51.100.0/24"), ("127.0.0.2", "127.0.0.0/24")])
def test_only_a_proxy_on_this_machine_may_say_for_whom_it_speaks(
    project: Path, mailbox: SmtpServer, come_from: str, network: str
) -> None:
    transport = httpx.HTTPTransport(local_address=come_from)
    claimed = {"X-Forwarded-For": "203.0.113.1, 198.51.100.9"}  # the first is what the visitor claimed of itself
    with served(project) as (url, _), httpx.Client(transport=transport) as browser:
        assert browser.post(f"{url}/subscribe/weekly", data=JOIN, headers=claimed).status_code == 200
        eventually(lambda: mailbox.messages)
    assert f" from {network}: " in asked(project).consent


def test_headers_without_end_are_refused_and_no_server_is_named(project: Path) -> None:
    with served(project) as (url, _):
        answer = httpx.get(f"{url}/healthz")
        assert answer.json() == {"status": "ok"}
        assert "server" not in answer.headers
        for beginning in (b"GET /healthz HTTP/1.1\r\nX-Long: ", b"GET /u/"):
            with socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])), timeout=30) as connection:
                connection.sendall(beginning + b"a" * 20_000)  # and no end
                assert connection.recv(100).startswith(b"HTTP/1.1 400 ")


def test_who_did_not_confirm_is_erased_when_the_server_starts(project: Path) -> None:
    with Project(project) as opened:
        long_ago = datetime.fromisoformat("2026-01-01T09:00:00+09:00")
        opened.store.signups.ask("weekly", "late@example.com", Subscriber("late@example.com"), long_ago)
    with served(project), Project(project) as opened:
        assert list(opened.store.subscribers.everyone("weekly")) == []
