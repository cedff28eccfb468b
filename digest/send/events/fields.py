"""Which fields of an exported event say to whom, what, when, and of which issue: every provider's own names for them.

The shapes are those of the webhooks (`digest.send.webhooks`) and of the look-ups. The webhooks' readers themselves are
of no use here: they leave out what was only taken, and do not keep apart who was dropped and who was tried.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from email.utils import parseaddr
from typing import Any

from digest.send.events.reading import inside, text

_Path = tuple[str, ...]
_ADDRESS: Sequence[_Path] = (
    ("email",), ("recipient",), ("rcpt_to",), ("to_email",), ("Email",), ("Recipient",), ("ContactAlt",),
    ("msg", "email"), ("email", "recipient", "email"), ("address",), ("rcpt",), ("to",), ("To",),
    ("mail", "destination"),
)  # fmt: skip
_EVENT: Sequence[_Path] = (
    ("event",), ("eventType",), ("notificationType",), ("RecordType",), ("type",), ("state",), ("status",), ("Status",),
)  # fmt: skip
_MARKED: Sequence[_Path] = (
    ("Payload",), ("EventPayload",),
    ("custom_args",), ("unique_args",), ("user-variables",), ("Metadata",), ("rcpt_meta",), ("msg", "metadata"),
    ("metadata",), ("custom_variables",), ("mail", "tags"), ("tags",), (),
)  # fmt: skip
_TAGS: Sequence[_Path] = (("tags",), ("tag",), ("Tag",), ("category",), ("categories",), ("email", "tags"))
_MESSAGE_ID: Sequence[_Path] = (
    ("sg_message_id",), ("message", "headers", "message-id"), ("MessageID",), ("messageId",), ("message-id",),
    ("transmission_id",), ("msg", "_id"), ("_id",), ("mail", "messageId"), ("email_id",), ("email", "message", "id"),
    ("Message_GUID",), ("message_id",), ("msg_id",),
)  # fmt: skip
_AT: Sequence[_Path] = (
    ("timestamp",), ("@timestamp",), ("sg_message_id_created_at",), ("ts_event",), ("ts",), ("time",), ("date",),
    ("ReceivedAt",), ("DeliveredAt",), ("BouncedAt",), ("ArrivedAt",), ("created_at",), ("at",), ("mail", "timestamp"),
)  # fmt: skip
_SUBJECT: Sequence[_Path] = (
    ("subject",), ("Subject",), ("message", "headers", "subject"), ("msg", "subject"), ("email", "subject"),
    ("mail", "commonHeaders", "subject"),
)  # fmt: skip
_REASON: Sequence[_Path] = (
    ("reason",), ("reject", "reason"), ("response",), ("raw_reason",), ("error",), ("Description",), ("Details",),
    ("msg", "reject", "reason"), ("msg", "diag"), ("comment",), ("delivery-status", "message"),
)  # fmt: skip


def events_in(value: object) -> Iterator[Mapping[str, Any]]:
    """Yield the events of one exported value, out of what providers put around them."""
    if isinstance(value, list):
        for each in value:
            yield from events_in(each)
        return
    if not isinstance(value, dict):
        return
    if isinstance(value.get("Message"), str) and value.get("Type") == "Notification":  # Amazon's SNS
        yield from events_in(_json(value["Message"]))
    elif isinstance(inside(value, "event-data"), dict):  # Mailgun
        yield value["event-data"]
    elif isinstance(value.get("msys"), dict):  # SparkPost
        yield from (each for each in value["msys"].values() if isinstance(each, dict))
    elif isinstance(value.get("data"), dict) and "type" in value:  # Resend, MailerSend
        yield {**value["data"], "event": value["type"]}
    else:
        wrapped = [value[key] for key in ("events", "items", "results", "Messages", "messages", "Data") if key in value]
        if wrapped and isinstance(wrapped[0], list):
            yield from events_in(wrapped[0])
        else:
            yield value


def addresses(event: Mapping[str, Any]) -> list[str]:
    """Return to whom an event is; several for one mail to several."""
    for path in _ADDRESS:
        found = _at_path(event, path)
        if found is None:
            continue
        several = found if isinstance(found, list) else [found]
        told = [each if isinstance(each, str) else text(each, "Email") or text(each, "email") for each in several]
        if kept := [parseaddr(each)[1] if "<" in each else each.strip() for each in told if "@" in each]:
            return kept
    return []


def word(event: Mapping[str, Any]) -> str:
    """Return the word for what happened."""
    return _first(event, _EVENT)


def issue(event: Mapping[str, Any]) -> tuple[str, bool]:
    """Return the issue that an event names, and whether it says that it is about a proof."""
    for path in _MARKED:
        marks = _at_path(event, path)
        named = None if marks is None else _named(marks)
        if named and (said := text({"it": _one(inside(named, "issue"))}, "it")):
            return said, text({"it": _one(inside(named, "proof"))}, "it") == "yes"
    named = (text(event, "CustomID"), text(event, "campaign_id"), *sorted(tags(event)))
    said = next((each for each in named if "/" in each), "")
    return said, said.endswith("/proof") or "proof" in named


def tags(event: Mapping[str, Any]) -> frozenset[str]:
    """Return the tags or categories of an event's mail."""
    found: set[str] = set()
    for path in _TAGS:
        told = _at_path(event, path)
        if told is None:
            continue
        listed = (_json(told) or told.strip("[]").split(",")) if isinstance(told, str) else told
        found |= {each.strip() for each in listed if isinstance(each, str)} if isinstance(listed, list) else set()
    return frozenset(found - {""})


def message_id(event: Mapping[str, Any]) -> str:
    """Return the provider's id of the mail."""
    return _first(event, _MESSAGE_ID)


def at(event: Mapping[str, Any]) -> str:
    """Return when it happened, as it is written."""
    return _first(event, _AT)


def subject(event: Mapping[str, Any]) -> str:
    """Return the subject of the mail."""
    return _first(event, _SUBJECT)


def reason(event: Mapping[str, Any]) -> str:
    """Return the provider's words for why."""
    return _first(event, _REASON)


def _first(event: Mapping[str, Any], paths: Sequence[_Path]) -> str:
    for path in paths:
        value = _at_path(event, path)
        if value is not None and (said := text({"it": value}, "it")):
            return said
    return ""


def _at_path(event: Mapping[str, Any], path: _Path) -> Any:
    """Return what lies there; most paths lead nowhere, and that must cost little: logs have millions of lines."""
    if not path:
        return event
    value = event.get(path[0])
    return value if value is None or len(path) == 1 else inside(value, *path[1:])


def _named(marks: object) -> object:
    """Return marks as an object; some providers list them as names and values, and some write them as JSON."""
    if isinstance(marks, list):
        return {
            text(each, "name") or text(each, "Name"): inside(each, "value") or inside(each, "Value") for each in marks
        }
    return _json(marks) if isinstance(marks, str) else marks


def _one(value: object) -> object:
    return value[0] if isinstance(value, list) and value else value


def _json(written: str) -> object:
    try:
        return json.loads(written) if written.startswith(("{", "[")) else None
    except (ValueError, RecursionError):
        return None
