"""What of a message is the same for all readers, written once; a copy then costs little more than its own octets.

Only the reader's token differs within headers and bodies. Base64 has lines of 57 octets, so with tokens of one length
only the lines that a token touches differ: all others are encoded once.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, chain

from digest.errors import TemplateError
from digest.models import READER_TOKEN, Email
from digest.send.headers import forbidden, header_line, mailbox_line

_OURS = {
    "from", "reply-to", "to", "subject", "date", "message-id",
    "mime-version", "content-type", "content-transfer-encoding",
}  # fmt: skip
_LINE = 57
"""Octets that become one line of base64."""
_MARK = "~"
"""Stands, as often as needed, for a token while headers are folded; base64 has none, so encoded-words hide nothing."""


@dataclass(frozen=True, slots=True)
class _Body:
    """The base64 of one part: what never changes, and between it the octets of lines that hold a token."""

    steady: tuple[bytes, ...]
    touched: tuple[tuple[bytes, ...], ...]
    """One fewer; each is split where the token stands."""

    def written(self, token: bytes) -> bytes:
        """Return the part's lines for a reader."""
        pieces = [self.steady[0]]
        for around, after in zip(self.touched, self.steady[1:], strict=True):
            pieces += (_lines(token.join(around)), after)
        return b"".join(pieces)


@dataclass(frozen=True, slots=True)
class MessageForm:
    """A message without what is its reader's own."""

    before_to: bytes
    before_id: bytes
    headers: tuple[bytes, ...] | None
    """Split where the token stands; None when a header looks otherwise with every token."""
    email: Email
    hashed: tuple[bytes, ...]
    """Both bodies as they were given, split where the token stands."""
    text: _Body
    html: _Body

    def written(self, to: bytes, message_id: str, token: str) -> bytes:
        """Return the message of one reader; `to` is the header line, `token` is percent-encoded.

        Raises TemplateError when a header cannot be written with this token.
        """
        octets = token.encode()
        content = hashlib.sha256(f"{message_id}\0".encode(errors="surrogatepass"))
        content.update(octets.join(self.hashed))
        boundary = f"=_{content.hexdigest()[:32]}"
        headers = _headers(self.email, token) if self.headers is None else octets.join(self.headers)
        return b"".join(
            (
                self.before_to,
                to,
                self.before_id,
                header_line("Message-ID", message_id),
                headers,
                b"MIME-Version: 1.0\r\n",
                f'Content-Type: multipart/alternative; boundary="{boundary}"\r\n\r\n'.encode(),
                _part_head(boundary, "plain"),
                self.text.written(octets),
                _part_head(boundary, "html"),
                self.html.written(octets),
                f"--{boundary}--\r\n".encode(),
            )
        )


@lru_cache(maxsize=8)
def message_form(email: Email, date: str, token_length: int) -> MessageForm:
    """Return the form of an e-mail for tokens of so many characters; `date` is the value of its header.

    Raises TemplateError when a header or a body cannot be written.
    """
    for name, _ in email.headers:
        if name.lower() in _OURS:
            raise TemplateError(f"the header {name} is written by the digest itself", fix="remove it from the e-mail")
    sender = mailbox_line("From", email.sender)
    reply_to = mailbox_line("Reply-To", email.reply_to) if email.reply_to else b""
    both = f"{email.text}\0{email.html}".encode(errors="surrogatepass")
    return MessageForm(
        sender + reply_to,
        header_line("Subject", email.subject) + header_line("Date", date),
        _ready_headers(email, token_length),
        email,
        tuple(both.split(READER_TOKEN.encode())),
        _body("plain", email.text, token_length),
        _body("html", email.html, token_length),
    )


def _ready_headers(email: Email, token_length: int) -> tuple[bytes, ...] | None:
    gaps = sum(value.count(READER_TOKEN) for _, value in email.headers)
    mark = _MARK * token_length
    if gaps and (not mark or any(_MARK in name + value for name, value in email.headers)):
        return None
    written = _headers(email, mark)
    pieces = tuple(written.split(mark.encode())) if gaps else (written,)
    return pieces if len(pieces) == gaps + 1 else None


def _headers(email: Email, token: str) -> bytes:
    return b"".join(header_line(name, value.replace(READER_TOKEN, token)) for name, value in email.headers)


def _body(subtype: str, body: str, token_length: int) -> _Body:
    if not token_length:
        body = body.replace(READER_TOKEN, "")  # what stood around it may be one line end now
    lines = body.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    try:
        octets = "\r\n".join(lines).encode()
    except UnicodeEncodeError as error:
        raise TemplateError(f"the {subtype} body holds half a character ({forbidden(body[error.start :])})") from error
    pieces = octets.split(READER_TOKEN.encode()) if token_length else [octets]
    whole = bytes(token_length).join(pieces)
    steady, touched, done = [], [], 0
    for tokens in _on_common_lines(pieces, token_length):
        begin = tokens[0] // _LINE * _LINE
        end = min(_end_of_line(tokens[-1] + token_length), len(whole))
        edges = [begin, *chain.from_iterable((token, token + token_length) for token in tokens), end]
        steady.append(_lines(whole[done:begin]))
        touched.append(tuple(whole[start:stop] for start, stop in zip(edges[::2], edges[1::2], strict=True)))
        done = end
    return _Body((*steady, _lines(whole[done:])), tuple(touched))


def _on_common_lines(pieces: Sequence[bytes], token_length: int) -> list[list[int]]:
    """Return where tokens begin, those together that share a line."""
    groups: list[list[int]] = []
    ends = accumulate(len(piece) + token_length for piece in pieces[:-1])
    for token in (end - token_length for end in ends):
        if groups and token < _end_of_line(groups[-1][-1] + token_length):
            groups[-1].append(token)
        else:
            groups.append([token])
    return groups


def _end_of_line(octets: int) -> int:
    return -(-octets // _LINE) * _LINE


def _lines(octets: bytes) -> bytes:
    return base64.encodebytes(octets).replace(b"\n", b"\r\n")


def _part_head(boundary: str, subtype: str) -> bytes:
    return (
        f"--{boundary}\r\nContent-Type: text/{subtype}; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    ).encode()
