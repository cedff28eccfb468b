"""An archive, read without trusting it: what is damaged, made by hand to harm, or too new is one clear error.

Nothing in it chooses where something is written, and no more of it is unpacked than its manifest says.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from digest.errors import StoreError
from digest.store.backup import manifest as form
from digest.store.backup.manifest import Manifest, Part, file_part, table_part
from digest.store.backup.shapes import tables_of
from digest.store.migrating import known_revisions

_CHUNK = 1_000_000
_LARGEST_MANIFEST = 16_000_000
_LONGEST_LINE = 64_000_000
_LARGEST_FILE = 10_000_000
_DENSEST = 300
"""So many octets unpacked from one: rows come to 10 or 20, a bomb to 1,000."""


class Archive:
    """A backup that was opened; `opened` makes one."""

    def __init__(self, place: Path, packed: zipfile.ZipFile, manifest: Manifest) -> None:
        self.place = place
        self.manifest = manifest
        self._packed = packed

    def check(self) -> None:
        """Read every octet; raise `StoreError` when one is not what it was."""
        with _told(self.place):
            for name, part in self._parts():
                self._check_density(name, part)
            for table in self.manifest.tables:
                for _ in self._chunks(table):
                    pass
            for path in self.manifest.files:
                self._file(path)

    def rows(self, table: str) -> Iterator[Any]:
        """Yield a table's rows, in the manifest's columns; raise `StoreError` when the part is damaged."""
        with _told(self.place):
            left = b""
            for chunk in self._chunks(table):
                # Whole lines together: one by one they would take twice as long to read.
                lines, newline, rest = chunk.rpartition(b"\n")
                if newline:
                    yield from json.loads(b"[" + (left + lines).replace(b"\n", b",") + b"]")
                    left = rest
                else:
                    left += chunk
                if len(left) > _LONGEST_LINE:
                    raise ValueError(f"{table} has a line without end")
            if left:
                raise ValueError(f"{table} ends in the middle of a line")

    def files(self) -> Iterator[tuple[str, bytes]]:
        """Yield the files beside the store: paths in the project, and what is in them."""
        for path in self.manifest.files:
            with _told(self.place):
                data = self._file(path)
            yield path, data

    def _parts(self) -> Iterator[tuple[str, Part]]:
        yield from ((table_part(name), part) for name, part in self.manifest.tables.items())
        yield from ((file_part(name), part) for name, part in self.manifest.files.items())

    def _check_density(self, name: str, part: Part) -> None:
        entry = self._packed.getinfo(name)
        if entry.file_size != part.octets:
            raise ValueError(f"{name} has another size")
        if part.octets > _CHUNK and part.octets > entry.compress_size * _DENSEST:
            raise ValueError(f"{name} would unpack to far too much")

    def _chunks(self, table: str) -> Iterator[bytes]:
        """Yield a part piece by piece; what it comes to is compared at its end."""
        part, sha256, octets, rows = self.manifest.tables[table], hashlib.sha256(), 0, 0
        with self._packed.open(table_part(table)) as stream:
            while chunk := stream.read(_CHUNK):
                sha256.update(chunk)
                octets, rows = octets + len(chunk), rows + chunk.count(b"\n")
                if octets > part.octets:
                    raise ValueError(f"{table} has another size")
                yield chunk
        if (octets, rows, sha256.hexdigest()) != (part.octets, part.rows, part.sha256):
            raise ValueError(f"{table} is not what it was")

    def _file(self, path: str) -> bytes:
        part = self.manifest.files[path]
        data = _read_most(self._packed, file_part(path), min(part.octets, _LARGEST_FILE))
        if len(data) != part.octets or hashlib.sha256(data).hexdigest() != part.sha256:
            raise ValueError(f"{path} is not what it was")
        return data


@contextmanager
def opened(place: Path) -> Iterator[Archive]:
    """Open a backup and check all of it. Raise `StoreError` when it cannot be restored by this version."""
    try:
        file: IO[bytes] = place.open("rb")
    except OSError as error:
        raise StoreError(f"the backup cannot be read: {error.strerror}", file=place, fix="name another file") from error
    with file:
        with _told(place):
            packed = zipfile.ZipFile(file)
        with packed:
            with _told(place):
                manifest = _manifest(packed, place)
            archive = Archive(place, packed, manifest)
            archive.check()
            yield archive


def _manifest(packed: zipfile.ZipFile, place: Path) -> Manifest:
    data = _read_most(packed, form.NAME, _LARGEST_MANIFEST)
    number, version = form.format_of(data)
    if number > form.FORMAT:
        raise _too_new(place, f"format {number}", version)
    found = form.unpack(data)
    if found.schema not in known_revisions():
        raise _too_new(place, f"schema {found.schema}", version)
    wanted = {table.name: tuple(each.name for each in table.columns) for table in tables_of(found.schema)}
    if {name: part.columns for name, part in found.tables.items()} != wanted:
        raise ValueError("its tables are not those of its schema")
    names = [form.NAME, *map(table_part, found.tables), *map(file_part, found.files)]
    if sorted(entry.filename for entry in packed.infolist()) != sorted(names):
        raise ValueError("it does not have the parts that it should have")
    return found


def _too_new(place: Path, what: str, version: str) -> StoreError:
    return StoreError(
        f"the backup was made by another version of the digest ({version}, {what})",
        file=place,
        fix=f"install digest {version} or a later one, and restore it with that",
    )


def _read_most(packed: zipfile.ZipFile, name: str, most: int) -> bytes:
    with packed.open(name) as stream:
        data = stream.read(most + 1)
    if len(data) > most:
        raise ValueError(f"{name} is larger than it may be")
    return data


@contextmanager
def _told(place: Path) -> Iterator[None]:
    """Turn whatever a damaged archive leads to into one error."""
    try:
        yield
    # What zipfile, zlib and json raise for files that are none, and what our own checks do. RuntimeError and
    # NotImplementedError: zipfile's, for parts that are encrypted or packed in another way.
    except (
        zipfile.BadZipFile, zlib.error, EOFError, OSError, KeyError, ValueError, TypeError, AttributeError,
        RuntimeError, NotImplementedError,
    ) as error:  # fmt: skip
        reason = str(error.args[0]) if error.args else type(error).__name__
        raise StoreError(
            f"this is no backup, or a damaged one: {reason[:200]}",
            file=place,
            fix="take another; nothing has been changed",
        ) from error
