"""For each kind of webhook, how the provider words and signs what it tells: facts of its documentation.

`tell(kind, what, …)` makes a request as the provider would post it; the keys are made here, for these tests alone.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from digest.models import Secret
from digest.send.webhooks import (
    Posted,
    Webhook,
    brevo,
    mailersend,
    mailgun,
    mailjet,
    mailtrap,
    mandrill,
    postmark,
    resend,
    sendgrid,
    ses,
    sparkpost,
)

NOW = datetime(2026, 1, 19, 0, 5, tzinfo=UTC)
STAMP = str(int(NOW.timestamp()))
ISSUE = "weekly/2026-W04"
KEY = "canary-key-0451"
TOPIC = "arn:aws:sns:ap-northeast-1:123456789012:digest"
CERTIFICATE = "https://sns.ap-northeast-1.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem"
URL = "https://news.example.com/webhooks/"

_ECDSA = ec.generate_private_key(ec.SECP256R1())
_RSA = rsa.generate_private_key(65537, 2048)


def _certificate() -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(_RSA.public_key())
    made = made.serial_number(1).not_valid_before(NOW - timedelta(days=1)).not_valid_after(NOW + timedelta(days=1))
    return made.sign(_RSA, SHA256()).public_bytes(Encoding.PEM)


CERTIFICATE_PEM = _certificate()


def fetch(url: str) -> bytes:
    """Answer as Amazon would."""
    if url != CERTIFICATE:
        raise OSError("there is nothing")
    return CERTIFICATE_PEM


def _secret(value: str = KEY) -> Secret:
    return Secret("HOOK_KEY", value)


_SVIX = "whsec_" + base64.b64encode(KEY.encode()).decode()


def public_key(key: ec.EllipticCurvePrivateKey | None = None) -> str:
    """Return the public half of a key, of a new one when none is given, as SendGrid shows it."""
    public = (key or ec.generate_private_key(ec.SECP256R1())).public_key()
    return base64.b64encode(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()


@dataclass(frozen=True)
class Hook:
    """One provider's side."""

    webhook: Webhook
    word: Callable[[str, str], Any]
    """Words an event (`delivered`, `delayed`, `bounced`, `complained`, `unsubscribed`) about an address."""
    sign: Callable[[bytes], dict[str, str]]
    """Returns the headers of a body that is posted at `NOW`."""
    packed: Callable[[Any], bytes] = lambda told: json.dumps(told).encode()


def tell(kind: str, what: str, address: str = "hanako@example.com") -> Posted:
    """Return what the provider posts."""
    hook = HOOKS[kind]
    body = hook.packed(hook.word(what, address))
    headers = {name.lower(): value for name, value in hook.sign(body).items()}
    return Posted(URL + kind, headers, body)


def with_body(posted: Posted, body: bytes) -> Posted:
    return replace(posted, body=body)


def _hex(message: bytes, key: str = KEY) -> str:
    return hmac.new(key.encode(), message, hashlib.sha256).hexdigest()


def _login(_: bytes) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"digest:{KEY}".encode()).decode()}


# ---------------------------------------------------------------- SendGrid


def _sendgrid(what: str, address: str) -> Any:
    names = {
        "delivered": {"event": "delivered", "response": "250 OK"},
        "delayed": {"event": "deferred", "response": "451 later"},
        "bounced": {"event": "bounce", "type": "bounce", "reason": "550 5.1.1 no such user", "status": "5.1.1"},
        "complained": {"event": "spamreport"},
        "unsubscribed": {"event": "unsubscribe"},
    }
    return [
        {
            "email": address,
            "timestamp": int(STAMP),
            "sg_event_id": f"ev-{what}-{address}",
            "sg_message_id": "14c5d75ce93.dfd.64b469.filter0001.16648.5515E0B88.0",
            "issue": ISSUE,
            "batch": "weekly/2026-W04/1/0123",
            **names[what],
        }
    ]


def _sendgrid_signed(body: bytes) -> dict[str, str]:
    signature = _ECDSA.sign(STAMP.encode() + body, ec.ECDSA(SHA256()))
    return {
        "X-Twilio-Email-Event-Webhook-Signature": base64.b64encode(signature).decode(),
        "X-Twilio-Email-Event-Webhook-Timestamp": STAMP,
    }


# ---------------------------------------------------------------- Mailgun


def _mailgun(what: str, address: str) -> Any:
    names = {
        "delivered": {"event": "delivered"},
        "delayed": {"event": "failed", "severity": "temporary"},
        "bounced": {"event": "failed", "severity": "permanent", "delivery-status": {"message": "550 no such user"}},
        "complained": {"event": "complained"},
        "unsubscribed": {"event": "unsubscribed"},
    }
    token = "c2ba0f0b3e7a"
    return {
        "signature": {"timestamp": STAMP, "token": token, "signature": _hex((STAMP + token).encode())},
        "event-data": {
            "id": f"ev-{what}-{address}",
            "timestamp": int(STAMP) + 0.5,
            "recipient": address,
            "message": {"headers": {"message-id": "20260119.1@example.com"}},
            "user-variables": {"issue": ISSUE},
            **names[what],
        },
    }


# ---------------------------------------------------------------- Postmark


def _postmark(what: str, address: str) -> Any:
    at = "2026-01-19T00:05:00Z"
    names = {
        "delivered": {"RecordType": "Delivery", "Recipient": address, "DeliveredAt": at, "Details": "250 OK"},
        "delayed": {"RecordType": "Bounce", "Type": "Transient", "Email": address, "BouncedAt": at},
        "bounced": {
            "RecordType": "Bounce",
            "Type": "HardBounce",
            "Email": address,
            "BouncedAt": at,
            "Details": "550 no such user",
        },
        "complained": {"RecordType": "SpamComplaint", "Type": "SpamComplaint", "Email": address, "BouncedAt": at},
        "unsubscribed": {
            "RecordType": "SubscriptionChange",
            "Recipient": address,
            "SuppressSending": True,
            "SuppressionReason": "ManualSuppression",
            "ChangedAt": at,
        },
    }
    return {"MessageID": "883953f4-6105-42a2-a16a-77a8eac79483", "Metadata": {"issue": ISSUE}, **names[what]}


# ---------------------------------------------------------------- Amazon SES


def _ses(what: str, address: str) -> Any:
    at = "2026-01-19T00:05:00.000Z"
    mail = {"messageId": "0100-ses", "destination": [address], "tags": {"issue": [ISSUE]}}
    permanent = {
        "bounceType": "Permanent",
        "bouncedRecipients": [{"emailAddress": address, "diagnosticCode": "550 no"}],
    }
    names: dict[str, dict[str, Any]] = {
        "delivered": {"eventType": "Delivery", "delivery": {"timestamp": at, "recipients": [address]}},
        "delayed": {
            "eventType": "DeliveryDelay",
            "deliveryDelay": {"timestamp": at, "delayedRecipients": [{"emailAddress": address}]},
        },
        "bounced": {"eventType": "Bounce", "bounce": {"timestamp": at, **permanent}},
        "complained": {
            "eventType": "Complaint",
            "complaint": {"timestamp": at, "complainedRecipients": [{"emailAddress": address}]},
        },
        "unsubscribed": {
            "eventType": "Subscription",
            "subscription": {"timestamp": at, "newTopicPreferences": {"unsubscribeAll": True}},
        },
    }
    return {"mail": mail, **names[what]}


def _as_notification(told: Any) -> bytes:
    return signed_by_amazon(
        {
            "Type": "Notification",
            "MessageId": hashlib.sha256(json.dumps(told).encode()).hexdigest()[:36],
            "TopicArn": TOPIC,
            "Message": json.dumps(told),
            "Timestamp": "2026-01-19T00:05:00.000Z",
        }
    )


def signed_by_amazon(message: dict[str, str], key: rsa.RSAPrivateKey = _RSA) -> bytes:
    """Return a message of SNS with its signature."""
    names = ("Message", "MessageId", "Subject", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
    text = "".join(f"{name}\n{message[name]}\n" for name in names if name in message)
    signature = base64.b64encode(key.sign(text.encode(), padding.PKCS1v15(), SHA256())).decode()
    return json.dumps(
        {"SigningCertURL": CERTIFICATE, **message, "SignatureVersion": "2", "Signature": signature}
    ).encode()


# ---------------------------------------------------------------- Resend


def _resend(what: str, address: str) -> Any:
    names: dict[str, tuple[str, dict[str, Any]]] = {
        "delivered": ("email.delivered", {}),
        "delayed": ("email.delivery_delayed", {}),
        "bounced": ("email.bounced", {"bounce": {"type": "Permanent", "message": "550 no such user"}}),
        "complained": ("email.complained", {}),
        "unsubscribed": ("contact.updated", {"unsubscribed": True, "email": address}),
    }
    name, more = names[what]
    about = {} if what == "unsubscribed" else {"to": [address], "email_id": "ae2014de", "tags": {"issue": ISSUE}}
    return {"type": name, "created_at": "2026-01-19T00:05:00.000Z", "data": {**about, **more}}


def _resend_signed(body: bytes) -> dict[str, str]:
    identity = "msg_" + hashlib.sha256(body).hexdigest()[:16]
    wanted = hmac.new(KEY.encode(), f"{identity}.{STAMP}.".encode() + body, hashlib.sha256).digest()
    signatures = f"v1,bm90IHRoaXMgb25l v1,{base64.b64encode(wanted).decode()}"
    return {"svix-id": identity, "svix-timestamp": STAMP, "svix-signature": signatures}


# ---------------------------------------------------------------- the others


def _brevo(what: str, address: str) -> Any:
    names = {
        "delivered": "delivered",
        "delayed": "soft_bounce",
        "bounced": "hard_bounce",
        "complained": "spam",
        "unsubscribed": "unsubscribed",
    }
    return {
        "event": names[what],
        "email": address,
        "ts_event": int(STAMP),
        "message-id": "<2026@smtp-relay.mailin.fr>",
        "tags": ["digest", ISSUE],
        "reason": "550 no such user" if what == "bounced" else "",
    }


def _mailersend(what: str, address: str) -> Any:
    names = {
        "delivered": "activity.delivered",
        "delayed": "activity.soft_bounced",
        "bounced": "activity.hard_bounced",
        "complained": "activity.spam_complaint",
        "unsubscribed": "activity.unsubscribed",
    }
    return {
        "type": names[what],
        "created_at": "2026-01-19T00:05:00.000000Z",
        "data": {
            "id": f"ev-{what}-{address}",
            "created_at": "2026-01-19T00:05:00.000000Z",
            "email": {"message": {"id": "62fb"}, "tags": ["digest", ISSUE], "recipient": {"email": address}},
            "morph": {"reason": "550 no such user"} if what == "bounced" else None,
        },
    }


def _mailjet(what: str, address: str) -> Any:
    names = {
        "delivered": {"event": "sent"},
        "delayed": {"event": "bounce", "hard_bounce": False},
        "bounced": {"event": "bounce", "hard_bounce": True, "comment": "550 no such user"},
        "complained": {"event": "spam"},
        "unsubscribed": {"event": "unsub"},
    }
    payload = json.dumps({"issue": ISSUE})
    return [{"time": int(STAMP), "email": address, "Message_GUID": "1ab23cd4", "Payload": payload, **names[what]}]


def _sparkpost(what: str, address: str) -> Any:
    names = {
        "delivered": {"type": "delivery"},
        "delayed": {"type": "bounce", "bounce_class": "22"},
        "bounced": {"type": "bounce", "bounce_class": "10", "raw_reason": "550 no such user"},
        "complained": {"type": "spam_complaint"},
        "unsubscribed": {"type": "list_unsubscribe"},
    }
    event = {
        "event_id": f"ev-{what}-{address}",
        "rcpt_to": address,
        "timestamp": STAMP,
        "rcpt_meta": {"issue": ISSUE},
        "transmission_id": "65832150921904138",
        **names[what],
    }
    return [{"msys": {"unsubscribe_event" if what == "unsubscribed" else "message_event": event}}]


def _mandrill(what: str, address: str) -> Any:
    names = {
        "delivered": "delivered",
        "delayed": "deferral",
        "bounced": "hard_bounce",
        "complained": "spam",
        "unsubscribed": "unsub",
    }
    diagnosis = {"diag": "550 no such user"} if what == "bounced" else {}
    message = {"email": address, "_id": "exampleaaa", "metadata": {"issue": ISSUE}, **diagnosis}
    return [{"event": names[what], "ts": int(STAMP), "_id": "exampleaaa", "msg": message}]


def _mandrill_form(told: Any) -> bytes:
    return urlencode({"mandrill_events": json.dumps(told)}).encode()


def _mandrill_signed(body: bytes) -> dict[str, str]:
    from urllib.parse import parse_qsl

    signed = URL + "mandrill" + "".join(name + value for name, value in sorted(parse_qsl(body.decode())))
    digest = hmac.new(KEY.encode(), signed.encode(), hashlib.sha1).digest()
    return {"X-Mandrill-Signature": base64.b64encode(digest).decode()}


def _mailtrap(what: str, address: str) -> Any:
    names = {
        "delivered": {"event": "delivery"},
        "delayed": {"event": "soft bounce"},
        "bounced": {"event": "bounce", "response": "550 no such user"},
        "complained": {"event": "spam"},
        "unsubscribed": {"event": "unsubscribe"},
    }
    event = {
        "event_id": f"ev-{what}-{address}",
        "email": address,
        "timestamp": int(STAMP),
        "message_id": "mt-1",
        "custom_variables": {"issue": ISSUE},
        **names[what],
    }
    return {"events": [event]}


HOOKS: dict[str, Hook] = {
    "brevo": Hook(brevo.Webhook(_secret()), _brevo, lambda _: {"Authorization": f"Bearer {KEY}"}),
    "mailersend": Hook(mailersend.Webhook(_secret()), _mailersend, lambda body: {"Signature": _hex(body)}),
    "mailgun": Hook(mailgun.Webhook(_secret()), _mailgun, lambda _: {}),
    "mailjet": Hook(mailjet.Webhook(_secret()), _mailjet, _login),
    "mailtrap": Hook(mailtrap.Webhook(_secret()), _mailtrap, lambda body: {"Mailtrap-Signature": _hex(body)}),
    "mandrill": Hook(mandrill.Webhook(_secret()), _mandrill, _mandrill_signed, _mandrill_form),
    "postmark": Hook(postmark.Webhook(_secret()), _postmark, _login),
    "resend": Hook(resend.Webhook(_secret(_SVIX)), _resend, _resend_signed),
    "sendgrid": Hook(sendgrid.Webhook(_secret(public_key(_ECDSA))), _sendgrid, _sendgrid_signed),
    "ses": Hook(ses.Webhook(TOPIC), _ses, lambda _: {"x-amz-sns-message-type": "Notification"}, _as_notification),
    "sparkpost": Hook(sparkpost.Webhook(_secret()), _sparkpost, _login),
}
