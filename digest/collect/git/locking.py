"""Decides which process works on a copy: one at a time, and as long as anything that it started still runs."""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_HAS_LOCKS = importlib.util.find_spec("fcntl") is not None  # a POSIX system; elsewhere there is no such guard
_PAUSE = 0.1


@contextmanager
def only_one(file: Path, seconds: float) -> Iterator[int | None]:
    """Hold the lock of this name, and give its descriptor, which a child may keep open to hold the lock, too.

    Wait up to `seconds` for whoever has it, then raise `TimeoutError`. The kernel lets go of it however a process ends.
    """
    if not _HAS_LOCKS:
        yield None
        return
    import fcntl

    with file.open("a") as lock:
        for turn in range(int(seconds / _PAUSE) + 1):
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if turn >= int(seconds / _PAUSE):
                    raise TimeoutError(f"another process has held {file} for {seconds:g} seconds") from None
                time.sleep(_PAUSE)
        yield lock.fileno()
