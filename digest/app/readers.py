"""Who gets a newsletter, and who before the others."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from digest.config import SendConfig
from digest.errors import ConfigError
from digest.models import IN_STORE, LIST, Newsletter, Recipient
from digest.send.audience import Audience, normal_form, read_audience
from digest.send.waves import Waves
from digest.store.subscribers import Subscribers

_SHOWN_READERS = 1000
"""Of a list in the store, so many are read to show what a batch is like."""


def audience_of(newsletter: Newsletter, root: Path, listed: Subscribers) -> Audience:
    """Return who gets a newsletter, wherever they are listed. Raise `AudienceError`."""
    if newsletter.audience.startswith(LIST):
        return Audience((Recipient(newsletter.audience),))
    if newsletter.audience != IN_STORE:
        return read_audience(root / newsletter.audience, newsletter.audience)
    first = (Recipient(each.address, each.name) for each in listed.first(newsletter.slug, _SHOWN_READERS))
    return Audience(tuple(first), kept=listed.count(newsletter.slug))


def waves(sending: SendConfig, file: Path) -> Waves:
    """Who gets an issue before the others. Raise `ConfigError` for a seed that is no address."""
    seeds = []
    for address in sending.seeds:
        try:
            seeds.append(normal_form(address))
        except ValueError as error:
            raise ConfigError(f"send.seeds: '{address}' is no address: {error}", file=file) from error
    return Waves(
        tuple(dict.fromkeys(seeds)),
        sending.first_share,
        timedelta(minutes=sending.look_minutes),
        sending.after_wave == "pause",
        sending.max_rejected_share,
    )
