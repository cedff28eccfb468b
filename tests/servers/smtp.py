"""A mail server on loopback that refuses, hangs up and falls silent as told.

with SmtpServer(refuse={"gone@example.com": "550 5.1.1 No such user"}) as server:
    ... server.port ... server.messages[0].parsed["Subject"] ...
"""

from __future__ import annotations

import asyncio
import email
import email.policy
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from types import TracebackType
from typing import Any, Self, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword


@dataclass(frozen=True)
class Message:
    sender: str
    recipient: str
    content: bytes

    @property
    def parsed(self) -> EmailMessage:
        return cast("EmailMessage", email.message_from_bytes(self.content, policy=email.policy.default))


class SmtpServer:
    """The rules are dictionaries from address to reply, and sets of addresses; they may be changed between batches."""

    def __init__(
        self,
        *,
        refuse: Mapping[str, str] | None = None,
        refuse_content: Mapping[str, str] | None = None,
        hang_up_after_body: frozenset[str] | set[str] = frozenset(),
        silent_after_body: frozenset[str] | set[str] = frozenset(),
        refuse_sender: str = "",
        hang_up_at_login: bool = False,
        login: tuple[str, str] | None = None,
        utf8: bool = True,
        certificate: tuple[Path, Path] | None = None,
    ) -> None:
        self.refuse = dict(refuse or {})
        self.refuse_content = dict(refuse_content or {})
        self.hang_up_after_body = set(hang_up_after_body)
        self.silent_after_body = set(silent_after_body)
        self.refuse_sender = refuse_sender
        self.hang_up_at_login = hang_up_at_login
        self.messages: list[Message] = []
        self.logins: list[tuple[str, str]] = []
        self.sessions = 0
        self.transports: list[Any] = []
        self._login = login
        context = None
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
        self._controller = _Controller(
            _Hooks(self),
            login is not None,
            enable_SMTPUTF8=utf8,
            auth_require_tls=context is not None,
            tls_context=context,
            require_starttls=context is not None,
            authenticator=self._authenticate if login else None,
        )
        self._controller.start()
        self.sessions = 0  # the controller knocks once itself

    @property
    def host(self) -> str:
        return "127.0.0.1"

    @property
    def port(self) -> int:
        return self._controller.port

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._controller.stop()

    def hang_up(self) -> None:
        """Close every open connection, as servers do with clients that are idle."""
        for transport in self.transports:
            self._controller.loop.call_soon_threadsafe(transport.abort)
        self.transports.clear()

    def _authenticate(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        given = data.login.decode(), data.password.decode()
        self.logins.append(given)
        if given != self._login and self.hang_up_at_login:
            server.transport.abort()
        return AuthResult(success=given == self._login, handled=False)


class _Controller(Controller):
    """Listens on a port that the system chose."""

    def __init__(self, hooks: _Hooks, wants_login: bool, **options: Any) -> None:
        self._wants_login = wants_login
        self._listener = socket.create_server(("127.0.0.1", 0))
        super().__init__(hooks, hostname="127.0.0.1", port=self._listener.getsockname()[1], **options)

    def factory(self) -> SMTP:
        server = super().factory()
        server._auth_required = self._wants_login  # as an argument it warns about logins without TLS on loopback
        return server

    def _create_server(self) -> Any:
        return self.loop.create_server(self._factory_invoker, sock=self._listener)


class _Hooks:
    def __init__(self, rules: SmtpServer) -> None:
        self.rules = rules

    async def handle_EHLO(  # noqa: N802  aiosmtpd's name
        self, server: Any, session: Any, envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        self.rules.sessions += 1
        self.rules.transports.append(server.transport)
        return responses

    async def handle_MAIL(  # noqa: N802  aiosmtpd's name
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if self.rules.refuse_sender:
            return self.rules.refuse_sender
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802  aiosmtpd's name
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if address in self.rules.refuse:
            return self.rules.refuse[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802  aiosmtpd's name
        (recipient,) = envelope.rcpt_tos
        if recipient in self.rules.refuse_content:
            return self.rules.refuse_content[recipient]
        self.rules.messages.append(Message(envelope.mail_from, recipient, envelope.original_content))
        if recipient in self.rules.hang_up_after_body:
            server.transport.abort()
        if recipient in self.rules.silent_after_body:
            await asyncio.Event().wait()
        return "250 OK"
