"""Whether the process that claimed a batch is still alive.

Each sender holds a file lock for as long as it lives; the kernel lets go of it however the process ends, SIGKILL
included. So a claim whose lock can be taken has no owner any more. Where that cannot be asked (another host, a system
without such locks), a claim counts as lost when its lease is over.
"""

from __future__ import annotations

import importlib.util
import os
import platform
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_HAS_LOCKS = importlib.util.find_spec("fcntl") is not None  # a POSIX system; elsewhere leases alone decide


class Owner:
    """This process's name on its claims, and the judge of other owners."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._host = platform.node()
        self._key = uuid.uuid4().hex
        self.name = f"{self._host}:{os.getpid()}:{self._key}"

    @contextmanager
    def alive(self) -> Iterator[None]:
        """Hold this owner's lock; claims made inside stay this process's own."""
        if not _HAS_LOCKS:
            yield
            return
        import fcntl

        self._folder.mkdir(parents=True, exist_ok=True)
        file = self._folder / f"{self._key}.lock"
        with file.open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            try:
                yield
            finally:
                file.unlink(missing_ok=True)

    def is_dead(self, name: str) -> bool:
        """Tell whether another owner is known to be gone; False when that cannot be known."""
        host, _, rest = name.partition(":")
        key = rest.rpartition(":")[2]
        if not _HAS_LOCKS or host != self._host or not key.isalnum() or key == self._key:
            return False
        import fcntl

        file = self._folder / f"{key}.lock"
        try:
            with file.open() as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except FileNotFoundError:
            return True
        except OSError:
            return False
        with suppress(OSError):
            file.unlink()
        return True
