"""What lies ready at a provider that keeps the list: how it is named, what it says, and what may have become of it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from digest.errors import TemplateError
from digest.models import READER_TOKEN, Email
from digest.send.headers import checked
from digest.send.mime import outgoing
from digest.send.providers import LIST, Mailing

_IN_URL = r"[!#-&*-;=?-Z_a-z~]*"
"""ASCII but quotes, angles, and brackets and braces of any kind: Japanese text may follow a URL without a space."""
_TOKEN_URL = re.compile(f"https?://{_IN_URL}{re.escape(READER_TOKEN)}{_IN_URL}")


class Standing(StrEnum):
    """What became of a draft."""

    DRAFT = "draft"
    """Nobody has it."""
    ON_ITS_WAY = "on its way"
    """The provider was asked to send it, and does or did."""
    STOPPED = "stopped"
    """Somebody stopped it there, or it failed; perhaps after some readers got it."""
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Call:
    """One request."""

    method: str
    path: str
    body: Any = None
    """JSON; None for a request without a body."""


def list_name(mailing: Mailing) -> str:
    """Return the list at the provider: the one that the only recipient stands for, but in a proof."""
    return mailing.list_name if mailing.proof else mailing.recipients[0].address.removeprefix(LIST)


def draft_name(mailing: Mailing) -> str:
    """Return the name of the draft: of this issue and these bytes, so that it is found again."""
    proof = " (proof)" if mailing.proof else ""
    return f"{mailing.issue} {mailing.email.fingerprint[:12]}{proof}"


def for_list(mailing: Mailing, unsubscribe: str) -> Email:
    """Return the e-mail for a whole list: `unsubscribe`, in the provider's own words, for each reader's own address.

    Of its headers, those with a reader's token are left out: the provider writes its own. Raises TemplateError when a
    token stands elsewhere than in a URL, and for a header that cannot be written.
    """
    email = outgoing(mailing)
    for name, value in (("Subject", email.subject), *email.headers):
        checked(name, value)
    html, text = (_TOKEN_URL.sub(lambda _: unsubscribe, body) for body in (email.html, email.text))
    if READER_TOKEN in email.subject + html + text:
        raise TemplateError(
            "the mail holds a reader's token outside of a link, and only the provider knows the readers",
            fix="let the template use it in links for unsubscribing only",
        )
    return replace(
        email,
        html=html,
        text=text,
        headers=tuple(pair for pair in email.headers if READER_TOKEN not in pair[1] and not _is_unsubscribe(pair[0])),
    )


def _is_unsubscribe(name: str) -> bool:
    return name.lower().startswith("list-unsubscribe")


def encoded(call: Call) -> bytes:
    """Return the content of a request."""
    return b"" if call.body is None else json.dumps(call.body, ensure_ascii=False).encode()
