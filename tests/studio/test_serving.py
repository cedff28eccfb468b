"""It listens on loopback only, says where, streams what is new, and stops when asked."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import httpx
import pytest

from digest.errors import ConfigError, DigestError
from digest.studio import serve
from digest.studio.serving import _listen
from tests.studio.starting import started


def unexpected(url: str) -> None:
    raise AssertionError(f"it listens at {url}")


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.2", "example.com", ""])
def test_it_refuses_to_listen_to_the_world(project: Path, now: datetime, host: str) -> None:
    with pytest.raises(ConfigError, match="cannot listen on"):
        serve(project, lambda: now, newsletter=None, host=host, port=0, on_ready=unexpected)


def test_a_port_that_is_taken_is_an_error_that_says_what_to_do(project: Path, now: datetime) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(DigestError, match=f"{port}.*--port"):
            serve(project, lambda: now, newsletter=None, port=port, on_ready=unexpected)


def test_an_answer_does_not_wait_for_its_own_beginning_to_be_confirmed() -> None:
    with _listen("127.0.0.1", 0, None) as listener, socket.create_connection(listener.getsockname()):
        accepted, _ = listener.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_though_a_page_is_open(project: Path, number: signal.Signals) -> None:
    with started(project) as studio, httpx.Client(base_url=studio.origin) as browser:
        browser.get(studio.url)
        with browser.stream("GET", "/events") as events:
            lines = events.iter_lines()
            assert next(lines) == "retry: 500"
            studio.process.send_signal(number)
            assert studio.process.wait(20) == 0
        assert studio.process.stdout is not None
        assert studio.process.stdout.read() == "ended\n"


def test_the_stream_tells_each_version(project: Path) -> None:
    with started(project) as studio, httpx.Client(base_url=studio.origin, timeout=20) as browser:
        browser.get(studio.url)
        with browser.stream("GET", "/events") as events:
            assert events.headers["content-type"].startswith("text/event-stream")
            lines = events.iter_lines()
            assert version(lines.__next__) == 1
            (project / "templates/weekly/style.css").touch()
            assert version(lines.__next__) == 2
            assert 'data-version="2"' in browser.get("/").text


def test_every_start_has_a_token_of_its_own(project: Path) -> None:
    with started(project) as first, started(project) as second:
        assert first.url.partition("token=")[2] != second.url.partition("token=")[2]
        assert httpx.get(first.origin + "/?token=" + second.url.partition("token=")[2]).status_code == 403


def version(next_line: Callable[[], str]) -> int:
    """Read the stream up to the next version."""
    while not (line := next_line()).startswith("data: "):
        pass
    return int(line.removeprefix("data: "))
