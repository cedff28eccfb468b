"""Who may ask: a browser on this machine, that came with this start's token, from our own page; mostly to read."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from digest.studio.listening import hearing, remember
from digest.studio.pages import refusal

FORMS = "/designs/"
"""Below this, pages may send forms back; everything else can only be read."""
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
    """Stands before everything: asks for the exact host, our own origin, the token, and no more than reading.

    Only where there are forms one may be sent; whoever takes it asks for its own token (`forms`).
    The token comes once, in the address that the terminal shows, and becomes a cookie that scripts cannot read.
    """

    def __init__(self, app: ASGIApp, token: str, hosts: Sequence[str]) -> None:
        self._app = app
        self._token = token
        self._hosts = frozenset(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a refused request here; pass on any other."""
        if scope["type"] != "http":  # `lifespan`: the server speaks no other protocol
            await self._app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_WITH_FORMS if _has_forms(scope["path"]) else HEADERS)
            await send(message)

        answer = self._answer(Request(scope)) or self._app
        await answer(scope, receive, send_guarded)

    def _answer(self, request: Request) -> Response | None:
        """Return the answer to a request that goes no further."""
        hosts = request.headers.getlist("host")
        if len(hosts) != 1 or hosts[0] not in self._hosts:
            return refusal(hearing(request), 421, "host")
        if _from_elsewhere(request, hosts[0]):
            return refusal(hearing(request), 403, "origin")
        allowed = ("GET", "HEAD", "POST") if _has_forms(request.scope["path"]) else ("GET", "HEAD")
        if request.method not in allowed:
            return refusal(hearing(request), 405, "method", {"Allow": ", ".join(allowed)})
        # Cookies do not know ports: two studios on one machine need two names.
        cookie = f"digest-studio-{hosts[0].rpartition(':')[2]}"
        if "token" in request.query_params:
            if not self._is_token(request.query_params["token"]):
                return refusal(hearing(request), 403, "token")
            answer = RedirectResponse(request.url.path, 303)
            answer.set_cookie(cookie, self._token, httponly=True, samesite="strict")
            remember(request, answer)
            return answer
        return None if self._is_token(request.cookies.get(cookie, "")) else refusal(hearing(request), 403, "token")

    def _is_token(self, text: str) -> bool:
        return secrets.compare_digest(text.encode(), self._token.encode())


def _has_forms(path: str) -> bool:
    return path.startswith(FORMS)


def _from_elsewhere(request: Request, host: str) -> bool:
    """Whether another site's page made the request; opening our address from anywhere is fine."""
    origin = request.headers.get("origin", "")
    if origin or request.method not in {"GET", "HEAD"}:
        return origin != f"http://{host}"
    headers = request.headers
    foreign = headers.get("sec-fetch-site") in {"cross-site", "same-site"}  # another port is the same site
    return foreign and headers.get("sec-fetch-mode") != "navigate"
