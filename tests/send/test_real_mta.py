"""A real Postfix takes what our SMTP provider says, refuses by its own rules, and files mail that others can read."""

from __future__ import annotations

import base64
import email
import email.policy
import re
import subprocess
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any, cast

import dkim
import pytest

from digest.models import READER_TOKEN, DeliveryState, Mailbox, Secret
from digest.send.providers import Verdict
from digest.send.providers.smtp import Provider
from tests.conftest import skip_or_fail
from tests.factories import make_email, make_recipient
from tests.servers import gmime
from tests.servers.mailings import make_mailing
from tests.servers.peers import send_once
from tests.servers.postfix import Postfix, missing, postfix

A, P, R = DeliveryState.ACCEPTED, DeliveryState.PENDING, DeliveryState.REJECTED
READERS = [*(f"reader{number}@example.com" for number in range(1, 31)), "太郎@example.com", "taro@xn--r8jz45g.jp"]
NAMES = ["山田 太郎", 'Sato, "Taro" (編集)', "髙橋🎌"]
SUBJECT = (
    "週刊ダイジェスト 第12号：「生成AI」の話、ほか20本 — a long subject in two languages, with emoji 🎌 and “quotes”"
)
LEAVING = ["List-Unsubscribe", "List-Unsubscribe-Post"]

_POLICY = """inline:{
 { reader2@example.com = 452 4.2.2 Mailbox full },
 { reader3@example.com = REJECT },
 { reader4@example.com = 550 5.7.1 Client host blocked },
 }"""
DOORS = {
    "open": {},
    "strict": {
        "smtpd_forbid_bare_newline": "reject",
        "smtpd_forbid_unauth_pipelining": "yes",
        "strict_rfc821_envelopes": "yes",
        "smtpd_helo_required": "yes",
        "smtpd_sender_restrictions": "reject_non_fqdn_sender",
        "smtpd_recipient_restrictions": "reject_non_fqdn_recipient reject_unauth_destination",
    },
    "small": {"message_size_limit": "1200"},
    "ascii": {"smtputf8_enable": "no"},
    "slow": {"smtpd_client_message_rate_limit": "2", "smtpd_client_event_limit_exceptions": ""},
    "impatient": {"smtpd_hard_error_limit": "3"},
    "picky": {"smtpd_recipient_restrictions": f"check_recipient_access {' '.join(_POLICY.split())}"},
    "guarded": {"smtpd_tls_security_level": "encrypt", "smtpd_tls_received_header": "yes"},
}

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a certificate for 127.0.0.1 and its private key, which signs mails as well."""
    folder = tmp_path_factory.mktemp("keys")
    named = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    where = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "certificate.pem")]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", *named, *where]
    public = ["openssl", "rsa", "-in", where[1], "-pubout", "-outform", "DER", "-out", str(folder / "public.der")]
    try:
        subprocess.run(command, check=True, capture_output=True)
        subprocess.run(public, check=True, capture_output=True)
    except FileNotFoundError:
        skip_or_fail("openssl", "openssl is not installed")
    return folder


@pytest.fixture(scope="module")
def server(keys: Path) -> Iterator[Postfix]:
    if reason := missing():
        skip_or_fail("mta", reason)
    files = {"smtpd_tls_cert_file": str(keys / "certificate.pem"), "smtpd_tls_key_file": str(keys / "key.pem")}
    with postfix(READERS, DOORS, smtpd_tls_security_level="may", **files) as running:
        yield running


@pytest.fixture
def mta(server: Postfix) -> Postfix:
    server.delivered()
    return server


def to(mta: Postfix, door: str = "open", **changes: Any) -> Provider:
    return Provider(**{"host": mta.host, "port": mta.port(door), "security": "none", **changes})


def states(answer: Any) -> list[DeliveryState]:
    return [delivery.state for delivery in answer.deliveries]


def issue(subject: str = SUBJECT) -> Any:
    made = make_email(subject=subject, reply_to=Mailbox("desk@example.com", "編集部, 東京"))
    readers = tuple(make_recipient(number, name=name) for number, name in enumerate(NAMES, 1))
    return make_mailing(email=made, recipients=readers)


def parsed(content: bytes) -> EmailMessage:
    return cast("EmailMessage", email.message_from_bytes(content, policy=email.policy.default))


def alternatives(message: EmailMessage) -> list[tuple[str, str]]:
    parts = [cast("EmailMessage", part) for part in message.iter_parts()]
    return [(part.get_content_type(), part.get_content().replace("\r\n", "\n")) for part in parts]


# ---------------------------------------------------------------- what is filed


@pytest.mark.parametrize("door", ["open", "strict"])
async def test_each_reader_finds_the_mail_as_it_was_made(mta: Postfix, door: str) -> None:
    mailing = issue()
    assert states(await send_once(to(mta, door), mailing)) == [A, A, A]
    filed = mta.delivered()
    for reader in mailing.recipients:
        (content,) = filed[reader.address]
        found = parsed(content)
        (sender,), (recipient,) = found["From"].addresses, found["To"].addresses
        assert (recipient.display_name, recipient.addr_spec) == (reader.name, reader.address)
        assert (sender.display_name, sender.addr_spec) == ("週刊ダイジェスト編集部", "news@example.com")
        assert found["Reply-To"].addresses[0].display_name == "編集部, 東京"
        assert (found["Subject"], found["Return-Path"]) == (SUBJECT, "<news@example.com>")
        assert found["List-Unsubscribe"] == f"<https://news.example.com/u/{reader.token}>"
        assert found["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert alternatives(found) == [
            ("text/plain", mailing.email.text.replace(READER_TOKEN, reader.token)),
            ("text/html", mailing.email.html.replace(READER_TOKEN, reader.token)),
        ]
        assert not found.defects


@pytest.mark.parametrize(
    "subject", [SUBJECT, "AI最新ニュース：今週の投稿二十本をまとめてお届けします", "é" * 60, "🎌é" * 20]
)
async def test_another_parser_reads_the_same_names_subject_headers_and_alternatives(
    mta: Postfix, tmp_path: Path, subject: str
) -> None:
    if reason := gmime.missing():
        skip_or_fail("mta", reason)
    mailing = issue(subject)
    await send_once(to(mta), mailing)
    filed = mta.delivered()
    for reader in mailing.recipients:
        found = gmime.read_by_gmime(filed[reader.address][0], tmp_path / reader.token, "List-Id", *LEAVING)
        python = parsed(filed[reader.address][0])
        assert found.headers["Subject"] == mailing.email.subject
        assert [str(python[name]) for name in found.headers] == list(found.headers.values())
        assert {"From", "To", "Reply-To", "Subject", "Date", "List-Id", *LEAVING} <= found.headers.keys()
        assert alternatives(python) == found.parts


async def test_the_signature_is_still_good_where_the_mail_lies_and_covers_both_ways_to_leave(
    mta: Postfix, keys: Path
) -> None:
    key = Secret("DKIM_KEY", (keys / "key.pem").read_text())
    record = b"v=DKIM1; k=rsa; p=" + base64.b64encode((keys / "public.der").read_bytes())

    def verified(content: bytes) -> bool:
        return bool(dkim.verify(content, dnsfunc=lambda name, timeout=5: record))

    provider = to(mta, dkim_domain="example.com", dkim_selector="s1", dkim_key=key)
    assert states(await send_once(provider, issue())) == [A, A, A]
    for (content,) in mta.delivered().values():
        assert b"\nReceived: from " in content, "Postfix put its own headers before ours"
        assert verified(content)
        covered = re.sub(r"\s", "", str(parsed(content)["DKIM-Signature"])).partition("h=")[2].partition(";")[0]
        assert {name.lower() for name in LEAVING} <= set(covered.lower().split(":"))
        for name in LEAVING:
            changed = content.replace(f"\n{name}: ".encode(), f"\n{name}: x".encode())
            assert changed != content
            assert not verified(changed)


# ---------------------------------------------------------------- what is refused


async def test_an_unknown_reader_is_rejected_and_the_others_get_their_mail(mta: Postfix) -> None:
    readers = make_recipient(1), make_recipient(99), make_recipient(3)
    answer = await send_once(to(mta), make_mailing(recipients=readers))
    assert (answer.verdict, states(answer)) == (Verdict.ANSWERED, [A, R, A])
    assert answer.deliveries[1].error.startswith("550 5.1.1 <r…@example.com>: Recipient address rejected: User unknown")
    assert mta.delivered().keys() == {"reader1@example.com", "reader3@example.com"}


async def test_a_full_mailbox_is_put_off_and_a_door_that_blocks_us_rejects_nobody(mta: Postfix) -> None:
    answer = await send_once(to(mta, "picky"), make_mailing(2))
    assert (answer.verdict, states(answer)) == (Verdict.ANSWERED, [A, P])
    assert answer.detail == "452 4.2.2 <r…@example.com>: Recipient address rejected: Mailbox full"
    blocked = make_mailing(recipients=(make_recipient(1), make_recipient(4), make_recipient(5)))
    answer = await send_once(to(mta, "picky"), blocked)
    assert (answer.verdict, states(answer)) == (Verdict.REFUSED, [A, P, P])
    assert len(mta.delivered()["reader1@example.com"]) == 2


async def test_a_server_that_does_not_relay_for_us_stops_the_issue_and_rejects_nobody(mta: Postfix) -> None:
    readers = tuple(make_recipient(number, address=f"reader{number}@elsewhere.example") for number in (1, 2))
    answer = await send_once(to(mta), make_mailing(recipients=readers))
    assert (answer.verdict, answer.deliveries) == (Verdict.REFUSED, ())
    assert "Relay access denied" in answer.detail


async def test_a_mail_that_is_too_large_stops_the_issue_and_rejects_nobody(mta: Postfix) -> None:
    answer = await send_once(to(mta, "small"), issue())
    assert (answer.verdict, answer.deliveries) == (Verdict.REFUSED, ())
    assert answer.detail.startswith("552 5.3.4 ")
    assert not mta.delivered()


async def test_who_is_sent_away_after_too_many_unknown_readers_goes_on_with_a_new_connection(mta: Postfix) -> None:
    unknown = [make_recipient(number) for number in range(90, 95)]
    async with to(mta, "impatient").connect() as connection:
        answer = await connection.send(make_mailing(recipients=(make_recipient(1), *unknown, make_recipient(2))))
        assert answer.verdict is Verdict.NOT_SENT
        assert states(answer) == [A, R, R, R, P, P, P]
        assert answer.detail  # Postfix says 421 and hangs up at once: whichever of the two is seen first
        rest = await connection.send(make_mailing(recipients=(*unknown[3:], make_recipient(2))))
        assert states(rest) == [R, R, A]
    assert {address: len(copies) for address, copies in mta.delivered().items()} == {
        "reader1@example.com": 1,
        "reader2@example.com": 1,
    }


async def test_who_sends_faster_than_allowed_is_not_refused_and_nobody_is_rejected(mta: Postfix) -> None:
    answer = await send_once(to(mta, "slow"), make_mailing(4))
    assert (answer.verdict, states(answer)) == (Verdict.NOT_SENT, [A, A, P, P])
    assert answer.detail.startswith("450 4.7.1 Error: too much mail")


# ---------------------------------------------------------------- what is announced


async def test_many_batches_go_over_one_connection(mta: Postfix) -> None:
    async with to(mta, "strict", batch_limit=10).connect() as connection:
        for start in (1, 11, 21):
            readers = tuple(make_recipient(number) for number in range(start, start + 10))
            assert states(await connection.send(make_mailing(recipients=readers))) == [A] * 10
    assert mta.delivered().keys() == {f"reader{number}@example.com" for number in range(1, 31)}


async def test_the_line_is_encrypted_where_the_server_wants_it_and_its_certificate_is_trusted(
    mta: Postfix, keys: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_the_clear = await send_once(to(mta, "guarded"), make_mailing(1))
    assert in_the_clear.verdict is Verdict.REFUSED
    assert in_the_clear.detail == "530 5.7.0 Must issue a STARTTLS command first"
    unknown = await send_once(to(mta, "guarded", security="starttls"), make_mailing(1))
    assert unknown.verdict is Verdict.REFUSED
    assert "certificate" in unknown.detail
    monkeypatch.setenv("SSL_CERT_FILE", str(keys / "certificate.pem"))
    assert states(await send_once(to(mta, "guarded", security="starttls"), make_mailing(1))) == [A]
    ((content,),) = mta.delivered().values()
    assert b"using TLSv1.3 with cipher" in content


async def test_a_login_that_the_server_does_not_offer_is_told_and_nothing_is_sent(mta: Postfix) -> None:
    provider = to(mta, username="digest", password=Secret("SMTP_PASSWORD", "canary-0451"))
    answer = await send_once(provider, make_mailing(1))
    assert (answer.verdict, answer.deliveries) == (Verdict.REFUSED, ())
    assert "AUTH" in answer.detail
    assert not mta.delivered()


async def test_a_japanese_mailbox_is_written_to_where_the_server_can_and_rejected_elsewhere(mta: Postfix) -> None:
    readers = make_recipient(1, address="太郎@example.com", name="太郎"), make_recipient(2)
    assert states(await send_once(to(mta), make_mailing(recipients=readers))) == [A, A]
    filed = mta.delivered()
    assert filed.keys() == {"太郎@example.com", "reader2@example.com"}
    assert parsed(filed["太郎@example.com"][0])["To"].addresses[0].display_name == "太郎"
    assert b"with UTF8SMTP" in filed["太郎@example.com"][0]
    answer = await send_once(to(mta, "ascii"), make_mailing(recipients=readers))
    assert states(answer) == [R, A]
    assert "SMTPUTF8" in answer.deliveries[0].error


async def test_a_japanese_domain_is_written_to_by_its_name_in_ascii_at_any_server(mta: Postfix) -> None:
    readers = (make_recipient(1, address="taro@例え.jp"),)
    for door in ("open", "ascii"):
        assert states(await send_once(to(mta, door), make_mailing(recipients=readers))) == [A]
        assert mta.delivered().keys() == {"taro@xn--r8jz45g.jp"}
