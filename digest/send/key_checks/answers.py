"""What a few providers' answers to the harmless question mean besides their status."""

from __future__ import annotations

from dataclasses import dataclass

from digest.send.http_batch import error_text, parsed
from digest.send.http_outcome import Reply
from digest.send.key_checks import KeyState

_BEFORE_READING = {
    "ExpiredTokenException",
    "InvalidClientTokenId",
    "UnrecognizedClientException",
    "SignatureDoesNotMatch",
    "InvalidSignatureException",
}
"""Amazon's names for a key that it does not know or that is over, or a secret that is another's:
https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html"""


@dataclass(frozen=True, slots=True)
class Judged:
    """A state, and what people should know besides."""

    state: KeyState
    warnings: tuple[str, ...] = ()


def of_sendgrid(reply: Reply) -> Judged | None:
    """Its scopes say whether a key may send."""
    found = parsed(reply.body)
    scopes = found.get("scopes") if isinstance(found, dict) else None
    if reply.status != 200 or not isinstance(scopes, list) or "mail.send" in scopes:
        return None
    return Judged(KeyState.VALID, ("SendGrid's key has not the scope mail.send, so nothing can be sent with it",))


def of_resend(reply: Reply) -> Judged | None:
    """The name of its error tells a key that may only send from a wrong one; the status alone says the opposite."""
    found = parsed(reply.body)
    name = found.get("name") if isinstance(found, dict) else None
    states = {"restricted_api_key": KeyState.LIMITED, "invalid_api_key": KeyState.INVALID}
    if name in states:
        return Judged(states[name])
    return Judged(KeyState.UNSURE) if reply.status in {401, 403} else None


def of_mandrill(reply: Reply) -> Judged | None:
    """It answers a wrong key with 500 or 401, and the name of an error."""
    found = parsed(reply.body)
    if isinstance(found, dict) and found.get("status") == "error":
        return Judged(KeyState.INVALID if found.get("name") == "Invalid_Key" else KeyState.UNSURE)
    return None


def of_ses(reply: Reply) -> Judged | None:
    """It tells whether the account may send at all, and to whom."""
    if reply.status in {400, 403}:
        name = reply.headers.get("x-amzn-errortype", "").split(":")[0]
        limited = name == "AccessDeniedException"
        return Judged(KeyState.INVALID if name in _BEFORE_READING else KeyState.LIMITED if limited else KeyState.UNSURE)
    found = parsed(reply.body)
    if reply.status != 200 or not isinstance(found, dict):
        return None
    warnings = []
    if found.get("SendingEnabled") is False:
        warnings.append("Amazon SES has paused the sending of this account in this region")
    if found.get("ProductionAccessEnabled") is False:
        warnings.append("the account is in Amazon's sandbox: it reaches verified addresses only, 200 a day")
    return Judged(KeyState.VALID, tuple(warnings))


def of_listmonk(reply: Reply) -> Judged | None:
    """It answers 403 to a wrong token ("invalid session", "invalid API credentials"), and to one without the right."""
    if reply.status != 403:
        return None
    return Judged(KeyState.INVALID if "invalid" in error_text(reply.body).lower() else KeyState.LIMITED)
