"""What every provider that keeps the list promises, held against a real peer on loopback."""

from __future__ import annotations

import logging
from dataclasses import fields, replace
from datetime import timedelta
from pathlib import Path

import pytest

from digest.models import READER_TOKEN, DeliveryState, Mailbox
from digest.send.braces import WORD_JOINER
from digest.send.mime import PROOF_HEADER
from digest.send.providers import LIST, Verdict
from tests.contracts.conftest import KINDS
from tests.factories import make_email
from tests.servers.http import reply
from tests.servers.list_asked import a_proof, ask, drafted, for_readers, looked_up, sent, state
from tests.servers.list_peer import ListPeer, Trouble
from tests.servers.list_peers import LIST_PEERS

ROOT = Path(__file__).parent.parent.parent
LONG_SUBJECT = "今週の読みもの：生成AIと編集の現場から、そして次の一歩へ。" * 7
TOKEN_URL = f"https://news.example.com/u/{READER_TOKEN}"

HOSTILE = (
    "{{ x }} {{{y}}} {% raw %} {# z #} { } }} {{ *|FNAME|* *|LIST:COMPANY|* |* %recipient% %recipient.name% %% "
    "-unsub- <%name%> [unsubscribe] [[var:x]] ${x} #{x} \\n \\\\ \\u007b @TrackLink https://a.example.com/@TrackLink"
    " {{ TrackView }} {{ UnsubscribeURL }} {{ subscriber.email }} *|UNSUB|* {{ unsubscribe }} ` \" ' &amp; 🍣"
)
"""The tags of all these providers, as a post about them may hold them."""


# ---------------------------------------------------------------- what is configured


def test_there_are_such_kinds() -> None:
    assert set(LIST_PEERS) == set(KINDS)


def test_every_option_is_explained_where_operators_look(peer: ListPeer) -> None:
    found = type(peer.provider)
    page = (ROOT / "config/providers.md").read_text(encoding="utf-8")
    section = page.partition(f"\n## {found.title}\n")[2].partition("\n## ")[0]
    assert section, f"config/providers.md has no section {found.title}"
    for name in {field.name for field in fields(found) if not field.kw_only} - {"api_key", "base_url", "timeout"}:
        assert f"| `{name}` |" in section, name
    assert '`audience = "list:' in section, "where the list's id is found"


def test_a_provider_that_is_set_up_has_no_problems(peer: ListPeer) -> None:
    assert not peer.provider.problems()
    assert not peer.provider.mistake_in(peer.list_name)
    assert (peer.provider.batch_limit, peer.provider.repeatable_for) == (1, timedelta())
    assert peer.provider.settles_after


def test_a_list_needs_an_id(peer: ListPeer) -> None:
    assert peer.provider.mistake_in("")


@pytest.mark.anyio
async def test_without_a_key_nothing_leaves_and_it_says_which_variable_is_missing(kind: str, peer: ListPeer) -> None:
    options = {field.name: getattr(peer.provider, field.name) for field in fields(peer.provider)}
    keyless = type(peer.provider)(**{**options, "api_key": replace(peer.provider.api_key, value="")})
    assert "CANARY is not set in the environment" in keyless.problems()
    (answer,) = await ask(keyless, for_readers(peer))
    assert (answer.verdict, len(peer.server.requests)) == (Verdict.REFUSED, 0)


@pytest.mark.parametrize("what", ["List-Unsubscribe", "List-Id", "X-Campaign", "text"])
def test_what_readers_get_otherwise_is_told_beforehand(peer: ListPeer, what: str) -> None:
    cautions = " ".join(peer.provider.cautions())
    assert what not in peer.withheld or what in cautions or (what.startswith("X-") and "headers" in cautions)


# ---------------------------------------------------------------- draft, then send


@pytest.mark.anyio
async def test_a_draft_is_made_and_nobody_has_anything(peer: ListPeer) -> None:
    mailing = await drafted(peer, for_readers(peer))
    assert peer.drafts() == [mailing.draft_id]
    assert peer.issues() == []
    assert state(await looked_up(peer, mailing)) is DeliveryState.PENDING


@pytest.mark.anyio
async def test_a_draft_is_sent_by_its_id_to_the_list_and_known_as_accepted(peer: ListPeer) -> None:
    mailing = await drafted(peer, for_readers(peer))
    (answer,) = await ask(peer.provider, mailing)
    assert (answer.verdict, state(answer)) == (Verdict.ANSWERED, DeliveryState.ACCEPTED)
    assert answer.deliveries[0].message_id == mailing.draft_id
    assert [mail.to for mail in peer.issues()] == [(f"{LIST}{peer.list_name}",)]
    assert peer.drafts() == []
    assert state(await looked_up(peer, mailing)) is DeliveryState.ACCEPTED


@pytest.mark.anyio
async def test_a_draft_that_was_sent_is_not_sent_again_and_that_is_no_error(peer: ListPeer) -> None:
    mailing = await drafted(peer, for_readers(peer))
    answers = await ask(peer.provider, mailing, mailing, mailing)
    assert [(answer.verdict, state(answer)) for answer in answers] == [
        (Verdict.ANSWERED, DeliveryState.ACCEPTED),
        (Verdict.ANSWERED, DeliveryState.ACCEPTED),
        (Verdict.ANSWERED, DeliveryState.ACCEPTED),
    ]
    assert len(peer.issues()) == 1


@pytest.mark.anyio
async def test_a_draft_whose_id_was_lost_is_found_again_and_none_of_another_mail_is(peer: ListPeer) -> None:
    mailing = for_readers(peer)
    if peer.provider.searching(mailing) is None:
        pytest.skip(f"{peer.provider.title} cannot be asked for drafts")
    other = await drafted(peer, for_readers(peer, email=make_email(subject="もうひとつの週刊")))
    assert state(await looked_up(peer, mailing)) is DeliveryState.PENDING
    first = await drafted(peer, mailing)
    again = await drafted(peer, mailing)
    assert first.draft_id == again.draft_id != other.draft_id
    found = await looked_up(peer, mailing)
    assert (state(found), found.draft_id) == (DeliveryState.PENDING, first.draft_id)


@pytest.mark.anyio
async def test_what_was_sent_or_is_a_proof_is_no_draft_to_be_found(peer: ListPeer) -> None:
    mailing = await drafted(peer, for_readers(peer))
    await ask(peer.provider, mailing, a_proof(peer))
    again = await drafted(peer, for_readers(peer, key="weekly/2026-W04/2/0123abcd"))
    assert again.draft_id != mailing.draft_id, "the outbox asks by id; without one it is another sending"


@pytest.mark.anyio
async def test_a_draft_that_somebody_deleted_is_unknown_with_words(peer: ListPeer) -> None:
    mailing = await drafted(peer, for_readers(peer))
    peer.delete(mailing.draft_id)
    (answer,) = await ask(peer.provider, mailing)
    for each in (answer, await looked_up(peer, mailing)):
        assert (each.verdict, state(each)) == (Verdict.ANSWERED, DeliveryState.UNKNOWN)
        assert mailing.draft_id in each.deliveries[0].error
    assert peer.issues() == []


# ---------------------------------------------------------------- what arrives


@pytest.mark.anyio
async def test_the_mail_arrives_as_it_was_approved_but_for_the_way_out(peer: ListPeer) -> None:
    email = make_email(
        subject=f"週刊 {HOSTILE}".replace('"', ""),
        html=(
            '<!DOCTYPE html>\n<html lang="ja"><head><title>週刊</title><style>@media x{a{b:c}} /* *|x|* */</style>'
            f"</head><body><!--[if mso]><p>{HOSTILE}</p><![endif]--><p>{HOSTILE}</p>\n.\n{{{{<br>}}}}<a "
            f'href="{TOKEN_URL}">配信停止</a><a href="https://example.com/?a={{{{b}}}}&amp;c=*|D|*">%x%</a></body></html>'
        ),
        text=f"{HOSTILE}\n.\n..\n配信停止：{TOKEN_URL}\n<!-- {HOSTILE} -->\n{'あ' * 2000}\n",
        headers=(("List-Id", "<weekly.news.example.com>"), ("X-Campaign", "{{ x }} *|y|*")),
    )
    answer = await sent(peer, for_readers(peer, email=email))
    assert answer.verdict is Verdict.ANSWERED, answer
    (mail,) = peer.issues()
    assert "From" in peer.withheld or mail.sender == email.sender.address
    assert mail.html == email.html.replace(TOKEN_URL, peer.leave)
    assert mail.subject.replace(WORD_JOINER, "") == email.subject
    assert mail.text.replace(WORD_JOINER, "") == email.text.replace(TOKEN_URL, peer.leave) or "text" in peer.withheld
    for name, value in email.headers:
        assert name in peer.withheld or mail.headers[name] == value


@pytest.mark.anyio
async def test_a_japanese_subject_of_two_hundred_characters_survives(peer: ListPeer) -> None:
    assert len(LONG_SUBJECT) >= 200
    answer = await sent(peer, for_readers(peer, email=make_email(subject=LONG_SUBJECT)))
    assert answer.verdict is Verdict.ANSWERED, answer
    assert peer.issues()[0].subject == LONG_SUBJECT


@pytest.mark.anyio
async def test_no_readers_token_and_no_link_with_one_leaves(peer: ListPeer) -> None:
    mailing = for_readers(peer)
    await sent(peer, mailing)
    await ask(peer.provider, a_proof(peer))
    for request in peer.server.requests:
        left = request.path + str(request.headers) + request.body.decode()
        assert READER_TOKEN not in left
        assert "news.example.com/u/" not in left
    assert READER_TOKEN not in str(peer.provider.describe(mailing))


@pytest.mark.anyio
async def test_a_token_outside_of_a_link_stops_the_issue_before_anything_leaves(peer: ListPeer) -> None:
    (answer,) = await ask(peer.provider, for_readers(peer, email=make_email(text=f"あなたは {READER_TOKEN} です\n")))
    assert (answer.verdict, len(peer.server.requests)) == (Verdict.REFUSED, 0)
    assert "outside of a link" in answer.detail


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"subject": "one\r\nBcc: all@example.com"}, "line break"),
        ({"headers": (("X-Bad", "a\nb"),)}, "line break"),
        ({"sender": Mailbox("news@example.com", "a\nb")}, "line break"),
        ({"sender": Mailbox("newsroom", "編集部")}, "not an address"),
    ],
)
async def test_a_mail_with_a_broken_header_is_refused_before_anything_leaves(
    peer: ListPeer, change: dict[str, object], said: str
) -> None:
    (answer,) = await ask(peer.provider, for_readers(peer, email=make_email(**change)))
    assert (answer.verdict, len(peer.server.requests)) == (Verdict.REFUSED, 0)
    assert said in answer.detail


# ---------------------------------------------------------------- proofs


@pytest.mark.anyio
async def test_a_proof_goes_to_the_named_people_only_is_marked_and_leaves_no_draft(peer: ListPeer) -> None:
    mailing = a_proof(peer)
    (answer,) = await ask(peer.provider, mailing)
    assert answer.verdict is Verdict.ANSWERED, answer
    assert [delivery.state for delivery in answer.deliveries] == [DeliveryState.ACCEPTED] * 2
    proofs = peer.proofs()
    assert sorted(address for mail in proofs for address in mail.to) == ["kay@example.com", "lee@example.com"]
    assert {mail.subject for mail in proofs} == {"【テスト】" + mailing.email.subject}
    assert (peer.issues(), peer.drafts()) == ([], [])
    for mail in proofs:
        assert PROOF_HEADER in peer.withheld | mail.headers.keys()


@pytest.mark.anyio
async def test_two_proofs_of_one_issue_both_arrive(peer: ListPeer) -> None:
    first = a_proof(peer)
    await ask(peer.provider, first, replace(first, sent_at=first.sent_at + timedelta(minutes=5)))
    assert len([address for mail in peer.proofs() for address in mail.to]) == 4


# ---------------------------------------------------------------- secrets


@pytest.mark.anyio
async def test_a_secret_is_never_shown(peer: ListPeer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    mailing = for_readers(peer)
    peer.troubles.planned = [Trouble(reply(401, body={"message": f"the key {peer.secret} is wrong"}))]
    answers = await ask(peer.provider, mailing, mailing)
    assert peer.secret not in f"{peer.provider!r} {peer.provider} {answers!r} {caplog.text}"
    assert peer.secret not in repr(peer.provider.describe(mailing))
    assert "env:CANARY" in answers[0].detail


def test_what_is_described_is_the_draft_with_its_key_masked(peer: ListPeer) -> None:
    described = peer.provider.describe(for_readers(peer))
    assert described.target.startswith(peer.server.url)
    assert "CANARY" in repr(described.headers)
