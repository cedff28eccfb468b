"""How the value of one header becomes bytes: ASCII stays as it is, the rest becomes encoded-words, no line is too long.

The standard library's policies either rewrite a long List-Unsubscribe URL as an encoded-word, which no receiver
reads as a URL, or add spaces to long Japanese names; hence our own folding. Lines are folded at 76 octets, and a
token that cannot be split (a URL, an address) may reach the 998 octets that RFC 5322 allows.
"""

from __future__ import annotations

import base64
import re
import unicodedata
from collections.abc import Iterable

from digest.errors import TemplateError
from digest.models import Mailbox

_FOLD_AT = 76
_LONGEST_LINE = 998
_WORD_OVERHEAD = len("=?utf-8?b??=")
_WORD_OCTETS = 45
"""Of UTF-8 in one encoded-word: with 45 it is 72 characters long, and RFC 2047 allows 75."""

_NAME = re.compile(r"[!-9;-~]+")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?: [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_ADDRESS = re.compile(r'[^\s<>()\[\],;:\\"@]+@[^\s<>()\[\],;:\\"@]+')
_PHRASE_AND_ID = re.compile(r"(?P<phrase>.*\S)\s*(?P<id><[^<>]*>)")


def forbidden(text: str) -> str:
    """Return the code point of the first character that no header may hold (`U+000A`), or nothing."""
    for character in text:
        if unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"}:
            return f"U+{ord(character):04X}"
    return ""


def wire_address(address: str) -> str:
    """Return the address with its domain in ASCII (punycode); the part before the `@` stays as it is.

    Raises ValueError for what is not one plain `local@domain`.
    """
    if forbidden(address) or not _ADDRESS.fullmatch(address):
        raise ValueError("this is not an address")
    local, _, domain = address.rpartition("@")
    try:
        return f"{local}@{domain.encode('idna').decode('ascii')}"
    except UnicodeError as error:
        raise ValueError(f"the domain {domain!r} cannot be written in ASCII") from error


def checked(name: str, value: str) -> str:
    """Return `value` when a header called `name` may hold it; raise TemplateError otherwise."""
    if not _NAME.fullmatch(name):
        raise TemplateError(f"{name!r} is not the name of a header")
    if found := forbidden(value):
        raise TemplateError(
            f"the header {name} holds a line break or another control character ({found})", fix="write it on one line"
        )
    return value


def header_line(name: str, value: str) -> bytes:
    """Return a whole header, folded, ending in CRLF.

    List headers are machine-readable and never encoded; only the phrase of a List-Id may be Japanese.
    Raises TemplateError for a line break or another control character, and for what cannot be written.
    """
    return _folded(name, _tokens(name, value))


def header_value(name: str, value: str) -> str:
    """Return the value alone on one line of ASCII, for providers that take headers as JSON."""
    return " ".join(_tokens(name, value))


def mailbox_line(name: str, mailbox: Mailbox) -> bytes:
    """Return a From, To or Reply-To header, folded, ending in CRLF.

    It is ASCII unless the part of the address before the `@` is not (RFC 6532: for servers with SMTPUTF8 only).
    """
    checked(name, mailbox.name)
    try:
        address = wire_address(mailbox.address)
    except ValueError as error:
        raise TemplateError(f"the header {name} cannot be written: {error}") from error
    if not mailbox.name:
        return _folded(name, [address])
    return _folded(name, [*_phrase(mailbox.name, _room_after(name)), f"<{address}>"])


def _tokens(name: str, value: str) -> list[str]:
    checked(name, value)
    if not name.lower().startswith("list-"):
        return value.split(" ") if _is_plain(value) else _encoded_words(value, _room_after(name))
    if value.isascii():
        return value.split()
    split = _PHRASE_AND_ID.fullmatch(value)
    if name.lower() != "list-id" or split is None or not split["id"].isascii():
        raise TemplateError(
            f"the header {name} holds a character outside ASCII",
            fix="write non-ASCII parts of its URL in percent-encoding",
        )
    return [*_phrase(split["phrase"], _room_after(name)), split["id"]]


def _is_plain(text: str) -> bool:
    """Whether a reader gets exactly this text back when it is written as it is and folded at its spaces."""
    return text.isascii() and text == " ".join(text.split()) and "=?" not in text and len(text) < _LONGEST_LINE // 2


def _phrase(text: str, room: int) -> list[str]:
    """Return a display name as atoms, as one quoted-string, or as encoded-words (which no quotes may surround)."""
    if _ATOMS.fullmatch(text) and _is_plain(text):
        return text.split(" ")
    if _is_plain(text) and len(text) < room:
        return ['"' + re.sub(r'(["\\])', r"\\\1", text) + '"']
    return _encoded_words(text, room)


def _encoded_words(text: str, room: int) -> list[str]:
    """Return `text` as encoded-words of whole characters; `room` is what the first line leaves for the first one.

    Only the last one is padded: GMime (Geary, notmuch) joins the base64 of neighbours before it decodes them, and
    loses what follows a padding. Where no word of whole characters goes without, what is in the way is written as `q`.
    """
    words, in_the_way, rest, limit = [], "", text, min(_WORD_OCTETS, (room - _WORD_OVERHEAD) // 4 * 3)
    while rest:
        fits = len(rest) if len(rest.encode()) <= limit else _unpadded(rest, limit)
        if not fits:
            in_the_way += rest[0]
        elif in_the_way:
            words.append(_quoted_word(in_the_way))
            in_the_way = ""
        if fits:
            words.append(_encoded_word(rest[:fits].encode()))
        rest, limit = rest[fits or 1 :], _WORD_OCTETS
    return [*words, _quoted_word(in_the_way)] if in_the_way else words


def _unpadded(text: str, limit: int) -> int:
    """Return how many characters from the start are base64 without padding and at most `limit` octets; 0 for none."""
    found = octets = 0
    for count, character in enumerate(text, 1):
        octets += len(character.encode())
        if octets > limit:
            break
        if octets % 3 == 0:
            found = count
    return found


def _encoded_word(octets: bytes) -> str:
    return f"=?utf-8?b?{base64.b64encode(octets).decode()}?="


def _quoted_word(text: str) -> str:
    octets = (chr(octet) if chr(octet).isalnum() and octet < 128 else f"={octet:02X}" for octet in text.encode())
    return f"=?utf-8?q?{''.join(octets)}?="


def _room_after(name: str) -> int:
    return _FOLD_AT - len(f"{name}: ")


def _folded(name: str, tokens: Iterable[str]) -> bytes:
    """Join the tokens with spaces or folds; never fold right after the colon, which some receivers misread."""
    lines, line = [], f"{name}:"
    for token in tokens:
        if line != f"{name}:" and len(f"{line} {token}".encode()) > _FOLD_AT:
            lines.append(line)
            line = ""
        line = f"{line} {token}"
    octets = [line.encode() for line in [*lines, line]]
    if max(map(len, octets)) > _LONGEST_LINE:
        raise TemplateError(
            f"the header {name} has a part of more than {_LONGEST_LINE} octets that cannot be split", fix="shorten it"
        )
    return b"\r\n".join(octets) + b"\r\n"
