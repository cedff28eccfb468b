"""Whom a link's token stands for, and in which language they are spoken to."""

from __future__ import annotations

import re
from dataclasses import dataclass

from digest.app import Project
from digest.models import IN_STORE, Newsletter, Subscriber

TOKEN = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True, slots=True)
class Whose:
    """What is known of who holds a token; the same nothing for an unknown one and for a reader of a file."""

    language: str = "ja"
    newsletter: Newsletter | None = None
    """Only with `subscriber`."""
    subscriber: Subscriber | None = None
    """Only of a list in the store: of the others nothing can be chosen."""
    preferences: str = ""
    """Where the subscriber chooses; empty for all others."""


def whose(project: Project, token: str) -> Whose:
    """Look a token up."""
    reader = project.store.readers.by_token(token) if TOKEN.fullmatch(token) else None
    newsletter = project.newsletters.get(reader.newsletter) if reader else None
    if reader is None or newsletter is None:
        return Whose()
    kept = newsletter.audience == IN_STORE
    subscriber = project.store.subscribers.find(newsletter.slug, reader.address) if kept else None
    if subscriber is None:
        return Whose(newsletter.language)
    where = f"{project.operator.site.public_url}/p/{token}"
    return Whose(subscriber.language or newsletter.language, newsletter, subscriber, where)
