"""Public keys of providers, and whether a signature fits one; the library for it is the extra `webhooks`."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import TYPE_CHECKING

from digest.models import Secret

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey


def ecdsa_key(der_in_base64: str) -> EllipticCurvePublicKey:
    """Return a key as providers show it; raise `ValueError` for what is none."""
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    key = load_der_public_key(base64.b64decode(der_in_base64, validate=True))
    if not isinstance(key, EllipticCurvePublicKey):
        raise ValueError("the key is of another kind")  # noqa: TRY004 - of the text, not of the program
    return key


def rsa_key_of(certificate_pem: bytes) -> RSAPublicKey:
    """Return the key of a certificate; raise `ValueError` for what is none."""
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.x509 import load_pem_x509_certificate

    key = load_pem_x509_certificate(certificate_pem).public_key()
    if not isinstance(key, RSAPublicKey):
        raise ValueError("the key is of another kind")  # noqa: TRY004 - of the text, not of the program
    return key


def fits(key: EllipticCurvePublicKey, signature: bytes, message: bytes) -> bool:
    """Tell whether an ECDSA signature with SHA-256 is over this message."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
    from cryptography.hazmat.primitives.hashes import SHA256

    try:
        key.verify(signature, message, ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True


def fits_rsa(key: RSAPublicKey, signature: bytes, message: bytes, *, version: str) -> bool:
    """Tell whether an RSA signature of Amazon SNS is over this message; version 1 is SHA-1, version 2 SHA-256."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.hashes import SHA1, SHA256

    kinds = {"1": SHA1, "2": SHA256}
    if version not in kinds:
        return False
    try:
        key.verify(signature, message, PKCS1v15(), kinds[version]())
    except InvalidSignature:
        return False
    return True


def unusable(read: Callable[[], object], key: Secret | None = None) -> list[str]:
    """Return why keys cannot be read here, or nothing."""
    try:
        import cryptography  # noqa: F401 - whether it can be had

        read()
    except ImportError:
        return ["the signature needs the extra `webhooks`: pip install 'newsletter-digest[webhooks]'"]
    except ValueError:
        return [f"{key.variable if key else 'the key'} holds no public key"]
    return []
