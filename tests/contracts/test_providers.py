"""What every provider promises, held against a real peer on loopback."""

from __future__ import annotations

import logging
import pkgutil
from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path

import pytest

from digest.models import READER_TOKEN, DeliveryState, Mailbox
from digest.send import providers
from digest.send.http_batch import HttpBatch
from digest.send.mime import PROOF_HEADER
from digest.send.opening import kinds
from digest.send.providers import ALWAYS, Verdict
from tests.factories import make_email, make_recipient
from tests.servers.mailings import make_mailing
from tests.servers.peers import PEERS, Peer, pieces, send_once

ROOT = Path(__file__).parent.parent.parent
MODULES = sorted(module.name for module in pkgutil.iter_modules(providers.__path__))
LONG_SUBJECT = "今週の読みもの：生成AIと編集の現場から、そして次の一歩へ。" * 7


BATCH_KINDS = [name for name in MODULES if not pkgutil.resolve_name(f"{providers.__name__}.{name}:Provider").keeps_list]
"""Those that keep the list are held to `test_lists.py`."""


@pytest.fixture(params=BATCH_KINDS)
def peer(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Peer]:
    if request.param not in PEERS:
        pytest.fail(f"the provider {request.param} has no peer in tests/servers/peers.py")
    with PEERS[request.param](tmp_path) as made:
        yield made


def test_every_module_of_the_folder_is_a_kind_that_configuration_can_name() -> None:
    assert tuple(MODULES) == kinds()


def test_every_option_is_explained_where_operators_look(peer: Peer) -> None:
    found = type(peer.provider)
    if not issubclass(found, HttpBatch) or found.title == "SendGrid":
        return  # config/README.md has these
    page = (ROOT / "config/providers.md").read_text(encoding="utf-8")
    section = page.partition(f"\n## {found.title}\n")[2].partition("\n## ")[0]
    assert section, f"config/providers.md has no section {found.title}"
    for name in {field.name for field in fields(found) if not field.kw_only} - {"api_key", "base_url", "timeout"}:
        assert f"| `{name}` |" in section, name


def test_a_provider_that_is_set_up_has_no_problems(peer: Peer) -> None:
    assert not peer.provider.problems()
    assert peer.provider.batch_limit >= 1


@pytest.mark.anyio
async def test_every_reader_gets_exactly_one_copy_and_one_delivery_in_order(peer: Peer) -> None:
    mailing = make_mailing(5)
    answer = await send_once(peer.provider, mailing)
    assert answer.verdict is Verdict.ANSWERED
    assert [delivery.recipient for delivery in answer.deliveries] == list(mailing.recipients)
    assert {delivery.state for delivery in answer.deliveries} == {DeliveryState.ACCEPTED}
    assert all(delivery.message_id for delivery in answer.deliveries)
    assert [copy.address for copy in peer.received()] == [reader.address for reader in mailing.recipients]


@pytest.mark.anyio
async def test_a_connection_carries_one_batch_after_the_other(peer: Peer) -> None:
    async with peer.provider.connect() as connection:
        for number in (1, 2, 3):
            batch = make_mailing(recipients=(make_recipient(number),), key=f"batch-{number}")
            assert (await connection.send(batch)).verdict is Verdict.ANSWERED
    assert [copy.address for copy in peer.received()] == [f"reader{number}@example.com" for number in (1, 2, 3)]


@pytest.mark.anyio
async def test_a_readers_own_token_stands_in_header_html_and_text(peer: Peer) -> None:
    mailing = make_mailing(recipients=(make_recipient(1, token="a+b/c=="), make_recipient(2)))
    await send_once(peer.provider, mailing)
    for copy, token in zip(peer.received(), ("a%2Bb%2Fc%3D%3D", "tok0002"), strict=True):
        url = f"https://news.example.com/u/{token}"
        expected = {
            "List-Unsubscribe": f"<{url}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "List-Id": "<weekly.news.example.com>",
        }
        for name in expected.keys() - peer.withheld:
            assert copy.headers[name] == expected[name]
        assert f'href="{url}"' in copy.html
        assert f"{url}\n" in copy.text
        assert READER_TOKEN not in copy.html + copy.text + str(copy.headers)


def test_a_header_that_readers_get_otherwise_is_told_beforehand(peer: Peer) -> None:
    cautions = " ".join(peer.provider.cautions())
    assert all(name in cautions for name in peer.withheld)


@pytest.mark.anyio
async def test_nobody_sees_another_readers_address_name_or_token(peer: Peer) -> None:
    mailing = make_mailing(4)
    await send_once(peer.provider, mailing)
    for copy in peer.received():
        others = [reader for reader in mailing.recipients if reader.address != copy.address]
        assert len(others) == 3
        for other in others:
            assert other.address not in copy.everything
            assert other.token not in copy.everything
            assert other.name not in str(copy.headers)


@pytest.mark.anyio
async def test_what_is_described_is_what_is_sent(peer: Peer) -> None:
    mailing = make_mailing(3)
    described = peer.provider.describe(pieces(peer.provider, mailing)[-1])
    await send_once(peer.provider, mailing)
    assert described.body == peer.sent()


@pytest.mark.anyio
async def test_bodies_arrive_as_they_were_approved(peer: Peer) -> None:
    email = make_email(
        html="<!DOCTYPE html>\n<p>“”—… 𠮷野家 🍣 &amp; ①</p>\n.\n..\n", text=".\n\nFrom here\n一行" + "あ" * 2000 + "\n"
    )
    await send_once(peer.provider, make_mailing(1, email=email))
    (copy,) = peer.received()
    assert (copy.html, copy.text) == (email.html, email.text)


@pytest.mark.anyio
async def test_a_japanese_subject_of_two_hundred_characters_survives(peer: Peer) -> None:
    assert len(LONG_SUBJECT) >= 200
    await send_once(peer.provider, make_mailing(1, email=make_email(subject=LONG_SUBJECT)))
    assert peer.received()[0].subject == LONG_SUBJECT


@pytest.mark.anyio
async def test_a_proof_is_marked_and_cannot_unsubscribe_anybody(peer: Peer) -> None:
    mailing = make_mailing(1, proof=True)
    await send_once(peer.provider, mailing)
    (copy,) = peer.received()
    assert copy.subject == "【テスト】" + mailing.email.subject
    assert copy.headers[PROOF_HEADER] == "yes"
    assert not [name for name in copy.headers if name.lower().startswith("list-unsubscribe")]
    assert mailing.recipients[0].token not in copy.everything
    assert copy.html == mailing.email.html.replace(READER_TOKEN, "proof")
    assert copy.text == mailing.email.text.replace(READER_TOKEN, "proof")


@pytest.mark.anyio
async def test_a_secret_is_never_shown(peer: Peer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    mailing = make_mailing(1)
    answer = await send_once(peer.provider, mailing)
    shown = f"{peer.provider!r} {peer.provider} {peer.provider.describe(mailing)!r} {answer!r} {caplog.text}"
    if peer.secret:
        assert peer.secret not in shown
        assert "env:CANARY" in repr(peer.provider.describe(mailing))


@pytest.mark.anyio
async def test_a_reader_who_cannot_be_written_to_spoils_nobody_elses_mail(peer: Peer) -> None:
    bad = [
        make_recipient(2, address="no-at-sign"),
        make_recipient(3, address="a@example.com>\r\nBcc: all@example.com"),
        make_recipient(4, name="Eve\r\nBcc: all@example.com"),
    ]
    mailing = make_mailing(recipients=(make_recipient(1), *bad, make_recipient(5)))
    answer = await send_once(peer.provider, mailing)
    assert [delivery.state for delivery in answer.deliveries] == [
        DeliveryState.ACCEPTED,
        *[DeliveryState.REJECTED] * 3,
        DeliveryState.ACCEPTED,
    ]
    assert all(delivery.error for delivery in answer.deliveries[1:4])
    assert [copy.address for copy in peer.received()] == ["reader1@example.com", "reader5@example.com"]
    assert peer.provider.describe(pieces(peer.provider, mailing)[-1]).body == peer.sent()


@pytest.mark.anyio
@pytest.mark.parametrize("change", [{"subject": "one\r\nBcc: all@example.com"}, {"headers": (("X-Bad", "a\nb"),)}])
async def test_a_mail_with_a_broken_header_is_refused_before_anything_leaves(
    peer: Peer, change: dict[str, object]
) -> None:
    answer = await send_once(peer.provider, make_mailing(email=make_email(**change)))
    assert answer.verdict is Verdict.REFUSED
    assert "line break" in answer.detail
    assert peer.copies() == 0


@pytest.mark.anyio
async def test_a_mail_from_what_is_no_address_is_refused_before_anything_leaves(peer: Peer) -> None:
    answer = await send_once(peer.provider, make_mailing(email=make_email(sender=Mailbox("newsroom", "編集部"))))
    assert answer.verdict is Verdict.REFUSED
    assert "not an address" in answer.detail
    assert peer.copies() == 0


@pytest.mark.anyio
async def test_repeating_a_key_leaves_one_copy_at_any_time_where_that_is_claimed(peer: Peer) -> None:
    mailing = make_mailing(2)
    await send_once(peer.provider, mailing)
    before = [copy.everything for copy in peer.received()]
    peer.a_day_later()
    await send_once(peer.provider, replace(mailing))
    if peer.provider.repeatable_for == ALWAYS:
        assert peer.copies() == 2
        assert sorted(copy.everything for copy in peer.received()) == sorted(before)
    else:
        assert peer.copies() == 4, "the peer shows what a repeat does; claim repeatable only if it were 2"
