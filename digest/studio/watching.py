"""When something that is shown has changed, and how everyone who looks at it gets to know."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path

import anyio
from anyio import to_thread
from anyio.abc import TaskStatus
from watchfiles import DefaultFilter, awatch

from digest.studio.desk import Desk

_LOOK_AROUND = 1_000
"""Milliseconds: how soon a folder that came back, or a decision in the store, is noticed."""

_SETTLED = 5
"""Milliseconds without another change after which a save is over: editors write a file in several steps."""

Stamps = frozenset[tuple[Path, int, int]]
"""Files or folders, each with two numbers that change with it."""


class News:
    """A version that counts up, and a way to wait for the next one."""

    def __init__(self) -> None:
        self.version = 1
        self.over = False
        self._next = anyio.Event()

    def announce(self) -> None:
        """Tell everyone who waits that there is something new to look at."""
        self.version += 1
        self._wake()

    def end(self) -> None:
        """Tell everyone who waits to go home: the studio stops."""
        self.over = True
        self._wake()

    async def after(self, seen: int) -> None:
        """Return once there is something newer than `seen`, or the studio stops."""
        while self.version == seen and not self.over:
            await self._next.wait()

    def _wake(self) -> None:
        self._next.set()
        self._next = anyio.Event()


async def watch(
    desk: Desk, news: News, turn: anyio.CapacityLimiter, *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED
) -> None:
    """Announce every change of what `desk` shows, until cancelled. `turn` is taken to touch the desk.

    Nothing that changes after it has `started` is missed.
    """
    watcher = _Watcher(desk, news, turn)
    seen = await watcher.look()
    task_status.started()
    while True:
        try:
            await watcher.follow(seen)
        except FileNotFoundError:
            pass  # a folder went away just then: look again
        except OSError:
            if watcher.polls:
                raise
            watcher.polls = True  # the system grants no more watches
        seen = await watcher.look()
        await watcher.announce({desk.root / "config", *seen.paths})


@dataclass(frozen=True, slots=True)
class _Sight:
    """All that is watched, as it is at one moment."""

    roots: Stamps
    files: Stamps
    decisions: object

    @property
    def paths(self) -> set[Path]:
        return {path for path, *_ in self.roots}


class _Watcher:
    def __init__(self, desk: Desk, news: News, turn: anyio.CapacityLimiter) -> None:
        self.desk, self.news, self.turn = desk, news, turn
        self.polls = False
        self.filter = DefaultFilter(ignore_paths=[desk.root / "var"])  # what the digest writes itself

    async def look(self) -> _Sight:
        roots = _identities(await to_thread.run_sync(self.desk.watched, limiter=self.turn))
        decisions = await to_thread.run_sync(self.desk.decisions, limiter=self.turn)
        return _Sight(roots, await to_thread.run_sync(_stamps, roots), decisions)

    async def follow(self, seen: _Sight) -> None:
        """Announce changes until there is something else to watch."""
        decided, ready = seen.decisions, False
        changes = awatch(
            *seen.paths,
            watch_filter=self.filter,
            step=_SETTLED,
            debounce=50,
            rust_timeout=_LOOK_AROUND,
            yield_on_timeout=True,
            force_polling=self.polls or None,
        )
        async with aclosing(changes):
            async for changed in changes:
                touched = {Path(path) for _, path in changed}
                if not ready:  # what changed before the watch was
                    touched |= {path for path, *_ in seen.files ^ await to_thread.run_sync(_stamps, seen.roots)}
                    ready = True
                if touched:
                    await self.announce(touched)
                before, decided = decided, await to_thread.run_sync(self.desk.decisions, limiter=self.turn)
                if not touched and decided != before:
                    await self.announce(touched)
                if _identities(await to_thread.run_sync(self.desk.watched, limiter=self.turn)) != seen.roots:
                    return  # a watch dies with its folder, and a folder that was missing has none

    async def announce(self, touched: set[Path]) -> None:
        await to_thread.run_sync(self.desk.forget, touched, limiter=self.turn)
        self.news.announce()


def _identities(paths: Sequence[Path]) -> Stamps:
    """Return the paths that exist, each with what tells it from another of the same name."""
    return frozenset((path, status.st_dev, status.st_ino) for path, status in _found(paths))


def _stamps(roots: Stamps) -> Stamps:
    """Return every file at or below the roots, each with its time and size."""
    files = [root for root, *_ in roots]
    for root, *_ in roots:
        files += (Path(folder) / name for folder, _, names in os.walk(root) for name in names)
    return frozenset((file, status.st_mtime_ns, status.st_size) for file, status in _found(files))


def _found(paths: Iterable[Path]) -> Iterator[tuple[Path, os.stat_result]]:
    for path in paths:
        try:
            yield path, path.stat()
        except OSError:
            continue  # gone, or not ours to see
