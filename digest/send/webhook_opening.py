"""Which webhook a configured kind is, and whether its options fit: the options are the fields of its dataclass."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from digest.errors import ConfigError
from digest.options import fit, nearest
from digest.send import webhooks
from digest.send.webhooks import Webhook

_SECONDS = 5.0
_MOST_BYTES = 100_000
"""A certificate has some two thousand."""


def webhook_kinds() -> tuple[str, ...]:
    """Return the names of the providers whose events are understood, in alphabetical order."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(webhooks.__path__)))


@lru_cache(maxsize=16)
def fetch(url: str) -> bytes:
    """Return what lies at an https address, once for each; raise `OSError` when there is nothing of a sensible size."""
    import httpx

    try:
        with httpx.Client(timeout=_SECONDS, follow_redirects=False) as client, client.stream("GET", url) as answer:
            answer.raise_for_status()
            found = b""
            for part in answer.iter_bytes():
                found += part
                if len(found) > _MOST_BYTES:
                    raise OSError("it is too large")
    except httpx.HTTPError as error:
        raise OSError(f"no answer ({type(error).__name__})") from error
    return found


def open_webhook(
    kind: str, options: Mapping[str, object], environment: Mapping[str, str], *, root: Path, file: Path | None = None
) -> Webhook:
    """Return the webhook of this kind; `env:NAME` becomes a Secret. Raise `ConfigError` naming `file`."""
    if kind not in webhook_kinds():
        raise ConfigError(f"there is no webhook {kind!r}", file=file, fix=nearest(kind, webhook_kinds(), "webhooks"))
    found: type[Any] = importlib.import_module(f"{webhooks.__name__}.{kind}").Webhook
    made: Webhook = found(**fit(found, f"webhook {kind!r}", options, environment, root=root, file=file))
    return made


def open_webhooks(
    asked: Mapping[str, Mapping[str, object]], environment: Mapping[str, str], *, root: Path, file: Path | None = None
) -> Mapping[str, Webhook]:
    """Return all that are asked for, by their kind; raise `ConfigError` for one that lacks something."""
    found = {kind: open_webhook(kind, options, environment, root=root, file=file) for kind, options in asked.items()}
    for kind, webhook in found.items():
        if problems := webhook.problems():
            raise ConfigError(f"webhook {kind!r}: {'; '.join(problems)}", file=file)
    return found
