"""Mail through any SMTP server: one message a reader, several on one connection, and every reader's own answer."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar, Literal

from digest.models import Secret
from digest.send.dkim_signing import Signer
from digest.send.loopback import is_loopback
from digest.send.mime import reader_copy, unsendable
from digest.send.providers import LONGEST_TIMEOUT, Connection, Mailing, Request


@dataclass(frozen=True, slots=True)
class Provider:
    """Hand each copy to a mail server."""

    host: str
    port: int = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    """`tls` usually goes with port 465; `none` is for servers on this machine."""
    username: str = ""
    password: Secret | None = None
    timeout: float = 45.0
    """Seconds for a whole batch; what was not begun by then is still pending."""
    batch_limit: int = 20
    dkim_domain: str = ""
    """Whose signature each copy gets, when the server makes none itself."""
    dkim_selector: str = ""
    dkim_key: Secret | None = None
    """The private key in PEM."""
    repeatable_for: ClassVar[timedelta] = timedelta()
    keeps_list: ClassVar[bool] = False
    settles_after: ClassVar[timedelta | None] = None

    def problems(self) -> Sequence[str]:
        """Say what is missing, and refuse to send a password in the clear."""
        found = []
        if not self.host:
            found.append("host is empty")
        if not 0 < self.port < 65536:
            found.append(f"port {self.port} does not exist")
        if self.username and self.password is None:
            found.append("username is given without a password; write password = 'env:SMTP_PASSWORD'")
        if self.password is not None:
            if not self.username:
                found.append("password is given without a username")
            if not self.password.value:
                found.append(f"{self.password.variable} is not set in the environment")
            if self.security == "none" and not is_loopback(self.host):
                found.append(f"security 'none' would show the password to everyone between here and {self.host}")
        given = [bool(each) for each in (self.dkim_domain, self.dkim_selector, self.dkim_key)]
        if any(given) and not all(given):
            found.append("dkim_domain, dkim_selector and dkim_key belong together")
        elif self.signer is not None:
            found += self.signer.problems()
        if self.batch_limit < 1:
            found.append("batch_limit must be above zero")
        if not 0 < self.timeout <= LONGEST_TIMEOUT:
            found.append(f"timeout must be above zero and at most {LONGEST_TIMEOUT:g} seconds")
        return found

    @property
    def signer(self) -> Signer | None:
        """Return what signs each copy, when a key is given."""
        return Signer(self.dkim_domain, self.dkim_selector, self.dkim_key) if self.dkim_key else None

    def cautions(self) -> Sequence[str]:
        """Return nothing: what is written is what readers get."""
        return ()

    def describe(self, mailing: Mailing) -> Request:
        """Return the server, and the text of each message by its reader's address."""
        copies = [reader_copy(mailing, recipient) for recipient in mailing.recipients if not unsendable(recipient)]
        login = (("Username", self.username), ("Password", str(self.password))) if self.username else ()
        return Request(
            "SMTP",
            f"{'smtps' if self.security == 'tls' else 'smtp'}://{self.host}:{self.port}",
            (("Security", self.security), *login),
            {copy.recipient.address: copy.content.decode() for copy in copies},
        )

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[Connection]:
        """Connect when the first batch is sent, so that a failure is an answer; quit at the end."""
        from digest.send.smtp_session import Session  # listing the providers must not cost an SMTP client

        session = Session(self)
        try:
            yield session
        finally:
            await session.close()
