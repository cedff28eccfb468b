"""Asking batch providers what became of copies: a record counts, and nothing is missing that was not looked for."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any, cast

import pytest

from digest.models import READER_TOKEN, Recipient
from digest.send import look_ups, providers
from digest.send.http_access import open_client
from digest.send.http_batch import HttpBatch
from digest.send.look_ups import mailgun
from digest.send.look_ups.asking import EARLIER, what_became
from digest.send.opening import kinds, open_provider
from digest.send.providers import Answer, Inquiry, Mailing, Verdict
from tests.factories import make_recipient
from tests.send.asked import A, P, R, U, description, states
from tests.servers.archives import Archive, Mail, marks, others
from tests.servers.http import HttpServer, Received, Scripted, closed_port, garbage, reply, reset_after_body
from tests.servers.mailings import make_mailing

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).parent
SECRET = "sk-canary-0451"
KINDS = sorted(module.name for module in pkgutil.iter_modules(look_ups.__path__) if module.name != "asking")
ONE_BY_ONE = [kind for kind in KINDS if kind not in {"mailjet", "sparkpost"}]
OPTIONS: dict[str, dict[str, object]] = {"mailgun": {"domain": "mg.example.com"}, "mailjet": {"secret_key": "env:KEY"}}
ONE = make_mailing(1)
READER = ONE.recipients[0]
SENT = ONE.sent_at
LATER = SENT + timedelta(hours=2)


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def made(kind: str, url: str, **options: object) -> HttpBatch:
    given = {"api_key": "env:KEY", "base_url": url, "timeout": 5, **OPTIONS.get(kind, {}), **options}
    return cast(HttpBatch, open_provider(kind, given, {"KEY": SECRET}, root=ROOT))


def copy(kind: str, reader: Recipient = READER, mailing: Mailing = ONE, **changes: Any) -> Mail:
    """A mail as the provider has it when it took our request."""
    alone = replace(mailing, recipients=(reader,), key=f"{mailing.issue}/{'proof' if mailing.proof else '7/89ab'}")
    subject = ("【テスト】" if mailing.proof else "") + mailing.email.subject
    marked = marks(kind, made(kind, "https://x.example"), alone)
    return replace(Mail(reader.address, marked, subject, SENT + timedelta(minutes=1)), **changes)


async def asked(provider: HttpBatch, mailing: Mailing = ONE, clock: Callable[[], float] = lambda: 0.0) -> Answer:
    async with open_client(provider.base_url, provider.timeout) as client:
        return await what_became(provider, client, mailing, clock)


async def found(kind: str, mails: Sequence[Mail], mailing: Mailing = ONE, **archive: Any) -> Answer:
    with HttpServer(default=Archive(kind, mails, archive.pop("now", LATER), **archive)) as server:
        return await asked(made(kind, server.url), mailing)


# ---------------------------------------------------------------- what counts


async def test_a_copy_on_record_was_accepted_and_has_the_providers_id(kind: str) -> None:
    for status in ("taken", "delivered"):
        answer = await found(kind, [copy(kind, status=status, name="the-id")])
        assert (answer.verdict, states(answer)) == (Verdict.ANSWERED, [A])
        assert answer.deliveries[0].message_id == "the-id"


async def test_a_copy_that_the_provider_did_not_even_try_was_rejected_for_its_reason(kind: str) -> None:
    if kind == "postmark":
        return  # keeps no record of what it refuses
    answer = await found(kind, [copy(kind, status="dropped")])
    assert states(answer) == [R]
    assert "did not send it" in answer.deliveries[0].error


async def test_what_the_provider_has_nothing_of_is_pending(kind: str) -> None:
    answer = await found(kind, [])
    assert (answer.verdict, states(answer)) == (Verdict.ANSWERED, [P])


@pytest.mark.parametrize(
    "other",
    [
        {"issue": "weekly/2026-W03", "key": "weekly/2026-W03/1"},
        {"issue": "weekly/2026-W041", "key": "weekly/2026-W041/1"},
        {"issue": "daily/2026-W04", "key": "daily/2026-W04/1"},
        {"proof": True},
    ],
    ids=["another issue", "one whose name begins alike", "another newsletter", "a proof"],
)
async def test_another_mail_to_the_reader_is_no_copy_of_the_issue(kind: str, other: dict[str, Any]) -> None:
    assert states(await found(kind, [copy(kind, mailing=replace(ONE, **other))])) == [P]


async def test_a_mail_of_another_system_is_no_copy_unless_its_subject_is_the_issues(kind: str) -> None:
    receipt = Mail(READER.address, None, "Your receipt", SENT)
    assert states(await found(kind, [receipt])) == [P]
    alike = await found(kind, [replace(receipt, subject=ONE.email.subject)])
    assert states(alike) == [U]
    assert "may be this one" in alike.deliveries[0].error


async def test_a_copy_from_before_the_sending_is_another_systems_and_one_within_the_clocks_difference_is_not(
    kind: str,
) -> None:
    early = copy(kind, at=SENT - EARLIER - timedelta(minutes=1))
    if kind != "mandrill":  # it is asked by day
        assert states(await found(kind, [early])) == [P]
    assert states(await found(kind, [replace(early, at=SENT - EARLIER + timedelta(minutes=1))])) == [A]


async def test_a_word_that_nobody_knows_settles_nothing(kind: str) -> None:
    lists_only_what_it_took = kind in {"postmark", "brevo"}
    answer = await found(kind, [copy(kind, status="frobnicated")])
    assert states(answer) == ([A] if lists_only_what_it_took else [U])


async def test_who_was_tried_was_accepted_even_if_a_later_copy_was_dropped(kind: str) -> None:
    if kind == "postmark":
        return
    both = [copy(kind, status="delivered", name="a"), copy(kind, status="dropped", name="b")]
    if kind == "mandrill":  # each of its records is a mail of its own
        assert states(await found(kind, both)) == [A]
    if kind in {"mailgun", "sparkpost"}:  # each of theirs is an event
        assert states(await found(kind, both)) == [A]
        assert states(await found(kind, both[::-1])) == [A]
        assert states(await found(kind, [copy(kind), copy(kind, status="dropped")])) == [R]


async def test_each_reader_has_an_answer_of_their_own_in_order(kind: str) -> None:
    mailing = make_mailing(5)
    one, two, three, four, _ = mailing.recipients
    mails = [
        copy(kind, four, name="four"),
        copy(kind, one, name="one"),
        copy(kind, two, mailing=replace(ONE, proof=True), name="two"),
        Mail(three.address, None, ONE.email.subject, SENT, name="three"),
    ]
    answer = await found(kind, mails, mailing)
    assert [each.recipient for each in answer.deliveries] == list(mailing.recipients)
    assert states(answer) == [A, P, U, A, P]
    assert [each.message_id for each in answer.deliveries] == ["one", "", "", "four", ""]


async def test_addresses_are_the_same_in_capitals_and_in_punycode(kind: str) -> None:
    reader = make_recipient(1, address="Reader.One@日本語.example")
    mailing = replace(ONE, recipients=(reader,))
    written = "reader.one@xn--wgv71a119e.example"
    answer = await found(kind, [copy(kind, reader, address=written)], mailing, exact=True)
    assert states(answer) == [A]


async def test_a_plus_in_an_address_stays_one(kind: str) -> None:
    reader = make_recipient(1, address="a+news@example.com")
    assert states(await found(kind, [copy(kind, reader)], replace(ONE, recipients=(reader,)))) == [A]


# ---------------------------------------------------------------- to the end, or not at all


async def test_pages_are_read_to_the_end(kind: str) -> None:
    many = {"postmark": 150, "mailgun": 650, "sparkpost": 700, "brevo": 800, "mailjet": 2100, "mandrill": 50}
    before = others(many.get(kind, 20), READER.address, SENT)
    last = copy(kind, at=SENT + timedelta(hours=1))
    assert states(await found(kind, [*before, last])) == [A]
    assert states(await found(kind, before)) == [P]


async def test_a_list_that_is_cut_short_leaves_the_rest_unknown(kind: str) -> None:
    most = {"postmark": 10_100, "mailjet": 41_000, "sendgrid": 30, "mandrill": 1000}.get(kind, 21_000)
    answer = await found(kind, others(most, READER.address, SENT))
    assert (answer.verdict, states(answer)) == (Verdict.ANSWERED, [U])


@pytest.mark.parametrize("kind", ["brevo", "postmark", "sparkpost"])
async def test_a_page_with_fewer_mails_than_it_says_leaves_the_reader_unknown(kind: str) -> None:
    def torn(request: Received) -> Scripted:
        body = getattr(Archive(kind, others(5, READER.address, SENT), LATER), f"_{kind}")(request)
        (listed,) = (value for value in body.values() if isinstance(value, list))
        del listed[3:]
        return reply(200, {}, body)

    with HttpServer(default=torn) as server:
        assert states(await asked(made(kind, server.url))) == [U]


@pytest.mark.parametrize("kind", ["mailgun", "sparkpost"])
async def test_a_next_page_at_another_place_is_not_asked_for(kind: str) -> None:
    def elsewhere(request: Received) -> Scripted:
        body: dict[str, Any] = getattr(Archive(kind, others(3, READER.address, SENT), LATER), f"_{kind}")(request)
        evil = "https://evil.example/v4/keys"
        body |= {"paging": {"next": evil}} if kind == "mailgun" else {"links": {"next": evil}}
        return reply(200, {}, body)

    with HttpServer(default=elsewhere) as server:
        assert states(await asked(made(kind, server.url))) == [U]
        assert len(server.requests) == 1


async def test_nothing_found_means_nothing_once_the_provider_may_have_forgotten(kind: str) -> None:
    inquiry = made(kind, "https://x.example").inquiry()
    assert inquiry
    for after, state in ((inquiry.remembers, P), (inquiry.remembers + timedelta(seconds=1), U)):
        assert states(await found(kind, [], now=SENT + after)) == [state]
    assert states(await found(kind, [copy(kind)], now=SENT + 2 * inquiry.remembers)) == [A], "what is there, is there"


async def test_nothing_found_means_nothing_when_the_provider_does_not_say_what_time_it_is(kind: str) -> None:
    def undated(request: Received) -> Scripted:
        body = getattr(Archive(kind, [], LATER), f"_{kind}")(request)
        return reply(200, {"Date": ""}, body)

    with HttpServer(default=undated) as server:
        assert states(await asked(made(kind, server.url))) == [U]


@pytest.mark.parametrize("kind", ONE_BY_ONE)
async def test_who_could_not_be_asked_about_in_time_stays_unknown(kind: str) -> None:
    mailing, seconds = make_mailing(3), iter(range(0, 10_000, 30))
    mails = [copy(kind, each, name=each.token) for each in mailing.recipients]
    with HttpServer(default=Archive(kind, mails, LATER)) as server:
        answer = await asked(made(kind, server.url), mailing, lambda: float(next(seconds)))
    assert answer.verdict is Verdict.ANSWERED
    assert U in states(answer)
    assert P not in states(answer)


async def test_an_address_that_cannot_have_been_written_to_is_not_asked_about(kind: str) -> None:
    mailing = replace(ONE, recipients=(make_recipient(1, address="no-at-sign"), READER))
    assert states(await found(kind, [copy(kind)], mailing)) == [U, A]


async def test_an_address_with_a_quote_is_not_put_into_a_query_of_sendgrid() -> None:
    reader = make_recipient(1, address="o'hara@example.com")
    with HttpServer(default=Archive("sendgrid", [], LATER)) as server:
        assert states(await asked(made("sendgrid", server.url), replace(ONE, recipients=(reader,)))) == [U]
        assert server.requests == []


async def test_many_addresses_of_sparkpost_are_asked_about_in_requests_that_are_not_too_long() -> None:
    readers = tuple(make_recipient(n, address=f"somebody.with.a.long.name+{n}@mail.example.com") for n in range(300))
    archive = Archive("sparkpost", [copy("sparkpost", each) for each in readers[::2]], LATER)
    with HttpServer(default=archive) as server:
        answer = await asked(made("sparkpost", server.url), replace(ONE, recipients=readers))
    assert states(answer) == [A, P] * 150
    assert len(archive.asked) < 20


# ---------------------------------------------------------------- when the look-up itself fails


def said(words: str) -> dict[str, Any]:
    """An explanation in every place where one of these providers has it."""
    return {"message": words, "Message": words, "ErrorMessage": words, "errors": [{"message": words}]}


@pytest.mark.parametrize(
    ("status", "verdict"),
    [(401, Verdict.REFUSED), (403, Verdict.REFUSED), (404, Verdict.REFUSED), (400, Verdict.REFUSED),
     (429, Verdict.NOT_SENT), (500, Verdict.AMBIGUOUS), (503, Verdict.AMBIGUOUS), (302, Verdict.REFUSED)],
)  # fmt: skip
async def test_a_refusal_settles_nothing_and_says_why(kind: str, status: int, verdict: Verdict) -> None:
    with HttpServer(default=reply(status, {"Retry-After": "7"}, said(f"no, {SECRET}"))) as server:
        answer = await asked(made(kind, server.url))
    assert (answer.verdict, answer.deliveries, answer.http_status) == (verdict, (), status)
    assert answer.retry_after == (7.0 if status == 429 else None)
    assert "no, " in answer.detail
    assert SECRET not in answer.detail
    if status in {401, 403}:
        assert "wants" in answer.detail, "what the account or key lacks"


@pytest.mark.parametrize("page", [b"", b"<html>", b"\xff\xfe", b"null", b"{}", b'"ok"', b"[null]", b"[" * 5000])
async def test_a_page_that_cannot_be_understood_settles_nothing(kind: str, page: bytes) -> None:
    with HttpServer(default=reply(200, {}, page)) as server:
        answer = await asked(made(kind, server.url))
    assert (answer.verdict, answer.deliveries) == (Verdict.AMBIGUOUS, ())


@pytest.mark.parametrize("trouble", [garbage(), reset_after_body()])
async def test_a_broken_line_settles_nothing(kind: str, trouble: Scripted) -> None:
    with HttpServer(default=trouble) as server:
        answer = await asked(made(kind, server.url))
    assert (answer.verdict, answer.deliveries) == (Verdict.AMBIGUOUS, ())
    nobody = await asked(made(kind, f"http://127.0.0.1:{closed_port()}"))
    assert (nobody.verdict, nobody.deliveries) == (Verdict.NOT_SENT, ())


@pytest.mark.parametrize("kind", ONE_BY_ONE)
async def test_what_was_told_before_a_failure_stands_and_nobody_is_missing_for_it(kind: str) -> None:
    mailing = make_mailing(4)
    archive = Archive(kind, [copy(kind, each, name=each.token) for each in mailing.recipients], LATER)
    enough = {"sendgrid": 4, "brevo": 4}.get(kind, 2)  # they ask twice about each

    def until_then(request: Received) -> Scripted:
        return archive(request) if len(archive.asked) < enough else reply(429, {"Retry-After": "9"})

    with HttpServer(default=until_then) as server:
        answer = await asked(made(kind, server.url), mailing)
    assert (answer.verdict, answer.retry_after) == (Verdict.ANSWERED, 9.0)
    assert states(answer) == [A, A, U, U]
    assert "429" in answer.deliveries[2].error


async def test_a_provider_without_its_key_is_not_asked(kind: str) -> None:
    with HttpServer() as server:
        given = {"api_key": "env:KEY", "base_url": server.url, **OPTIONS.get(kind, {})}
        provider = cast(HttpBatch, open_provider(kind, given, {}, root=ROOT))
        assert (await asked(provider)).verdict is Verdict.REFUSED
        assert server.requests == []


# ---------------------------------------------------------------- the frame


def test_the_kinds_that_can_be_asked_say_when_they_can_be_believed_and_no_others() -> None:
    asked_for = set()
    for name in kinds():
        found = import_module(f"{providers.__name__}.{name}").Provider
        if issubclass(found, HttpBatch):
            assert (found.settles_after is not None) == (found.inquiry is not HttpBatch.inquiry), name
            asked_for |= {name} if found.settles_after else set()
    assert asked_for == set(KINDS)


async def test_a_connection_asks_with_the_key_that_the_provider_knows_us_by(kind: str) -> None:
    archive = Archive(kind, [copy(kind)], LATER)
    with HttpServer(default=archive) as server:
        provider = made(kind, server.url)
        async with provider.connect() as connection:
            answer = await cast(Inquiry, connection).look_up(ONE)
    assert states(answer) == [A]
    sent = archive.asked[0]
    expected = {name.lower(): value for name, value in provider.credentials(lambda secret: secret.value).items()}
    assert expected.items() <= sent.headers.items()
    assert READER_TOKEN not in sent.path
    assert READER.token not in sent.path + sent.body.decode(), "a look-up tells nobody a reader's token"


async def test_who_cannot_be_asked_says_so() -> None:
    provider = cast(HttpBatch, open_provider("resend", {"api_key": "env:KEY"}, {"KEY": SECRET}, root=ROOT))
    answer = await asked(provider)
    assert answer.verdict is Verdict.REFUSED
    assert "Resend" in answer.detail


async def test_the_request_to_mailgun_has_only_what_its_description_knows() -> None:
    operation = description("mailgun.yaml")["paths"]["/v3/{domain_name}/events"]["get"]
    known = {each["name"]: each["schema"] for each in operation["parameters"]}
    archive = Archive("mailgun", [], LATER)
    with HttpServer(default=archive) as server:
        await asked(made("mailgun", server.url))
    _, _, query = archive.asked[0].path.partition("?")
    given = dict(each.split("=") for each in query.split("&"))
    assert given.keys() <= known.keys()
    assert int(given["limit"]) <= known["limit"]["maximum"]
    assert given["ascending"] in known["ascending"]["enum"]
    events = description("mailgun.yaml")["components"]["schemas"]["EventType"]["enum"]
    assert mailgun._SIGNS.keys() <= set(events)
