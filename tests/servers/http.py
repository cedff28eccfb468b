"""An HTTP server on loopback that does to a client what the script says: replies, resets, trickles.

    with HttpServer(reply(429, {"Retry-After": "7"}), reset_after_body()) as server:
        ... server.url ... server.requests[0].json ...

Answers are used up in order; when none is left, `default` (202 with an X-Message-Id) answers. It may be a function of
the request, for a provider whose answer names every reader.
"""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import formatdate
from types import TracebackType
from typing import Any, Self


@dataclass(frozen=True)
class Received:
    method: str
    path: str
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Scripted:
    """What happens to one request; `reads` says whether its body is taken first."""

    act: Callable[[socket.socket, threading.Event], bool]
    """Gets the connection and an event that is set when the server stops; returns whether to keep the connection."""
    reads: bool = True


def reply(
    status: int, headers: Mapping[str, str] | None = None, body: bytes | str | dict[str, Any] | list[Any] = b""
) -> Scripted:
    """Answer properly; a dict or list is sent as JSON. `Date` is added unless given as an empty text."""
    if isinstance(body, dict | list):
        body = json.dumps(body)
    content = body.encode() if isinstance(body, str) else body
    lines = {"Date": formatdate(usegmt=True), "Content-Length": str(len(content)), **(headers or {})}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items() if value)

    def act(connection: socket.socket, stopping: threading.Event) -> bool:
        connection.sendall(f"HTTP/1.1 {status} Whatever\r\n{head}\r\n".encode() + content)
        return True

    return Scripted(act)


def accepted(message_id: str = "sg-message-1") -> Scripted:
    """Answer as SendGrid does when it takes a batch."""
    return reply(202, {"X-Message-Id": message_id})


def reset_on_arrival() -> Scripted:
    """Slam the door as soon as somebody knocks; a client in haste is not even sure that there was a door."""
    return Scripted(_reset, reads=False)


def reset_before_reading() -> Scripted:
    """Wait until the request has begun to arrive, then reset the connection without taking any of it."""

    def act(connection: socket.socket, stopping: threading.Event) -> bool:
        while not stopping.is_set():
            try:
                connection.recv(1, socket.MSG_PEEK)
                break
            except TimeoutError:
                continue
        return _reset(connection, stopping)

    return Scripted(act, reads=False)


def reset_after_body() -> Scripted:
    """Take the whole request, then reset the connection without a word."""
    return Scripted(_reset)


def garbage() -> Scripted:
    """Answer something that is not HTTP."""

    def act(connection: socket.socket, stopping: threading.Event) -> bool:
        connection.sendall(b"220 mail.example.com ESMTP\r\n")
        return False

    return Scripted(act)


def trickle(status_line: bytes = b"HTTP/1.1 202 Accepted\r\n", *, pause: float = 0.02) -> Scripted:
    """Send the beginning of an answer, then header after header for ever."""

    def act(connection: socket.socket, stopping: threading.Event) -> bool:
        connection.sendall(status_line)
        while not stopping.wait(pause):
            connection.sendall(b"X-Slow: yes\r\n")
        return False

    return Scripted(act)


def silence() -> Scripted:
    """Take the whole request and never answer."""

    def act(connection: socket.socket, stopping: threading.Event) -> bool:
        stopping.wait()
        return False

    return Scripted(act)


def unfinished_body(status: int = 202, headers: Mapping[str, str] | None = None) -> Scripted:
    """Answer with a status, promise a body, and never send it."""
    promise = reply(status, {**(headers or {}), "Content-Length": "1000"})

    def act(connection: socket.socket, stopping: threading.Event) -> bool:
        promise.act(connection, stopping)
        stopping.wait()
        return False

    return Scripted(act)


class HttpServer:
    def __init__(self, *answers: Scripted, default: Scripted | Callable[[Received], Scripted] | None = None) -> None:
        self.answers = list(answers)
        self.default = default or accepted()
        self.requests: list[Received] = []
        self.connections = 0
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(0.05)
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    @property
    def port(self) -> int:
        port: int = self._listener.getsockname()[1]
        return port

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join()
        self._listener.close()

    def _accept(self) -> None:
        while not self._stopping.is_set():
            try:
                connection, _ = self._listener.accept()
            except TimeoutError:
                continue
            self.connections += 1
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        connection.settimeout(0.05)
        buffered = b""
        with connection:
            try:
                while True:
                    with self._lock:
                        slams = bool(self.answers) and not self.answers[0].reads
                        answer = self.answers.pop(0) if slams else None
                    if answer is None:
                        received, buffered = self._read(connection, buffered)
                        if received is None:
                            return
                        with self._lock:
                            self.requests.append(received)
                            usual = self.default if isinstance(self.default, Scripted) else self.default(received)
                            answer = self.answers.pop(0) if self.answers else usual
                    if not answer.act(connection, self._stopping):
                        return
            except OSError:
                return  # the client went away: that is its good right

    def _read(self, connection: socket.socket, buffered: bytes) -> tuple[Received | None, bytes]:
        def more() -> bool:
            nonlocal buffered
            while not self._stopping.is_set():
                try:
                    data = connection.recv(65536)
                except TimeoutError:
                    continue
                buffered += data
                return bool(data)
            return False

        while b"\r\n\r\n" not in buffered:
            if not more():
                return None, b""
        head, _, buffered = buffered.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        method, path, _ = first.split(" ", 2)
        headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        length = int(headers.get("content-length", "0"))
        while len(buffered) < length:
            if not more():
                return None, b""
        return Received(method, path, headers, buffered[:length]), buffered[length:]


def closed_port() -> int:
    """Return a port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def _reset(connection: socket.socket, stopping: threading.Event) -> bool:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return False
