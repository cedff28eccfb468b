"""When the cases of a design are rendered: in the background, once a version, and the last few versions are kept."""

from __future__ import annotations

import hashlib
import logging
import os
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from threading import Event, Lock, Thread

from digest.app import Project
from digest.errors import DigestError
from digest.models import Collection, Finding
from digest.pipeline.designing import mails_of
from digest.pipeline.stress import Tried, stress
from digest.studio.trials import trial_for

_log = logging.getLogger("digest.studio")
_KEPT = 4
"""Sheets, each of a version of a newsletter's design: some megabytes."""
_MADE_OF = ("templates", "config")
"""Folders of a project: whatever is said there may change a mail."""
_ISSUES = 20
"""The newest; the last of them are tried, too."""

ReadPosts = Callable[[datetime], Collection]


@dataclass(frozen=True, slots=True)
class Shot:
    """One case as it was rendered."""

    tried: Tried
    html: str
    """Empty when it could not be rendered: then its finding says why."""


@dataclass(slots=True)
class Making:
    """One sheet, which may not be whole yet. It grows in a thread of its own; what is in it stays as it is."""

    slug: str
    version: str
    """Names what it is made of."""
    shots: list[Shot] = field(default_factory=list)
    total: int = 0
    """How many there will be; 0 before that is known."""
    beforehand: tuple[Finding, ...] = ()
    trouble: DigestError | None = None
    """Why it ended before it was whole."""
    failed: str = ""
    """The name of an error that is the studio's own."""
    is_done: bool = False
    left: Event = field(default_factory=Event)
    """Set when nobody wants it any more."""


class _LeftError(Exception):
    """Nobody wants the rest."""


class Sheets:
    """The sheets that were made, and the one that is being made; safe to ask from any thread."""

    def __init__(self, root: Path, wall: Callable[[], datetime]) -> None:
        self._root, self._wall = root, wall
        self._lock, self._one_at_a_time = Lock(), Lock()
        self._kept: OrderedDict[tuple[str, str], Making] = OrderedDict()
        self._threads: list[Thread] = []
        self._over = False

    def sheet(self, slug: str, version: str, read_posts: ReadPosts) -> Making:
        """Return the sheet of a version; begin to make it if there is none. Never waits for it."""
        with self._lock:
            if (slug, version) in self._kept:
                self._kept.move_to_end((slug, version))
                return self._kept[slug, version]
            for (other, _), older in list(self._kept.items()):
                if other == slug and not older.is_done:
                    older.left.set()
                    del self._kept[other, older.version]
            making = self._kept[slug, version] = Making(slug, version)
            while len(self._kept) > _KEPT:
                _, dropped = self._kept.popitem(last=False)
                dropped.left.set()
            if not self._over:
                self._threads = [each for each in self._threads if each.is_alive()]
                self._threads.append(Thread(target=self._make, args=(making, read_posts), name=f"sheet {slug}"))
                self._threads[-1].start()
            return making

    def stop(self) -> None:
        """Make nothing more, and wait until the mail that is being made is made."""
        with self._lock:
            self._over = True
            for making in self._kept.values():
                making.left.set()
        self.wait()

    def wait(self) -> None:
        """Wait until nothing is being made."""
        with self._lock:
            threads = tuple(self._threads)
        for thread in threads:
            thread.join()

    def _make(self, making: Making, read_posts: ReadPosts) -> None:
        try:
            with self._one_at_a_time:
                self._fill(making, read_posts)
        except _LeftError:
            pass
        except DigestError as error:
            making.trouble = error
        except Exception as error:  # noqa: BLE001 - the page must say so, and the terminal tell where
            _log.exception("the stress sheet of %s: this should not have happened", making.slug)
            making.failed = type(error).__name__
        making.is_done = True

    def _fill(self, making: Making, read_posts: ReadPosts) -> None:
        def take(tried: Tried, html: str) -> None:
            making.shots.append(Shot(tried, html))
            if making.left.is_set():
                raise _LeftError

        if making.left.is_set():
            raise _LeftError
        with Project(self._root) as project, project.workshop() as workshop:
            letter = project.newsletter(making.slug)
            trial = trial_for(project, letter, read_posts, self._wall())
            making.total = mails_of([trial])
            report = stress(
                workshop,
                letter,
                trial.samples,
                trial.links,
                stored=trial.stored,
                beforehand=trial.beforehand,
                demands=trial.demands,
                root=self._root,
                shown=take,
            )
            making.beforehand = report.beforehand


def version_of(project: Project, slug: str) -> str:
    """Return what names all that a newsletter's cases are made of: its files, and its newest stored issues."""
    digest = hashlib.sha256(slug.encode())
    for folder in _MADE_OF:
        for file in _files(project.root / folder):
            digest.update(f"\0{file.relative_to(project.root).as_posix()}\0".encode())
            try:
                digest.update(hashlib.sha256(file.read_bytes()).digest())
            except OSError:
                continue  # gone meanwhile, or not ours to read
    for issue in project.store.issues.latest(slug, _ISSUES):
        digest.update(f"\0{issue.period} {issue.fingerprint}".encode())
    return digest.hexdigest()[:16]


def _files(folder: Path) -> Iterator[Path]:
    for within, folders, names in os.walk(folder):
        folders.sort()
        yield from (Path(within, name) for name in sorted(names))
