"""The page where one signs in, and the way out."""

from __future__ import annotations

import hashlib
import hmac
import logging
import math
import re
import secrets
from dataclasses import dataclass
from typing import Literal

import anyio
from anyio import to_thread
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from digest.studio.forms import TOKEN, FormError, read_form
from digest.studio.listening import chosen, hearing
from digest.studio.pages import filled, refusal
from digest.studio.people.directory import Directory, User
from digest.studio.people.inside import inside
from digest.studio.people.passwords import fits, is_old
from digest.studio.people.patience import Patience, network_of
from digest.studio.people.persons import LONGEST_NAME, person_of
from digest.studio.people.sessions import Sessions

_log = logging.getLogger("digest.studio")
_LARGEST = 20_000
"""Bytes of the form: a password of the longest kind, and where to go."""
_FIELDS = 8
_NONCE = re.compile(r"[A-Za-z0-9_-]{32,64}")
_KNOWN_DAYS = 90
_AT_ONCE = 2
"""Hashes that are made at once: each takes 64 MiB."""


@dataclass(frozen=True, slots=True)
class Cookies:
    """Their names and kind. With https no other host can set one in our place (`__Host-`)."""

    secure: bool
    port: int

    @property
    def session(self) -> str:
        """Names the session's cookie."""
        return self._name("session")

    @property
    def before(self) -> str:
        """Names the cookie that ties the form to a browser before there is a session."""
        return self._name("before")

    @property
    def browser(self) -> str:
        """Names the cookie by which a browser is known that a user has signed in with."""
        return self._name("browser")

    def put(
        self, answer: Response, name: str, value: str, days: int | None = None, same: Literal["lax", "strict"] = "lax"
    ) -> None:
        """Set a cookie; without days it ends with the browser."""
        age = days * 86_400 if days else None
        # Lax: a link in a report leads in. What changes something asks for our own origin and the session's token.
        answer.set_cookie(name, value, max_age=age, httponly=True, secure=self.secure, samesite=same)

    def drop(self, answer: Response, name: str) -> None:
        """Take a cookie away."""
        answer.delete_cookie(name, httponly=True, secure=self.secure, samesite="lax")

    def _name(self, what: str) -> str:
        # Cookies do not know ports: two studios on one machine need two names.
        return f"__Host-digest-studio-{what}" if self.secure else f"digest-studio-{self.port}-{what}"


class Signing:
    """Answers `/sign-in` and `/sign-out`."""

    def __init__(self, directory: Directory, sessions: Sessions, patience: Patience, cookies: Cookies) -> None:
        self._directory, self._sessions, self._patience, self._cookies = directory, sessions, patience, cookies
        self._key = secrets.token_bytes(32)
        self._turn = anyio.CapacityLimiter(_AT_ONCE)

    async def page(self, request: Request) -> Response:
        """Show the form."""
        if led_on := chosen(request):
            return led_on
        wanted = inside(request.query_params.get("next", ""))
        return RedirectResponse(wanted, 303) if person_of(request).signed_in else self._shown(request, wanted)

    async def enter(self, request: Request) -> Response:
        """Begin a session for who knows the password; say the same, as late, to all others."""
        nonce = request.cookies.get(self._cookies.before, "")
        expected = self._form_token(nonce if _NONCE.fullmatch(nonce) else secrets.token_urlsafe(32))
        try:
            fields = await read_form(request, expected, _FIELDS, _LARGEST)
        except FormError as error:
            return refusal(hearing(request), error.status, error.why)
        wanted, typed = inside(fields.get("next", "")), fields.get("name", "")[:LONGEST_NAME].strip()
        user = self._directory.find(typed)
        network = network_of(request.client.host if request.client else "")
        browser = self._known_browser(request, user)
        whose = user.name if user else typed.casefold()
        wait = self._patience.take(whose, network, browser)
        if wait:
            minutes = math.ceil(wait.total_seconds() / 60)
            answer = self._shown(request, wanted, typed, wait=minutes, status=429)
            answer.headers["Retry-After"] = str(math.ceil(wait.total_seconds()))
            return answer
        kept = user.kept if user else None
        matched = await to_thread.run_sync(fits, kept, fields.get("password", ""), limiter=self._turn)
        if not (matched and user and kept):
            # A name that nobody has may be a password that slipped into the wrong field.
            _log.warning("sign-in refused: %s, from %s", repr(user.name) if user else "an unknown name", network)
            return self._shown(request, wanted, typed, wrong=True, status=401)
        self._patience.give_back(whose, network, browser)
        if is_old(kept):
            _log.warning("the password of %r is hashed in an old way: `digest studio-password` renews it", user.name)
        _log.info("%r signed in from %s", user.name, network)
        self._sessions.end(person_of(request))  # no session outlives its browser's next one
        answer = RedirectResponse(wanted, 303)
        self._cookies.put(answer, self._cookies.session, self._sessions.begin(user))
        seen = browser or secrets.token_urlsafe(24)
        self._cookies.put(answer, self._cookies.browser, f"{seen}.{_proof(kept, seen)}", _KNOWN_DAYS)
        self._cookies.drop(answer, self._cookies.before)
        return answer

    async def leave(self, request: Request) -> Response:
        """End the session."""
        self._sessions.end(person_of(request))
        answer = RedirectResponse("/sign-in", 303)
        self._cookies.drop(answer, self._cookies.session)
        return answer

    def _shown(
        self, request: Request, wanted: str, typed: str = "", *, wrong: bool = False, wait: int = 0, status: int = 200
    ) -> Response:
        nonce = request.cookies.get(self._cookies.before, "")
        if not _NONCE.fullmatch(nonce):
            nonce = secrets.token_urlsafe(32)
        values = {
            "wanted": wanted,
            "typed": typed,
            "wrong": wrong,
            "wait": wait,
            "token_field": TOKEN,
            "token": self._form_token(nonce),
        }
        answer = filled("sign_in.html", hearing(request), values, status)
        self._cookies.put(answer, self._cookies.before, nonce, same="strict")
        return answer

    def _form_token(self, nonce: str) -> str:
        return hmac.new(self._key, nonce.encode(), hashlib.sha256).hexdigest()

    def _known_browser(self, request: Request, user: User | None) -> str:
        """Return the name of a browser that the user has signed in with; it is forgotten with the password."""
        name, _, proof = request.cookies.get(self._cookies.browser, "").partition(".")
        if not user or not user.kept or not _NONCE.fullmatch(name):
            return ""
        wanted = _proof(user.kept, name)
        return name if secrets.compare_digest(proof.encode(errors="replace"), wanted.encode()) else ""


def _proof(kept: str, browser: str) -> str:
    return hmac.new(kept.encode(), f"browser {browser}".encode(), hashlib.sha256).hexdigest()
