"""The harmless questions are those of the providers' own API descriptions, where a description has them."""

from __future__ import annotations

import jsonschema
import pytest

from digest.send.key_checks.calls import QUESTIONS
from tests.send.asked import description
from tests.servers.key_peers import KEY_PEERS

DESCRIBED = {
    "mailgun": ("mailgun.yaml", "/v4/domains/{name}"),
    "resend": ("resend.json", "/domains"),
    "ses": ("ses_v2.json", "/v2/email/account"),
    "buttondown": ("buttondown.json", "/newsletters"),
}


@pytest.mark.parametrize("kind", sorted(DESCRIBED))
def test_a_question_and_its_answer_are_as_described(kind: str) -> None:
    name, path = DESCRIBED[kind]
    document = description(name)
    operation = document["paths"][path][QUESTIONS[kind].method.lower()]
    assert not any(each.get("required") and each.get("in") == "query" for each in operation.get("parameters", ()))
    schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
    status, _, body = KEY_PEERS[kind].right
    assert status == 200
    jsonschema.Draft202012Validator({**schema, "components": document["components"]}).validate(body)
