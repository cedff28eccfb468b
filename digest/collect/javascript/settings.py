"""Decides what a settings file of a project holds as text, and what of it is an address."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit

from digest.collect import contents


def text_of(root: Path, relative: str) -> str:
    """Return the text of a file inside of the project; nothing when it is not there, lies outside or is too large."""
    file = root / relative
    try:
        if not file.is_file() or not file.resolve().is_relative_to(root.resolve()):
            return ""
        return contents.read(file).decode("utf-8-sig", "replace")
    except OSError:
        return ""


def present(root: Path, names: Iterable[str]) -> tuple[Path, ...]:
    """Return the files of these names that are there."""
    return tuple(root / name for name in names if text_of(root, name))


def is_address(said: str) -> bool:
    """Tell whether a text is the address of a web site."""
    try:
        parts = urlsplit(said)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.netloc)


def joined(url: str, base: str) -> str:
    """Return the address of a site with its base path, without a slash at the end; nothing without an address."""
    if not url:
        return ""
    path = base.strip("/")
    return url.rstrip("/") + (f"/{path}" if path else "")
