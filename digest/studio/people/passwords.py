"""Passwords: their argon2 hashes, in a file of their own that only its owner can read.

One line a user, `name:hash`. What is in it opens no door by itself, but lets whoever reads it guess without end.
"""

from __future__ import annotations

import os
import secrets
import stat
import tempfile
import unicodedata
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from digest.errors import ConfigError

if TYPE_CHECKING:
    from argon2 import PasswordHasher

FILE = Path("var/studio/passwords")
SHORTEST = 12
LONGEST = 1_000
"""Characters; more costs time and adds nothing."""
_LARGEST = 1_000_000
_HOW = "set it with `digest studio-password NAME`"


def hash_of(password: str) -> str:
    """Return the argon2id hash of a password; raise `ConfigError` for one that is too short or too long."""
    text = _same(password)
    if not SHORTEST <= len(text) <= LONGEST:
        raise ConfigError(
            f"a password has {SHORTEST} to {LONGEST} characters, and this one has {len(text)}",
            fix="take a few words that do not belong together",
        )
    return _hasher().hash(text)


def fits(kept: str | None, password: str) -> bool:
    """Whether a password is the one of a hash. Without a hash it takes as long as with one, and does not fit."""
    from argon2.exceptions import Argon2Error, InvalidHashError

    text = _same(password)[: LONGEST + 1]
    try:
        matched = _hasher().verify(kept or _nobodys(), text)
    except (Argon2Error, InvalidHashError):
        return False
    return matched and bool(kept) and len(text) <= LONGEST


def is_old(kept: str) -> bool:
    """Whether a hash was made with other parameters than are usual now."""
    return _hasher().check_needs_rehash(kept)


def ready() -> None:
    """Make what is slow the first time, so that the first answer takes no longer than others; raise `ConfigError`."""
    _nobodys()


def read_passwords(file: Path) -> Mapping[str, str]:
    """Return the hashes by user; raise `ConfigError` when others could read the file, or it is no such file."""
    try:
        with file.open("rb") as opened:
            mode = os.fstat(opened.fileno()).st_mode
            if not stat.S_ISREG(mode):
                raise ConfigError("this is no file", file=file, fix=_HOW)
            if mode & 0o077:
                raise ConfigError(
                    "others than its owner can read or change this file of password hashes",
                    file=file,
                    fix=f"chmod 600 {file}, and have everybody choose a new password if others may have read it",
                )
            data = opened.read(_LARGEST + 1)
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise ConfigError(f"the passwords cannot be read: {error.strerror}", file=file) from error
    if len(data) > _LARGEST:
        raise ConfigError("this is too large for a file of passwords", file=file, fix=_HOW)
    found: dict[str, str] = {}
    for number, line in enumerate(data.decode(errors="replace").splitlines(), 1):
        name, colon, kept = line.partition(":")
        if not line.strip():
            continue
        if not colon or not kept.startswith("$argon2"):  # what stands there is not quoted: it may be a password
            raise ConfigError("this line is no name, colon and argon2 hash", file=file, line=number, fix=_HOW)
        found[unicodedata.normalize("NFC", name)] = kept.strip()
    return found


def write_password(file: Path, name: str, kept: str) -> None:
    """Put the hash of a user's password into the file, which nobody else can read at any moment."""
    everybody = {**read_passwords(file), name: kept}
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle, half = tempfile.mkstemp(dir=file.parent, prefix=".passwords-")  # mode 600
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as opened:
                opened.writelines(f"{each}:{its}\n" for each, its in everybody.items())
                opened.flush()
                os.fsync(opened.fileno())
            Path(half).replace(file)
        except BaseException:
            with suppress(OSError):
                Path(half).unlink()
            raise
    except OSError as error:
        raise ConfigError(f"the passwords cannot be written: {error.strerror}", file=file) from error


def _same(password: str) -> str:
    """Return one form of what different keyboards make of the same signs (RFC 8265 says NFC)."""
    return unicodedata.normalize("NFC", password)


@cache
def _hasher() -> PasswordHasher:
    try:
        from argon2 import PasswordHasher
    except ImportError as error:
        raise ConfigError(
            "users of the studio need argon2-cffi, which is not installed",
            fix='pip install "newsletter-digest[team]"',
        ) from error
    return PasswordHasher()  # RFC 9106's low-memory profile


@cache
def _nobodys() -> str:
    """Return a hash that fits nothing that anybody knows."""
    return _hasher().hash(secrets.token_urlsafe(32))
