"""Whether the process that claimed a batch is still alive.

Each sender holds a file lock for as long as it lives; the kernel lets go of it however the process ends, SIGKILL
included. So a claim whose lock can be taken has no owner any more. Where that cannot be asked (another host, a system
without such locks), a claim counts as lost when its lease is over.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import platform
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from digest.errors import StoreError

_HAS_LOCKS = importlib.util.find_spec("fcntl") is not None  # a POSIX system; elsewhere leases alone decide


class Owner:
    """This process's name on its claims, and the judge of other owners."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        # Hosts may share a name, and their databases, but not a folder on their own disks.
        place = hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:12]
        self._here = f"{platform.node()}:{place}"
        self._key = uuid.uuid4().hex
        self.name = f"{self._here}:{os.getpid()}:{self._key}"

    @contextmanager
    def alive(self) -> Iterator[None]:
        """Hold this owner's lock; claims made inside stay this process's own. Raise `StoreError` if it cannot."""
        if not _HAS_LOCKS:
            yield
            return
        import fcntl

        file = self._folder / f"{self._key}.lock"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            lock = file.open("w")
        except OSError as error:
            message = f"the sender's lock cannot be made: {error.strerror}"
            raise StoreError(message, file=self._folder, fix="make that folder writable") from error
        with lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            try:
                yield
            finally:
                file.unlink(missing_ok=True)

    def is_dead(self, name: str) -> bool | None:
        """Tell whether another owner is gone; None when that cannot be known, so that the lease decides."""
        here, _, key = name.rpartition(":")
        here = here.rpartition(":")[0]
        if not _HAS_LOCKS or here != self._here or not key.isalnum() or key == self._key:
            return None
        import fcntl

        file = self._folder / f"{key}.lock"
        try:
            with file.open() as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except FileNotFoundError:
            return True
        except BlockingIOError:
            return False
        except OSError:
            return None
        with suppress(OSError):
            file.unlink()
        return True
