"""What is still as it was shipped, and what works without a project."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

from digest.collect import Source
from digest.config import Operator, read_newsletters
from digest.errors import ConfigError
from digest.models import Finding, Level, Newsletter
from digest.starter import starter_folder

_EXAMPLE = re.compile(r"(^|\.)example(\.(com|net|org))?$")


def left_as_shipped(newsletter: Newsletter, operator: Operator, file: Path) -> tuple[Finding, ...]:
    """Warn of example addresses once mail really leaves: nobody answers there."""
    if operator.provider.kind == "file":
        return ()
    places = {
        "site.public_url": (str(file), urlsplit(operator.site.public_url).hostname or ""),
        "sender.address": (newsletter.file, newsletter.sender.address.rpartition("@")[2]),
    }
    return tuple(
        Finding(
            Level.WARNING,
            "config.example-address",
            f"{key} is still the example '{host}', so answers and unsubscriptions go nowhere.",
            file=place,
            fix="write your own",
        )
        for key, (place, host) in places.items()
        if _EXAMPLE.search(host)
    )


def bare_source(folder: Path, kind: str | None) -> Source:
    """Open a blog's folder without a project; raise `ConfigError` for an address, which needs one."""
    from digest.collect.opening import open_source

    if re.match(r"[a-z+]{2,}:/", str(folder)):
        raise ConfigError(
            f"“{folder}” is an address, not a folder",
            fix="make a project with `digest init`, and name it there as a source (config/sources.md)",
        )
    return open_source("blog", kind, {"path": folder.resolve()})


def shipped_newsletter() -> Newsletter:
    """Return the newsletter that a new project starts with, for blogs without a project."""
    newsletters, broken = read_newsletters(starter_folder() / "config" / "newsletters")
    if broken:
        raise broken["weekly"]
    return newsletters["weekly"]
