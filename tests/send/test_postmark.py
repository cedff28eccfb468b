"""Postmark: the request against its SDK's models, and every answer against what it means."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest

from digest.models import Mailbox, Secret
from digest.send.providers import Verdict
from digest.send.providers.postmark import Provider
from tests.factories import make_email, make_recipient
from tests.send.asked import GARBAGE, NOWHERE, A, P, R, U, ask, assert_recorded, closed, description, states
from tests.servers.http import HttpServer, Scripted, reply, unfinished_body
from tests.servers.mailings import make_mailing

KEY = Secret("POSTMARK_SERVER_TOKEN", "pm-canary-0451")


def to(url: str = NOWHERE, **changes: Any) -> Provider:
    return Provider(**{"api_key": KEY, "base_url": url, "timeout": 5.0, **changes})


def body(*, options: dict[str, Any] | None = None, **changes: Any) -> Any:
    return to(**options or {}).describe(make_mailing(2, **changes)).body


def good(name: Any = "id") -> dict[str, Any]:
    return {"To": "x", "SubmittedAt": "2026-01-19T08:00:00Z", "MessageID": name, "ErrorCode": 0, "Message": "OK"}


def bad(code: Any, message: str = "No.") -> dict[str, Any]:
    return {"ErrorCode": code, "Message": message}


INACTIVE = bad(
    406,
    "You tried to send to recipient(s) that have been marked as inactive. Found inactive addresses: r@example.com. "
    "Inactive recipients are ones that have generated a hard bounce, a spam complaint, or a manual suppression.",
)

# ---------------------------------------------------------------- the request


def test_the_request_is_the_recorded_one() -> None:
    assert_recorded("postmark", to())


@pytest.mark.parametrize("options", [{}, {"tracking": True}, {"sandbox": True}])
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"proof": True},
        {"email": make_email(reply_to=Mailbox("editor@example.com"), text="", headers=())},
        {"recipients": tuple(make_recipient(number, name="") for number in range(500))},
    ],
)
def test_the_request_satisfies_the_models_of_postmarks_sdk(options: dict[str, Any], changes: dict[str, Any]) -> None:
    document = description("postmark.json")
    for name in ("Email", "Header"):
        closed(document["components"]["schemas"][name])
    path = document["paths"]["/email/batch"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    validator = jsonschema.Draft202012Validator({"components": document["components"], **path})
    request = body(options=options, **changes)
    validator.validate(request)
    assert list(validator.iter_errors([{**request[0], "Subjcet": "x"}])), "the models would notice"


def test_the_stream_is_a_broadcast_stream_unless_another_is_named() -> None:
    assert {message["MessageStream"] for message in body()} == {"broadcast"}
    assert {message["MessageStream"] for message in body(options={"message_stream": "news-ja"})} == {"news-ja"}
    (problem,) = to(message_stream="").problems()
    assert "message_stream" in problem


def test_nothing_is_tracked_unless_asked_for() -> None:
    tracked = [(message["TrackOpens"], message["TrackLinks"]) for message in body()]
    assert tracked == [(False, "None")] * 2
    (first, _) = body(options={"tracking": True})
    assert (first["TrackOpens"], first["TrackLinks"]) == (True, "HtmlOnly")


def test_metadata_names_issue_and_batch_in_the_length_that_postmark_takes() -> None:
    (first, _) = body(proof=True, key="k" * 100 + "/1/0123abcd")
    assert first["Metadata"]["issue"] == "weekly/2026-W04"
    assert first["Metadata"]["batch"] == ("k" * 100 + "/1/0123abcd")[-80:]
    assert first["Metadata"]["proof"] == "yes"
    assert first["Tag"] == "weekly"
    assert "proof" not in body()[0]["Metadata"]


def test_a_name_that_holds_what_ends_an_address_stands_in_quotes() -> None:
    (message,) = body(recipients=(make_recipient(1, name="Sato, Taro; Dr."),))
    assert message["To"] == '"Sato, Taro; Dr." <reader1@example.com>'


def test_in_the_sandbox_the_token_that_postmark_publishes_stands_instead_of_ours() -> None:
    def token(**options: Any) -> str:
        return dict(to(**options).describe(make_mailing(1)).headers)["X-Postmark-Server-Token"]

    assert token() == "env:POSTMARK_SERVER_TOKEN"
    assert token(sandbox=True) == "POSTMARK_API_TEST"


def test_that_postmark_unsubscribes_readers_in_its_own_way_is_said_unless_the_stream_is_ours() -> None:
    def cautions(**options: Any) -> str:
        return " ".join(to(**options).cautions())

    assert "replaces List-Unsubscribe" in cautions()
    assert "replaces List-Unsubscribe" not in cautions(own_unsubscribe=True)
    assert "transactional" in cautions(message_stream="outbound")
    assert "counts opens" in cautions()
    assert "counts opens" not in cautions(tracking=True)


# ---------------------------------------------------------------- the answers

ENTRIES: dict[str, tuple[list[Any], Verdict, list[Any]]] = {
    "all good": ([good("x"), good("y"), good("z")], Verdict.ANSWERED, [A, A, A]),
    "one inactive": ([good(), INACTIVE, good()], Verdict.ANSWERED, [A, R, A]),
    "all inactive": ([INACTIVE] * 3, Verdict.ANSWERED, [R, R, R]),
    "taken, and yet inactive": (
        [good(), {**good(), "Message": "OK, but will not deliver to these inactive addresses: r@e.com"}, good()],
        Verdict.ANSWERED,
        [A, R, A],
    ),
    "a bad address": ([good(), bad(300, "Invalid 'To' address: 'x'."), good()], Verdict.ANSWERED, [A, R, A]),
    "an address that is none": (
        [bad(300, "Error parsing 'To': Illegal email address 'x'. It must contain the '@' symbol."), good(), good()],
        Verdict.ANSWERED,
        [R, A, A],
    ),
    "late, without a code": (
        [{"To": "x", "MessageID": "id", "Message": "Message accepted, but delivery may be delayed."}, good(), good()],
        Verdict.ANSWERED,
        [A, A, A],
    ),
    "a bad sender": ([bad(300, "Invalid 'From' address: 'x'.")] * 3, Verdict.REFUSED, []),
    "no signature": ([bad(400)] * 3, Verdict.REFUSED, []),
    "not confirmed": ([bad(401)] * 3, Verdict.REFUSED, []),
    "out of credits": ([good(), bad(405), bad(405)], Verdict.REFUSED, [A, P, P]),
    "account pending": ([bad(412)] * 3, Verdict.REFUSED, []),
    "account may not": ([bad(413)] * 3, Verdict.REFUSED, []),
    "a code of tomorrow": ([good(), bad(9999), good()], Verdict.REFUSED, [A, P, A]),
    "maintenance": ([bad(100)] * 3, Verdict.NOT_SENT, []),
    "too many": ([good(), bad(429), bad(429)], Verdict.NOT_SENT, [A, P, P]),
    "no id": ([good(), good(""), good()], Verdict.ANSWERED, [A, U, A]),
    "an id that is none": ([good(), good(7), good()], Verdict.ANSWERED, [A, U, A]),
    "a code that is none": ([good(), bad("0"), good()], Verdict.ANSWERED, [A, U, A]),
    "not an entry": ([good(), "OK", good()], Verdict.ANSWERED, [A, U, A]),
    "no entry at all": ([None, None, None], Verdict.AMBIGUOUS, []),
    "an entry missing": ([good(), good()], Verdict.AMBIGUOUS, []),
    "an entry too many": ([good()] * 4, Verdict.AMBIGUOUS, []),
}


@pytest.mark.parametrize("case", ENTRIES)
@pytest.mark.anyio
async def test_each_entry_of_a_reply_is_read_on_its_own_although_the_request_succeeded(case: str) -> None:
    entries, verdict, expected = ENTRIES[case]
    with HttpServer(reply(200, body=entries)) as server:
        answer = await ask(to(server.url))
        assert (answer.verdict, states(answer)) == (verdict, expected)
        assert len(server.requests) == 1
        assert all(delivery.error for delivery in answer.deliveries if delivery.state in {R, U})


@pytest.mark.anyio
async def test_every_reader_has_an_id_of_their_own() -> None:
    with HttpServer(reply(200, body=[good("x"), INACTIVE, good("z")])) as server:
        answer = await ask(to(server.url))
        assert [delivery.message_id for delivery in answer.deliveries] == ["x", "", "z"]
        assert "(ErrorCode 406)" in answer.deliveries[1].error or answer.deliveries[1].error.endswith("…")


@GARBAGE
@pytest.mark.anyio
async def test_a_success_that_cannot_be_read_is_ambiguous(page: bytes) -> None:
    with HttpServer(reply(200, body=page)) as server:
        assert (await ask(to(server.url))).verdict is Verdict.AMBIGUOUS


@pytest.mark.parametrize(
    ("scripted", "verdict"),
    [
        (reply(401, body=bad(10, "Bad or missing server API token.")), Verdict.REFUSED),
        (reply(422, body=bad(300)), Verdict.REFUSED),
        (reply(422, body=bad(402)), Verdict.REFUSED),
        (reply(422, body=bad(410)), Verdict.REFUSED),
        (reply(422, body=bad(100)), Verdict.NOT_SENT),
        (reply(422, body=bad(429)), Verdict.NOT_SENT),
        (reply(503, body=bad(100)), Verdict.NOT_SENT),
        (reply(503, body="<html>Service Unavailable</html>"), Verdict.AMBIGUOUS),
        (reply(429, body=bad(429)), Verdict.NOT_SENT),
        (reply(500, body=bad(500)), Verdict.AMBIGUOUS),
        (reply(413, body="<html>Too large</html>"), Verdict.REFUSED),
        (unfinished_body(200), Verdict.AMBIGUOUS),
    ],
)
@pytest.mark.anyio
async def test_an_answer_to_the_whole_request_rejects_nobody(scripted: Scripted, verdict: Verdict) -> None:
    with HttpServer(scripted) as server:
        answer = await ask(to(server.url, timeout=0.8))
        assert (answer.verdict, answer.deliveries) == (verdict, ())
        assert answer.detail


@pytest.mark.anyio
async def test_a_refusal_is_told_with_the_code_that_the_documentation_explains() -> None:
    with HttpServer(reply(422, body=bad(412, "Account is pending."))) as server:
        assert (await ask(to(server.url))).detail == "Postmark answered 422: Account is pending. (ErrorCode 412)"
