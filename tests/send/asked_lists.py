"""What tests of all providers that keep the list do alike: ask, and compare requests with records and schemas."""

from __future__ import annotations

import copy
import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import jsonschema

from digest.models import Mailbox, Recipient
from digest.send.drafts import Call
from digest.send.http_list import HttpList
from digest.send.providers import LIST, Answer, Inquiry, Mailing
from tests.factories import make_email
from tests.send.asked import closed
from tests.servers.mailings import make_mailing

PEOPLE = (Recipient("kay@example.com", token="proof"), Recipient("lee@example.com", token="proof"))


def to_list(name: str, **changes: Any) -> Mailing:
    return make_mailing(**{"recipients": (Recipient(f"{LIST}{name}"),), **changes})


def to_people(name: str, **changes: Any) -> Mailing:
    return make_mailing(**{"recipients": PEOPLE, "proof": True, "list_name": name, **changes})


async def ask(provider: HttpList, mailing: Mailing) -> Answer:
    async with provider.connect() as connection:
        return await connection.send(mailing)


async def look_up(provider: HttpList, mailing: Mailing) -> Answer:
    async with provider.connect() as connection:
        inquiry: Inquiry = connection  # type: ignore[assignment]  # all connections of such providers look up, too
        return await inquiry.look_up(mailing)


def calls(provider: HttpList, name: str, draft_id: str, **changes: Any) -> Mapping[str, Call]:
    """Return every request that a provider can make of an issue and of its proof, but the proof's own draft."""
    mailing, proof = to_list(name, **changes), to_people(name, **changes)
    found: dict[str, Call | None] = {
        "draft": provider.drafting(mailing),
        "search": provider.searching(mailing),
        **{f"fill-{at}": call for at, call in enumerate(provider.filling(mailing, draft_id))},
        "send": provider.sending(draft_id),
        "ask": provider.asking(draft_id),
        **{f"prove-{at}": call for at, call in enumerate(provider.proving(proof, draft_id))},
        "remove": provider.removing(draft_id),
    }
    return {key: call for key, call in found.items() if call}


def assert_calls_recorded(kind: str, provider: HttpList, name: str, draft_id: str) -> None:
    """Compare all requests with the recorded ones; DIGEST_RECORD_GOLDEN=1 records them."""
    folder = Path(__file__).parent.parent / "data" / "providers" / kind
    email = make_email(reply_to=Mailbox("editor@example.com", "編集部"))
    described = provider.describe(to_list(name, email=email))
    found: dict[str, Any] = {
        key: {"method": call.method, "path": call.path, "body": call.body}
        for key, call in calls(provider, name, draft_id, email=email).items()
    }
    found["draft"] |= {"headers": dict(described.headers)}
    if os.environ.get("DIGEST_RECORD_GOLDEN"):
        folder.mkdir(parents=True, exist_ok=True)
        for key, call in found.items():
            written = json.dumps(call, ensure_ascii=False, indent=2) + "\n"
            (folder / f"{key}.json").write_text(written, encoding="utf-8")
    assert found == {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*.json")}


def assert_described(document: Mapping[str, Any], call: Call, *, under: str = "") -> None:
    """Hold a request to an API description: its path, its query, and a body without unknown fields."""
    url = urlsplit(call.path.removeprefix(under))
    path, operation = _operation(document["paths"], url.path, call.method)
    shared = document["paths"][path].get("parameters", [])
    known = {_resolved(document, each)["name"] for each in [*operation.get("parameters", []), *shared]}
    assert {name for name, _ in parse_qsl(url.query)} <= known, call.path
    if call.body is None:
        assert not operation.get("requestBody", {}).get("required"), path
        return
    request = _resolved(document, operation["requestBody"])
    components = copy.deepcopy(document.get("components", {}))
    schema = copy.deepcopy(request["content"]["application/json"]["schema"])
    closed(schema)
    closed(components.get("schemas", {}))
    validator = jsonschema.Draft202012Validator({"components": components, **schema})
    validator.validate(call.body)
    assert list(validator.iter_errors({**call.body, "subjcet": "x"})), "the schema would notice"


def _operation(paths: Mapping[str, Any], wanted: str, method: str) -> tuple[str, Mapping[str, Any]]:
    # A path that stands there word for word goes before one with a parameter in the same place.
    for path in sorted(paths, key=lambda each: each.count("{")):
        pattern = "[^/]+".join(map(re.escape, re.split(r"\{[^}]*\}", path)))
        if re.fullmatch(pattern, wanted) and method.lower() in paths[path]:
            return path, paths[path][method.lower()]
    raise AssertionError(f"the description knows no {method} {wanted}")


def _resolved(document: Mapping[str, Any], found: Mapping[str, Any]) -> Mapping[str, Any]:
    if "$ref" not in found:
        return found
    for key in found["$ref"].removeprefix("#/").split("/"):
        document = document[key]
    return document


def again(mailing: Mailing, draft_id: str) -> Mailing:
    return replace(mailing, draft_id=draft_id)


def states(answer: Answer) -> Sequence[str]:
    return [str(delivery.state) for delivery in answer.deliveries]
