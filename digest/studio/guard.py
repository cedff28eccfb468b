"""Who may ask: a browser under our own address, from our own page, whom a door lets in; mostly to read."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from digest.studio.listening import hearing
from digest.studio.pages import refusal
from digest.studio.people.doors import Door

FORMS = ("/designs/", "/issues/", "/look/", "/sign-in", "/sign-out")
"""Below these, pages may send forms back; everything else can only be read."""
_POLICY = (
    "default-src 'none'",
    "script-src 'self'",
    # Frames with `srcdoc` live under this policy too, and mail is made of style attributes and remote images.
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' https: data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
)
HEADERS = {
    "Content-Security-Policy": "; ".join(_POLICY),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""On every answer."""
_WITH_FORMS = HEADERS | {
    "Content-Security-Policy": HEADERS["Content-Security-Policy"].replace("form-action 'none'", "form-action 'self'")
}


class Guard:
    """Stands before everything: asks for the exact host, our own origin, somebody who is let in, and mostly reading.

    Only where there are forms one may be sent; what it may do is asked for each address (`people.rights`).
    """

    def __init__(self, app: ASGIApp, door: Door) -> None:
        self._app = app
        self._door = door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a refused request here; pass on any other."""
        if scope["type"] != "http":  # `lifespan`: the server speaks no other protocol
            await self._app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                # The first page shows an issue, too; its forms go to that one's own address.
                shows_forms = scope["path"] == "/" or _has_forms(scope["path"]) or self._door.forms_everywhere
                MutableHeaders(scope=message).update(_WITH_FORMS if shows_forms else HEADERS)
            await send(message)

        answer = self._answer(Request(scope)) or self._app
        await answer(scope, receive, send_guarded)

    def _answer(self, request: Request) -> Response | None:
        """Return the answer to a request that goes no further."""
        hosts = request.headers.getlist("host")
        if len(hosts) != 1 or hosts[0] not in self._door.origins:
            return refusal(hearing(request), 421, "host")
        if _from_elsewhere(request, self._door.origins[hosts[0]]):
            return refusal(hearing(request), 403, "origin")
        allowed = ("GET", "HEAD", "POST") if _has_forms(request.scope["path"]) else ("GET", "HEAD")
        if request.method not in allowed:
            return refusal(hearing(request), 405, "method", {"Allow": ", ".join(allowed)})
        return self._door.enter(request)


def _has_forms(path: str) -> bool:
    return path.startswith(FORMS)


def _from_elsewhere(request: Request, ours: str) -> bool:
    """Whether another site's page made the request; opening our address from anywhere is fine."""
    origin = request.headers.get("origin", "")
    if origin or request.method not in {"GET", "HEAD"}:
        return origin != ours
    headers = request.headers
    foreign = headers.get("sec-fetch-site") in {"cross-site", "same-site"}  # another port is the same site
    return foreign and headers.get("sec-fetch-mode") != "navigate"
