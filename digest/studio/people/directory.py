"""The users as the configuration and the file of passwords stand at this moment."""

from __future__ import annotations

import hashlib
import logging
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Generic, TypeVar

from digest.app import OPERATOR_FILE
from digest.app.team import read_studio
from digest.errors import ConfigError
from digest.studio.people.passwords import FILE, read_passwords
from digest.studio.people.persons import Right, rights_of

_log = logging.getLogger("digest.studio")
_Stamp = tuple[int, int, int, int] | None
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class User:
    """One who may sign in."""

    name: str
    rights: frozenset[Right]
    kept: str | None
    """The hash of the password; None before there is one."""

    @property
    def mark(self) -> str:
        """What changes with the password, and tells nothing about it."""
        return hashlib.sha256((self.kept or "").encode()).hexdigest()


class Directory:
    """Reads both files again when they change: who leaves the team is out with the next request.

    A configuration that cannot be read leaves everybody with what they had; a file of passwords that cannot be
    trusted lets nobody in.
    """

    def __init__(self, root: Path) -> None:
        self._config, self._passwords = root / OPERATOR_FILE, root / FILE
        self._lock = Lock()
        self._roles = _Kept[Mapping[str, tuple[str, frozenset[Right]]]](self._config, lambda: _roles(root))
        self._hashes = _Kept[Mapping[str, str]](self._passwords, lambda: read_passwords(self._passwords))

    def read(self) -> None:
        """Read everything; raise `ConfigError`."""
        with self._lock:
            self._roles.now()
            self._hashes.now()

    def find(self, name: str) -> User | None:
        """Return a user, whatever the case of the name."""
        with self._lock:
            try:
                roles = self._roles.now()
            except ConfigError as error:
                _log.warning("the studio's users stay as they were: %s", error)
                roles = self._roles.last or {}
            try:
                hashes = self._hashes.now()
            except ConfigError as error:
                _log.warning("nobody can sign in: %s", error)
                hashes = {}
        known = roles.get(_key(name))
        return User(known[0], known[1], hashes.get(known[0])) if known else None

    def without_password(self) -> tuple[str, ...]:
        """Return the names of the users who cannot sign in yet; raise `ConfigError`."""
        with self._lock:
            hashes = self._hashes.now()
            return tuple(name for name, _ in self._roles.now().values() if name not in hashes)


class _Kept(Generic[T]):
    """What was read from a file, until that changes."""

    def __init__(self, file: Path, read: Callable[[], T]) -> None:
        self._file, self._read = file, read
        self._stamp: _Stamp | str = "unread"
        self._error: ConfigError | None = None
        self.last: T | None = None

    def now(self) -> T:
        """Return what the file says; raise `ConfigError`."""
        stamp = _stamp(self._file)
        if stamp != self._stamp:
            self._stamp, self._error = stamp, None
            try:
                self.last = self._read()
            except ConfigError as error:
                self._error = error
        if self._error or self.last is None:
            raise self._error or ConfigError("this cannot be read", file=self._file)
        return self.last


def _stamp(file: Path) -> _Stamp:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino, found.st_ctime_ns  # the last: also a change of its mode


def _roles(root: Path) -> Mapping[str, tuple[str, frozenset[Right]]]:
    return {_key(user.name): (user.name, rights_of(user.roles)) for user in read_studio(root).users}


def _key(name: str) -> str:
    return unicodedata.normalize("NFC", name).strip().casefold()
