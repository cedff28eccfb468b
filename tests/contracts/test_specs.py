"""Real requests of each provider go to Prism, which holds them against the provider's own API description.

The tests of each provider check its body more closely, against the same description with every object closed; here
the rest is asked as well: method, path, type of the content, and the header that says who we are.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from digest.models import DeliveryState
from digest.send.http_batch import HttpBatch
from tests.conftest import skip_or_fail
from tests.send.asked import description
from tests.servers.mailings import make_mailing
from tests.servers.peer import opened
from tests.servers.peers import PEERS, send_once
from tests.servers.prism import missing, prism

DESCRIPTIONS: dict[str, tuple[str, dict[str, object]]] = {
    "brevo": ("brevo.json", {}),
    "mailersend": ("mailersend.json", {"own_headers": True}),
    "mailgun": ("mailgun.yaml", {"domain": "mg.example.com"}),
    "mailtrap": ("mailtrap_bulk.yaml", {}),
    "postmark": ("postmark.json", {}),
    "resend": ("resend.json", {}),
    "sendgrid": ("sendgrid.json", {}),
    "ses": ("ses_v2.json", {"access_key_id": "env:CANARY", "region": "ap-northeast-1"}),
}
UNDESCRIBED = {"mailjet", "mandrill", "sparkpost"}
"""Of their API we have no description; what is recorded, and their documentation, has to do."""
WITHOUT_HTTP = {"file", "smtp"}


def mended(kind: str, document: dict[str, Any]) -> dict[str, Any]:
    """Return a description with its version in every path, and without what is known to be wrong in it."""
    version = urlsplit(document["servers"][0]["url"]).path.rstrip("/")
    paths = {version + path: found for path, found in document["paths"].items()}
    if kind == "mailgun":  # it names one of the two types that Mailgun takes
        content = paths["/v3/{domain_name}/messages"]["post"]["requestBody"]["content"]
        repeated = {field: {"style": "form", "explode": True, "allowReserved": True} for field in ("to", "o:tag")}
        content["application/x-www-form-urlencoded"] = {**content["multipart/form-data"], "encoding": repeated}
    if kind == "sendgrid":  # it says that custom_args of the whole mail is a text; the API takes an object
        request = document["components"]["requestBodies"]["PostMailSend"]["content"]["application/json"]["schema"]
        request["properties"]["custom_args"]["type"] = "object"
    return {**document, "paths": paths, "servers": [{"url": "http://127.0.0.1"}]}


@pytest.fixture(scope="module", params=DESCRIPTIONS)
def provider(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[HttpBatch]:
    file, options = DESCRIPTIONS[request.param]
    document = mended(request.param, description(file))
    if reason := missing():
        skip_or_fail("prism", reason)
    folder: Path = tmp_path_factory.mktemp(request.param)
    with prism(document, folder) as url:
        found = opened(request.param, folder, api_key="env:CANARY", base_url=url, **options)
        assert isinstance(found, HttpBatch)
        yield found


@pytest.mark.parametrize("proof", [False, True])
@pytest.mark.anyio
async def test_a_batch_is_what_the_description_asks_for_and_its_example_of_an_answer_is_understood(
    provider: HttpBatch, proof: bool
) -> None:
    answer = await send_once(provider, make_mailing(1, proof=proof))
    assert answer.http_status in provider.accepted, answer.detail
    assert [delivery.state for delivery in answer.deliveries] == [DeliveryState.ACCEPTED]


@pytest.mark.parametrize("spoiled", ["key", "path", "content"])
@pytest.mark.anyio
async def test_prism_would_notice(provider: HttpBatch, spoiled: str) -> None:
    """So that the test above means something."""
    mailing = make_mailing(1)
    kind, content = provider.encoded(provider.body(mailing, mailing.recipients))
    headers = provider.headers(mailing, kind, content, lambda secret: secret.value)
    url = provider.url
    match spoiled:
        case "key":
            headers = {"Content-Type": kind}
        case "path":
            url += "s"
        case _:
            content = b"5" if kind == "application/json" else b"subject=x"
    async with httpx.AsyncClient(trust_env=False) as client:
        reply = await client.post(url, headers=headers, content=content)
    assert reply.status_code in {"key": {401}, "path": {404, 405}, "content": {400, 422}}[spoiled]


def test_every_provider_is_held_against_its_description_or_named_as_one_without() -> None:
    assert set(PEERS) == {*DESCRIPTIONS, *UNDESCRIBED, *WITHOUT_HTTP}
