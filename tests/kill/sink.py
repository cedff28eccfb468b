"""A provider's side of the kill test: it makes its seeded faults, and keeps its own log of what it accepted."""

from __future__ import annotations

import random
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.kill.dialects import Dialect, Order, Reply
from tests.kill.faults import WEIGHTS, Fault, draw


@dataclass(frozen=True)
class Entry:
    """One request, as this side saw it."""

    order: Order
    fault: Fault
    accepted: tuple[str, ...]
    rejected: tuple[str, ...] = ()
    repeat: bool = False
    """Its key was known: nothing was sent."""


class Sink:
    """Takes mail as one of the dialects does, after a moment of work, and lies to nobody but by its faults."""

    def __init__(self, dialect: Dialect, seed: int) -> None:
        self.dialect = dialect
        self.weights: Mapping[Fault, float] = WEIGHTS
        self.log: list[Entry] = []
        self.requests = 0
        self.mismatched: list[Order] = []
        """Requests whose key had carried other bytes."""
        self.on_request: Callable[[int, str], None] = lambda count, moment: None
        """Called with the number of the request, and `before` or `after` it was noted in the log."""
        self._chance = random.Random(seed)
        self._lock = threading.Lock()
        self._remembered: dict[str, tuple[bytes, Reply | None]] = {}
        sink = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                body = self.rfile.read(length)
                if len(body) < length:
                    self.close_connection = True  # the sender died half-way: nothing was accepted
                    return
                fault, reply = sink._take(dict(self.headers.items()), body)
                self._answer(fault, reply)

            def _answer(self, fault: Fault, reply: Reply) -> None:
                match fault:
                    case Fault.RESET_BEFORE | Fault.RESET_AFTER:
                        self._reset()
                    case Fault.TOO_LATE:
                        self.rfile.read(1)  # until the sender hangs up
                        self.close_connection = True
                    case Fault.NO_HTTP:
                        self.wfile.write(b"220 mail.example.com ESMTP\r\n")
                        self.close_connection = True
                    case Fault.GARBAGE:
                        self._write(Reply(reply.status, reply.headers, b"<html>It works!</html>"))
                    case Fault.CUT:
                        self._write(reply, promised=len(reply.body) + 100, sent=len(reply.body) // 2)
                        self.close_connection = True
                    case _:
                        self._write(reply)

            def _write(self, reply: Reply, promised: int | None = None, sent: int | None = None) -> None:
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(reply.body) if promised is None else promised))
                self.end_headers()
                self.wfile.write(reply.body[:sent])

            def _reset(self) -> None:
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                # What is buffered, and the server's polite shutdown, would make an end of it, not a reset.
                self.rfile.close()
                self.connection.close()
                self.close_connection = True

            def log_message(self, *_: object) -> None:
                """Say nothing: the log that counts is the sink's."""

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 64

            def handle_error(self, request: object, client_address: object) -> None:
                """Senders die while they talk: that is what this is about."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()

    @property
    def accepted(self) -> Counter[str]:
        """How many copies each address was given."""
        with self._lock:
            return Counter(address for entry in self.log for address in entry.accepted)

    @property
    def rejected(self) -> set[str]:
        """Who was refused in person, at least once."""
        with self._lock:
            return {address for entry in self.log for address in entry.rejected}

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _take(self, headers: Mapping[str, str], body: bytes) -> tuple[Fault, Reply]:
        order = self.dialect.read(headers, body)
        with self._lock:
            self.requests += 1
            count, pause = self.requests, self._chance.uniform(0, 0.008)
            fault, place = draw(self._chance, self.weights), self._chance.randrange(len(order.addresses))
        self.on_request(count, "before")
        try:
            return self._decide(order, body, fault, place, pause)
        finally:
            self.on_request(count, "after")

    def _decide(self, order: Order, body: bytes, fault: Fault, place: int, pause: float) -> tuple[Fault, Reply]:
        match fault:
            case Fault.RESET_BEFORE:
                return self._note(order, fault, Reply(500, {}))
            case Fault.TOO_MANY:
                return self._note(order, fault, Reply(429, {"Retry-After": "0"}))
            case Fault.UNAVAILABLE:
                return self._note(order, fault, Reply(503, {}))
            case Fault.NOT_THIS:
                return self._note(order, fault, self.dialect.refusal())
        broken = Reply(502, {}, b"<html>Bad Gateway</html>") if fault is Fault.BAD_GATEWAY else None
        if self.dialect.remembers and (known := self._recall(order, body)):
            return self._note(order, fault, broken or known, repeat=True)
        time.sleep(pause)  # the provider's work, not the test's waiting
        bad = (place,) if fault is Fault.BAD_READER and len(order.addresses) > 1 else ()
        reply = self.dialect.bad_reader(order, place) if bad else None
        takes_others = reply is None
        reply = reply or self.dialect.success(order, bad)
        rejected = tuple(order.addresses[at] for at in bad)
        accepted = tuple(each for each in order.addresses if each not in rejected) if takes_others else ()
        with self._lock:
            self._remembered[order.key] = (body, reply)
        return self._note(order, fault, broken or reply, accepted, rejected)

    def _recall(self, order: Order, body: bytes) -> Reply | None:
        """Return the answer to a key that was seen; None for a new one, which is under work from now on."""
        with self._lock:
            if order.key not in self._remembered:
                self._remembered[order.key] = (body, None)
                return None
            before, reply = self._remembered[order.key]
            if before != body:
                self.mismatched.append(order)
                return Reply(409, {}, b'{"name": "invalid_idempotent_request"}')
            return reply or Reply(409, {}, b'{"name": "concurrent_idempotent_requests"}')

    def _note(
        self,
        order: Order,
        fault: Fault,
        reply: Reply,
        accepted: tuple[str, ...] = (),
        rejected: tuple[str, ...] = (),
        *,
        repeat: bool = False,
    ) -> tuple[Fault, Reply]:
        with self._lock:
            self.log.append(Entry(order, fault, accepted, rejected, repeat))
        return fault, reply
