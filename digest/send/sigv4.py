"""What Amazon's Signature Version 4 of a request is: a proof that we know the key, made of every octet that leaves.

Only what a POST without a query needs; the rules are those of
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote, urlsplit

_ALGORITHM = "AWS4-HMAC-SHA256"


@dataclass(frozen=True, slots=True)
class Signer:
    """A key, and what it is good for."""

    access_key_id: str
    secret: str
    region: str
    service: str

    def scope(self, at: datetime) -> str:
        """Return the day, region and service that a signature of this moment is valid for."""
        return f"{at.astimezone(UTC):%Y%m%d}/{self.region}/{self.service}/aws4_request"

    def signature(self, method: str, url: str, headers: Mapping[str, str], content: bytes, at: datetime) -> str:
        """Return the signature in hexadecimal; `headers` are exactly those that are signed, Host among them."""
        lines = [f"{name}:{' '.join(value.split())}" for name, value in _lowered(headers)]
        canonical = "\n".join(
            (
                method,
                quote(urlsplit(url).path or "/", safe="/-_.~"),
                "",  # the query
                *lines,
                "",
                signed_names(headers),
                hashlib.sha256(content).hexdigest(),
            )
        )
        digest = hashlib.sha256(canonical.encode()).hexdigest()
        text = "\n".join((_ALGORITHM, amazon_date(at), self.scope(at), digest))
        key = f"AWS4{self.secret}".encode()
        for part in self.scope(at).split("/"):
            key = hmac.digest(key, part.encode(), "sha256")
        return hmac.digest(key, text.encode(), "sha256").hex()

    def authorization(self, headers: Mapping[str, str], at: datetime, signature: str) -> str:
        """Return the Authorization header that carries the signature."""
        credential = f"{self.access_key_id}/{self.scope(at)}"
        return f"{_ALGORITHM} Credential={credential}, SignedHeaders={signed_names(headers)}, Signature={signature}"


def amazon_date(at: datetime) -> str:
    """Return an aware moment as X-Amz-Date has it: `20150830T123600Z`."""
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def signed_names(headers: Mapping[str, str]) -> str:
    """Return the names of the signed headers as a signature lists them."""
    return ";".join(name for name, _ in _lowered(headers))


def _lowered(headers: Mapping[str, str]) -> list[tuple[str, str]]:
    return sorted((name.lower(), value) for name, value in headers.items())
