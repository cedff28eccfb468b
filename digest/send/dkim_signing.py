"""A DKIM signature over each copy that we hand to a mail server ourselves; providers sign what they send."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from digest.models import Secret

SIGNED = (
    "from", "reply-to", "to", "subject", "date", "message-id", "mime-version", "content-type",
    "list-unsubscribe", "list-unsubscribe-post", "list-id", "feedback-id", "auto-submitted", "precedence",
)  # fmt: skip
"""Gmail and Yahoo heed a one-click header only when the signature covers it (RFC 8058)."""

_DOMAIN = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+")
_SELECTOR = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,62}[A-Za-z0-9])?")
_HEADER = re.compile(rb"^([!-9;-~]+):", re.MULTILINE)
_TRIED = b"From: a@example.com\r\nSubject: x\r\n\r\nx\r\n"


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs for one domain, with the key whose public half is at `selector._domainkey.domain` in the DNS."""

    domain: str
    selector: str
    key: Secret
    """An RSA or Ed25519 key in PEM."""

    def problems(self) -> list[str]:
        """Say what keeps it from signing, one sentence each."""
        found = []
        if not _DOMAIN.fullmatch(self.domain):
            found.append("dkim_domain must be a domain such as example.com")
        if not _SELECTOR.fullmatch(self.selector):
            found.append("dkim_selector must be the name before ._domainkey in the DNS")
        if not self.key.value:
            found.append(f"{self.key.variable} is not set in the environment")
        if not found and (reason := _unusable(self)):
            found.append(reason)
        return found

    def signed(self, content: bytes) -> bytes:
        """Return a message with its signature before it; relaxed, so that servers on the way may fold lines anew."""
        import dkim

        end = content.find(b"\r\n\r\n")
        there = {name.lower() for name in _HEADER.findall(content[: max(end, 0) + 2])}
        signature: bytes = dkim.sign(
            content,
            self.selector.encode(),
            self.domain.encode(),
            _pem(self.key),
            canonicalize=(b"relaxed", b"relaxed"),
            include_headers=[name.encode() for name in SIGNED if name.encode() in there],
        )
        return signature + content


def _pem(key: Secret) -> bytes:
    """Return the key; a variable of the environment often has its line breaks written as two letters."""
    return key.value.replace("\\n", "\n").encode()


@lru_cache(maxsize=8)
def _unusable(signer: Signer) -> str:
    """Return why nothing can be signed, or nothing; never with a piece of the key."""
    try:
        signer.signed(_TRIED)
    except ImportError:
        return "DKIM needs the extra `dkim`: pip install 'newsletter-digest[dkim]'"
    except Exception as error:  # noqa: BLE001 - the library raises what its parser stumbles over
        return f"{signer.key.variable} holds no private key in PEM that can be used ({type(error).__name__})"
    return ""
