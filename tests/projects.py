"""A project of a test's own, made from the shipped files as a user would change them."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.conftest import ROOT

AS_OF = "2026-01-19T09:00:00+09:00"
ISSUE = "weekly/2026-W04"


def make_project(folder: Path, *, provider: str = "", readers: int = 0, weekly: dict[str, str] | None = None) -> Path:
    """Copy the shipped project to `folder`.

    `provider` replaces the `[provider]` table's lines, `readers` the audience by so many numbered ones, `weekly` maps
    pieces of the newsletter's file to what they become.
    """
    for name in ("config", "templates", "examples"):
        shutil.copytree(ROOT / name, folder / name)
    if provider:
        replace_in(folder / "config/digest.toml", 'kind = "file"          # one .eml a reader; no account needed\n', "")
        replace_in(folder / "config/digest.toml", 'outbox = "var/outbox"\n', provider + "\n")
    if readers:
        lines = ["address,name", *(f"reader{number}@example.com,読者{number}" for number in range(readers))]
        (folder / "examples/audience.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    for old, new in (weekly or {}).items():
        replace_in(folder / "config/newsletters/weekly.toml", old, new)
    return folder


def replace_in(file: Path, old: str, new: str) -> None:
    """Replace a piece of a file that must be there."""
    text = file.read_text(encoding="utf-8")
    assert old in text, f"{file} has no {old!r}"
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
