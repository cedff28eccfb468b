"""What an archive says of itself: which store it is of, as it was when, and what its parts must be."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any

from digest.store.backup.values import archived, unarchived

NAME = "manifest.json"
FORMAT = 1
"""Of the archive; a reader refuses a higher one."""
KEPT_FILES = "var/studio/history/"
"""Files below `var/` that a backup holds beside the store: what designs said before, where git does not keep that."""


@dataclass(frozen=True, slots=True)
class Part:
    """What one part of the archive must be."""

    octets: int
    sha256: str
    """Of the part as it is unpacked."""
    rows: int = 0
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Manifest:
    """The contents of `manifest.json`."""

    version: str
    """Of the digest that made it."""
    schema: str
    ledger: str
    """The store's id; empty for a store that had none yet."""
    taken_at: datetime
    tables: Mapping[str, Part]
    files: Mapping[str, Part]
    """By their paths in the project."""

    def packed(self) -> bytes:
        """Return it as it lies in the archive."""
        told = asdict(self)
        return json.dumps(
            {"format": FORMAT, **told, "taken_at": archived(self.taken_at)}, ensure_ascii=False, indent=1
        ).encode()


def table_part(table: str) -> str:
    """Return the name of a table's part."""
    return f"tables/{table}.jsonl"


def file_part(path: str) -> str:
    """Return the name of a file's part."""
    return f"files/{path}"


def unpack(data: bytes) -> Manifest:
    """Read what `packed` wrote. Raise ValueError, TypeError or KeyError for anything else."""
    told = json.loads(data)
    taken_at = unarchived(told["taken_at"])
    texts = (_text(told["version"]), _text(told["schema"]), _text(told["ledger"]))
    files = _parts(told["files"])
    for path in files:
        pure = PurePosixPath(path)
        if not path.startswith(KEPT_FILES) or str(pure) != path or ".." in pure.parts or "\\" in path or "\0" in path:
            raise ValueError("it names a file that is none of ours")
    return Manifest(*texts, taken_at, _parts(told["tables"]), files)


def format_of(data: bytes) -> tuple[int, str]:
    """Return the format of an archive and the version that made it. Raise ValueError, TypeError or KeyError."""
    told = json.loads(data)
    if type(told["format"]) is not int:
        raise TypeError("a format is a number")
    return told["format"], _text(told["version"])


def _parts(told: Any) -> Mapping[str, Part]:
    found = {}
    for name, each in told.items():
        part = Part(each["octets"], _text(each["sha256"]), each["rows"], tuple(map(_text, each["columns"])))
        if type(part.octets) is not int or type(part.rows) is not int or part.octets < 0 or part.rows < 0:
            raise ValueError("a part has no size")
        found[name] = part
    return found


def _text(value: Any) -> str:
    if type(value) is not str or len(value) > 1_000:
        raise ValueError("a text has another form")
    return value
