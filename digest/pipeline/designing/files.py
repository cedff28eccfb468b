"""Decides which files of `templates/` a person may edit in the studio, and how one is read and replaced."""

from __future__ import annotations

import codecs
import hashlib
import os
import stat
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from digest.errors import TemplateError
from digest.render.designs import designs

SHARED = "_macros"
"""The folder of what all designs share."""
_OF_A_DESIGN = ("email.html", "email.txt", "style.css", "phone.css", "dark.css", "clients.css", "tokens.toml")
_SHARED_KINDS = {".html", ".txt", ".css"}
_NOT_SEEN = ".#"
"""How the name of a half-written file begins; whoever watches the folder looks over such names."""


@dataclass(frozen=True, slots=True)
class DesignFile:
    """A file that exists, and may be edited."""

    folder: str
    """A design's name, or `_macros`."""
    name: str
    path: Path

    @property
    def shared(self) -> bool:
        """Whether it is part of every design."""
        return self.folder == SHARED

    @property
    def place(self) -> str:
        """Its name in messages: `templates/weekly/style.css`."""
        return f"templates/{self.folder}/{self.name}"


@dataclass(frozen=True, slots=True)
class DesignText:
    """What a file says, and how it is written down."""

    text: str
    """With `\\n` at the end of lines, and without a byte order mark."""
    fingerprint: str
    """SHA-256 of the bytes, in hexadecimal."""
    ending: str = "\n"
    """The end of its lines; that of the most lines, where they differ."""
    marked: bool = False
    """Whether it begins with a byte order mark."""


def design_files(templates: Path, design: str) -> tuple[DesignFile, ...]:
    """Return the files of a design in the order in which people look at them, then those that all designs share.

    Empty when there is no such design. Nothing that is reached through a symbolic link is among them.
    """
    if design not in designs(templates) or not _is_its_own(templates / design / "email.html", templates):
        return ()
    shared = sorted(path.name for path in (templates / SHARED).glob("[!.]*") if path.suffix in _SHARED_KINDS)
    named = [*((design, name) for name in _OF_A_DESIGN), *((SHARED, name) for name in shared)]
    found = (DesignFile(folder, name, templates / folder / name) for folder, name in named)
    return tuple(each for each in found if _is_its_own(each.path, templates))


def find_file(templates: Path, design: str, name: str) -> DesignFile | None:
    """Return one of `design_files` by its name, or `_macros/` and its name; None for anything else."""
    # Looked up among the names that there are: nothing in a name can lead out of the folder.
    known = {f"{SHARED}/{each.name}" if each.shared else each.name: each for each in design_files(templates, design)}
    return known.get(name)


def read_text(file: DesignFile) -> DesignText:
    """Read a file; raise `TemplateError` when that cannot be done."""
    try:
        data = file.path.read_bytes()
    except OSError as error:
        raise TemplateError(f"the file cannot be read: {error.strerror}", file=file.place) from error
    return decoded(data, file.place)


def decoded(data: bytes, place: str) -> DesignText:
    """Return what bytes say; raise `TemplateError`, naming `place`, when they are not UTF-8."""
    marked = data.startswith(codecs.BOM_UTF8)
    try:
        text = data.removeprefix(codecs.BOM_UTF8).decode()
    except UnicodeDecodeError as error:
        raise TemplateError("the file is not UTF-8 text", file=place, fix="save it as UTF-8") from error
    windows = text.count("\r\n")
    ending = "\r\n" if windows * 2 > text.count("\n") else "\n"
    return DesignText(one_ending(text), hashlib.sha256(data).hexdigest(), ending, marked)


def encoded(text: str, like: DesignText) -> bytes:
    """Return a text as bytes: UTF-8, with the line endings and the mark of the one that it replaces."""
    data = one_ending(text).replace("\n", like.ending).encode()
    return codecs.BOM_UTF8 + data if like.marked else data


def one_ending(text: str) -> str:
    """Return a text whose lines all end with `\\n`, as a browser shows it."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def replace_file(path: Path, data: bytes) -> None:
    """Put bytes in the place of a file that exists, all at once and with its permissions; raise OSError."""
    before = path.stat()
    handle, name = tempfile.mkstemp(prefix=_NOT_SEEN, dir=path.parent)
    fresh = Path(name)
    try:
        with os.fdopen(handle, "wb") as opened:
            opened.write(data)
            opened.flush()
            os.fsync(opened.fileno())
        fresh.chmod(stat.S_IMODE(before.st_mode))
        if hasattr(os, "chown"):
            with suppress(OSError):  # only some may give files away; whoever saves may own the new one
                os.chown(fresh, before.st_uid, before.st_gid)
                fresh.chmod(stat.S_IMODE(before.st_mode))  # a new owner takes some bits away
        fresh.replace(path)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise


def _is_its_own(path: Path, templates: Path) -> bool:
    """Whether a path is a file, and no part of it below the templates folder is a symbolic link."""
    try:
        return path.is_file() and path.resolve() == templates.resolve() / path.relative_to(templates)
    except OSError:
        return False
