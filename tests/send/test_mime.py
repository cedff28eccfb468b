"""Bytes on the wire: everything decodes back, nothing is split, nothing is too long."""

from __future__ import annotations

import email
import email.policy
import email.utils
import re
from datetime import datetime
from email.header import decode_header, make_header
from email.message import EmailMessage
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import AudienceError, TemplateError
from digest.models import READER_TOKEN, Email, Mailbox, Recipient
from digest.send.headers import forbidden, header_value
from digest.send.mime import as_proof, message_bytes, message_id, personalise, reader_copy, unsendable
from tests.factories import TOKYO, make_email, make_recipient
from tests.servers.mailings import make_mailing

DATE = datetime(2026, 1, 19, 8, 0, tzinfo=TOKYO)

texts = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=300)
japanese = st.text(
    st.one_of(st.sampled_from("週刊ダイジェスト（株）①ﾃｽﾄ髙𠮷🍣　「」、。"), st.sampled_from('aZ0 ,;"<>()@.=?_\\')),
    max_size=300,
)
names = st.one_of(texts, japanese).map(lambda name: " ".join(name.split(" ")).strip())


def wire(mail: Email, reader: Recipient | None = None) -> bytes:
    return message_bytes(mail, reader or make_recipient(), message_id="<1@example.com>", date=DATE)


def parsed(content: bytes) -> EmailMessage:
    return cast("EmailMessage", email.message_from_bytes(content, policy=email.policy.default))


def mailbox(content: bytes, header: str) -> tuple[str, str]:
    """Return display name and address; the policy parser of Python before 3.13.2 adds spaces (gh-128110)."""
    raw = str(email.message_from_bytes(content, policy=email.policy.compat32)[header])
    name, address = email.utils.parseaddr(raw.replace("\r\n", ""))
    return str(make_header(decode_header(name))), address


def assert_lines_are_lawful(content: bytes) -> None:
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert b"\r" not in content.replace(b"\r\n", b"")
    for line in content.split(b"\r\n"):
        assert len(line) <= 998
        if b"=?" in line:
            assert len(line) <= 76
    for word in re.findall(rb"=\?utf-8\?b\?([A-Za-z0-9+/=]*)\?=", content):
        assert len(word) + len("=?utf-8?b??=") <= 75
        decode_header(f"=?utf-8?b?{word.decode()}?=")[0][0].decode()  # whole characters only


@given(st.one_of(texts, japanese))
def test_any_subject_decodes_back_exactly(subject: str) -> None:
    content = wire(make_email(subject=subject))
    assert_lines_are_lawful(content)
    assert str(parsed(content)["Subject"]) == subject


@given(names, names)
def test_any_display_name_decodes_back_without_gained_spaces(sender: str, reader: str) -> None:
    content = wire(make_email(sender=Mailbox("news@example.com", sender)), make_recipient(name=reader))
    assert_lines_are_lawful(content)
    for header, name, address in (("From", sender, "news@example.com"), ("To", reader, "reader1@example.com")):
        assert mailbox(content, header) == (name, address)


@given(st.text("週刊編集部東京（株）𠮷", min_size=1, max_size=10))
def test_a_display_name_of_usual_length_is_one_word_that_every_parser_reads(name: str) -> None:
    (found,) = parsed(wire(make_email(sender=Mailbox("news@example.com", name))))["From"].addresses
    assert found.display_name == name


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=40), texts)
def test_any_other_header_decodes_back(word: str, value: str) -> None:
    content = wire(make_email(headers=(("X-Campaign", value), ("X-Word", word))))
    assert_lines_are_lawful(content)
    assert str(parsed(content)["X-Campaign"]) == value
    assert str(parsed(content)["X-Word"]) == word


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=2000))
def test_any_body_arrives_with_its_line_ends_as_mail_wants_them(body: str) -> None:
    message = parsed(wire(make_email(text=body, html=f"<p>{body}</p>")))
    expected = body.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n")
    text, html = (cast("EmailMessage", part) for part in message.iter_parts())
    assert (text.get_payload(decode=True) or b"") == expected.encode()
    assert html.get_payload(decode=True) == f"<p>{expected}</p>".encode()


@given(texts, names)
def test_the_same_mail_is_the_same_bytes(subject: str, name: str) -> None:
    mail = make_email(subject=subject)
    assert wire(mail, make_recipient(name=name)) == wire(mail, make_recipient(name=name))


@pytest.mark.parametrize("length", [50, 70, 300, 940])
def test_an_unsubscribe_url_of_any_length_stays_a_url(length: int) -> None:
    url = "https://news.example.com/u/" + "x" * length
    content = wire(make_email(headers=(("List-Unsubscribe", f"<{url}>, <mailto:leave@example.com?subject=x>"),)))
    assert f"List-Unsubscribe: <{url}>".encode() in content
    assert b"=?utf-8?" not in content.split(b"List-Unsubscribe:")[1].split(b"MIME-Version")[0]
    assert_lines_are_lawful(content)


def test_a_header_part_past_the_longest_line_is_an_error_and_not_a_broken_mail() -> None:
    with pytest.raises(TemplateError, match="cannot be split"):
        wire(make_email(headers=(("List-Unsubscribe", "<https://news.example.com/" + "x" * 990 + ">"),)))


def test_a_japanese_unsubscribe_url_is_an_error_because_nobody_could_read_it_encoded() -> None:
    with pytest.raises(TemplateError, match="outside ASCII"):
        wire(make_email(headers=(("List-Unsubscribe", "<https://例え.jp/配信停止>"),)))


def test_the_phrase_of_a_list_id_may_be_japanese_while_its_id_stays_readable() -> None:
    content = wire(make_email(headers=(("List-Id", "週刊ダイジェスト <weekly.example.com>"),)))
    line = re.search(rb"List-Id: ([^\r]*(?:\r\n [^\r]*)*)", content)
    assert line is not None
    assert line[1].endswith(b"<weekly.example.com>")
    assert str(parsed(content)["List-Id"]) == "週刊ダイジェスト <weekly.example.com>"


@pytest.mark.parametrize(
    "bad", ["a\r\nBcc: x@example.com", "a\nb", "a\rb", "a\x00b", "a\x0bb", "a\x7fb", "a\x85b", "a\u2028b"]
)
def test_no_header_can_be_smuggled_in(bad: str) -> None:
    assert forbidden(bad)
    with pytest.raises(TemplateError, match="line break or another control character"):
        wire(make_email(subject=bad))
    with pytest.raises(TemplateError, match="X-Thing"):
        wire(make_email(headers=(("X-Thing", bad),)))
    with pytest.raises(TemplateError, match="From"):
        wire(make_email(sender=Mailbox("news@example.com", bad)))
    with pytest.raises(AudienceError):
        wire(make_email(), make_recipient(name=bad))
    with pytest.raises(AudienceError):
        wire(make_email(), make_recipient(address=f"{bad}@example.com"))


@pytest.mark.parametrize("name", ["Subject", "to", "Content-Type", "MIME-Version", "Bad Name", "X:Y", "", "Ü"])
def test_a_header_that_is_ours_or_no_header_is_refused(name: str) -> None:
    with pytest.raises(TemplateError):
        wire(make_email(headers=((name, "x"),)))


def test_text_that_looks_like_an_encoded_word_is_not_decoded_by_the_reader() -> None:
    subject = "=?utf-8?b?44GC?= is how mail writes it"
    assert str(parsed(wire(make_email(subject=subject)))["Subject"]) == subject


def test_text_comes_first_and_html_last() -> None:
    message = parsed(wire(make_email()))
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert {part.get_content_charset() for part in message.iter_parts()} == {"utf-8"}
    assert message["Date"].datetime == DATE
    assert not message.defects
    assert [header for header in message if message[header].defects] == []


def test_the_readers_token_is_percent_encoded_wherever_it_stands() -> None:
    assert personalise(f"/{READER_TOKEN}?t={READER_TOKEN}", "a/b c&d") == "/a%2Fb%20c%26d?t=a%2Fb%20c%26d"


def test_a_message_id_is_the_readers_own_for_an_issue_and_tells_nothing_about_them() -> None:
    ids = {
        message_id(issue, make_recipient(number), "example.com")
        for issue in ("weekly/2026-W04", "weekly/2026-W05")
        for number in (1, 2)
    }
    assert len(ids) == 4
    assert all(re.fullmatch(r"<[0-9a-f]{32}@example\.com>", found) for found in ids)


def test_an_international_domain_is_written_in_ascii_and_a_japanese_mailbox_is_not() -> None:
    assert b"<taro@xn--r8jz45g.jp>" in wire(make_email(), make_recipient(address="taro@例え.jp"))
    assert "<太郎@xn--r8jz45g.jp>".encode() in wire(make_email(), make_recipient(address="太郎@例え.jp"))


@pytest.mark.parametrize(
    "address", ["", "a", "@b.c", "a@", "a b@c.d", "a@b.c, d@e.f", "<a@b.c>", "a@" + "x" * 70 + ".com", "a@b..c"]
)
def test_what_is_no_address_cannot_be_written_to(address: str) -> None:
    assert unsendable(make_recipient(address=address))


def test_a_proof_in_another_language_says_so_in_english_and_once() -> None:
    proof = as_proof(make_email(subject="Weekly", language="en-GB"))
    assert proof.subject == "[Proof] Weekly"
    assert as_proof(proof) == proof
    assert (proof.html, proof.text) == (make_email().html, make_email().text)


def test_two_proofs_of_one_issue_have_ids_of_their_own() -> None:
    reader = make_recipient()
    issue, proof = make_mailing(1), make_mailing(1, proof=True)
    later = make_mailing(1, proof=True, sent_at=datetime(2026, 1, 19, 9, 0, tzinfo=TOKYO))
    assert len({reader_copy(mailing, reader).message_id for mailing in (issue, proof, later)}) == 3


def test_header_values_for_json_are_ascii_on_one_line() -> None:
    value = header_value("X-Campaign", "春のキャンペーン" * 20)
    assert value.isascii()
    assert "\n" not in value
    assert header_value("List-Id", "<weekly.example.com>") == "<weekly.example.com>"


def test_half_a_character_in_a_body_is_an_error_that_names_it() -> None:
    with pytest.raises(TemplateError, match=r"U\+D83C"):
        wire(make_email(html="<p>\ud83c</p>"))
