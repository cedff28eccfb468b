"""What every answer carries, and how much of a request is read."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qs

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from digest.web.pages import STYLE_HASH

LARGEST_FORM = 16_384
"""Octets: a hundred sections and the longest name are far below it."""
_MOST_FIELDS = 250
_CLOSED = "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{STYLE_HASH}'; {_CLOSED}",
    "Referrer-Policy": "no-referrer",  # a link to a page of a reader's own holds the token
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}
AS_MAIL = {
    "Content-Security-Policy": f"default-src 'none'; style-src 'unsafe-inline'; img-src https:; {_CLOSED}",
}
"""For an issue: mail is made of style attributes and remote pictures."""


class SafeHeaders:
    """Adds the headers of every answer where it has not its own.

    No `BaseHTTPMiddleware`: under it several versions of Starlette begin the background task before the answer has left
    (github.com/Kludex/starlette/issues/3458), and how long that takes would tell whether an address was known.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and complete its answer."""

        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_safely)


async def read_form(request: Request) -> Mapping[str, list[str]]:
    """Return the fields of a form; raise `HTTPException` for one that is too large or no plain form."""
    declared = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > LARGEST_FORM:  # counted, since nothing has to be said of a body's length
            raise HTTPException(413)
    if body and declared != "application/x-www-form-urlencoded":
        raise HTTPException(415)
    try:
        # Strictly: what a browser sends is ASCII, and what it stands for is UTF-8.
        text = body.decode("ascii")
        return parse_qs(text, keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS)
    except ValueError as error:
        raise HTTPException(400) from error


def only(fields: Mapping[str, list[str]], name: str) -> str:
    """Return the field's first value; nothing for a field that is not there."""
    return fields.get(name, [""])[0]


def missing() -> Response:
    """Return the answer for what is not there."""
    return Response("Not found", status_code=404, media_type="text/plain")
