"""On which line of a TOML file a value stands: `tomllib` tells no lines, so they are found again in the text."""

from __future__ import annotations

import re

Location = tuple[int | str, ...]
"""Keys from the outermost table inwards; a table of an array (`[[…]]`) is counted from 0."""

_HEADER = re.compile(r"\s*(\[\[?)\s*([^\]]+?)\s*\]\]?\s*(#.*)?$")
_KEY = re.compile(r"""\s*("[^"]*"|'[^']*'|[\w-]+)((?:\s*\.\s*[\w-]+)*)\s*=""")


def line_of(text: str, location: Location, missing: int = 1) -> int:
    """Return the line, from 1, on which a value stands; that of its table where the key itself is not there.

    `missing` is the answer where there is not even a table.
    """
    lines = _lines(text)
    names = tuple(location)
    while names and names not in lines:
        names = names[:-1]
    return lines.get(names, missing)


def _lines(text: str) -> dict[Location, int]:
    found: dict[Location, int] = {}
    table: Location = ()
    counts: dict[str, int] = {}
    closing = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if closing:
            closing = "" if closing in line else closing
            continue
        if header := _HEADER.match(line):
            name = header[2].strip()
            table = tuple(_bare(part) for part in name.split("."))
            if header[1] == "[[":
                counts[name] = counts.get(name, -1) + 1
            if name in counts:
                table = (*table, counts[name])
            found.setdefault(table, number)
        elif key := _KEY.match(line):
            parts = [_bare(key[1]), *(_bare(part) for part in key[2].split(".")[1:])]
            found.setdefault((*table, *parts), number)
            value = line[key.end() :]
            for quotes in ('"""', "'''"):
                if value.count(quotes) == 1:
                    closing = quotes
    return found


def _bare(name: str) -> str:
    return name.strip().strip("\"'")
