"""Every reply and every broken line of an SMTP session, against a real server on loopback."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from digest.models import DeliveryState, Secret
from digest.send.providers import Verdict
from digest.send.providers.smtp import Provider
from tests.conftest import skip_or_fail
from tests.factories import make_email, make_recipient
from tests.servers.http import HttpServer, closed_port, reset_on_arrival
from tests.servers.mailings import make_mailing
from tests.servers.peers import send_once
from tests.servers.smtp import SmtpServer

A, P, R, U = DeliveryState.ACCEPTED, DeliveryState.PENDING, DeliveryState.REJECTED, DeliveryState.UNKNOWN
READER_2 = "reader2@example.com"
PASSWORD = "canary-password-0451"

pytestmark = pytest.mark.anyio


def to(server: SmtpServer, **changes: Any) -> Provider:
    return Provider(**{"host": server.host, "port": server.port, "security": "none", **changes})


def states(answer: Any) -> list[DeliveryState]:
    return [delivery.state for delivery in answer.deliveries]


def arrived(server: SmtpServer) -> list[str]:
    return [message.recipient for message in server.messages]


async def test_a_refused_reader_is_rejected_and_the_others_get_their_mail() -> None:
    with SmtpServer(refuse={READER_2: f"550 5.1.1 <{READER_2}>: no such user"}) as server:
        answer = await send_once(to(server), make_mailing(3))
        assert states(answer) == [A, R, A]
        assert answer.deliveries[1].error == "550 5.1.1 <r…@example.com>: no such user"
        assert arrived(server) == ["reader1@example.com", "reader3@example.com"]
        assert server.sessions == 1


async def test_a_reader_put_off_stays_pending_and_the_others_get_their_mail() -> None:
    with SmtpServer(refuse={READER_2: "451 4.7.1 Greylisted, try again"}) as server:
        answer = await send_once(to(server), make_mailing(3))
        assert states(answer) == [A, P, A]


@pytest.mark.parametrize("reply", ["452 4.2.2 Mailbox full", "450 4.7.1 Greylisted by policy", "451 Try later"])
@pytest.mark.parametrize("stage", ["refuse", "refuse_content"])
async def test_a_batch_of_nobody_but_readers_put_off_is_answered(reply: str, stage: str) -> None:
    everybody = {f"reader{number}@example.com": reply for number in (1, 2)}
    with SmtpServer(**{stage: everybody}) as server:
        answer = await send_once(to(server), make_mailing(2))
        assert (answer.verdict, states(answer), answer.detail) == (Verdict.ANSWERED, [P, P], reply)
        assert [delivery.error for delivery in answer.deliveries] == [reply, reply]


@pytest.mark.parametrize(("reply", "state"), [("552 5.2.2 mailbox full", R), ("452 4.3.1 disk full", P)])
async def test_after_the_body_too_a_reply_about_a_reader_is_for_that_reader(reply: str, state: DeliveryState) -> None:
    with SmtpServer(refuse_content={READER_2: reply}) as server:
        answer = await send_once(to(server), make_mailing(3))
        assert (answer.verdict, states(answer)) == (Verdict.ANSWERED, [A, state, A])


BLOCKED = "554 5.7.1 Service unavailable; Client host [203.0.113.9] blocked using zen.spamhaus.org"


@pytest.mark.parametrize("stage", ["refuse", "refuse_content"])
async def test_a_server_that_blocks_us_rejects_no_reader(stage: str) -> None:
    everybody = {f"reader{number}@example.com": BLOCKED for number in (1, 2, 3)}
    with SmtpServer(**{stage: everybody}) as server:
        answer = await send_once(to(server), make_mailing(3))
        assert (answer.verdict, answer.deliveries, answer.detail) == (Verdict.REFUSED, (), BLOCKED)
        assert not server.messages


@pytest.mark.parametrize("stage", ["refuse", "refuse_content"])
@pytest.mark.parametrize(
    ("reply", "verdict"), [(BLOCKED, Verdict.REFUSED), ("421 4.7.0 Too many messages today", Verdict.NOT_SENT)]
)
async def test_where_a_server_stops_us_the_answers_before_stand_and_the_rest_is_pending(
    stage: str, reply: str, verdict: Verdict
) -> None:
    refused = {"refuse": {"reader1@example.com": "550 5.1.1 No such user"}}
    refused[stage] = refused.get(stage, {}) | {"reader3@example.com": reply}
    with SmtpServer(**refused) as server:
        async with to(server).connect() as connection:
            answer = await connection.send(make_mailing(5))
            assert (answer.verdict, answer.detail) == (verdict, reply)
            assert states(answer) == [R, A, P, P, P]
            assert [delivery.error for delivery in answer.deliveries[2:]] == [reply, "", ""]
            assert arrived(server) == [READER_2]
            server.refuse = server.refuse_content = {}
            rest = make_mailing(recipients=tuple(make_recipient(number) for number in (3, 4, 5)))
            assert states(await connection.send(rest)) == [A, A, A]


async def test_a_session_that_ends_before_anybody_was_answered_is_not_sent() -> None:
    with SmtpServer(refuse={"reader1@example.com": "421 4.3.2 shutting down"}) as server:
        answer = await send_once(to(server), make_mailing(2))
        assert (answer.verdict, answer.deliveries, answer.detail) == (Verdict.NOT_SENT, (), "421 4.3.2 shutting down")


async def test_a_line_that_breaks_before_the_reply_leaves_one_unknown_and_the_rest_pending() -> None:
    with SmtpServer(hang_up_after_body={READER_2}) as server:
        answer = await send_once(to(server), make_mailing(4))
        assert answer.verdict is Verdict.ANSWERED
        assert states(answer) == [A, U, P, P]
        assert answer.detail == answer.deliveries[1].error != ""
        assert [delivery.error for delivery in answer.deliveries[2:]] == ["", ""], "they were not begun"
        assert arrived(server) == ["reader1@example.com", READER_2], "the server did take it: unknown is the truth"


async def test_a_silent_server_leaves_one_unknown_and_the_rest_pending() -> None:
    with SmtpServer(silent_after_body={READER_2}) as server:
        assert states(await send_once(to(server, timeout=0.5), make_mailing(3))) == [A, U, P]


async def test_after_a_broken_line_the_next_batch_gets_a_new_connection() -> None:
    with SmtpServer(hang_up_after_body={"reader1@example.com"}) as server:
        async with to(server).connect() as connection:
            assert states(await connection.send(make_mailing(1))) == [U]
            assert states(await connection.send(make_mailing(recipients=(make_recipient(2),)))) == [A]
        assert server.sessions == 2


async def test_an_idle_connection_that_the_server_closed_costs_nobody_their_mail() -> None:
    with SmtpServer() as server:
        async with to(server).connect() as connection:
            assert states(await connection.send(make_mailing(1))) == [A]
            server.hang_up()
            assert states(await connection.send(make_mailing(2))) == [A, A]
        assert server.sessions == 2


async def test_nobody_listening_is_not_sent() -> None:
    answer = await send_once(Provider("127.0.0.1", closed_port(), "none"), make_mailing(2))
    assert (answer.verdict, answer.deliveries) == (Verdict.NOT_SENT, ())
    assert "connect" in answer.detail.lower()


async def test_a_door_slammed_at_the_greeting_is_not_sent() -> None:
    with HttpServer(reset_on_arrival()) as server:
        answer = await send_once(Provider("127.0.0.1", server.port, "none", timeout=2), make_mailing(2))
        assert answer.verdict is Verdict.NOT_SENT


@pytest.mark.parametrize(
    ("reply", "verdict"),
    [
        ("550 5.7.1 sender not allowed", Verdict.REFUSED),
        ("454 4.7.0 Throttling failure: Maximum sending rate exceeded", Verdict.NOT_SENT),
        ("421 4.3.2 shutting down", Verdict.NOT_SENT),
    ],
)
async def test_a_refused_sender_is_about_us_and_sends_nothing(reply: str, verdict: Verdict) -> None:
    with SmtpServer(refuse_sender=reply) as server:
        answer = await send_once(to(server), make_mailing(2))
        assert (answer.verdict, answer.deliveries) == (verdict, ())
        assert reply[:3] in answer.detail
        assert not server.messages


@pytest.mark.parametrize("reply", ["554 5.7.1 Relay access denied", "530 5.7.0 Authentication required"])
async def test_a_server_that_does_not_relay_for_us_rejects_no_reader(reply: str) -> None:
    everybody = {f"reader{number}@example.com": reply for number in (1, 2)}
    with SmtpServer(refuse=everybody) as server:
        assert (await send_once(to(server), make_mailing(2))).verdict is Verdict.REFUSED


@pytest.mark.parametrize("hang_up", [False, True])
async def test_a_wrong_password_is_refused_and_shown_nowhere(hang_up: bool, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(0)
    with SmtpServer(login=("digest", "right"), hang_up_at_login=hang_up) as server:
        provider = to(server, username="digest", password=Secret("SMTP_PASSWORD", PASSWORD))
        answer = await send_once(provider, make_mailing(2))
        assert (answer.verdict, answer.deliveries) == (Verdict.REFUSED, ())
        assert server.logins
        assert set(server.logins) == {("digest", PASSWORD)}
        client_log = " ".join(record.getMessage() for record in caplog.records if not record.name.startswith("mail"))
        assert PASSWORD not in f"{provider!r} {answer!r} {provider.describe(make_mailing(1))!r} {client_log}"


async def test_a_server_without_starttls_never_sees_the_password() -> None:
    with SmtpServer(login=("digest", PASSWORD)) as server:
        provider = to(server, security="starttls", username="digest", password=Secret("SMTP_PASSWORD", PASSWORD))
        answer = await send_once(provider, make_mailing(1))
        assert answer.verdict is Verdict.REFUSED
        assert "STARTTLS" in answer.detail
        assert not server.logins


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    openssl = shutil.which("openssl")
    if not openssl:
        skip_or_fail("openssl", "the program to make a certificate is not installed")
    folder = tmp_path_factory.mktemp("certificate")
    made = folder / "certificate.pem", folder / "key.pem"
    subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    where = ["-keyout", str(made[1]), "-out", str(made[0])]
    command = [str(openssl), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", *subject, *where]
    subprocess.run(command, check=True, capture_output=True)
    return made


async def test_mail_goes_through_starttls_when_the_certificate_is_trusted(
    certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    with SmtpServer(login=("digest", PASSWORD), certificate=certificate) as server:
        provider = to(server, security="starttls", username="digest", password=Secret("SMTP_PASSWORD", PASSWORD))
        assert states(await send_once(provider, make_mailing(2))) == [A, A]
        assert server.logins == [("digest", PASSWORD)]


async def test_a_certificate_that_nobody_vouches_for_is_refused_before_the_login(
    certificate: tuple[Path, Path],
) -> None:
    with SmtpServer(login=("digest", PASSWORD), certificate=certificate) as server:
        provider = to(server, security="starttls", username="digest", password=Secret("SMTP_PASSWORD", PASSWORD))
        answer = await send_once(provider, make_mailing(1))
        assert answer.verdict is Verdict.REFUSED
        assert "certificate" in answer.detail
        assert not server.logins


async def test_a_japanese_mailbox_is_written_to_where_the_server_can_and_rejected_elsewhere() -> None:
    mailing = make_mailing(recipients=(make_recipient(1, address="太郎@example.com"), make_recipient(2)))
    with SmtpServer() as server:
        assert states(await send_once(to(server), mailing)) == [A, A]
        assert arrived(server) == ["太郎@example.com", READER_2]
    with SmtpServer(utf8=False) as server:
        answer = await send_once(to(server), mailing)
        assert states(answer) == [R, A]
        assert "SMTPUTF8" in answer.deliveries[0].error


async def test_each_message_has_one_reader_in_its_envelope() -> None:
    with SmtpServer() as server:
        await send_once(to(server), make_mailing(3, email=make_email(subject="一通ずつ")))
        assert arrived(server) == [f"reader{number}@example.com" for number in (1, 2, 3)]
        assert {message.sender for message in server.messages} == {"news@example.com"}
        assert [message.parsed["To"].addresses[0].addr_spec for message in server.messages] == arrived(server)


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"host": ""}, "host is empty"),
        ({"port": 0}, "port 0 does not exist"),
        ({"username": "digest"}, "without a password"),
        ({"password": Secret("SMTP_PASSWORD", "x")}, "without a username"),
        ({"username": "digest", "password": Secret("SMTP_PASSWORD")}, "SMTP_PASSWORD is not set"),
        ({"security": "none", "username": "digest", "password": Secret("P", "x")}, "would show the password"),
        ({"timeout": 0.0}, "above zero"),
        ({"timeout": 60.0}, "at most 50 seconds"),
        ({"batch_limit": 0}, "above zero"),
    ],
)
async def test_what_is_missing_is_said_and_nothing_is_tried(options: dict[str, Any], problem: str) -> None:
    provider = Provider(**{"host": "mail.example.com", **options})
    (found,) = provider.problems()
    assert problem in found
    answer = await send_once(provider, make_mailing(1))
    assert (answer.verdict, answer.detail) == (Verdict.REFUSED, found)
