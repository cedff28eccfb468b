"""Decides whether a repository has news, and what stands in when nobody can be asked.

The first question goes to the server alone and needs no copy, so that a server that cannot be reached is told from a
copy that is spoilt: the one leaves the last good state in use, the other is fetched anew beside it. It is left in use
whatever the server says, also that the repository, the branch or the folder is gone. Only the newest
commit of one branch is fetched, and of its files only those in the folder, where the server can do that.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path

from digest.collect.git import addresses
from digest.collect.git.copies import Copies, State, new_mark
from digest.collect.git.faults import Fault, GitError
from digest.collect.git.locking import only_one
from digest.collect.git.program import Git
from digest.collect.last_reading import unreachable
from digest.errors import ConfigError, SourceError
from digest.models import Finding

_FETCHED = "refs/digest/fetched"
_PACKS = 100
"""Packs that fetches may leave behind before everything is fetched anew."""
_GROWTH = 1.5
"""Times the bytes of a first fetch that the objects may take, with all files of old, before all is fetched anew."""
_LITTLE = 1_000_000
"""Bytes over which nobody fetches anew."""
_QUESTION = 60.0
"""Seconds for asking which commit is the newest."""


@dataclass(frozen=True)
class Checkout:
    """One folder of one branch of a git repository, kept up to date in a folder of this machine."""

    url: str
    """`https://…`, `ssh://…` or `git@host:path`; with `allow_private` also `http://…` and `file://…`."""
    branch: str
    """Empty for the one that the repository itself names (HEAD)."""
    folder: str
    """The blog's folder within the repository; empty for all of it."""
    place: Path
    """Where the copy is kept; nothing else may be there."""
    token: str = field(default="", repr=False)
    """Opens a private repository over https: `token`, or `user:token`. Never written to the disk, never shown."""
    allow_private: bool = False
    timeout_seconds: float = 300
    """For each of the steps that fetch files."""

    def __post_init__(self) -> None:
        addresses.repository(self.url, allow_private=self.allow_private)
        addresses.branch(self.branch)
        addresses.folder(self.folder)

    def update(self, now: datetime) -> tuple[Path, tuple[Finding, ...]]:
        """Return the folder as it is at the newest commit, and what a person should know about that.

        The folder stays as it is: a later update makes another one, and deletes those before the last. When the
        server cannot be reached or says no, or the branch or the folder is not there any more, it is the folder of
        the last update, which the finding `blog.unreachable` says. `now` is the moment to write down. Raise
        `SourceError` when there is no folder to return, or no git program.
        """
        copies = Copies(self.place)
        try:
            self.place.mkdir(parents=True, exist_ok=True)
            with only_one(self.place / "lock", self.timeout_seconds) as held:
                return self._updated(copies, now, held)
        except TimeoutError as error:
            raise SourceError(f"the copy of {self._shown} is in use: {error}", fix="try again later") from error
        except OSError as error:
            raise SourceError(
                f"the copy of {self._shown} cannot be kept: {error.strerror or error}",
                file=self.place,
                fix="let this program write there, and make room on the disk",
            ) from error

    def last(self) -> Path | None:
        """Return the folder of the last update without asking anybody; None when there was none."""
        copies = Copies(self.place)
        state = copies.state()
        return copies.files(state.files) if state and self._is_asked(state) else None

    @property
    def _shown(self) -> str:
        return addresses.without_password(self.url)

    def _updated(self, copies: Copies, now: datetime, held: int | None) -> tuple[Path, tuple[Finding, ...]]:
        repository = addresses.repository(self.url, allow_private=self.allow_private)
        state = kept = copies.state()
        git = Git(repository, self.token, held=held)
        try:
            git.check()
            if state and not (self._is_asked(state) and self._is_whole(git, copies, state)):
                state = None
            git = replace(git, reached_at=self._reached_at(repository))
            commit = self._newest(git)
            if state and state.commit == commit:
                state = replace(state, checked_at=now)
            else:
                state = self._fetched(git, copies, state, commit, now)
        except (GitError, ConfigError) as error:
            copies.tidy(kept)
            if state:
                return copies.files(state.files), (self._unreachable(state, error, now),)
            if isinstance(error, ConfigError):
                raise
            raise SourceError(
                f"the git repository {self._shown} cannot be read: {error.said}", fix=error.fix
            ) from error
        copies.switch(state)
        return copies.files(state.files), ()

    @property
    def _asked(self) -> tuple[str, str, str]:
        return self.url, addresses.branch(self.branch), addresses.folder(self.folder)

    def _is_asked(self, state: State) -> bool:
        return (state.address, state.branch, state.folder) == self._asked

    def _reached_at(self, repository: addresses.Repository) -> tuple[str, ...]:
        try:
            return repository.reached_at(allow_private=self.allow_private)
        except OSError as error:
            fix = "check the address, and that this machine is online"
            raise GitError(Fault.UNREACHABLE, f"the name “{repository.host}” cannot be found", fix) from error

    def _is_whole(self, git: Git, copies: Copies, state: State) -> bool:
        """Tell whether no file of a state was lost or changed; by size and time first, so that it is quick."""
        if not (copies.index(state.files).is_file() and copies.objects(state.objects).is_dir()):
            return False
        try:
            git.run(
                "diff-files", "--quiet", "--ignore-submodules", seconds=_QUESTION, copy=copies.objects(state.objects),
                more=_working_on(copies, state.files),
            )  # fmt: skip
        except GitError:
            return False
        return True

    def _newest(self, git: Git) -> str:
        """Ask the server for the newest commit of the branch."""
        name = addresses.branch(self.branch)
        wanted = f"refs/heads/{name}" if name else "HEAD"
        for line in git.run("ls-remote", "--", git.repository.address, wanted, seconds=_QUESTION).splitlines():
            commit, _, ref = line.partition("\t")
            if ref == wanted and commit.isalnum():
                return commit
        there = git.run("ls-remote", "--heads", "--", git.repository.address, seconds=_QUESTION).splitlines()
        known = [line.partition("\trefs/heads/")[2] for line in there]
        if not known:
            raise GitError(Fault.REFUSED, "it is empty", "push the blog, or correct the address")
        near = get_close_matches(name, known, 1)
        raise GitError(
            Fault.REFUSED,
            f"it has no branch “{name or 'HEAD'}”",
            (f"did you mean “{near[0]}”? " if near else "") + "known: " + ", ".join(known[:10]),
        )

    def _fetched(self, git: Git, copies: Copies, old: State | None, commit: str, now: datetime) -> State:
        """Fetch the newest commit beside what is there: first into the objects that are kept, then from scratch."""
        attempts = [*self._kept(copies, old), (new_mark(), True), (new_mark(), False)]
        for number, (objects, filtered) in enumerate(attempts, 1):
            try:
                return self._fetch(git, copies, old, commit, now, objects, filtered=filtered)
            except GitError as error:
                if error.fault in {Fault.REFUSED, Fault.SLOW} or number == len(attempts):
                    raise
        raise AssertionError("there is always an attempt")

    def _kept(self, copies: Copies, old: State | None) -> Iterator[tuple[str, bool]]:
        if old:
            with suppress(OSError):
                packs, held = copies.held(old.objects)
                if packs < _PACKS and held <= max(old.first_bytes * _GROWTH, _LITTLE):
                    yield old.objects, True

    def _fetch(
        self, git: Git, copies: Copies, old: State | None, commit: str, now: datetime, objects: str, *, filtered: bool
    ) -> State:
        copy = copies.objects(objects)
        if not copy.exists():
            self._begin(git, copy, commit)
        name = addresses.branch(self.branch)
        git.run(
            "fetch", "--quiet", "--no-tags", "--depth=1", "--no-write-fetch-head", "--update-shallow",
            *(["--filter=blob:none"] if filtered else ["--no-filter"]),
            "origin", f"+{f'refs/heads/{name}' if name else 'HEAD'}:{_FETCHED}",
            seconds=self.timeout_seconds, copy=copy,
        )  # fmt: skip
        commit = git.run(
            "rev-parse", "--verify", "--quiet", f"{_FETCHED}^{{commit}}", seconds=_QUESTION, copy=copy
        ).strip()
        tree = self._tree(git, copy, commit)
        files = new_mark()
        copies.files(files).mkdir()
        git.run(
            "read-tree", "-u", "--reset", tree, seconds=self.timeout_seconds, copy=copy,
            more=_working_on(copies, files),
        )  # fmt: skip
        first_bytes = old.first_bytes if old and old.objects == objects else copies.held(objects)[1]
        return State(*self._asked, commit, files, objects, now, old.files if old else "", first_bytes)

    def _begin(self, git: Git, copy: Path, commit: str) -> None:
        """Make a repository without anything in it that is ready to hold only a part of another."""
        hashes = "sha256" if len(commit) == 64 else "sha1"
        git.run("init", "--quiet", "--bare", "--template=", f"--object-format={hashes}", str(copy), seconds=_QUESTION)
        for key, value in (("core.repositoryFormatVersion", "1"), ("extensions.partialClone", "origin")):
            git.run("config", key, value, seconds=_QUESTION, copy=copy)

    def _tree(self, git: Git, copy: Path, commit: str) -> str:
        """Return the object that holds the files of the folder."""
        folder = addresses.folder(self.folder)
        if not folder:
            return f"{commit}^{{tree}}"
        try:
            tree = git.run(
                "rev-parse", "--verify", "--quiet", f"{commit}:{folder}", seconds=_QUESTION, copy=copy
            ).strip()
            if git.run("ls-tree", "-d", "-z", commit, "--", folder, seconds=_QUESTION, copy=copy).split(" ")[1:2] == [
                "tree"
            ]:
                return tree
        except GitError:
            tree = ""
        there = git.run("ls-tree", "-d", "-z", "--name-only", commit, seconds=_QUESTION, copy=copy).split("\0")
        raise GitError(
            Fault.REFUSED,
            f"it has no folder “{folder}”",
            "known: " + ", ".join(sorted(filter(None, there))[:10]),
        )

    def _unreachable(self, state: State, error: GitError | ConfigError, now: datetime) -> Finding:
        return unreachable(
            f"The git repository {self._shown}",
            error.said if isinstance(error, GitError) else error.message,
            error.fix,
            read_at=state.checked_at,
            now=now,
            refused=isinstance(error, ConfigError) or error.fault is Fault.REFUSED,
            zone=None,
            more=f"That is commit {state.commit[:10]}.",
        )


def _working_on(copies: Copies, mark: str) -> dict[str, str]:
    return {"GIT_WORK_TREE": str(copies.files(mark)), "GIT_INDEX_FILE": str(copies.index(mark))}
