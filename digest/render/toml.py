"""How the design's TOML files are read: with the file and the line of a mistake."""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any

from digest.errors import TemplateError
from digest.toml_lines import Location, line_of

_LINE = re.compile(r"line (\d+)")


def read_toml(file: Path) -> dict[str, Any]:
    """Return the tables of a TOML file, to be read only. Raises TemplateError with the file and, if known, the line."""
    try:
        return _parsed(file.read_text(encoding="utf-8-sig"))
    except OSError as cause:
        raise TemplateError("it cannot be read", file=file, fix="is it there, and may this user read it?") from cause
    except UnicodeDecodeError as cause:
        raise TemplateError("it is not UTF-8 text", file=file, fix="save it as UTF-8") from cause
    except tomllib.TOMLDecodeError as cause:
        line = _LINE.search(str(cause))
        raise TemplateError(f"it is not TOML: {cause}", file=file, line=int(line[1]) if line else None) from cause


@lru_cache(maxsize=64)
def _parsed(text: str) -> dict[str, Any]:
    """Parse each text once: every mail asks again, and few of them find a changed file."""
    return tomllib.loads(text)


def line_in(file: str | Path, location: Location) -> int | None:
    """Return the line on which a value of a TOML file stands; None for a file that cannot be read (any more)."""
    try:
        return line_of(Path(file).read_text(encoding="utf-8-sig"), location) if str(file) else None
    except (OSError, UnicodeDecodeError):
        return None
