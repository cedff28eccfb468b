"""What every webhook promises: only the provider is believed, only lately, and what it tells is understood."""

from __future__ import annotations

import dataclasses
import json
import random
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from digest.models import EventKind, ProviderEvent, Secret
from digest.send.webhook_opening import webhook_kinds
from digest.send.webhooks import Posted, RefusedError
from tests.servers.webhooks import (
    CERTIFICATE,
    HOOKS,
    ISSUE,
    NOW,
    TOPIC,
    fetch,
    public_key,
    signed_by_amazon,
    tell,
    with_body,
)

KINDS = sorted(HOOKS)
WHAT = {
    "delivered": EventKind.DELIVERED,
    "delayed": EventKind.DELAYED,
    "bounced": EventKind.BOUNCED,
    "complained": EventKind.COMPLAINED,
    "unsubscribed": EventKind.UNSUBSCRIBED,
}
SIGNS_THE_TIME = ("mailgun", "resend", "sendgrid", "ses")
SIGNS_THE_BODY = ("mailersend", "mailtrap", "mandrill", "resend", "sendgrid", "ses")


def read(kind: str, posted: Posted, later: timedelta = timedelta()) -> Sequence[ProviderEvent]:
    webhook = HOOKS[kind].webhook
    webhook.verify(posted, NOW + later, fetch)
    return webhook.events(posted, fetch)


def test_every_kind_has_a_provider_that_words_and_signs_here() -> None:
    assert tuple(KINDS) == webhook_kinds()
    assert [kind for kind in KINDS if HOOKS[kind].webhook.problems()] == []


@pytest.mark.parametrize("what", WHAT)
@pytest.mark.parametrize("kind", KINDS)
def test_what_a_provider_tells_is_understood(kind: str, what: str) -> None:
    (event,) = read(kind, tell(kind, what))
    assert (event.kind, event.address) == (WHAT[what], "hanako@example.com")
    assert event.at is not None
    assert abs(event.at - NOW) < timedelta(seconds=2)
    assert event.id
    assert len(event.id) <= 200
    if (kind, what) != ("resend", "unsubscribed"):  # a contact, not a mail
        assert event.issue == ISSUE
        assert event.message_id
    if what == "bounced":
        assert "550" in event.detail


@pytest.mark.parametrize("kind", KINDS)
def test_another_event_or_address_has_another_id_and_the_same_one_the_same(kind: str) -> None:
    def identity(what: str, address: str = "a@example.com") -> str:
        return read(kind, tell(kind, what, address))[0].id

    assert identity("bounced") == identity("bounced")
    assert len({identity("bounced"), identity("delivered"), identity("bounced", "b@example.com")}) == 3


@pytest.mark.parametrize("kind", SIGNS_THE_BODY)
def test_one_byte_changed_is_refused(kind: str) -> None:
    posted = tell(kind, "bounced")
    changed = posted.body.replace(b"hanako", b"hanaki")
    assert changed != posted.body
    with pytest.raises(RefusedError):
        read(kind, with_body(posted, changed))


@pytest.mark.parametrize("kind", SIGNS_THE_TIME)
@pytest.mark.parametrize("minutes", [-6, 6, 60 * 24])
def test_an_old_request_or_one_of_the_future_is_refused(kind: str, minutes: int) -> None:
    assert read(kind, tell(kind, "bounced"), timedelta(minutes=4))
    with pytest.raises(RefusedError, match="old"):
        read(kind, tell(kind, "bounced"), timedelta(minutes=minutes))


@pytest.mark.parametrize("kind", KINDS)
def test_a_request_without_proof_is_refused(kind: str) -> None:
    posted = tell(kind, "bounced")
    body = posted.body.replace(b'"signature"', b'"sgnature"') if kind == "mailgun" else posted.body
    with pytest.raises(RefusedError):
        read(kind, replace(posted, headers={}, body=body))


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "ses"])
def test_a_request_that_another_key_proves_is_refused(kind: str) -> None:
    webhook = HOOKS[kind].webhook
    names = [field.name for field in dataclasses.fields(webhook)]  # type: ignore[arg-type] - each is a dataclass
    name = next(each for each in names if isinstance(getattr(webhook, each), Secret))
    value = {"resend": "whsec_b3RoZXI=", "sendgrid": public_key()}.get(kind, "another")
    other = replace(webhook, **{name: Secret("OTHER", value)})  # type: ignore[type-var] - each is a dataclass
    with pytest.raises(RefusedError):
        other.verify(tell(kind, "bounced"), NOW, fetch)


@pytest.mark.parametrize("kind", KINDS)
def test_whatever_is_posted_is_understood_or_refused_and_never_a_crash(kind: str) -> None:
    seeded = random.Random(f"webhook {kind}")
    posted = tell(kind, "bounced")
    bodies = [b"", b"null", b"[]", b"{}", b"[1]", b'"x"', b"[[[[" * 5_000, b"\xff\xfe", b'{"events": 1}', b"a=%ff&b"]
    for _ in range(200):
        body = bytearray(posted.body)
        for _ in range(seeded.randint(1, 8)):
            body[seeded.randrange(len(body))] = seeded.randrange(256)
        bodies.append(bytes(body))
    for body in bodies:
        for act in (
            lambda body=body: HOOKS[kind].webhook.verify(with_body(posted, body), NOW, fetch),
            lambda body=body: HOOKS[kind].webhook.events(with_body(posted, body), fetch),
        ):
            with suppress(RefusedError):
                act()


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "ses"])
def test_a_secret_that_is_not_there_is_a_problem(kind: str) -> None:
    webhook = HOOKS[kind].webhook
    names = [field.name for field in dataclasses.fields(webhook)]  # type: ignore[arg-type] - each is a dataclass
    name = next(each for each in names if isinstance(getattr(webhook, each), Secret))
    lacking = replace(webhook, **{name: Secret("HOOK_KEY", "")})  # type: ignore[type-var] - each is a dataclass
    assert "HOOK_KEY is not set" in " ".join(lacking.problems())


# ---------------------------------------------------------------- Amazon's topic


def message(**changes: str) -> dict[str, str]:
    return {
        "Type": "Notification",
        "MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
        "TopicArn": TOPIC,
        "Message": json.dumps({"eventType": "Delivery", "delivery": {}, "mail": {}}),
        "Timestamp": "2026-01-19T00:05:00.000Z",
        **changes,
    }


def amazon(body: bytes, kind: str = "Notification") -> Posted:
    return Posted("https://news.example.com/webhooks/ses", {"x-amz-sns-message-type": kind}, body)


@pytest.mark.parametrize(
    "certificate",
    [
        "http://sns.ap-northeast-1.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem",
        "https://sns.ap-northeast-1.amazonaws.com.evil.example/SimpleNotificationService-0123456789abcdef.pem",
        "https://sns.ap-northeast-1.amazonaws.com@evil.example/SimpleNotificationService-0123456789abcdef.pem",
        "https://evil.s3.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem",
        "https://sns.ap-northeast-1.amazonaws.com:444/SimpleNotificationService-0123456789abcdef.pem",
        "https://sns.ap-northeast-1.amazonaws.com/?Action=Publish&x=.pem",
        "https://[sns",
        "",
    ],
)
def test_a_certificate_that_is_not_amazons_is_never_fetched(certificate: str) -> None:
    def never(url: str) -> bytes:
        raise AssertionError(url)

    posted = amazon(signed_by_amazon(message(SigningCertURL=certificate)))
    with pytest.raises(RefusedError):
        HOOKS["ses"].webhook.verify(posted, NOW, never)


def test_another_topic_another_key_and_another_type_are_refused() -> None:
    verify = HOOKS["ses"].webhook.verify
    verify(amazon(signed_by_amazon(message())), NOW, fetch)
    with pytest.raises(RefusedError, match="another topic"):
        verify(amazon(signed_by_amazon(message(TopicArn=TOPIC + "2"))), NOW, fetch)
    with pytest.raises(RefusedError, match="signature"):
        verify(amazon(signed_by_amazon(message(), rsa.generate_private_key(65537, 2048))), NOW, fetch)
    with pytest.raises(RefusedError, match="no message"):
        verify(amazon(signed_by_amazon(message()), "SubscriptionConfirmation"), NOW, fetch)


def test_a_topic_that_asks_whether_we_listen_is_answered_at_amazon_alone() -> None:
    asked: list[str] = []

    def answering(url: str) -> bytes:
        asked.append(url)
        return fetch(url) if url == CERTIFICATE else b"<ok/>"

    confirm = "https://sns.ap-northeast-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn=x&Token=y"
    question = message(Type="SubscriptionConfirmation", SubscribeURL=confirm, Token="y", Message="You have chosen")
    posted = amazon(signed_by_amazon(question), "SubscriptionConfirmation")
    HOOKS["ses"].webhook.verify(posted, NOW, answering)
    assert HOOKS["ses"].webhook.events(posted, answering) == []
    assert asked == [CERTIFICATE, confirm]
    elsewhere = {**question, "SubscribeURL": "https://evil.example/?Action=ConfirmSubscription"}
    with pytest.raises(RefusedError):
        HOOKS["ses"].webhook.events(amazon(signed_by_amazon(elsewhere), "SubscriptionConfirmation"), answering)
