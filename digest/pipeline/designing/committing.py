"""Decides whether a save becomes a commit, and makes it: of exactly one file, and of nothing that somebody else began.

The commit is put together beside the work tree: its tree is that of HEAD with one file changed, so neither what is
staged nor what is changed elsewhere can slip in. The index learns of that one file only, so that no later commit of
somebody else takes the save back.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from digest.pipeline.designing.files import DesignFile
from digest.pipeline.designing.repository import GitSaysNoError, Repository

STUDIO = "digest studio"
"""Who commits; the author is the person."""
NOBODYS = "studio@digest.invalid"
"""The address of whoever has none in this repository; RFC 2606 promises that it will never be anybody's."""
_UNDER_WAY = (
    "MERGE_HEAD",
    "CHERRY_PICK_HEAD",
    "REVERT_HEAD",
    "BISECT_LOG",
    "rebase-merge",
    "rebase-apply",
    "sequencer",
)
_POINTER = b"version https://git-lfs"


@dataclass(frozen=True, slots=True)
class Recorded:
    """What git has of a save."""

    commit: str = ""
    """Empty when it has nothing."""
    why: str = ""
    """Why not: one of the words that pages have sentences for (`git.<why>`)."""
    detail: str = ""
    """What git itself said, if that helps."""


@dataclass(frozen=True, slots=True)
class Saved:
    """A save, as git is to know it."""

    file: DesignFile
    before: bytes
    after: bytes
    who: str
    at: datetime
    message: str


@dataclass(frozen=True, slots=True)
class _Entry:
    """A file in a commit."""

    mode: str
    blob: str
    full: str
    """Its path from the top of the work tree."""


def record(repository: Repository, saved: Saved) -> Recorded | None:
    """Commit a save whose text is on disk already; None when the file is in no git repository."""
    path = str(saved.file.path.relative_to(repository.root))
    try:
        head = repository.head()
        entry = _entry(repository, head, path) if head else None
        if entry is None:
            return None
        return Recorded(_committed(repository, head, entry, path, saved))
    except GitSaysNoError as error:
        return None if error.why in {"outside", "absent"} else Recorded(why=error.why, detail=error.detail)
    except OSError as error:
        return Recorded(why="failed", detail=error.strerror or str(error))


def _entry(repository: Repository, head: str, path: str) -> _Entry | None:
    """Return how the file stands in a commit; None when it does not, or as something else than a file."""
    found = repository.ask("ls-tree", "-z", "--full-name", head, "--", path).decode("utf-8", "surrogateescape")
    if not found:
        return None
    facts, _, full = found.removesuffix("\0").partition("\t")
    mode, _, blob = facts.split(" ")
    return _Entry(mode, blob, full) if mode in {"100644", "100755"} else None


def _committed(repository: Repository, head: str, entry: _Entry, path: str, saved: Saved) -> str:
    """Return the commit; raise `GitSaysNoError`."""
    _check(repository, path)
    known = repository.blob(entry.blob)
    if known.startswith(_POINTER):
        raise GitSaysNoError("filtered")
    before, after = (_object(repository, _as_kept(each, known)) for each in (saved.before, saved.after))
    staged = _staged(repository, path)
    if staged not in {(entry.mode, entry.blob), (entry.mode, before)}:
        raise GitSaysNoError("staged")
    with tempfile.TemporaryDirectory(prefix="digest-git-") as folder:
        index = {"GIT_INDEX_FILE": str(Path(folder) / "index")}
        repository.ask("read-tree", head, more=index)
        newest, blob = head, entry.blob
        if before != entry.blob:  # somebody's change that is in no commit yet: it gets one of its own
            told = f"{saved.file.folder}/{saved.file.name}: keep what was changed outside of the studio"
            newest, blob = (
                _commit(repository, newest, entry, before, index, _signed(saved, STUDIO, NOBODYS), told),
                before,
            )
        if after != blob:
            who = _signed(saved, saved.who, _address(repository, saved.who))
            newest = _commit(repository, newest, entry, after, index, who, saved.message)
    if newest != head:
        _move(repository, head, newest, entry, staged[1], after)
    return newest


def _check(repository: Repository, path: str) -> None:
    """Raise `GitSaysNoError` where a commit would meet somebody's work that is under way, or be lost."""
    folder = Path(repository.line("rev-parse", "--absolute-git-dir"))
    if any((folder / name).exists() for name in _UNDER_WAY):
        raise GitSaysNoError("under_way")
    if (folder / "index.lock").exists():
        raise GitSaysNoError("locked")
    try:
        repository.line("symbolic-ref", "--quiet", "HEAD")
    except GitSaysNoError as error:
        raise GitSaysNoError("detached") from error
    said = repository.ask("check-attr", "-z", "filter", "ident", "working-tree-encoding", "--", path)
    if set(said.decode().split("\0")[2::3]) - {"unspecified", "unset"}:
        raise GitSaysNoError("filtered")


def _staged(repository: Repository, path: str) -> tuple[str, str]:
    """Return the mode and the object that the index has of the file; empty when it has none."""
    found = repository.ask("ls-files", "--stage", "-z", "--", path).decode("utf-8", "surrogateescape").split("\0")
    if len(found) > 2:
        raise GitSaysNoError("under_way")
    mode, blob, *_ = found[0].split(" ") if found[0] else ("", "")
    return mode, blob


def _object(repository: Repository, data: bytes) -> str:
    return repository.ask("hash-object", "-w", "--no-filters", "--stdin", data=data).decode().strip()


def _as_kept(data: bytes, known: bytes) -> bytes:
    """Return bytes with the ends of lines that the repository has: a checkout may have given them others."""
    return data if b"\r\n" in known else data.replace(b"\r\n", b"\n")


def _commit(
    repository: Repository,
    parent: str,
    entry: _Entry,
    blob: str,
    index: Mapping[str, str],
    who: Mapping[str, str],
    message: str,
) -> str:
    _put(repository, entry, blob, index)
    tree = repository.line("write-tree", "--missing-ok", more=index)
    made = repository.ask("commit-tree", tree, "-p", parent, "-F", "-", data=message.encode(), more=who)
    return made.decode().strip()


def _put(repository: Repository, entry: _Entry, blob: str, more: Mapping[str, str] | None = None) -> None:
    line = f"{entry.mode} {blob}\t{entry.full}\0".encode("utf-8", "surrogateescape")
    repository.ask("update-index", "-z", "--index-info", data=line, more=more)


def _move(repository: Repository, head: str, newest: str, entry: _Entry, staged: str, after: str) -> None:
    """Let the branch and the index have the commit, or neither."""
    _put(repository, entry, after)
    try:
        repository.ask("update-ref", "-m", "commit: saved in the digest studio", "HEAD", newest, head)
    except GitSaysNoError:
        _put(repository, entry, staged)
        raise


def _signed(saved: Saved, who: str, address: str) -> Mapping[str, str]:
    moment = f"@{int(saved.at.timestamp())} +0000"
    return {
        "GIT_AUTHOR_NAME": who,
        "GIT_AUTHOR_EMAIL": address,
        "GIT_AUTHOR_DATE": moment,
        "GIT_COMMITTER_NAME": STUDIO,
        "GIT_COMMITTER_EMAIL": NOBODYS,
        "GIT_COMMITTER_DATE": moment,
    }


def _address(repository: Repository, who: str) -> str:
    """Return the mail address that the repository's own settings have for this very name."""
    try:
        if repository.line("config", "--get", "user.name") == who:
            return repository.line("config", "--get", "user.email")
    except GitSaysNoError:
        pass
    return NOBODYS
