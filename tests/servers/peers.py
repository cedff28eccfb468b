"""For each built-in provider the other end of the line, and what readers find in their mailboxes there.

The contract tests ask `PEERS` for every module in `digest/send/providers/`: a new provider needs a peer here.
"""

from __future__ import annotations

import email
import email.policy
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path
from typing import Any, cast

from digest.send.providers import Mailing, Provider, Verdict
from tests.servers.http import HttpServer
from tests.servers.peer import SECRET, Peer, Received, opened
from tests.servers.peers_brevo import brevo
from tests.servers.peers_mailersend import mailersend
from tests.servers.peers_mailgun import mailgun
from tests.servers.peers_mailjet import mailjet
from tests.servers.peers_mailtrap import mailtrap
from tests.servers.peers_mandrill import mandrill
from tests.servers.peers_postmark import postmark
from tests.servers.peers_resend import resend
from tests.servers.peers_ses import ses
from tests.servers.peers_sparkpost import sparkpost
from tests.servers.smtp import SmtpServer


@contextmanager
def _file(root: Path) -> Iterator[Peer]:
    provider = opened("file", root, outbox="outbox")

    def files() -> list[Path]:
        return sorted((root / "outbox").rglob("*.eml"), key=lambda path: path.stat().st_mtime_ns)

    yield Peer(
        provider=provider,
        received=lambda: [_parsed(path.name.removesuffix(".eml"), path.read_bytes()) for path in files()],
        sent=lambda: {path.name: path.read_bytes().decode() for path in files()},
        copies=lambda: len(files()),
    )


@contextmanager
def _smtp(root: Path) -> Iterator[Peer]:
    with SmtpServer(login=("digest", SECRET)) as server:
        options = {"host": server.host, "port": server.port, "security": "none", "username": "digest"}
        yield Peer(
            provider=opened("smtp", root, **options, password="env:CANARY"),
            received=lambda: [_parsed(message.recipient, message.content) for message in server.messages],
            sent=lambda: {message.recipient: message.content.decode() for message in server.messages},
            copies=lambda: len(server.messages),
            secret=SECRET,
        )


@contextmanager
def _sendgrid(root: Path) -> Iterator[Peer]:
    with HttpServer() as server:
        yield Peer(
            provider=opened("sendgrid", root, api_key="env:CANARY", base_url=server.url),
            received=lambda: [copy for request in server.requests for copy in _as_sendgrid_would(request.json)],
            sent=lambda: server.requests[-1].json,
            copies=lambda: sum(len(request.json["personalizations"]) for request in server.requests),
            secret=SECRET,
        )


PEERS: Mapping[str, Callable[[Path], AbstractContextManager[Peer]]] = {
    "file": _file,
    "smtp": _smtp,
    "sendgrid": _sendgrid,
    "brevo": brevo,
    "mailgun": mailgun,
    "postmark": postmark,
    "resend": resend,
    "ses": ses,
    "mailersend": mailersend,
    "mailjet": mailjet,
    "mailtrap": mailtrap,
    "mandrill": mandrill,
    "sparkpost": sparkpost,
}


def pieces(provider: Provider, mailing: Mailing) -> list[Mailing]:
    """Return the mailing in batches as large as the provider takes, as the outbox makes them."""
    size, readers = provider.batch_limit, mailing.recipients
    return [replace(mailing, recipients=readers[at : at + size]) for at in range(0, len(readers), size)]


async def send_once(provider: Provider, mailing: Mailing) -> Any:
    """Send a mailing over one connection; of several answers the verdict is that of the first that is not well."""
    async with provider.connect() as connection:
        if not 1 <= provider.batch_limit < len(mailing.recipients):
            return await connection.send(mailing)
        answers = [await connection.send(piece) for piece in pieces(provider, mailing)]
    telling = next((each for each in answers if each.verdict is not Verdict.ANSWERED), answers[0])
    return replace(telling, deliveries=tuple(told for each in answers for told in each.deliveries))


def _parsed(address: str, content: bytes) -> Received:
    message = cast("EmailMessage", email.message_from_bytes(content, policy=email.policy.default))
    text, html = message.iter_parts()
    return Received(
        address=address,
        subject=str(message["Subject"]),
        headers={name: str(value) for name, value in message.items()},
        html=cast("EmailMessage", html).get_content().replace("\r\n", "\n"),
        text=cast("EmailMessage", text).get_content().replace("\r\n", "\n"),
        everything=content.decode()
        + cast("EmailMessage", html).get_content()
        + cast("EmailMessage", text).get_content(),
    )


def _as_sendgrid_would(body: Any) -> Iterator[Received]:
    """Make the mails of a request, the way SendGrid's documentation tells."""
    content = {part["type"]: part["value"] for part in body["content"]}
    for personal in body["personalizations"]:

        def filled(text: str, values: Mapping[str, str] = personal["substitutions"]) -> str:
            for tag, value in values.items():
                text = text.replace(tag, value)
            return text

        (to,) = personal["to"]
        yield Received(
            address=to["email"],
            subject=body["subject"],
            headers={
                **body.get("headers", {}),
                **personal.get("headers", {}),
                "To": f"{to.get('name')} <{to['email']}>",
            },
            html=filled(content["text/html"]),
            text=filled(content["text/plain"]),
            everything=str(personal) + filled(str(content)),
        )
