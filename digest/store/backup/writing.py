"""A store's rows into an archive: `manifest.json`, one file of JSON lines a table, and the small files beside it.

A line is a row, `[value, …]`, in the order of the manifest's columns. The archive is written in one go and a few rows
at a time, so a million readers need no more memory than ten.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, select, text

from digest import __version__
from digest.store.backup.manifest import KEPT_FILES, NAME, Manifest, Part, file_part, table_part
from digest.store.backup.placing import new_file
from digest.store.backup.shapes import tables_of
from digest.store.backup.values import rows_of
from digest.store.schema import ledger

_LEVEL = 3
"""Of compression: half the time of the usual one, and a tenth more octets."""
_write = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode


@dataclass(frozen=True, slots=True)
class Written:
    """A backup that was made."""

    place: Path
    manifest: Manifest
    octets: int


def write_archive(connection: Connection, revision: str, root: Path, place: Path, taken_at: datetime) -> Written:
    """Write what a transaction sees to a new file at `place`. The transaction must see one moment of the store.

    `root` is the project's folder. Raise `StoreError` when the file cannot be written; then there is none.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL TIME ZONE 'UTC'"))
    with new_file(place) as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as archive:
            tables = {}
            for table in tables_of(revision):
                columns = tuple(each.name for each in table.columns)
                pages = rows_of(connection, table)
                tables[table.name] = _write_rows(archive, table_part(table.name), pages, columns)
            manifest = Manifest(
                version=__version__,
                schema=revision,
                ledger=connection.execute(select(ledger.c.id)).scalar() or "",
                taken_at=taken_at,
                tables=tables,
                files=_write_files(archive, root),
            )
            # The last part: an archive that was cut short has none.
            archive.writestr(NAME, manifest.packed())
        octets = file.tell()
    return Written(place, manifest, octets)


def _write_rows(
    archive: zipfile.ZipFile, name: str, pages: Iterator[list[list[object]]], columns: tuple[str, ...]
) -> Part:
    octets, rows, sha256 = 0, 0, hashlib.sha256()
    with archive.open(name, "w", force_zip64=True) as part:
        for page in pages:
            data = "".join(f"{_write(row)}\n" for row in page).encode()
            sha256.update(data)
            part.write(data)
            octets, rows = octets + len(data), rows + len(page)
    return Part(octets, sha256.hexdigest(), rows, columns)


def _write_files(archive: zipfile.ZipFile, root: Path) -> dict[str, Part]:
    found = {}
    for file in sorted((root / KEPT_FILES).rglob("*")):
        with suppress(FileNotFoundError):  # old versions are removed at any time
            if file.is_symlink() or not file.is_file():
                continue
            path, data = file.relative_to(root).as_posix(), file.read_bytes()
            archive.writestr(file_part(path), data)
            found[path] = Part(len(data), hashlib.sha256(data).hexdigest())
    return found
