"""Where a long-running process answers who watches it: two addresses, read only, and never the public server's."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest

from digest.errors import DigestError
from digest.monitor.health import Health
from digest.monitor.scraping import Collector, registry_of

_PATIENCE_SECONDS = 10.0
"""For a client that says nothing."""


@contextmanager
def answering(host: str, port: int, health: Health, collectors: Iterable[Collector]) -> Iterator[int]:
    """Answer in a thread while the block runs; give the port. Raise `DigestError` for an address that is taken."""
    try:
        server = _Server(host, port, health, registry_of(collectors))
    except OSError as error:
        raise DigestError(
            f"nobody can watch port {port} of {host}: {error.strerror}",
            fix="does another scheduler listen there? Take another port in [monitor] of config/digest.toml",
        ) from error
    thread = threading.Thread(target=server.serve_forever, name="monitor", daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, host: str, port: int, health: Health, registry: CollectorRegistry) -> None:
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.health, self.registry = health, registry
        super().__init__((host, port), _Answer)

    def server_bind(self) -> None:
        """Bind without asking the name service who we are, as the library would."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: a client that went away is its own affair."""


class _Answer(BaseHTTPRequestHandler):
    server: _Server
    timeout = _PATIENCE_SECONDS

    def do_GET(self) -> None:
        """Answer one of the two addresses."""
        match self.path.partition("?")[0]:
            case "/healthz":
                status, said = self.server.health.now()
                self._say(status, "application/json", json.dumps(said, ensure_ascii=False).encode())
            case "/metrics":
                self._say(HTTPStatus.OK, CONTENT_TYPE_PLAIN_0_0_4, generate_latest(self.server.registry))
            case _:
                self._say(HTTPStatus.NOT_FOUND, "text/plain", b"/healthz or /metrics\n")

    do_HEAD = do_GET  # noqa: N815 - the library's name

    def version_string(self) -> str:
        """Return a name without versions."""
        return "digest"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Write no line for each who asks."""

    def _say(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
