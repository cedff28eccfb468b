"""A provider's log as a person exports it: CSV with a header, or JSON as a list or a value a line; line by line.

What an event is, to whom and of which issue, is read here; whether it settles a reader, in `log_matching.py`.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, TextIO

from digest.errors import ProviderError
from digest.models import Finding, Level
from digest.send.detail import retell
from digest.send.events import fields
from digest.send.events.reading import moment
from digest.send.events.words import sign_of
from digest.send.json_values import Broken, json_values
from digest.send.look_ups import Sign

_CALLED: Mapping[str, Sequence[str]] = {
    "email": (
        "email", "e-mail", "recipient", "recipient_email", "to", "to_email", "address", "rcpt", "rcpt_to",
        "email_address", "contactalt", "メールアドレス", "宛先",
    ),
    "event": ("event", "event_type", "status", "state", "type", "last_event", "message_status", "イベント", "状態"),
    "message_id": ("message_id", "sg_message_id", "messageid", "msg_id", "transmission_id", "_id", "id"),
    "issue": ("issue", "customid", "custom_id", "campaign", "campaign_id"),
    "proof": ("proof",),
    "tags": ("tags", "tag", "category", "categories"),
    "at": ("timestamp", "@timestamp", "time", "date", "ts", "at", "created_at", "sent_at", "arrivedat", "日時"),
    "subject": ("subject", "件名"),
    "reason": ("reason", "response", "error", "description", "diag", "details"),
}  # fmt: skip
_MOST_LINES = 10
"""Of one record: a mailbox's reply may go over several."""


@dataclass(frozen=True, slots=True)
class Logged:
    """An event of the log that can be used."""

    line: int
    address: str
    """As the log writes it."""
    sign: Sign
    """Never UNCLEAR."""
    issue: str = ""
    """As the log names it; empty where it names none."""
    proof: bool = False
    tags: frozenset[str] = frozenset()
    subject: str = ""
    at: datetime | None = None
    message_id: str = ""
    said: str = ""
    """The provider's words for why."""


def read_event_log(file: Path, shown: str) -> Iterator[Logged | Finding]:
    """Yield each event of a log, or a finding with its line for what cannot be used.

    `shown` is how the file is called in messages. Raise `ProviderError` when the file cannot be read, or is neither
    JSON nor CSV with columns for an address and an event.
    """
    try:
        with file.open(encoding="utf-8-sig", errors="replace", newline="") as stream:
            yield from _json_events(stream, shown) if _is_json(stream) else _csv_events(stream, shown)
    except FileNotFoundError:
        raise ProviderError("there is no such file", file=shown) from None
    except OSError as error:
        raise ProviderError(f"the log cannot be read: {error.strerror or error}", file=shown) from error


def _is_json(stream: TextIO) -> bool:
    beginning = stream.read(4096).lstrip()
    stream.seek(0)
    return beginning.startswith(("{", "["))


def _json_events(stream: TextIO, shown: str) -> Iterator[Logged | Finding]:
    for line, value in json_values(stream):
        if isinstance(value, Broken):
            yield _unusable(line, shown, f"it is no JSON ({value.why})")
            continue
        events = list(fields.events_in(value))
        if not events:
            yield _unusable(line, shown, "it holds no event")
        for event in events:
            yield from _logged(line, shown, event)


def _csv_events(stream: TextIO, shown: str) -> Iterator[Logged | Finding]:
    header = stream.readline(100_000)
    separator = max(",;\t", key=header.count)
    names = [_plain(each) for each in next(csv.reader([header], delimiter=separator), [])]
    columns = {
        column: next(names.index(name) for name in called if name in names)
        for column, called in _CALLED.items()
        if any(name in names for name in called)
    }
    if not {"email", "event"} <= columns.keys():
        raise ProviderError(
            f"the log has no column for {'an address' if 'email' not in columns else 'an event'}",
            file=shown,
            line=1,
            fix="name the columns `email` and `event` in the first line, or export the log as JSON",
        )
    sendgrid = {"sendgrid": "yes"} if "sg_message_id" in names else {}
    for line, cells in _records(stream, separator, shown):
        if isinstance(cells, Finding):
            yield cells
            continue
        values = {name: cells[at].strip() for name, at in columns.items() if at < len(cells)}
        if any(values.values()):
            yield from _logged(line, shown, values | sendgrid)


def _records(stream: TextIO, separator: str, shown: str) -> Iterator[tuple[int, list[str] | Finding]]:
    """Yield the records below the header; one that a quotation mark without an end has swallowed is told."""
    records = csv.reader(stream, delimiter=separator)
    while True:
        line = records.line_num + 2
        try:
            cells = next(records)
        except StopIteration:
            return
        except csv.Error as error:
            yield line, _unusable(line, shown, f"down to line {records.line_num + 1}, it is no CSV ({error})")
            continue
        if records.line_num + 1 - line > _MOST_LINES:
            why = f"it goes on to line {records.line_num + 1}, as a quotation mark is not closed"
            yield line, _unusable(line, shown, why)
        else:
            yield line, cells


def _logged(line: int, shown: str, event: Mapping[str, Any]) -> Iterator[Logged | Finding]:
    to, word, reason = fields.addresses(event), fields.word(event), fields.reason(event)
    if not to:
        yield _unusable(line, shown, "it names no address")
        return
    mailgun = "delivery-status" in event or "severity" in event
    sendgrid = bool(event.get("sg_message_id") or event.get("sendgrid"))
    sign = sign_of(word, suppressed=reason.startswith("suppress-"), sendgrid=sendgrid, mailgun=mailgun)
    if sign is None:
        yield _unusable(line, shown, f"nobody knows what {word[:40]!r} means" if word else "it names no event")
        return
    if sign is Sign.UNCLEAR:
        yield _unusable(line, shown, f"{word[:40]!r} does not say whether the mail was tried or dropped")
        return
    issue, proof = fields.issue(event)
    written = fields.at(event)
    at = _moment(written)
    if written and at is None and not issue:
        yield _unusable(line, shown, f"it names no issue, and its time {written[:40]!r} cannot be read")
        return
    subject, tags, message_id = fields.subject(event), fields.tags(event), fields.message_id(event)
    for address in to:
        yield Logged(
            line=line,
            address=address,
            sign=sign,
            issue=issue,
            proof=proof,
            tags=tags,
            subject=subject,
            at=at,
            message_id=message_id,
            said=reason,
        )


def _unusable(line: int, shown: str, why: str) -> Finding:
    message = f"This line of the log was left out: {retell(why)}."
    return Finding(Level.WARNING, "log.line", message, file=shown, line=line, fix="correct or remove that line")


def _moment(written: str) -> datetime | None:
    """Return a time as exports write it; one without a zone is in UTC."""
    if not written:
        return None
    try:
        return moment(written.replace("/", "-")) or moment(parsedate_to_datetime(written).isoformat())
    except ValueError:
        return None


def _plain(name: str) -> str:
    return "_".join(name.strip().casefold().replace("-", "_").split()).replace("e_mail", "e-mail").replace("__", "_")
