"""Decides which kind of source reads a blog: by name, by dotted path, or by what lies in its folder."""

from __future__ import annotations

import ast
import dataclasses
import importlib
import pkgutil
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from digest.collect import folders
from digest.collect.memory import FORGETFUL, Memory
from digest.collect.problems import legible
from digest.errors import ConfigError, SourceError
from digest.models import Collection, Finding, Level
from digest.options import fit, nearest

if TYPE_CHECKING:
    from digest.collect import Source

_ROOM = "digest.collect.sources"
_MOST_SHOWN = 3


def known_kinds() -> tuple[str, ...]:
    """Name the kinds of blogs that the digest reads by itself: the modules of `sources`."""
    return tuple(module.name for module in pkgutil.iter_modules([str(Path(__file__).parent / "sources")]))


def detect(folder: Path) -> str:
    """Name the kind of blog that lies in a folder: the one that recognises it, else `plain`.

    Raise `SourceError` when nobody may look into the folder, and `ConfigError` when several kinds recognise it.
    """
    try:
        names = folders.names(folder) if folders.is_folder(folder) else []
        found = [kind for kind in known_kinds() if _recognises(kind, folder, names)]
    except OSError as error:
        raise folders.closed(folder.name, error) from error
    if len(found) > 1:
        raise ConfigError(
            f"the folder looks like {' and like '.join(found)}",
            file=folder,
            fix="say which one it is: kind = … in the source's configuration, or --generator",
        )
    return found[0] if found else "plain"


def kind_of(source: Source) -> str:
    """Name the kind of an opened source; a blog in git is `git`, whatever lies in it."""
    module = type(source).__module__
    return "git" if module.startswith("digest.collect.git.") else module.rpartition(".")[2]


def _recognises(kind: str, folder: Path, names: list[str]) -> bool:
    if not any(fnmatchcase(name, sign) for sign in _signs(kind) for name in names):
        return False
    recognises = getattr(importlib.import_module(f"{_ROOM}.{kind}"), "recognises", None)
    return recognises is not None and bool(recognises(folder, names))


@cache
def _signs(kind: str) -> tuple[str, ...]:
    """Return the `SIGNS` of a kind that recognises folders, without importing it: all kinds take longer than a blog."""
    text = (Path(__file__).parent / "sources" / f"{kind}.py").read_text("utf-8")
    if "\ndef recognises(" not in text:
        return ()
    written = re.search(r"^SIGNS = (\(.+?\))$", text, re.MULTILINE | re.DOTALL)
    return tuple(ast.literal_eval(written[1])) if written else ("*",)


def open_source(
    name: str,
    kind: str | None,
    options: Mapping[str, object],
    environment: Mapping[str, str] | None = None,
    *,
    root: Path = Path(),
    copies: Path = Path("var/blogs"),
    file: Path | None = None,
) -> Source:
    """Make the source that is called `name`.

    `kind` is a module of `sources`, a dotted `package.module:Source`, or None to look into the folder at `path`.
    `options` are the fields of that kind's `Source`; relative paths are below `root`. With `git` they may also be
    `branch`, `folder`, `token` and `allow_private`: then the blog's folder is a copy of that repository, which is
    kept below `copies`. `file` is where the options were written, for messages. Raise `ConfigError` naming the known
    kinds or options, and the nearest one, for what is unknown, missing or of the wrong type, and `SourceError` when
    it takes a look into the folder to tell the kind and nobody may look.
    """
    seen = environment or {}
    if "git" in options:
        return _from_git(name, kind, options, seen, root=root, place=root / copies / name, file=file)
    path = options.get("path")
    if isinstance(path, str) and "://" in path:
        fix = "write kind = feed, wordpress or ghost with url, or git = for a repository"
        raise ConfigError(f"the path of source {name!r} is an address, not a folder", file=file, fix=fix)
    deeper: tuple[Finding, ...] = ()
    if kind is None:
        if not isinstance(path, str | Path):
            raise ConfigError(f"source {name!r} needs path, git or kind", file=file, fix="say where the blog lies")
        kind = detect(root / path)
        deeper = _deeper(root / path) if kind == "plain" else ()
    factory = _factory(name, kind, file)
    fitting = fit(factory, f"source {name!r}", options, seen, root=root, file=file, given=("name",))
    source = cast("Source", factory(name=name, **fitting))
    return _Doubtful(name, source, deeper) if deeper else source


@dataclasses.dataclass(frozen=True)
class _Doubtful:
    """A source of a kind that nobody named, and that the folder may not be of."""

    name: str
    source: Source
    doubts: tuple[Finding, ...]

    def read(self, now: datetime, since: datetime | None = None, memory: Memory = FORGETFUL) -> Collection:
        """Read the source, and tell the doubts."""
        found = self.source.read(now, since, memory)
        return dataclasses.replace(found, problems=(*self.doubts, *found.problems))

    def watched(self) -> Sequence[Path]:
        """Return what the source watches."""
        return self.source.watched()


def _deeper(folder: Path) -> tuple[Finding, ...]:
    """Warn of a folder that no kind recognises when it recognises folders in it."""
    there = []
    for name in sorted(folders.names(folder)) if folders.is_folder(folder) else []:
        with suppress(ConfigError, SourceError, OSError):  # what lies deeper may be closed; it is only looked for
            if not name.startswith((".", "_")) and name != "node_modules" and folders.is_folder(folder / name):
                kind = detect(folder / name)
                there += [(kind, name)] if kind != "plain" else []
    if not there:
        return ()
    sites = ", ".join(f"a {kind} site lies in {legible(name)}/" for kind, name in there[:_MOST_SHOWN])
    return (
        Finding(
            Level.WARNING,
            "blog.kind",
            f"This folder is read as plain Markdown; {sites}.",
            legible(str(folder)),
            fix='point the source at that folder, or write kind = "plain"',
        ),
    )


def _from_git(
    name: str,
    kind: str | None,
    options: Mapping[str, object],
    environment: Mapping[str, str],
    *,
    root: Path,
    place: Path,
    file: Path | None,
) -> Source:
    from digest.collect.git.repository import Repository, Wanted

    what = f"source {name!r}"
    ours = {field.name for field in dataclasses.fields(Wanted)}
    if "path" in options:
        raise ConfigError(
            f"{what} has both git and path", file=file, fix="write the folder in the repository as folder"
        )
    asked = {key: value for key, value in options.items() if key in ours}
    wanted = Wanted(**cast("dict[str, Any]", fit(Wanted, what, asked, environment, root=root, file=file)))
    others = {key: value for key, value in options.items() if key not in ours}

    def open_folder(folder: Path) -> Source:
        return open_source(name, kind, {**others, "path": folder}, environment, root=root, file=file)

    if kind is not None:  # mistakes in the other options are told now, not when the copy is there
        factory = _factory(name, kind, file)
        fit(factory, what, {**others, "path": place}, environment, root=root, file=file, given=("name",))
    return Repository(name, wanted, place, open_folder)


def _factory(name: str, kind: str, file: Path | None) -> Any:
    if kind in known_kinds():
        return importlib.import_module(f"{_ROOM}.{kind}").Source
    module_name, colon, attribute = kind.partition(":")
    if not colon and "." not in kind:
        raise ConfigError(
            f"source {name!r} is of the unknown kind {kind!r}",
            file=file,
            fix=nearest(kind, known_kinds(), "kinds") + ", or package.module:Source",
        )
    try:
        factory = getattr(importlib.import_module(module_name), attribute or "Source")
    except (ImportError, AttributeError, ValueError) as error:
        raise ConfigError(
            f"the kind {kind!r} of source {name!r} cannot be loaded: {error}",
            file=file,
            fix="write it as package.module:Source, and install the package",
        ) from error
    if not (isinstance(factory, type) and dataclasses.is_dataclass(factory)):
        raise ConfigError(
            f"the kind {kind!r} of source {name!r} is no dataclass",
            file=file,
            fix="see the docstring of digest.collect",
        )
    return factory
