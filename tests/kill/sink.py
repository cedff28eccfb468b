"""A provider's side of the kill test: it keeps its own log of what it accepted, and shares no code with the sender."""

from __future__ import annotations

import json
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Sink:
    """Answers as SendGrid does: 202 once the whole request has arrived, after a moment of work."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._lock = threading.Lock()
        self.accepted: Counter[str] = Counter()
        self.requests = 0
        self.on_request: Callable[[int, str], None] = lambda count, moment: None
        """Called with the number of the request and `before` or `after` its acceptance was noted."""
        sink = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                try:
                    body = self.rfile.read(int(self.headers["Content-Length"]))
                    if len(body) < int(self.headers["Content-Length"]):
                        self.close_connection = True  # the sender died half-way: nothing was accepted
                        return
                    sink._take(body)
                    self.send_response(202)
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                except OSError:
                    self.close_connection = True

            def log_message(self, *_: object) -> None:
                """Say nothing: the log that counts is `accepted`."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def _take(self, body: bytes) -> None:
        addresses = [to["email"] for each in json.loads(body)["personalizations"] for to in each["to"]]
        with self._lock:
            self.requests += 1
            count, pause = self.requests, self._random.uniform(0, 0.008)
        self.on_request(count, "before")
        time.sleep(pause)  # the provider's work, not the test's waiting
        with self._lock:
            self.accepted.update(addresses)
        self.on_request(count, "after")

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
