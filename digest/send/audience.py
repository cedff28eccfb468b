"""The readers of a newsletter, from a CSV file: who they are, and which lines cannot be used and why."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from digest.errors import AudienceError
from digest.models import Finding, Level, Recipient

_ADDRESS_COLUMNS = ("address", "email", "e-mail", "mail", "メールアドレス")
_NAME_COLUMNS = ("name", "名前", "氏名")
_LOCAL = re.compile(r"[^\s@<>\"(),:;\[\]\\\x00-\x1f\x7f]{1,64}")
_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")


@dataclass(frozen=True, slots=True)
class Audience:
    """Readers in the order of the file, each address once, and what was wrong with the other lines."""

    recipients: tuple[Recipient, ...]
    """Without tokens: those are the store's. Only the first ones, for a list that the store itself keeps."""
    problems: tuple[Finding, ...] = ()
    kept: int | None = None
    """How many they are, when the store keeps the list."""

    @property
    def count(self) -> int:
        """How many readers there are."""
        return len(self.recipients) if self.kept is None else self.kept


def normal_form(address: str) -> str:
    """Return an address as it is compared and sent to: NFC, no blanks around, domain in lower-case ASCII (IDNA).

    Raise `ValueError` with a reason for a person when it is not an address.
    """
    text = unicodedata.normalize("NFC", address.strip())
    local, at, domain = text.rpartition("@")
    if not at:
        raise ValueError("it has no @")
    if not _LOCAL.fullmatch(local) or local.startswith(".") or local.endswith(".") or ".." in local:
        raise ValueError("the part before the @ is not valid")
    try:
        ascii_domain = domain.lower() if domain.isascii() else domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        raise ValueError("the domain is not valid") from None
    labels = ascii_domain.split(".")
    if len(labels) < 2 or not all(_LABEL.fullmatch(label) for label in labels) or len(ascii_domain) > 253:
        raise ValueError("the domain is not valid")
    return f"{local}@{ascii_domain}"


def identity(address: str) -> str:
    """Return the form in which two addresses are the same reader: the normal form without regard to case."""
    return normal_form(address).casefold()


def read_audience(file: Path, shown: str = "") -> Audience:
    """Read a CSV file with a header line; the columns are `address` (or `email`) and, if there is one, `name`.

    `shown` is how the file is called in messages.

    A line that cannot be used is a finding with its number, and never stops the others. Raise `AudienceError` when
    the file cannot be read or has no such column.
    """
    try:
        text = file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise AudienceError(
            "the list of readers is missing", file=shown or file, fix="make a CSV file with the columns address,name"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise AudienceError(
            f"the list of readers cannot be read: {error}", file=shown or file, fix="save it as UTF-8"
        ) from error
    lines = rows(io.StringIO(text, newline=""), shown or str(file))
    _, header = next(lines, (1, []))
    header = [cell.strip().casefold() for cell in header]
    address_column = _column(header, _ADDRESS_COLUMNS)
    name_column = _column(header, _NAME_COLUMNS)
    if address_column is None:
        found = ", ".join(header[:5]) or "nothing"
        raise AudienceError(
            f"the list of readers has no column for addresses; its first line says: {found}",
            file=shown or file,
            line=1,
            fix="name it `address` or `email`",
        )
    recipients: dict[str, Recipient] = {}
    problems: list[Finding] = []
    for line, row in lines:
        if not any(cell.strip() for cell in row):
            continue
        address = row[address_column] if address_column < len(row) else ""
        name = row[name_column].strip() if name_column is not None and name_column < len(row) else ""
        try:
            normal = normal_form(address)
            refuse_control_characters(name)
        except ValueError as error:
            problems.append(
                _problem(shown or str(file), line, "audience.bad-address", f"'{address}' is left out: {error}.")
            )
            continue
        if normal.casefold() in recipients:
            problems.append(
                _problem(shown or str(file), line, "audience.twice", f"'{address}' stands in the list twice.")
            )
            continue
        recipients[normal.casefold()] = Recipient(normal, name)
    return Audience(tuple(recipients.values()), tuple(problems))


def rows(stream: TextIO, file: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each record with the line it begins on.

    A record over several lines is nearly always a missing quotation mark, which would swallow every reader below it:
    nothing may be sent to such a list. Raise `AudienceError` with the line.
    """
    records = csv.reader(stream, strict=True)
    begins = 1
    fix = "close the quotation mark; a name stands on one line"
    while True:
        try:
            row = next(records)
        except StopIteration:
            return
        except csv.Error as error:
            raise AudienceError(
                f"the list of readers is broken here: {error}", file=file, line=begins, fix=fix
            ) from error
        if records.line_num > begins:
            raise AudienceError("a record of the list goes over several lines", file=file, line=begins, fix=fix)
        yield begins, row
        begins = records.line_num + 1


def refuse_control_characters(name: str) -> None:
    """Raise `ValueError` for a text that could break a line of a header."""
    if re.search(r"[\x00-\x1f\x7f]", name):
        raise ValueError("the name holds a line break or control character")


def _column(header: list[str], names: tuple[str, ...]) -> int | None:
    return next((header.index(name) for name in names if name in header), None)


def _problem(file: str, line: int, code: str, message: str) -> Finding:
    return Finding(Level.WARNING, code, message, file=file, line=line, fix="correct or remove that line")
