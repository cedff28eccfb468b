"""A project's backups: where they lie, when the newest was taken, and how one becomes the store again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from digest.store.backup import placing

if TYPE_CHECKING:
    from digest.app.project import Project
    from digest.store.backup.reading import Archive
    from digest.store.backup.restoring import Contents, Restored
    from digest.store.backup.writing import Written

FOLDER = placing.FOLDER


def newest_backup(root: Path) -> datetime | None:
    """Return when the newest backup below `var/backups` was taken, also one that was made by itself; None for none."""
    return placing.newest(root / placing.FOLDER)


def back_up(project: Project, now: datetime, place: Path | None, keep: int | None) -> tuple[Written, Sequence[Path]]:
    """Write a backup to a new file, and leave only `keep` (1 or more) in its folder. Return it and what was removed.

    `place` is a file or a folder; `var/backups` when it is None. Raise `StoreError` when it cannot be written.
    """
    from digest.store.backup.snapshot import back_up as write

    written = write(project.store_url, project.root, now, place)
    removed = placing.remove_older(written.place.parent, keep) if keep else ()
    return written, removed


@dataclass(frozen=True, slots=True)
class Exchange:
    """A backup that was read and found whole, beside the store that it would replace."""

    project: Project
    archive: Archive
    new: Contents
    old: Contents

    def carry_out(self, now: datetime, who: str, *, of_another: bool) -> Restored:
        """Make the backup the store; raise `StoreError` when it must not be, and then nothing is changed."""
        from digest.store.backup.restoring import restore

        project = self.project
        return restore(
            self.archive, project.store_url, project.root, now, who, project.owner.is_dead, of_another=of_another
        )


@contextmanager
def looked_into(project: Project, place: Path) -> Iterator[Exchange]:
    """Open a backup to restore it. Raise `StoreError` when it is damaged, too new, or no backup at all."""
    from digest.store.backup.reading import opened
    from digest.store.backup.restoring import contents_of_archive, contents_of_store

    with opened(place) as archive:
        new = contents_of_archive(archive)
        yield Exchange(project, archive, new, contents_of_store(project.store_url, project.root))
