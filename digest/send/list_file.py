"""A list of readers as a CSV file, line by line: it may be longer than memory."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from pathlib import Path
from typing import TextIO

from digest.errors import AudienceError
from digest.models import Finding, Level, Standing, Subscriber
from digest.send.audience import normal_form, refuse_control_characters, rows

COLUMNS = ("address", "name", "language", "sections", "created", "confirmed", "consent", "state", "since")
"""What an export writes: the last two tell who does not get the newsletter, and since when."""

_CALLED = {
    "address": ("address", "email", "e-mail", "mail", "email address", "メールアドレス"),
    "name": ("name", "full name", "名前", "氏名", "お名前"),
    "language": ("language", "lang", "言語"),
    "sections": ("sections", "categories", "カテゴリ", "カテゴリー", "セクション"),
    "created": ("created", "created_at", "subscribed_at", "登録日", "登録日時"),
    "confirmed": ("confirmed", "confirmed_at", "optin_time", "同意日", "同意日時"),
    "consent": ("consent", "source", "同意の方法", "登録経路"),
    "state": ("state", "status", "状態"),
}
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,3}")
_SECTION = re.compile(r"[^\s,;、；]+")
_FORMULA = frozenset("=+-@")
_GETS_IT = {"", "subscribed", "active", "enabled", "confirmed", "unconfirmed", "購読中"}
"""What a column `state` may say of a reader who wants the newsletter. Whoever left elsewhere has left."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A line that can be used."""

    line: int
    identity: str
    """The address as it is compared."""
    subscriber: Subscriber


def read_list(file: Path, shown: str, *, consent: str, now: datetime, zone: tzinfo) -> Iterator[Entry | Finding]:
    """Yield each line of a CSV file: a reader, or a finding that says why it is refused.

    `shown` is how the file is called in messages. `consent` is how the readers agreed, where the file does not say it;
    a time without a zone is in `zone`, and a reader without one agreed at `now`. Raise `AudienceError` when the file
    cannot be read, has no column for addresses, or nothing says how its readers agreed.
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            lines = rows(stream, shown)
            _, header = next(lines, (1, []))
            columns = _columns(header, shown, consent)
            for number, cells in lines:
                values = {name: _meant(cells[at]) if at < len(cells) else "" for name, at in columns.items()}
                if any(values.values()):
                    yield _entry(number, values, shown, consent, now, zone)
    except FileNotFoundError:
        raise AudienceError("there is no such file", file=shown) from None
    except (OSError, UnicodeDecodeError) as error:
        raise AudienceError(f"the list cannot be read: {error}", file=shown, fix="save it as UTF-8") from error


def write_list(subscribers: Iterable[Subscriber], stream: TextIO) -> int:
    """Write a list with the `COLUMNS`; return how many readers it has. `read_list` reads it."""
    written = 0
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(COLUMNS)
    for each in subscribers:
        times = (_time(each.created_at), _time(each.confirmed_at))
        state = each.suppressed_because or str(each.standing)
        known = (_harmless(each.address), _harmless(each.name), each.language, " ".join(each.sections))
        writer.writerow((*known, *times, _harmless(each.consent), state, _time(each.suppressed_at)))
        written += 1
    return written


def refused(line: int, shown: str, address: str, why: str) -> Finding:
    """Return what is told of a line that was not taken."""
    message = f"'{address}' is not taken: {why}."
    return Finding(Level.WARNING, "list.refused", message, file=shown, line=line, fix="correct or remove that line")


def _columns(header: list[str], shown: str, consent: str) -> dict[str, int]:
    names = [cell.strip().casefold() for cell in header]
    found = {
        column: next(names.index(name) for name in called if name in names)
        for column, called in _CALLED.items()
        if any(name in names for name in called)
    }
    if "address" not in found:
        said = ", ".join(names[:5]) or "nothing"
        raise AudienceError(
            f"the list has no column for addresses; its first line says: {said}",
            file=shown,
            line=1,
            fix="name it `address` or `email`",
        )
    if "consent" not in found and not consent:
        raise AudienceError(
            "nothing says how these readers agreed to get the newsletter, which the law wants to be kept",
            file=shown,
            line=1,
            fix='say it for all of them with --consent "…", or add a column `consent`',
        )
    return found


def _entry(
    line: int, values: Mapping[str, str], shown: str, consent: str, now: datetime, zone: tzinfo
) -> Entry | Finding:
    try:
        reader = _subscriber(values, consent, now, zone)
    except ValueError as error:
        return refused(line, shown, values["address"], str(error))
    return Entry(line, reader.address.casefold(), reader)


def _subscriber(values: Mapping[str, str], consent: str, now: datetime, zone: tzinfo) -> Subscriber:
    """Read one line; raise `ValueError` with the reason, as the end of a sentence, when it cannot be taken."""
    address = normal_form(values["address"])
    how = values.get("consent", "") or consent
    state, language = values.get("state", ""), values.get("language", "")
    for text in (values.get("name", ""), how):
        refuse_control_characters(text)
    if not how:
        raise ValueError("nothing says how this reader agreed")
    if state.casefold() not in _GETS_IT:
        raise ValueError(f"the file says “{state[:40]}”")
    if language and not _LANGUAGE.fullmatch(language):
        raise ValueError(f"“{language[:40]}” is no language (write ja or en)")
    created = _moment("created", values, zone)
    confirmed = None if state.casefold() == Standing.UNCONFIRMED else _moment("confirmed", values, zone)
    agreed = confirmed or created or now
    return Subscriber(
        address,
        values.get("name", ""),
        language,
        tuple(_SECTION.findall(values.get("sections", ""))),
        created,
        None if state.casefold() == Standing.UNCONFIRMED else agreed,
        how,
    )


def _moment(column: str, values: Mapping[str, str], zone: tzinfo) -> datetime | None:
    text = values.get(column, "")
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"“{text[:40]}” is no time (write 2026-01-31 or 2026-01-31T09:00:00+09:00)") from None
    return found if found.tzinfo else found.replace(tzinfo=zone)


def _time(moment: datetime | None) -> str:
    return moment.isoformat() if moment else ""


def _harmless(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in _FORMULA else text


def _meant(cell: str) -> str:
    """Return what `_harmless` was given."""
    text = cell.strip()
    return text[1:] if text[:1] == "'" and text[1:2] in _FORMULA and len(text) > 1 else text
