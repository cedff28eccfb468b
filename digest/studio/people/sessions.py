"""Who is signed in: sessions that live on the server and end by idling, by age, by leaving, or with the password."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

from digest.studio.people.directory import Directory, User
from digest.studio.people.persons import Person

_MOST = 20
"""Of one user at once; the oldest ends first."""


@dataclass(slots=True)
class _Session:
    user: str
    mark: str
    form_token: str
    began: datetime
    seen: datetime


class Sessions:
    """The sessions of this start; of what stands in a cookie only a digest is kept. Safe to ask from any thread."""

    def __init__(
        self, directory: Directory, clock: Callable[[], datetime], idle: timedelta, longest: timedelta
    ) -> None:
        self._directory, self._clock = directory, clock
        self._idle, self._longest = idle, longest
        self._lock = Lock()
        self._open: dict[str, _Session] = {}

    def begin(self, user: User) -> str:
        """Begin a session with a new secret, and return that: the value of its cookie."""
        secret, now = secrets.token_urlsafe(32), self._clock()
        with self._lock:
            self._sweep(now)
            mine = [key for key, each in self._open.items() if each.user == user.name]
            for key in mine[: max(0, len(mine) - _MOST + 1)]:
                del self._open[key]
            self._open[_digest(secret)] = _Session(user.name, user.mark, secrets.token_urlsafe(32), now, now)
        return secret

    def person(self, secret: str, *, is_use: bool) -> Person | None:
        """Return whose session it is, None for one that is over or never was; `is_use` lets it idle no longer."""
        return self._person(_digest(secret), is_use=is_use) if secret else None

    def still(self, person: Person) -> bool:
        """Whether the session of a person goes on, for an answer that lasts; it is no use of it."""
        return self._person(person.session, is_use=False) is not None

    def end(self, person: Person) -> None:
        """End the session of a person."""
        with self._lock:
            self._open.pop(person.session, None)

    def _person(self, key: str, *, is_use: bool) -> Person | None:
        now = self._clock()
        with self._lock:
            found = self._open.get(key)
            if found is None:
                return None
            user = self._directory.find(found.user)
            if user is None or user.mark != found.mark or self._is_over(found, now):
                del self._open[key]
                return None
            if is_use:
                found.seen = max(found.seen, now)
            return Person(user.name, user.rights, found.form_token, key)

    def _is_over(self, session: _Session, now: datetime) -> bool:
        return now - session.seen >= self._idle or now - session.began >= self._longest

    def _sweep(self, now: datetime) -> None:
        for key in [key for key, each in self._open.items() if self._is_over(each, now)]:
            del self._open[key]


def _digest(secret: str) -> str:
    # Looked up by digest: how long the search takes says nothing about the secret.
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()
