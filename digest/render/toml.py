"""How the design's TOML files are read: with the file and the line of a mistake."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from digest.errors import TemplateError

_LINE = re.compile(r"line (\d+)")


def read_toml(file: Path) -> dict[str, Any]:
    """Return the tables of a TOML file. Raises TemplateError with the file and, when known, the line."""
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as cause:
        raise TemplateError("it cannot be read", file=file, fix="is it there, and may this user read it?") from cause
    except UnicodeDecodeError as cause:
        raise TemplateError("it is not UTF-8 text", file=file, fix="save it as UTF-8") from cause
    except tomllib.TOMLDecodeError as cause:
        line = _LINE.search(str(cause))
        raise TemplateError(f"it is not TOML: {cause}", file=file, line=int(line[1]) if line else None) from cause
