"""How what providers tell is read: every shape that is not the documented one is refused, and never a crash."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from digest.models import EventKind, ProviderEvent
from digest.send.webhooks import RefusedError

_LONGEST_DETAIL = 500


def parsed(body: bytes | str) -> Any:
    """Return the JSON of a body; refuse what is none."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise RefusedError("it is no JSON") from None


def objects(found: object) -> list[Mapping[str, Any]]:
    """Return the objects of a list, or one object as a list; refuse anything else."""
    listed: list[Any] = found if isinstance(found, list) else [found]
    if not all(isinstance(each, dict) for each in listed):
        raise RefusedError("it does not hold what the provider documents")
    return listed


def one_object(found: object) -> Mapping[str, Any]:
    """Return an object; refuse anything else."""
    if not isinstance(found, dict):
        raise RefusedError("it does not hold what the provider documents")
    return found


def inside(found: object, *names: str) -> Any:
    """Return what lies in objects within objects; None when it is not there."""
    for name in names:
        found = found.get(name) if isinstance(found, dict) else None
    return found


def text(found: object, *names: str) -> str:
    """Return the text or number that lies in objects within objects; empty when there is none."""
    value = inside(found, *names)
    return str(value) if isinstance(value, (str, int, float)) and not isinstance(value, bool) else ""


def moment(value: object) -> datetime | None:
    """Return a Unix time or an ISO 8601 text as a moment; None for what is neither."""
    if isinstance(value, str) and not value.replace(".", "", 1).isdecimal():
        try:
            found = datetime.fromisoformat(value.strip())
        except ValueError:
            return None
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    if not isinstance(value, (str, int, float)):
        return None
    try:
        return datetime.fromtimestamp(float(value), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def event(
    kind: EventKind | None,
    *,
    address: str,
    at: object,
    identity: str = "",
    issue: str = "",
    message_id: str = "",
    detail: str = "",
) -> list[ProviderEvent]:
    """Return one event, or nothing for a kind that says nothing to us or without an address.

    `identity` is the provider's own name of the event; where it has none, one is made of all that it says.
    """
    if kind is None or not address.strip():
        return []
    made_of = "\0".join((str(kind), address, str(at), issue, message_id, detail))
    return [
        ProviderEvent(
            id=(identity or hashlib.sha256(made_of.encode(errors="replace")).hexdigest())[:200],
            kind=kind,
            address=address.strip(),
            at=moment(at),
            issue=issue,
            message_id=message_id[:500],
            detail=" ".join(detail.split())[:_LONGEST_DETAIL],
        )
    ]
