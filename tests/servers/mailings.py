"""Batches with sensible defaults, for everything that talks to a provider."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from digest.send.providers import Mailing
from tests.factories import TOKYO, make_email, make_recipient


def make_mailing(count: int = 3, **changes: Any) -> Mailing:
    mailing = Mailing(
        email=make_email(),
        recipients=tuple(make_recipient(number) for number in range(1, count + 1)),
        issue="weekly/2026-W04",
        key="weekly/2026-W04/1/0123abcd",
        sent_at=datetime(2026, 1, 19, 8, 0, tzinfo=TOKYO),
    )
    return replace(mailing, **changes)
