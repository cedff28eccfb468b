"""Copies that share what is the same in all: octet for octet what writing each on its own gives, and less work."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import TemplateError
from digest.models import READER_TOKEN, Email, Mailbox, Recipient
from digest.send import message_form
from digest.send.headers import header_line, mailbox_line
from digest.send.mime import message_bytes, reader_copy
from tests.factories import TOKYO, make_email, make_recipient
from tests.servers.mailings import make_mailing

DATE = datetime(2026, 1, 19, 8, 0, tzinfo=TOKYO)
ID = "<1@example.com>"

_pieces = st.sampled_from([READER_TOKEN, "a", "\r", "\n", "\r\n", "あ", "𠮷", " ", "~", "%", "x" * 57, "y" * 70, "__"])
bodies = st.lists(_pieces, max_size=9).map("".join)
_values = st.sampled_from(
    [READER_TOKEN, "a", " ", "<https://x/", "> ", "~", "あ", "=?", "?=", "x" * 40, "z" * 460, ","]
)
headers = st.lists(
    st.tuples(
        st.sampled_from(["List-Unsubscribe", "X-Campaign", "List-Id", "X~Thing"]),
        st.lists(_values, max_size=8).map("".join),
    ),
    max_size=3,
).map(tuple)
tokens = st.one_of(
    st.sampled_from(["", "a", "tok0001", "a/b c", "~~~~", "あ", "%", "x" * 24, "x" * 57, "x" * 900]),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=30),
)


def plainly(mail: Email, reader: Recipient) -> bytes:
    """Write one message from beginning to end, with nothing kept from any other."""
    token = quote(reader.token, safe="")
    text, html = (body.replace(READER_TOKEN, token) for body in (mail.text, mail.html))
    boundary = "=_" + hashlib.sha256("\0".join((ID, text, html)).encode()).hexdigest()[:32]

    def part(subtype: str, body: str) -> bytes:
        octets = body.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n").encode()
        head = (
            f"--{boundary}\r\nContent-Type: text/{subtype}; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        )
        return head.encode() + base64.encodebytes(octets).replace(b"\n", b"\r\n")

    return b"".join(
        (
            mailbox_line("From", mail.sender),
            mailbox_line("Reply-To", mail.reply_to) if mail.reply_to else b"",
            mailbox_line("To", Mailbox(reader.address, reader.name)),
            header_line("Subject", mail.subject),
            header_line("Date", format_datetime(DATE)),
            header_line("Message-ID", ID),
            *(header_line(name, value.replace(READER_TOKEN, token)) for name, value in mail.headers),
            b"MIME-Version: 1.0\r\n",
            f'Content-Type: multipart/alternative; boundary="{boundary}"\r\n\r\n'.encode(),
            part("plain", text),
            part("html", html),
            f"--{boundary}--\r\n".encode(),
        )
    )


@given(bodies, bodies, headers, tokens)
def test_a_copy_is_octet_for_octet_the_message_written_on_its_own(
    text: str, html: str, own: tuple[tuple[str, str], ...], token: str
) -> None:
    mail = make_email(text=text, html=html, headers=own, reply_to=Mailbox("editor@example.com", "編集部"))
    reader = make_recipient(token=token)
    assert outcome(lambda: message_bytes(mail, reader, message_id=ID, date=DATE)) == outcome(
        lambda: plainly(mail, reader)
    )


@pytest.mark.parametrize(
    "own",
    [
        ("X-Reader", f"~{READER_TOKEN}"),
        ("X-Reader", f"{READER_TOKEN}~"),
        ("X~Reader", READER_TOKEN),
        ("X-Reader", f"読者 {READER_TOKEN}"),
        ("X-Reader", f"{READER_TOKEN}{READER_TOKEN} {READER_TOKEN}"),
        ("List-Id", f"週刊 {READER_TOKEN} <weekly.example.com>"),
        (
            "List-Unsubscribe",
            f" <https://news.example.com/{'x' * 60}/{READER_TOKEN}>,  <mailto:{READER_TOKEN}@x.example>",
        ),
    ],
)
@pytest.mark.parametrize("token", ["", "t", "tok0001", "a/b c", "x" * 24, "~" * 7])
def test_a_header_holds_the_readers_token_where_it_belongs(own: tuple[str, str], token: str) -> None:
    mail, reader = make_email(headers=(("X-Before", "x"), own, ("X-After", "y"))), make_recipient(token=token)
    assert message_bytes(mail, reader, message_id=ID, date=DATE) == plainly(mail, reader)


def outcome(write: Callable[[], bytes]) -> bytes | str:
    """Return what was written, or what is said of a header that cannot be."""
    try:
        return write()
    except TemplateError as error:
        return str(error)


@given(st.integers(0, 200), st.integers(0, 120), st.integers(1, 70))
def test_tokens_at_any_place_of_a_line_and_at_any_distance_are_put_in_right(
    before: int, between: int, length: int
) -> None:
    mail = make_email(html="x" * before + READER_TOKEN + "y" * between + READER_TOKEN + "z" * before)
    for letter in "tT":
        reader = make_recipient(token=letter * length)
        assert message_bytes(mail, reader, message_id=ID, date=DATE) == plainly(mail, reader)


def test_the_same_moment_in_another_zone_keeps_its_own_date_header() -> None:
    there = DATE.astimezone(UTC)
    for date in (DATE, there, DATE):
        content = message_bytes(make_email(), make_recipient(), message_id=ID, date=date)
        assert header_line("Date", format_datetime(date)) in content


def test_what_does_not_change_is_encoded_once_for_a_batch_and_not_once_a_reader(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    encoded = list[int]()
    lines = message_form._lines

    def counting(octets: bytes) -> bytes:
        encoded.append(len(octets))
        return lines(octets)

    monkeypatch.setattr(message_form, "_lines", counting)
    paragraph = "これは本文の段落です。" * 20
    mail = make_email(html=f"{paragraph * 50}<a href='/u/{READER_TOKEN}'>配信停止</a>{paragraph * 50}")
    mailing = make_mailing(100, email=mail)
    for reader in mailing.recipients:
        reader_copy(mailing, reader)
    once = len(mail.html.encode()) + len(mail.text.encode())
    lines_of_a_token = 2 * 57
    assert sum(encoded) <= once + 100 * 2 * lines_of_a_token
    assert once > 10 * lines_of_a_token


def test_a_new_mail_of_the_same_issue_is_not_written_by_the_form_of_the_old_one() -> None:
    old, new = make_email(subject="古い"), make_email(subject="新しい")
    for mail in (old, new, old):
        assert message_bytes(mail, make_recipient(), message_id=ID, date=DATE) == plainly(mail, make_recipient())
