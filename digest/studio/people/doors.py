"""How a request becomes a person's: by this start's token, or, where there are users, by a session."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol
from urllib.parse import urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from digest.studio.listening import hearing, remember
from digest.studio.pages import refusal
from digest.studio.people.directory import Directory
from digest.studio.people.inside import inside
from digest.studio.people.passwords import ready
from digest.studio.people.patience import Patience
from digest.studio.people.persons import Person, admit, everything
from digest.studio.people.sessions import Sessions
from digest.studio.people.signing import Cookies, Signing

SIGN_IN = "/sign-in"
_OPEN = (SIGN_IN, "/static/")
_POLLED = ("/events", "/trying", "/static/")
"""What pages ask for by themselves is no use of a session; so is `/progress`."""


class Door(Protocol):
    """Lets a request in, as that of a person, or answers it."""

    @property
    def origins(self) -> Mapping[str, str]:
        """The Host headers that are answered, and the origin of our own pages under each."""

    @property
    def routes(self) -> Sequence[Route]:
        """What one needs to come in and to go."""

    @property
    def forms_everywhere(self) -> bool:
        """Whether every page holds a form."""

    def enter(self, request: Request) -> Response | None:
        """Note whose request it is (`persons.admit`), or return the answer to one that is nobody's."""

    def still(self, person: Person) -> bool:
        """Whether a person who was let in still is."""


class TokenDoor:
    """Opens to whoever came with this start's token; it comes once, in the address that the terminal shows."""

    routes: Sequence[Route] = ()
    forms_everywhere = False

    def __init__(self, token: str, hosts: Sequence[str]) -> None:
        self.origins: Mapping[str, str] = {host: f"http://{host}" for host in hosts}
        self._token = token
        self._person = everything(secrets.token_urlsafe(24))

    def enter(self, request: Request) -> Response | None:
        """Take the token from the address into a cookie that scripts cannot read, or from there."""
        # Cookies do not know ports: two studios on one machine need two names.
        cookie = f"digest-studio-{request.headers['host'].rpartition(':')[2]}"
        if "token" in request.query_params:
            if not self._is_token(request.query_params["token"]):
                return refusal(hearing(request), 403, "token")
            answer = RedirectResponse(request.url.path, 303)
            answer.set_cookie(cookie, self._token, httponly=True, samesite="strict")
            remember(request, answer)
            return answer
        if not self._is_token(request.cookies.get(cookie, "")):
            return refusal(hearing(request), 403, "token")
        admit(request, self._person)
        return None

    def still(self, person: Person) -> bool:
        """Return True: a token is good until the studio stops."""
        return True

    def _is_token(self, text: str) -> bool:
        return secrets.compare_digest(text.encode(errors="replace"), self._token.encode())


@dataclass(frozen=True, slots=True)
class Times:
    """When sessions end, and what time it is."""

    idle: timedelta
    longest: timedelta
    now: Callable[[], datetime] = lambda: datetime.now(UTC)


class TeamDoor:
    """Opens to who has signed in; others are shown where that is done. Raise `ConfigError` where nobody could."""

    forms_everywhere = True

    def __init__(self, root: Path, origins: Mapping[str, str], times: Times) -> None:
        self.origins = origins
        ready()
        self.directory = Directory(root)
        self.directory.read()
        self._sessions = Sessions(self.directory, times.now, times.idle, times.longest)
        some = urlsplit(next(iter(origins.values())))
        self._cookies = Cookies(secure=some.scheme == "https", port=some.port or 0)
        signing = Signing(self.directory, self._sessions, Patience(times.now), self._cookies)
        self.routes: Sequence[Route] = (
            Route(SIGN_IN, signing.page),
            Route(SIGN_IN, signing.enter, methods=["POST"]),
            Route("/sign-out", signing.leave, methods=["POST"]),
        )

    def enter(self, request: Request) -> Response | None:
        """Find the session, or lead to where one begins: a page is led there, a script is told so."""
        path = request.scope["path"]
        is_use = not path.startswith(_POLLED) and not path.endswith("/progress")
        person = self._sessions.person(request.cookies.get(self._cookies.session, ""), is_use=is_use)
        if person:
            admit(request, person)
            return None
        if path.startswith(_OPEN):
            return None
        if request.method in {"GET", "HEAD"} and request.headers.get("sec-fetch-mode", "navigate") == "navigate":
            wanted = inside(request.url.path + (f"?{request.url.query}" if request.url.query else ""))
            return RedirectResponse(SIGN_IN + (f"?{urlencode({'next': wanted})}" if wanted != "/" else ""), 303)
        return refusal(hearing(request), 401, "session")

    def still(self, person: Person) -> bool:
        """Whether the session goes on."""
        return self._sessions.still(person)
