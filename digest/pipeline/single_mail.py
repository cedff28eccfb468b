"""Decides how a mail leaves that is no issue: to each address by itself, untracked, and tried once."""

from __future__ import annotations

import asyncio
import dataclasses
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, cast

from digest.models import DeliveryState, Email, Recipient
from digest.send.detail import retell
from digest.send.providers import Answer, Connection, Mailing, Provider, Verdict
from digest.send.slots import DEADLINE_SECONDS

NO_SINGLE_MAIL = "the provider sends to the lists that it keeps, and to nobody else"


async def send_single(
    provider: Provider, email: Email, recipients: Sequence[Recipient], about: str, now: datetime
) -> str:
    """Send the mail to everybody named; return what went wrong in one line without addresses, or nothing.

    `about` is what it is, such as `weekly/confirmation`: it never carries an issue's name, so that nothing a provider
    tells of it later counts for an issue. Never raises for what a provider does.
    """
    if provider.keeps_list:
        return NO_SINGLE_MAIL
    # A name of its own for each mail: mailboxes and providers take a second one with the same for a repeat.
    named = f"{about}-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    troubles: dict[str, None] = {}
    try:
        async with untracked(provider).connect() as connection:
            for recipient in recipients:
                mailing = Mailing(email, (recipient,), named, f"{named}/{secrets.token_hex(6)}", sent_at=now)
                troubles[await _once(connection, mailing)] = None
    except Exception as error:  # noqa: BLE001 - as in the outbox: a provider's bug, told without what it was about
        troubles[f"no clear answer ({type(error).__name__})"] = None
    return "; ".join(filter(None, troubles))


def untracked(provider: Provider) -> Provider:
    """Return the provider as it is without rewritten links and pixels, where that is an option of its kind."""
    kind: Any = provider  # its protocol does not say so, but every kind is a frozen dataclass of its options
    if any(field.name == "tracking" for field in dataclasses.fields(kind)):
        kind = dataclasses.replace(kind, tracking=False)
    return cast("Provider", kind)


async def _once(connection: Connection, mailing: Mailing) -> str:
    try:
        async with asyncio.timeout(DEADLINE_SECONDS):
            return _trouble(await connection.send(mailing))
    except Exception as error:  # noqa: BLE001 - likewise, and whoever comes next may still get theirs
        return f"no clear answer ({type(error).__name__})"


def _trouble(answer: Answer) -> str:
    if answer.verdict is not Verdict.ANSWERED:
        return answer.detail or answer.verdict
    errors = (each.error or each.state for each in answer.deliveries if each.state is not DeliveryState.ACCEPTED)
    return retell("; ".join(errors))
