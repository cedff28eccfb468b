"""How the two providers of the kill test talk: what is in a request, and what they answer to it.

Written from their documentation and shared with no code of the sender: this side judges it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.utils import parseaddr
from typing import Any, Protocol


@dataclass(frozen=True)
class Order:
    """What a request asks for."""

    key: str
    """The sender's name for the batch: `weekly/2026-W04/17/0123456789abcdef`."""
    addresses: tuple[str, ...]


@dataclass(frozen=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    body: bytes = b""


class Dialect(Protocol):
    remembers: bool
    """A key that was seen is answered as the first time, and nothing is sent again."""

    def read(self, headers: Mapping[str, str], body: bytes) -> Order: ...

    def success(self, order: Order, bad: Sequence[int] = ()) -> Reply:
        """Take the batch, but for the readers at the places `bad`."""
        ...

    def bad_reader(self, order: Order, place: int) -> Reply | None:
        """Take nobody because of one reader; None for a provider that then takes the others."""
        ...

    def refusal(self) -> Reply: ...


def _json(status: int, body: Any) -> Reply:
    return Reply(status, {"Content-Type": "application/json"}, json.dumps(body).encode())


class SendGrid:
    """202 and an id in a header; one bad address and nobody is taken; no keys."""

    remembers = False

    def read(self, headers: Mapping[str, str], body: bytes) -> Order:
        personal = json.loads(body)["personalizations"]
        (key,) = {each["custom_args"]["batch"] for each in personal}
        return Order(key, tuple(to["email"] for each in personal for to in each["to"]))

    def success(self, order: Order, bad: Sequence[int] = ()) -> Reply:
        return Reply(202, {"X-Message-Id": order.key.replace("/", "-")})

    def bad_reader(self, order: Order, place: int) -> Reply | None:
        field = f"personalizations.{place}.to.0.email"
        said = "Does not contain a valid address."
        return _json(400, {"errors": [{"message": said, "field": field, "help": None}]})

    def refusal(self) -> Reply:
        said = "The content value must be a string at least one character in length."
        return _json(400, {"errors": [{"message": said, "field": "content.0.value", "help": None}]})


class Resend:
    """An id for each mail; bad addresses are told by their places and the others taken; a key holds for a day."""

    remembers = True

    def read(self, headers: Mapping[str, str], body: bytes) -> Order:
        addresses = [parseaddr(to)[1] for mail in json.loads(body) for to in mail["to"]]
        return Order(headers["Idempotency-Key"], tuple(addresses))

    def success(self, order: Order, bad: Sequence[int] = ()) -> Reply:
        taken = [{"id": f"{order.key}-{at}"} for at in range(len(order.addresses)) if at not in bad]
        errors = [{"index": at, "message": "Invalid `to` field."} for at in bad]
        return _json(200, {"data": taken, "errors": errors} if bad else {"data": taken})

    def bad_reader(self, order: Order, place: int) -> Reply | None:
        return None

    def refusal(self) -> Reply:
        return _json(400, {"statusCode": 400, "name": "validation_error", "message": "The `html` field is invalid."})
