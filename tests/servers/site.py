"""A web site on loopback: pages by path, redirects, versions, encrypted or not; what was asked is written down.

    with Site({"/feed.xml": page("<rss>…", etag='"1"'), "/old": moved("/feed.xml")}) as site:
        ... site.url ... site.asked[0].path ...

A page is an answer, or a function of the request that gives one. What is not there is a 404.
"""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self


@dataclass(frozen=True)
class Asked:
    path: str
    headers: Mapping[str, str]
    """Names in lower case."""


@dataclass(frozen=True)
class Page:
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


Answering = Page | Callable[[Asked], Page]


def page(body: str | bytes, *, etag: str = "", last_modified: str = "", **headers: str) -> Callable[[Asked], Page]:
    """Answer with the body, or with 304 to whoever has this very version; `cache_control` becomes Cache-Control."""
    content = body.encode() if isinstance(body, str) else body
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    named |= {"ETag": etag} if etag else {}
    named |= {"Last-Modified": last_modified} if last_modified else {}

    def answer(asked: Asked) -> Page:
        if etag and asked.headers.get("if-none-match") == etag:
            return Page(304, named)
        if last_modified and not etag and asked.headers.get("if-modified-since") == last_modified:
            return Page(304, named)
        return Page(200, named, content)

    return answer


def moved(location: str, status: int = 301) -> Page:
    """Send on."""
    return Page(status, {"Location": location})


class Site:
    def __init__(self, pages: dict[str, Answering] | None = None, certificate: tuple[Path, Path] | None = None) -> None:
        self.pages: dict[str, Answering] = pages or {}
        self.asked: list[Asked] = []
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._scheme = "http"
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            self._server.socket = context.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
            self._scheme = "https"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        return self._server.server_port

    @property
    def url(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _answer(self, asked: Asked) -> Page:
        with self._lock:
            self.asked.append(asked)
        found = self.pages.get(asked.path.partition("?")[0], Page(404))
        return found if isinstance(found, Page) else found(asked)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 5

            def do_GET(self) -> None:
                headers = {name.lower(): value for name, value in self.headers.items()}
                answer = site._answer(Asked(self.path, headers))
                self.send_response(answer.status)
                for name, value in {"Content-Length": str(len(answer.body)), **answer.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                if answer.status != 304:
                    self.wfile.write(answer.body)

            def handle(self) -> None:
                try:
                    super().handle()
                except OSError:
                    self.close_connection = True  # the client went away, or did not trust the certificate

            def log_message(self, *args: Any) -> None:
                """Keep quiet."""

        return Handler
