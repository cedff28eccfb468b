"""What tests of all batch providers do alike: ask once, compare the request with the recorded one, read a schema."""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from digest.models import DeliveryState, Mailbox
from digest.send.http_batch import HttpBatch
from digest.send.providers import Answer
from tests.conftest import SHARED, skip_or_fail
from tests.factories import make_email
from tests.servers.mailings import make_mailing
from tests.servers.peers import send_once

A, P, R, U = DeliveryState.ACCEPTED, DeliveryState.PENDING, DeliveryState.REJECTED, DeliveryState.UNKNOWN
NOWHERE = "http://127.0.0.1:1"


async def ask(provider: HttpBatch, count: int = 3, **changes: Any) -> Answer:
    found = await send_once(provider, make_mailing(count, **changes))
    assert isinstance(found, Answer)
    return found


def states(answer: Answer) -> list[DeliveryState]:
    return [delivery.state for delivery in answer.deliveries]


def assert_recorded(kind: str, provider: HttpBatch) -> None:
    """Compare the request for two readers, or for one, with the recorded one; DIGEST_RECORD_GOLDEN=1 records it."""
    golden = Path(__file__).parent.parent / "data" / "providers" / kind / "request.json"
    mailing = make_mailing(
        min(2, provider.batch_limit), email=make_email(reply_to=Mailbox("editor@example.com", "編集部"))
    )
    request = provider.describe(mailing)
    found = {"method": request.method, "target": request.target, "headers": dict(request.headers), "body": request.body}
    if os.environ.get("DIGEST_RECORD_GOLDEN"):
        golden.parent.mkdir(parents=True, exist_ok=True)
        golden.write_text(json.dumps(found, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    assert found == json.loads(golden.read_text(encoding="utf-8"))


def description(file: str) -> dict[str, Any]:
    """Return a provider's official API description; skip where it is absent."""
    path = SHARED / "specs" / file
    if not path.is_file():
        skip_or_fail("shared", f"the API description {file} is not on this machine")
    found: dict[str, Any] = json.loads(_as_json(path))
    return found


@cache
def _as_json(file: Path) -> str:
    """Return what a YAML file says, as text: some are read for seconds, and who asks may change what they get."""
    return json.dumps(yaml.safe_load(file.read_text(encoding="utf-8")), default=str)


def closed(schemas: Any) -> None:
    """Refuse properties that a description does not know: a provider may ignore them silently."""
    if isinstance(schemas, dict):
        if isinstance(schemas.get("properties"), dict):
            schemas["additionalProperties"] = False
        for value in schemas.values():
            closed(value)


GARBAGE = pytest.mark.parametrize(
    "page", [b"", b"<html>OK</html>", b"\xff\xfe", b"[]", b"null", b"{}", b'"ok"', b"[null]", b"[" * 5000]
)
"""What no provider answers, and a proxy may."""
