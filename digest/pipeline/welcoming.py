"""Decides what becomes of an address from a form: it gets one mail with a link to confirm, or nothing at all."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from html import escape
from string import Template

from anyio.to_thread import run_sync

from digest.errors import ProviderError
from digest.models import READER_TOKEN, Email, Newsletter, Recipient, Subscriber
from digest.pipeline.single_mail import send_single
from digest.pipeline.speaking import WORDS, spoken, words
from digest.send.audience import identity
from digest.send.providers import Provider
from digest.store import Store

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
    trouble = await send_single(desk.provider, email, (reader,), f"{newsletter.slug}/confirmation", now)
    if trouble:
        _LOG.warning("A confirmation mail of %s was not sent: %s", newsletter.slug, trouble)


def confirmation(newsletter: Newsletter, language: str, link: str) -> Email:
    """Return the mail that asks to confirm, in Japanese or English; it has only the newsletter's own words in it."""
    chosen = words(language, "welcome")
    said = {name: str(text).replace("{newsletter}", newsletter.title) for name, text in chosen.items()}
    publisher = f"{newsletter.publisher.name} · {newsletter.publisher.postal_address} · {newsletter.publisher.contact}"
    told = {**said, "link": link, "publisher": publisher, "language": spoken(language)}
    after = f"{said['for_days']}\n{said['not_you']}\n\n--\n{publisher}\n"
    text = f"{said['asked']}\n\n{said['press']}\n{link}\n\n{after}"
    frame = Template((WORDS / "welcome.html").read_text(encoding="utf-8"))
    return Email(
        sender=newsletter.sender,
        reply_to=newsletter.reply_to,
        subject=said["subject"],
        preheader="",
        html=frame.substitute({name: escape(value) for name, value in told.items()}),
        text=text,
        headers=(("Auto-Submitted", "auto-generated"),),
        language=spoken(language),
    )


def confirmation_link(public_url: str) -> str:
    """Return the link of a confirmation mail."""
    return f"{public_url}/confirm/{READER_TOKEN}"
