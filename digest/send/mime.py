"""How an e-mail and a reader become the bytes of one RFC 5322 message; same inputs, same bytes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING
from urllib.parse import quote

from digest.errors import AudienceError, TemplateError
from digest.models import READER_TOKEN, Email, Mailbox, Recipient
from digest.send.headers import forbidden, mailbox_line, wire_address
from digest.send.message_form import message_form
from digest.send.usual import is_usual

if TYPE_CHECKING:
    from digest.send.providers import Mailing

PROOF_HEADER = "X-Digest-Proof"
_PROOF_TOKEN = "proof"  # noqa: S105  it opens nothing: it stands where a reader's token would


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
    if is_usual(recipient):
        return ""
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
    token = quote(recipient.token, safe="")
    form = message_form(email, format_datetime(date), len(token))
    return form.written(mailbox_line("To", Mailbox(recipient.address, recipient.name)), message_id, token)


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
    addressed = recipient._replace(token=token_for(mailing, recipient))
    return Copy(recipient, named, message_bytes(email, addressed, message_id=named, date=mailing.sent_at))


def _sending_domain(email: Email) -> str:
    try:
        return wire_address(email.sender.address).rpartition("@")[2]
    except ValueError as error:
        raise TemplateError(f"the sender {email.sender.address!r} cannot be written: {error}") from error
