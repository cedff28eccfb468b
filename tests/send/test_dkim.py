"""Copies that we hand over ourselves are signed, over the headers that Gmail asks for, and a verifier agrees."""

from __future__ import annotations

import base64
import re
import subprocess
from pathlib import Path

import dkim
import pytest

from digest.models import Mailbox, Secret
from digest.send.dkim_signing import Signer
from digest.send.providers import Answer, Verdict
from digest.send.providers.smtp import Provider
from tests.conftest import skip_or_fail
from tests.factories import make_email
from tests.servers.mailings import make_mailing
from tests.servers.peers import send_once
from tests.servers.smtp import SmtpServer

BROKEN = "-----BEGIN RSA PRIVATE KEY-----\ncanary0451\n-----END RSA PRIVATE KEY-----"


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> tuple[Secret, bytes]:
    """A private key in PEM, and the record that the DNS would have."""
    file = tmp_path_factory.mktemp("keys") / "key.pem"
    try:
        subprocess.run(
            ["openssl", "genrsa", "-traditional", "-out", str(file), "2048"], check=True, capture_output=True
        )
        public = subprocess.run(
            ["openssl", "rsa", "-in", str(file), "-pubout", "-outform", "DER"], check=True, capture_output=True
        ).stdout
    except FileNotFoundError:
        skip_or_fail("openssl", "openssl is not installed")
    return Secret("DKIM_KEY", file.read_text()), b"v=DKIM1; k=rsa; p=" + base64.b64encode(public)


def provider(server: SmtpServer, key: Secret) -> Provider:
    return Provider(server.host, server.port, "none", dkim_domain="example.com", dkim_selector="s1", dkim_key=key)


def verified(content: bytes, record: bytes) -> bool:
    def dns(name: bytes, timeout: int = 5) -> bytes:
        assert name == b"s1._domainkey.example.com."
        return record

    return bool(dkim.verify(content, dnsfunc=dns))


async def sent(key: Secret, **changes: object) -> list[bytes]:
    with SmtpServer() as server:
        answer: Answer = await send_once(provider(server, key), make_mailing(2, email=make_email(**changes)))
        assert answer.verdict is Verdict.ANSWERED
        return [message.content for message in server.messages]


@pytest.mark.anyio
async def test_every_copy_is_signed_and_a_verifier_agrees(keys: tuple[Secret, bytes]) -> None:
    key, record = keys
    copies = await sent(key, reply_to=Mailbox("desk@example.com", "編集部"), subject="週刊：" * 40)
    assert len(copies) == 2
    assert all(verified(content, record) for content in copies)
    changed = copies[0].replace(b"List-Unsubscribe-Post: List", b"List-Unsubscribe-Post: Lost")
    assert changed != copies[0]
    assert not verified(changed, record)


@pytest.mark.anyio
async def test_the_signature_covers_both_headers_of_one_click_and_all_that_is_shown(keys: tuple[Secret, bytes]) -> None:
    for content in await sent(keys[0]):
        header = re.sub(rb"\s", b"", content.split(b"\r\nFrom:")[0])
        covered = set(re.search(rb"h=([^;]*)", header)[1].decode().lower().split(":"))  # type: ignore[index] - there is one
        shown = {"from", "to", "subject", "date", "message-id", "mime-version", "content-type"}
        assert covered >= {"list-unsubscribe", "list-unsubscribe-post", "list-id"} | shown


@pytest.mark.anyio
async def test_a_server_that_folds_lines_anew_breaks_nothing(keys: tuple[Secret, bytes]) -> None:
    (first, _) = await sent(keys[0], subject="A subject of several plain words that is long enough to be folded anew")
    folded = first.replace(b"Subject: A subject of", b"Subject:  A subject\r\n  of", 1)
    assert folded != first
    assert verified(folded, keys[1])


def test_a_key_whose_line_breaks_are_two_letters_is_read(keys: tuple[Secret, bytes]) -> None:
    one_line = Secret("DKIM_KEY", keys[0].value.replace("\n", "\\n"))
    assert Signer("example.com", "s1", one_line).problems() == []
    assert verified(Signer("example.com", "s1", one_line).signed(b"From: a@example.com\r\n\r\nx\r\n"), keys[1])


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"domain": "example"}, "dkim_domain"),
        ({"selector": "s1._domainkey"}, "dkim_selector"),
        ({"key": Secret("DKIM_KEY", "")}, "DKIM_KEY is not set"),
        ({"key": Secret("DKIM_KEY", "canary-0451")}, "DKIM_KEY holds no private key"),
        ({"key": Secret("DKIM_KEY", BROKEN)}, "DKIM_KEY holds no"),
    ],
)  # fmt: skip
def test_what_cannot_sign_is_said_without_the_key(
    keys: tuple[Secret, bytes], changes: dict[str, object], says: str
) -> None:
    fields: dict[str, object] = {"domain": "example.com", "selector": "s1", "key": keys[0], **changes}
    (problem,) = Signer(**fields).problems()  # type: ignore[arg-type] - one of them is wrong on purpose
    assert says in problem
    assert "canary" not in problem


def test_one_setting_alone_is_a_problem(keys: tuple[Secret, bytes], tmp_path: Path) -> None:
    assert any("belong together" in each for each in Provider("localhost", dkim_key=keys[0]).problems())
    assert any("belong together" in each for each in Provider("localhost", dkim_domain="example.com").problems())
    assert not Provider("localhost").problems()
