"""What GMime, the parser of several mail programs, reads in a mail; asked by way of notmuch, which is built on it."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Read:
    headers: Mapping[str, str]
    parts: list[tuple[str, str]]
    """Type and text of each alternative, in order."""


def missing() -> str:
    """Return why notmuch cannot be asked here, or nothing."""
    return "" if shutil.which("notmuch") else "notmuch is not installed"


def read_by_gmime(content: bytes, folder: Path, *headers: str) -> Read:
    """Return what it finds in one mail; `folder` is empty, `headers` are asked for beside the usual ones."""
    mail = folder / "mail" / "cur" / "1:2,"
    mail.parent.mkdir(parents=True)
    mail.write_bytes(content)
    settings = folder / "settings"
    settings.write_text(
        f"[database]\npath={folder / 'mail'}\n[user]\nname=x\nprimary_email=x@example.com\n"
        f"[show]\nextra_headers={';'.join(headers)}\n"
    )

    def call(*arguments: str) -> str:
        command = ["notmuch", f"--config={settings}", *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True, cwd=folder).stdout

    call("new", "--quiet", "--no-hooks")
    ((((found, _),),),) = (json.loads(call("show", "--format=json", "--include-html", "*")),)
    (whole,) = found["body"]
    return Read(found["headers"], [(part["content-type"], part["content"]) for part in whole["content"]])
