"""Decides what becomes of an address from a form: it gets one mail with a link to confirm, or nothing at all."""

from __future__ import annotations

import dataclasses
import logging
import secrets
import tomllib
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from html import escape
from pathlib import Path
from string import Template
from typing import Any, cast

from anyio.to_thread import run_sync

from digest.errors import ProviderError
from digest.models import READER_TOKEN, DeliveryState, Email, Newsletter, Recipient, Subscriber
from digest.send.audience import identity
from digest.send.detail import retell
from digest.send.providers import Answer, Mailing, Provider, Verdict
from digest.store import Store

_WORDS = Path(__file__).parent / "words"
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Welcome:
    """What is needed to answer somebody who asked for a newsletter."""

    store: Store
    provider: Provider
    newsletter: Newsletter
    link: str
    """Where the subscription is confirmed, with `READER_TOKEN` in it."""


async def welcome(desk: Welcome, asking: Subscriber, now: datetime) -> None:
    """Send a confirmation mail if the address may get one; what fails is logged without the address.

    `asking` has what was filled in, its consent included. Raise `StoreError` when it cannot be written down, and
    `ProviderError` when the provider cannot be used as configured.
    """
    newsletter = desk.newsletter
    if problems := desk.provider.problems():  # before the asking counts
        raise ProviderError("; ".join(problems), fix="see [provider] in config/digest.toml")
    key = identity(asking.address)
    token = await run_sync(desk.store.signups.ask, newsletter.slug, key, asking, now)
    if token is None:
        return
    # No name: it is what a stranger typed, and this mail goes to somebody who may never have seen the form.
    reader = Recipient(asking.address, token=token)
    email = confirmation(newsletter, asking.language or newsletter.language, desk.link)
    stamp = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    # A name of its own for each mail: mailboxes and providers take a second one with the same for a repeat.
    named = f"{newsletter.slug}/confirmation-{stamp}"
    mailing = Mailing(email, (reader,), named, f"{named}/{secrets.token_hex(6)}", sent_at=now)
    try:
        async with untracked(desk.provider).connect() as connection:
            trouble = _trouble(await connection.send(mailing))
    except Exception as error:  # noqa: BLE001 - as in the outbox: a provider's bug, told without what it was about
        trouble = f"no clear answer ({type(error).__name__})"
    if trouble:
        _LOG.warning("A confirmation mail of %s was not sent: %s", newsletter.slug, trouble)


def confirmation(newsletter: Newsletter, language: str, link: str) -> Email:
    """Return the mail that asks to confirm, in Japanese or English; it has only the newsletter's own words in it."""
    words = {name: text.replace("{newsletter}", newsletter.title) for name, text in _words(language).items()}
    publisher = f"{newsletter.publisher.name} · {newsletter.publisher.postal_address} · {newsletter.publisher.contact}"
    told = {**words, "link": link, "publisher": publisher, "language": _spoken(language)}
    after = f"{words['for_days']}\n{words['not_you']}\n\n--\n{publisher}\n"
    text = f"{words['asked']}\n\n{words['press']}\n{link}\n\n{after}"
    frame = Template((_WORDS / "welcome.html").read_text(encoding="utf-8"))
    return Email(
        sender=newsletter.sender,
        reply_to=newsletter.reply_to,
        subject=words["subject"],
        preheader="",
        html=frame.substitute({name: escape(value) for name, value in told.items()}),
        text=text,
        headers=(("Auto-Submitted", "auto-generated"),),
        language=_spoken(language),
    )


def confirmation_link(public_url: str) -> str:
    """Return the link of a confirmation mail."""
    return f"{public_url}/confirm/{READER_TOKEN}"


def untracked(provider: Provider) -> Provider:
    """Return the provider as it is without rewritten links and pixels, where that is an option of its kind."""
    kind: Any = provider  # its protocol does not say so, but every kind is a frozen dataclass of its options
    if any(field.name == "tracking" for field in dataclasses.fields(kind)):
        kind = dataclasses.replace(kind, tracking=False)
    return cast("Provider", kind)


def _trouble(answer: Answer) -> str:
    if answer.verdict is not Verdict.ANSWERED:
        return answer.detail or answer.verdict
    errors = (each.error or each.state for each in answer.deliveries if each.state is not DeliveryState.ACCEPTED)
    return retell("; ".join(errors))


def _spoken(language: str) -> str:
    return "ja" if language.lower().split("-")[0] == "ja" else "en"


@cache
def _words(language: str) -> dict[str, str]:
    return tomllib.loads((_WORDS / f"{_spoken(language)}.toml").read_text(encoding="utf-8"))
