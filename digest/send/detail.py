"""What may be repeated of a provider's words: one line, no secret, addresses shortened, a few hundred characters."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from digest.models import Secret

_LONGEST = 300
_ADDRESS = re.compile(r"([^\s<>@,;:\"'()\[\]])[^\s<>@,;:\"'()\[\]]*@")


def without_addresses(text: str) -> str:
    """Return `text` with each address shortened: `k…@example.com`."""
    return _ADDRESS.sub(r"\1…@", text) if "@" in text else text


def retell(text: str, *secrets: Secret | None) -> str:
    """Return `text` fit for a report or a log; a secret's value becomes the name of its variable."""
    for secret in secrets:
        if secret is not None and secret.value:
            text = text.replace(secret.value, str(secret))
    text = without_addresses(" ".join(text.split()))
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
