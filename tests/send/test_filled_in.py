"""Batches written by a form: the same octets as JSON written reader by reader, whoever is among the readers."""

from __future__ import annotations

import json
from typing import Any
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.models import READER_TOKEN, Recipient, Secret
from digest.send.filled_in import entries_json
from digest.send.headers import header_value, wire_address
from digest.send.http_batch import personal_headers
from digest.send.mime import personalise
from digest.send.providers import Mailing, sendgrid
from digest.send.usual import are_usual, is_usual
from tests.factories import make_email, make_recipient
from tests.servers.mailings import make_mailing

PROVIDER = sendgrid.Provider(Secret("SENDGRID_API_KEY", "SG.x"), base_url="http://127.0.0.1:1")
TOKEN = "Zq3-x_9~Lk2.Vb7Nm4Pw8RtY"
UNSUBSCRIBE = ("List-Unsubscribe", f"<https://news.example.com/u/{READER_TOKEN}>")

addresses = st.one_of(
    st.sampled_from(
        [
            "a@example.com",
            "A.b+c@x-y.example",
            "taro@例え.jp",
            "太郎@例え.jp",
            "a@b",
            "%s@example.com",
            "'{}'@example.com",
        ]
    ),
    st.text('ab.@-_\n"\\%あ \x7f', max_size=12),
)
names = st.one_of(
    st.sampled_from(
        ["", ";", "山田　太郎", 'Sato, "Taro"', "%s", "{0}", "\\n", "𠮷野家", READER_TOKEN, "\x7f", " a  b "]
    ),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
)
tokens = st.one_of(
    st.just(TOKEN),
    st.sampled_from(["", "tok1", "a/b c", "あ", "%" * 24, f"{TOKEN[:-1]}\n", f"{TOKEN}\n{TOKEN}"]),
    st.text("ab%~/", min_size=24, max_size=24),
)
_usually = st.none()


def _readers(odd: list[tuple[str | None, str, str | None]]) -> list[Recipient]:
    """Make readers with what is odd about them; all else is as it usually is, and each reader's own."""
    return [
        Recipient(f"reader{at}@example.com" if address is None else address, name, token or f"{TOKEN[2:]}{at:02}")
        for at, (address, name, token) in enumerate(odd)
    ]


readers = st.lists(
    st.tuples(
        st.one_of(_usually, _usually, _usually, addresses), names, st.one_of(_usually, _usually, _usually, tokens)
    ),
    min_size=1,
    max_size=12,
).map(_readers)
headers = st.sampled_from(
    [
        (UNSUBSCRIBE, ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"), ("List-Id", "<weekly.example.com>")),
        (),
        (("X-Reader", READER_TOKEN), UNSUBSCRIBE),
        (("X-Reader", f"読者 {READER_TOKEN}"), UNSUBSCRIBE),
        (("X-Reader", f'100 % of "{READER_TOKEN}" {"x" * 463}'),),
        (("List-Id", f"週刊 {READER_TOKEN} <weekly.example.com>"),),
        (("List-Unsubscribe", f" {READER_TOKEN}  <https://x/{READER_TOKEN}> "),),
    ]
)


def writable(found: list[Recipient]) -> tuple[Recipient, ...]:
    """Return the readers whom the frame lets into a request."""
    mailing = make_mailing(recipients=tuple(found))
    return tuple(reader for reader, reason in PROVIDER.sorted_out(mailing) if not reason)


def slowly(mailing: Mailing) -> bytes:
    return json.dumps(PROVIDER.body(mailing, mailing.recipients), ensure_ascii=False).encode()


@given(readers, headers, st.booleans())
def test_sendgrids_request_is_octet_for_octet_its_body_as_json(
    found: list[Recipient], own: tuple[tuple[str, str], ...], proof: bool
) -> None:
    mailing = make_mailing(recipients=writable(found), email=make_email(headers=own), proof=proof)
    if mailing.recipients:
        assert PROVIDER.content(mailing, mailing.recipients, str) == ("application/json", slowly(mailing))


def test_a_thousand_usual_readers_are_written_without_an_entry_for_each() -> None:
    found = [make_recipient(number, token=f"{number:024}") for number in range(1000)]
    found[500] = make_recipient(500, address="taro@例え.jp")
    asked = mock.Mock(side_effect=lambda reader: {"to": wire_address(reader.address), "name": reader.name})
    written = entries_json(found, asked, str)
    assert [json.loads(each)["to"] for each in written[499:502]] == [
        "reader499@example.com", "taro@xn--r8jz45g.jp", "reader501@example.com",
    ]  # fmt: skip
    assert asked.call_count < 10


@pytest.mark.parametrize("token", ["a/b c", f"{TOKEN}\n{TOKEN}", f"{TOKEN}x", ""])
@pytest.mark.parametrize("name", ["%s", 'Sato "Taro"', "\\", "a, b; c", "", "　", "読者"])
def test_odd_readers_between_usual_ones_cost_nobody_their_own_entry(name: str, token: str) -> None:
    usual = tuple(make_recipient(number, token=f"{number:024}") for number in range(1, 5))
    odd = (make_recipient(7, name=name, token=f"{7:024}"), make_recipient(8, name=name, token=token))
    mailing = make_mailing(recipients=(*usual[:2], *odd, *usual[2:]))
    assert PROVIDER.content(mailing, mailing.recipients, str)[1] == slowly(mailing)


def test_an_entry_that_hides_the_token_is_never_written_by_a_form() -> None:
    found = [make_recipient(number, token=f"{number:024}") for number in range(20)]

    def backwards(reader: Recipient) -> dict[str, Any]:
        return {"to": reader.address, "token": reader.token[::-1]}

    expected = [json.dumps(backwards(reader)).encode() for reader in found]
    assert entries_json(found, backwards, str) == expected


@given(st.builds(Recipient, addresses, names, tokens))
def test_who_looks_usual_can_be_written_to_just_as_they_are(reader: Recipient) -> None:
    assert are_usual([reader]) is is_usual(reader)
    assert are_usual([reader, make_recipient()]) is is_usual(reader)
    if is_usual(reader):
        assert wire_address(reader.address) == reader.address


@pytest.mark.parametrize(
    "address",
    ["a@b\nc@d", "a@example.com\n", "a@", "@b", "a@-" + "x" * 63, "a@b..c", "a@b.", "a b@c.d", "taro@例え.jp"],
)
def test_what_is_not_plain_is_looked_at_closely(address: str) -> None:
    assert not is_usual(make_recipient(address=address))
    assert not are_usual([make_recipient(), make_recipient(address=address)])


@given(headers, tokens)
def test_personal_headers_are_those_of_the_mail_with_the_token_in(own: tuple[tuple[str, str], ...], token: str) -> None:
    mailing = make_mailing(1, email=make_email(headers=own))
    expected = {
        name: header_value(name, personalise(value, token))
        for name, value in own
        if READER_TOKEN in value or name.lower().startswith("list-unsubscribe")
    }
    assert personal_headers(mailing, make_recipient(token=token)) == expected


def test_a_usual_reader_who_is_in_the_batch_twice_is_kept_out_the_second_time() -> None:
    twice = make_mailing(recipients=(make_recipient(1), make_recipient(2), make_recipient(1)))
    assert [bool(reason) for _, reason in PROVIDER.sorted_out(twice)] == [False, False, True]
    shouted = make_mailing(recipients=(make_recipient(1), make_recipient(address="Reader1@Example.com")))
    assert [bool(reason) for _, reason in PROVIDER.sorted_out(shouted)] == [False, True]


def test_a_provider_may_refuse_a_reader_who_is_usual() -> None:
    picky = make_mailing(3)
    with mock.patch.object(sendgrid.Provider, "refuses", lambda _, reader: reader.name if "2" in reader.name else ""):
        assert [reason for _, reason in PROVIDER.sorted_out(picky)] == ["", "読者2", ""]
