"""What each reply and each failure of an SMTP session means for the readers of a batch.

Certain is only what the server said. A connection that dies between the body and its reply leaves one reader
unknown; everybody after that is pending, because their message was never begun. A reader who is refused or put off
costs nobody else their mail; a server that refuses us, or ends the session, stops the batch where it stands.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import aiosmtplib

from digest.errors import DigestError
from digest.models import Delivery, DeliveryState, Recipient, Secret
from digest.send.detail import retell
from digest.send.headers import wire_address
from digest.send.key_checks import SECONDS, KeyCheck, KeyState
from digest.send.mime import Copy, reader_copy, unsendable
from digest.send.providers import Answer, Mailing, Verdict
from digest.send.smtp_reply import is_about_us

if TYPE_CHECKING:
    from digest.send.providers.smtp import Provider

_GOODBYE = 5.0
"""Seconds for a polite QUIT."""
_CLOSING = 421


class _StoppedError(Exception):
    """The session cannot go on; readers who have no delivery yet are certainly not sent to."""

    def __init__(self, verdict: Verdict, detail: str) -> None:
        super().__init__(detail)
        self.verdict = verdict
        self.detail = detail


@dataclass(slots=True)
class Session:
    """One connection to the server, opened by the first batch and again after it was lost."""

    provider: Provider
    smtp: aiosmtplib.SMTP | None = None
    transaction_open: bool = False
    body_leaving: bool = False

    async def send(self, mailing: Mailing) -> Answer:
        """Send one message after the other; where the session stops, the rest is pending."""
        if problems := self.provider.problems():
            return Answer(Verdict.REFUSED, detail=problems[0])
        readers = mailing.recipients
        try:
            sender = wire_address(mailing.email.sender.address)
            copies = [None if unsendable(reader) else self._copy(mailing, reader) for reader in readers]
        except (DigestError, ValueError) as error:
            return Answer(Verdict.REFUSED, detail=retell(str(error)))
        told: list[Delivery] = []
        verdict, detail = await self._deliver_in_turn(sender, readers, copies, told)
        told += [Delivery(reader, DeliveryState.PENDING) for reader in readers[len(told) :]]
        if verdict is not Verdict.ANSWERED and all(delivery.state is DeliveryState.PENDING for delivery in told):
            return Answer(verdict, detail=detail)
        return Answer(verdict, tuple(told), detail=detail)

    def _copy(self, mailing: Mailing, reader: Recipient) -> Copy:
        copy, signer = reader_copy(mailing, reader), self.provider.signer
        return replace(copy, content=signer.signed(copy.content)) if signer else copy

    async def close(self) -> None:
        """Say goodbye; nobody minds when no answer comes."""
        if self.smtp is not None and self.smtp.is_connected:
            with suppress(aiosmtplib.SMTPException, OSError):
                await self.smtp.quit(timeout=_GOODBYE)
        self._drop()

    async def _deliver_in_turn(
        self, sender: str, readers: Sequence[Recipient], copies: Sequence[Copy | None], told: list[Delivery]
    ) -> tuple[Verdict, str]:
        """Add a delivery to `told` for each reader as far as the session goes; return how it ended."""
        try:
            async with asyncio.timeout(self.provider.timeout):
                smtp = await self.opened()
                for reader, copy in zip(readers, copies, strict=True):
                    if copy is None:
                        told.append(Delivery(reader, DeliveryState.REJECTED, error=unsendable(reader)))
                    else:
                        told.append(await self._deliver(smtp, sender, copy))
                    if told[-1].state is DeliveryState.UNKNOWN:
                        break  # its line is gone: the others get a new one with the next batch
        except _StoppedError as stopped:
            self._drop()
            told += [
                Delivery(at_hand, DeliveryState.PENDING, error=stopped.detail) for at_hand in readers[len(told) :][:1]
            ]
            return stopped.verdict, stopped.detail
        except TimeoutError:
            detail = f"the batch was not done after {self.provider.timeout:g} seconds"
            if self.body_leaving:
                told.append(Delivery(readers[len(told)], DeliveryState.UNKNOWN, error=detail))
            self._drop()
            return Verdict.ANSWERED if told else Verdict.NOT_SENT, detail
        unfinished = DeliveryState.PENDING, DeliveryState.UNKNOWN
        return Verdict.ANSWERED, next((delivery.error for delivery in told if delivery.state in unfinished), "")

    async def _deliver(self, smtp: aiosmtplib.SMTP, sender: str, copy: Copy) -> Delivery:
        address = wire_address(copy.recipient.address)
        international = not (sender + address).isascii()
        if international and not smtp.supports_extension("smtputf8"):
            if not sender.isascii():
                raise _StoppedError(Verdict.REFUSED, "the mail server takes ASCII sender addresses only")
            return Delivery(
                copy.recipient, DeliveryState.REJECTED, error="the mail server takes ASCII addresses only (no SMTPUTF8)"
            )
        encoding, options = ("utf-8", ["SMTPUTF8", "BODY=8BITMIME"]) if international else ("ascii", [])
        try:
            if self.transaction_open:
                await smtp.rset()
            self.transaction_open = True
            await smtp.mail(sender, options=options, encoding=encoding)
            await smtp.rcpt(address, encoding=encoding)
        except aiosmtplib.SMTPRecipientRefused as error:
            self._stop_unless_about_the_reader(error)
            refused = DeliveryState.REJECTED if error.code >= 500 else DeliveryState.PENDING
            return Delivery(copy.recipient, refused, error=self._retold(error))
        except aiosmtplib.SMTPResponseException as error:
            raise _StoppedError(_verdict_of(error.code), self._retold(error)) from error
        except (aiosmtplib.SMTPException, OSError) as error:
            raise _StoppedError(Verdict.NOT_SENT, self._retold(error)) from error
        return await self._hand_over(smtp, copy)

    async def _hand_over(self, smtp: aiosmtplib.SMTP, copy: Copy) -> Delivery:
        self.body_leaving = True  # and so it stays when the deadline cancels what follows
        try:
            await smtp.data(copy.content)
        except (aiosmtplib.SMTPException, OSError) as error:
            state = DeliveryState.UNKNOWN
            if isinstance(error, aiosmtplib.SMTPDataError):
                self._stop_unless_about_the_reader(error, of_the_mail=True)
                state = _state_of(error.code)
            if state is DeliveryState.UNKNOWN:
                self._drop()  # a late reply to this message must not be taken for one to the next
            delivery = Delivery(copy.recipient, state, error=self._retold(error))
        else:
            self.transaction_open = False
            delivery = Delivery(copy.recipient, DeliveryState.ACCEPTED, message_id=copy.message_id)
        self.body_leaving = False
        return delivery

    def _stop_unless_about_the_reader(
        self, error: aiosmtplib.SMTPResponseException, *, of_the_mail: bool = False
    ) -> None:
        if error.code == _CLOSING:
            raise _StoppedError(Verdict.NOT_SENT, self._retold(error)) from error
        if 400 <= error.code < 600 and is_about_us(error.code, error.message, of_the_mail=of_the_mail):
            raise _StoppedError(Verdict.REFUSED, self._retold(error)) from error

    async def opened(self) -> aiosmtplib.SMTP:
        """Return a connection that is alive, greeted and logged in; raises what stops the session."""
        if self.smtp is not None:
            with suppress(aiosmtplib.SMTPException, OSError):
                await self.smtp.rset()  # servers hang up on the idle; better noticed now than with a message half sent
                return self.smtp
            self._drop()
        options = self.provider
        self.smtp = aiosmtplib.SMTP(
            hostname=options.host,
            port=options.port,
            timeout=options.timeout,
            use_tls=options.security == "tls",
            start_tls=options.security == "starttls",
        )
        try:
            await self.smtp.connect()
            if self.smtp.is_ehlo_or_helo_needed:
                await self.smtp.ehlo()
            if options.username and options.password:
                await self._log_in(self.smtp, options.username, options.password)
        except aiosmtplib.SMTPResponseException as error:
            self._drop()
            raise _StoppedError(_verdict_of(error.code), self._retold(error)) from error
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            self._drop()
            raise _StoppedError(_verdict_of_no_connection(error), self._retold(error)) from error
        return self.smtp

    async def _log_in(self, smtp: aiosmtplib.SMTP, username: str, password: Secret) -> None:
        try:
            await smtp.login(username, password.value)
        except aiosmtplib.SMTPServerDisconnected as error:
            # Servers do so after a wrong password; asking again and again would lock the account.
            self._drop()
            raise _StoppedError(Verdict.REFUSED, "the mail server hung up at the login") from error

    def _drop(self) -> None:
        if self.smtp is not None:
            self.smtp.close()
        self.smtp, self.transaction_open, self.body_leaving = None, False, False

    def _retold(self, error: Exception) -> str:
        said = f"{error.code} {error.message}" if isinstance(error, aiosmtplib.SMTPResponseException) else str(error)
        return retell(said or type(error).__name__, self.provider.password)


def _state_of(code: int) -> DeliveryState:
    if 400 <= code < 500:
        return DeliveryState.PENDING
    return DeliveryState.REJECTED if 500 <= code < 600 else DeliveryState.UNKNOWN


def _verdict_of(code: int) -> Verdict:
    return Verdict.REFUSED if 500 <= code < 600 else Verdict.NOT_SENT


def _verdict_of_no_connection(error: Exception) -> Verdict:
    """Return whether trying later may help: a network may come back, a certificate or a login does not."""
    transient = aiosmtplib.SMTPConnectError, aiosmtplib.SMTPServerDisconnected, aiosmtplib.SMTPTimeoutError, OSError
    untrusted = isinstance(error, ssl.SSLError) or isinstance(error.__cause__, ssl.SSLError)
    return Verdict.NOT_SENT if isinstance(error, transient) and not untrusted else Verdict.REFUSED


async def knock(provider: Provider) -> KeyCheck:
    """Connect, encrypt, log in and hang up within ten seconds: would the mail server let us in? Sends nothing."""
    session, asked = Session(provider), f"EHLO {provider.host}:{provider.port}"
    try:
        async with asyncio.timeout(SECONDS):
            smtp = await session.opened()
            await smtp.noop()
    except _StoppedError as stopped:
        unreachable = stopped.verdict is Verdict.NOT_SENT
        return KeyCheck(KeyState.UNREACHABLE if unreachable else KeyState.INVALID, stopped.detail, asked)
    except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
        said = retell(str(error) or f"no answer within {SECONDS:g} seconds", provider.password)
        return KeyCheck(KeyState.UNREACHABLE, said, asked)
    finally:
        with suppress(TimeoutError):
            async with asyncio.timeout(_GOODBYE):
                await session.close()
    done = "knows the user and the password" if provider.username else "answers, and asks for no password"
    return KeyCheck(KeyState.VALID, f"the mail server {done}", asked)
