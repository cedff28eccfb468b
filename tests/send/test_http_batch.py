"""What the frame of the batch providers promises, held for each of them: no answer is read as more than it says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

import pytest

from digest.models import Recipient, Secret
from digest.send import providers
from digest.send.http_batch import HttpBatch
from digest.send.http_items import Item, one_by_one
from digest.send.http_outcome import Outcome, window_left
from digest.send.opening import kinds
from digest.send.providers import Answer, Verdict
from tests.conftest import ROOT
from tests.factories import make_email, make_recipient
from tests.send.asked import NOWHERE, A, P, R, U, ask, states
from tests.servers.http import (
    HttpServer,
    Scripted,
    closed_port,
    garbage,
    reply,
    reset_after_body,
    reset_before_reading,
    reset_on_arrival,
    silence,
    unfinished_body,
)
from tests.servers.mailings import make_mailing
from tests.servers.peer import SECRET
from tests.servers.peers import PEERS, pieces

KINDS = [kind for kind in kinds() if issubclass(resolve_name(f"{providers.__name__}.{kind}:Provider"), HttpBatch)]


@pytest.fixture(params=KINDS)
def provider(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[HttpBatch]:
    with PEERS[request.param](tmp_path) as peer:
        assert isinstance(peer.provider, HttpBatch)
        yield replace(peer.provider, base_url=NOWHERE, timeout=5.0)


async def answer_of(provider: HttpBatch, server: HttpServer, **changes: Any) -> Answer:
    """Post one request: a batch of three, or of one where the provider takes no more at once."""
    return await ask(replace(provider, base_url=server.url, **changes), min(3, provider.most))


# ---------------------------------------------------------------- answers

AMBIGUOUS: dict[str, tuple[Scripted, int]] = {
    "500": (reply(500, body={"message": "oops"}), 1),
    "502": (reply(502, body="<html>Bad Gateway</html>"), 1),
    "503": (reply(503, {"Retry-After": "5"}), 1),
    "504": (reply(504), 1),
    "409": (reply(409), 1),
    "204": (reply(204), 1),
    "206": (reply(206, body="<html>Please log in</html>"), 1),
    "something that is not HTTP": (garbage(), 1),
    "reset before reading": (reset_before_reading(), 0),
    "reset after the body": (reset_after_body(), 1),
}


@pytest.mark.parametrize("case", AMBIGUOUS)
@pytest.mark.anyio
async def test_without_a_clear_answer_it_is_ambiguous_and_posted_once(provider: HttpBatch, case: str) -> None:
    scripted, requests = AMBIGUOUS[case]
    with HttpServer(scripted) as server:
        answer = await answer_of(provider, server)
        assert (answer.verdict, answer.deliveries) == (Verdict.AMBIGUOUS, ())
        assert answer.detail
        assert (len(server.requests), server.connections) == (requests, 1)


@pytest.mark.anyio
async def test_an_answer_that_never_comes_is_ambiguous_at_the_deadline(provider: HttpBatch) -> None:
    with HttpServer(silence()) as server:
        answer = await answer_of(provider, server, timeout=0.8)
        assert (answer.verdict, answer.deliveries) == (Verdict.AMBIGUOUS, ())
        assert len(server.requests) == 1


@pytest.mark.anyio
async def test_a_door_slammed_on_arrival_is_not_sent_or_ambiguous_but_never_more(provider: HttpBatch) -> None:
    with HttpServer(reset_on_arrival()) as server:
        answer = await answer_of(provider, server)
        # Whether the client still saw the door open is the system's to decide; each answer is true where it is given.
        assert answer.verdict is (Verdict.NOT_SENT if "no connection" in answer.detail else Verdict.AMBIGUOUS)
        assert (answer.deliveries, server.connections) == ((), 1)


@pytest.mark.anyio
async def test_nobody_listening_is_not_sent(provider: HttpBatch) -> None:
    answer = await ask(replace(provider, base_url=f"http://127.0.0.1:{closed_port()}"))
    assert (answer.verdict, answer.deliveries) == (Verdict.NOT_SENT, ())


@pytest.mark.parametrize("status", [401, 402, 403, 404, 405, 406, 415])
@pytest.mark.anyio
async def test_a_refusal_of_us_stops_the_issue_and_rejects_nobody(provider: HttpBatch, status: int) -> None:
    with HttpServer(reply(status, body={"message": "that key may not"})) as server:
        answer = await answer_of(provider, server)
        assert (answer.verdict, answer.deliveries, answer.http_status) == (Verdict.REFUSED, (), status)
        assert len(server.requests) == 1


@pytest.mark.parametrize("page", [b"", b"<html>No</html>", b"\xff\xfe", b"[]", b"null", b'{"errors": 5}', b"[" * 5000])
@pytest.mark.parametrize("status", [400, 413, 422])
@pytest.mark.anyio
async def test_a_payload_refused_in_any_words_rejects_nobody(provider: HttpBatch, status: int, page: bytes) -> None:
    with HttpServer(reply(status, body=page)) as server:
        answer = await answer_of(provider, server)
        assert (answer.verdict, answer.deliveries, answer.http_status) == (Verdict.REFUSED, (), status)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.anyio
async def test_a_redirect_is_not_followed_because_the_address_is_wrong(provider: HttpBatch, status: int) -> None:
    with HttpServer() as elsewhere, HttpServer(reply(status, {"Location": elsewhere.url})) as server:
        assert (await answer_of(provider, server)).verdict is Verdict.REFUSED
        assert (len(server.requests), elsewhere.connections) == (1, 0)


@pytest.mark.anyio
async def test_too_many_requests_is_not_sent_and_says_when_to_come_back(provider: HttpBatch) -> None:
    with HttpServer(reply(429, {"Retry-After": "7"}), reply(429)) as server:
        answer = await answer_of(provider, server)
        assert (answer.verdict, answer.deliveries, answer.retry_after) == (Verdict.NOT_SENT, (), 7.0)
        answer = await answer_of(provider, server)
        assert (answer.verdict, answer.retry_after) == (Verdict.NOT_SENT, None)


@pytest.mark.parametrize(("status", "verdict"), [(401, Verdict.REFUSED), (429, Verdict.NOT_SENT)])
@pytest.mark.anyio
async def test_a_status_counts_even_when_its_body_never_comes(
    provider: HttpBatch, status: int, verdict: Verdict
) -> None:
    with HttpServer(unfinished_body(status)) as server:
        assert (await answer_of(provider, server, timeout=0.8)).verdict is verdict


@pytest.mark.anyio
async def test_a_connection_survives_an_error_and_is_used_again(provider: HttpBatch) -> None:
    with HttpServer(reply(429), reply(500, body="x" * 200_000), reply(401)) as server:
        async with replace(provider, base_url=server.url).connect() as connection:
            verdicts = [(await connection.send(make_mailing(1))).verdict for _ in range(3)]
        assert verdicts == [Verdict.NOT_SENT, Verdict.AMBIGUOUS, Verdict.REFUSED]
        assert server.connections == 1


@pytest.mark.parametrize("status", [400, 401, 429, 500])
@pytest.mark.anyio
async def test_an_error_that_repeats_the_request_is_told_without_key_and_address(
    provider: HttpBatch, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)

    def echo(request: Any) -> Scripted:
        seen = " ".join((*request.headers.values(), SECRET, "reader1@example.com"))
        return reply(status, body={"message": seen[-300:], "ErrorCode": 10})

    with HttpServer(default=echo) as server:
        answer = await answer_of(provider, server)
        login = server.requests[0].headers.get("authorization", "")
    # A key in another spelling is still a key.
    secrets = [SECRET, *([login.removeprefix("Basic ")] if login.startswith("Basic ") else [])]
    for shown in (answer.detail, caplog.text):
        assert not [secret for secret in secrets if secret in shown]
    assert "reader1@example.com" not in answer.detail


# ---------------------------------------------------------------- the rate


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "7"}, 7.0),
        ({"ratelimit-remaining": "0", "ratelimit-reset": "7"}, 7.0),
        ({"x-sib-ratelimit-remaining": "0", "x-sib-ratelimit-reset": "7"}, 7.0),
        ({"ratelimit-remaining": "1", "ratelimit-reset": "7"}, 0.0),
        ({"ratelimit-remaining": "0"}, 0.0),
        ({"ratelimit-remaining": "0", "ratelimit-reset": "soon"}, 0.0),
        ({"ratelimit-remaining": "0", "ratelimit-reset": "-7"}, 0.0),
        ({"ratelimit-remaining": "0", "ratelimit-reset": "86400"}, 3600.0),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "9" * 400}, 0.0),
        (
            {
                "x-ratelimit-remaining": "0",
                "x-ratelimit-reset": "1768780812",
                "date": "Mon, 19 Jan 2026 00:00:00 GMT",
            },
            12.0,
        ),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1768780812"}, 0.0),
        ({}, 0.0),
    ],
)
def test_the_rate_is_used_up_only_where_the_headers_say_so(headers: dict[str, str], seconds: float) -> None:
    assert window_left(headers) == seconds


@pytest.mark.anyio
async def test_the_last_request_that_the_rate_allows_tells_how_long_the_next_must_wait(provider: HttpBatch) -> None:
    used_up = {"RateLimit-Remaining": "0", "RateLimit-Reset": "7"}
    with HttpServer(reply(500, used_up), reply(429, used_up), reply(500)) as server:
        answers = [await answer_of(provider, server) for _ in range(3)]
    assert [answer.window_left for answer in answers] == [7.0, 7.0, 0.0]
    assert [answer.retry_after for answer in answers] == [None, 7.0, None]


# ---------------------------------------------------------------- who and what is not posted


@pytest.mark.anyio
async def test_an_address_that_would_spoil_the_batch_is_kept_out_of_it(provider: HttpBatch) -> None:
    readers = (
        make_recipient(1),
        make_recipient(2, address="Reader1@Example.com"),
        make_recipient(3, address="太郎@example.com"),
        make_recipient(4, address="taro@例え.jp"),
    )
    reasons = [reason for _, reason in provider.sorted_out(make_mailing(recipients=readers))]
    assert [bool(reason) for reason in reasons] == [False, True, True, False]
    assert "twice" in reasons[1]
    assert "ASCII" in reasons[2]
    posted = str([provider.describe(piece).body for piece in pieces(provider, make_mailing(recipients=readers))])
    assert "reader1@example.com" in posted
    assert "taro@xn--r8jz45g.jp" in posted
    assert "太郎" not in posted


@pytest.mark.anyio
async def test_a_batch_without_anybody_to_write_to_is_not_posted(provider: HttpBatch) -> None:
    with HttpServer() as server:
        answer = await ask(replace(provider, base_url=server.url), recipients=(make_recipient(1, address="nobody"),))
        assert (answer.verdict, states(answer)) == (Verdict.ANSWERED, [R])
        assert server.connections == 0


@pytest.mark.anyio
async def test_a_request_above_the_providers_limit_is_not_posted_and_says_how_many_readers_fit(
    provider: HttpBatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = min(4, provider.most)
    octets = len(provider.encoded(provider.describe(make_mailing(count)).body)[1])
    half = f"set batch_limit to {count // 2} or less" if count > 1 else "has to become smaller"
    with HttpServer() as server:
        for largest, advice in ((octets // 2 + 1, half), (100, "has to become smaller")):
            monkeypatch.setattr(type(provider), "largest", largest)
            answer = await ask(replace(provider, base_url=server.url), count)
            assert (answer.verdict, answer.deliveries) == (Verdict.REFUSED, ())
            assert advice in answer.detail
        assert server.connections == 0


@pytest.mark.parametrize("part", ["html", "text", "subject"])
@pytest.mark.anyio
async def test_half_a_character_is_refused_before_anything_leaves(provider: HttpBatch, part: str) -> None:
    with HttpServer() as server:
        answer = await ask(replace(provider, base_url=server.url), email=make_email(**{part: "half \ud83c"}))
        assert (answer.verdict, answer.deliveries) == (Verdict.REFUSED, ())
        assert server.connections == 0


# ---------------------------------------------------------------- the set-up


def test_what_is_wrong_with_the_set_up_is_said_without_the_key(provider: HttpBatch) -> None:
    for changes, problem in (
        ({"api_key": Secret("KEY")}, "KEY is not set in the environment"),
        ({"api_key": Secret("KEY", "sk-canary\n")}, "KEY holds a space, a line break"),
        ({"api_key": Secret("KEY", "ｓｋ-canary")}, "KEY holds a space, a line break"),
        ({"base_url": "http://api.example.com"}, "must start with https://"),
        ({"base_url": "https://key@api.example.com"}, "must look like"),
        ({"batch_limit": type(provider).most + 1}, f"from 1 to {type(provider).most}"),
        ({"batch_limit": 0}, f"from 1 to {type(provider).most}"),
        ({"timeout": 0.0}, "above zero"),
        ({"timeout": 51.0}, "at most 50 seconds"),
    ):
        (found,) = replace(provider, **changes).problems()
        assert problem in found
        assert "canary" not in found


def test_the_usual_batch_is_one_that_the_provider_takes(provider: HttpBatch) -> None:
    assert 1 <= type(provider).__dataclass_fields__["batch_limit"].default <= type(provider).most


def test_every_option_is_explained_where_the_providers_are(provider: HttpBatch) -> None:
    page = (ROOT / "config/providers.md").read_text(encoding="utf-8")
    rows = page.partition(f"\n## {provider.title}\n")[2].partition("\n## ")[0]
    if provider.title == "SendGrid":
        lines = (ROOT / "config/README.md").read_text(encoding="utf-8").splitlines()
        rows = next(line for line in lines if line.startswith("| `sendgrid` |"))
    own = {field.name for field in fields(provider) if not field.kw_only} - {"api_key", "base_url", "timeout"}
    assert {name for name in own if f"`{name}`" not in rows} == set()


def test_a_caution_is_a_sentence_for_people(provider: HttpBatch) -> None:
    for caution in provider.cautions():
        assert len(caution.split()) > 5
        assert not caution.endswith(".")
        assert SECRET not in caution


@pytest.mark.anyio
async def test_a_proxy_of_the_environment_never_sees_what_stays_on_this_machine(
    provider: HttpBatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    with HttpServer(reply(401)) as server, HttpServer() as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        assert (await answer_of(provider, server)).verdict is Verdict.REFUSED
        assert (len(server.requests), proxy.connections) == (1, 0)


# ---------------------------------------------------------------- answers for each reader

GOOD, BAD, LATER = Item(Outcome.ACCEPTED, "id"), Item(Outcome.REJECTED, said="no"), Item(Outcome.NOT_SENT, said="later")
US, DARK = Item(Outcome.REFUSED, said="not you"), Item(Outcome.AMBIGUOUS, said="who knows")


@pytest.mark.parametrize(
    ("items", "verdict", "expected", "detail"),
    [
        ([GOOD, GOOD], Verdict.ANSWERED, [A, A], ""),
        ([GOOD, BAD], Verdict.ANSWERED, [A, R], "no"),
        ([BAD, BAD], Verdict.ANSWERED, [R, R], "no"),
        ([GOOD, DARK], Verdict.ANSWERED, [A, U], ""),
        ([DARK, DARK], Verdict.AMBIGUOUS, [], "who knows"),
        ([LATER, LATER], Verdict.NOT_SENT, [], "later"),
        ([GOOD, LATER], Verdict.NOT_SENT, [A, P], "later"),
        ([DARK, LATER], Verdict.NOT_SENT, [U, P], "later"),
        ([US, US], Verdict.REFUSED, [], "not you"),
        ([US, LATER], Verdict.REFUSED, [], "not you"),
        ([BAD, US], Verdict.REFUSED, [R, P], "not you"),
        ([DARK, US], Verdict.REFUSED, [U, P], "not you"),
    ],
)
def test_who_has_an_answer_of_their_own_keeps_it_whatever_the_batch_comes_to(
    items: list[Item], verdict: Verdict, expected: list[Any], detail: str
) -> None:
    readers: list[Recipient] = [make_recipient(number) for number, _ in enumerate(items)]
    answer = one_by_one(readers, items, 200)
    assert (answer.verdict, states(answer), answer.detail) == (verdict, expected, detail)
    assert [delivery.recipient for delivery in answer.deliveries] == readers[: len(answer.deliveries)]
    assert not [each for each in answer.deliveries if each.state is P and each.error], "only not reached"
