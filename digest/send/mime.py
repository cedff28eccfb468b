"""How an e-mail and a reader become the bytes of one RFC 5322 message; same inputs, same bytes."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING
from urllib.parse import quote

from digest.errors import AudienceError, TemplateError
from digest.models import READER_TOKEN, Email, Mailbox, Recipient
from digest.send.headers import forbidden, header_line, mailbox_line, wire_address

if TYPE_CHECKING:
    from digest.send.providers import Mailing

PROOF_HEADER = "X-Digest-Proof"
_PROOF_TOKEN = "proof"  # noqa: S105  it opens nothing: it stands where a reader's token would
_OURS = {
    "from", "reply-to", "to", "subject", "date", "message-id",
    "mime-version", "content-type", "content-transfer-encoding",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Copy:
    """One reader's own message."""

    recipient: Recipient
    message_id: str
    content: bytes


def personalise(text: str, token: str) -> str:
    """Return `text` with the reader's token, percent-encoded, wherever `READER_TOKEN` stands."""
    return text.replace(READER_TOKEN, quote(token, safe=""))


def message_id(issue: str, recipient: Recipient, domain: str) -> str:
    """Return the Message-ID of one reader's copy of an issue: `<hash@domain>`, always the same.

    A second copy that slips out after all then carries the id of the first, and most mailboxes show it once.
    """
    digest = hashlib.sha256(f"{issue}\0{recipient.address}".encode()).hexdigest()
    return f"<{digest[:32]}@{domain}>"


def as_proof(email: Email) -> Email:
    """Return the e-mail as staff get it: marked in subject and header, without a way to unsubscribe anybody.

    Bodies are untouched; a proof stays a proof.
    """
    if any(name == PROOF_HEADER for name, _ in email.headers):
        return email
    mark = "【テスト】" if email.language.lower().split("-")[0] == "ja" else "[Proof] "
    kept = tuple(pair for pair in email.headers if not pair[0].lower().startswith("list-unsubscribe"))
    return replace(email, subject=mark + email.subject, headers=(*kept, (PROOF_HEADER, "yes")))


def unsendable(recipient: Recipient) -> str:
    """Return why no message can be addressed to this reader, or nothing."""
    if found := forbidden(recipient.name):
        return f"the reader's name holds a line break or another control character ({found})"
    try:
        wire_address(recipient.address)
    except ValueError as error:
        return str(error)
    return ""


def message_bytes(email: Email, recipient: Recipient, *, message_id: str, date: datetime) -> bytes:
    """Return the reader's copy: multipart/alternative, text first, UTF-8, base64, CRLF.

    `date` is aware. Raises TemplateError when a header of the e-mail cannot be written, AudienceError when the
    reader's name or address cannot (ask `unsendable` first).
    """
    if reason := unsendable(recipient):
        raise AudienceError(f"a reader cannot be written to: {reason}")
    for name, _ in email.headers:
        if name.lower() in _OURS:
            raise TemplateError(f"the header {name} is written by the digest itself", fix="remove it from the e-mail")
    text, html = personalise(email.text, recipient.token), personalise(email.html, recipient.token)
    boundary = (
        "=_" + hashlib.sha256("\0".join((message_id, text, html)).encode(errors="surrogatepass")).hexdigest()[:32]
    )
    return b"".join(
        (
            mailbox_line("From", email.sender),
            mailbox_line("Reply-To", email.reply_to) if email.reply_to else b"",
            mailbox_line("To", Mailbox(recipient.address, recipient.name)),
            header_line("Subject", email.subject),
            header_line("Date", format_datetime(date)),
            header_line("Message-ID", message_id),
            *(header_line(name, personalise(value, recipient.token)) for name, value in email.headers),
            b"MIME-Version: 1.0\r\n",
            f'Content-Type: multipart/alternative; boundary="{boundary}"\r\n\r\n'.encode(),
            _part(boundary, "plain", text),
            _part(boundary, "html", html),
            f"--{boundary}--\r\n".encode(),
        )
    )


def outgoing(mailing: Mailing) -> Email:
    """Return the e-mail of a mailing as it leaves: marked when the mailing is a proof."""
    return as_proof(mailing.email) if mailing.proof else mailing.email


def token_for(mailing: Mailing, recipient: Recipient) -> str:
    """Return what stands in for `READER_TOKEN`: nobody's token in a proof."""
    return _PROOF_TOKEN if mailing.proof else recipient.token


def reader_copy(mailing: Mailing, recipient: Recipient) -> Copy:
    """Return one reader's message of a mailing; raises like `message_bytes`."""
    email = outgoing(mailing)
    domain = _sending_domain(email)
    # Two proofs of one issue differ, so they must not share an id: a mailbox would hide the second.
    issue = f"proof {mailing.key} {mailing.sent_at.isoformat()}" if mailing.proof else mailing.issue
    named = message_id(issue, recipient, domain)
    addressed = replace(recipient, token=token_for(mailing, recipient))
    return Copy(recipient, named, message_bytes(email, addressed, message_id=named, date=mailing.sent_at))


def _sending_domain(email: Email) -> str:
    try:
        return wire_address(email.sender.address).rpartition("@")[2]
    except ValueError as error:
        raise TemplateError(f"the sender {email.sender.address!r} cannot be written: {error}") from error


def _part(boundary: str, subtype: str, body: str) -> bytes:
    lines = body.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    try:
        octets = "\r\n".join(lines).encode()
    except UnicodeEncodeError as error:
        raise TemplateError(f"the {subtype} body holds half a character ({forbidden(body[error.start :])})") from error
    head = (
        f"--{boundary}\r\nContent-Type: text/{subtype}; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    ).encode()
    return head + base64.encodebytes(octets).replace(b"\n", b"\r\n")
