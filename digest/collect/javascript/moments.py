"""Decides which moment a written date means to JavaScript: to `new Date(text)`, and to the ISO 8601 of Luxon.

`new Date` reads what ECMAScript prescribes and, where that fails, what V8's older parser makes of it; the rules are
those of V8's `dateparser-inl.h`. A date alone is in UTC when it is written as ISO 8601 does, else local.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo

from digest.collect.headers.js_yaml import instant

_ISO = re.compile(
    r"(?P<date>\d{4}(?:-\d\d(?:-\d\d)?)?)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(Z|[-+]\d\d:?\d\d)?)?",
    re.ASCII | re.IGNORECASE,
)
_LUXON = re.compile(
    r"(?:(?P<year>\d{4})(?:-?(?P<month>\d\d)(?:-?(?P<day>\d\d))?)?"
    r"|(?P<week_year>\d{4})-?W(?P<week>\d\d)(?:-?(?P<weekday>\d))?|(?P<ordinal_year>\d{4})-?(?P<ordinal>\d{3}))"
    r"(?:T(?P<hour>\d\d)(?::?(?P<minute>\d\d)(?::?(?P<second>\d\d)(?:[.,](?P<fraction>\d{1,30}))?)?)?"
    r"(?:Z|(?P<sign>[-+])(?P<offset_hour>\d\d)(?::?(?P<offset_minute>\d\d))?)?)?",
    re.ASCII | re.IGNORECASE,
)
_TOKEN = re.compile(r"(\d+)|([A-Za-z\u0080-\U0010ffff]+)|(\s+)|(\((?:[^()]|\([^()]*\))*\)?)|(.)", re.ASCII | re.DOTALL)
_MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}
_ZONES = {"utc": 0, "gmt": 0, "ut": 0, "z": 0, "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6,
          "pst": -8, "pdt": -7}  # fmt: skip
_LONGEST = 100


def parse(text: str, zone: tzinfo) -> datetime:
    """Return the moment that `new Date(text)` makes on a machine in `zone`; raise `ValueError` when it makes none."""
    text = text.strip()
    if found := _ISO.fullmatch(text):
        return _iso(found, zone)
    if len(text) > _LONGEST:
        raise ValueError(text)
    return _Older(text).moment(zone)


def parse_iso(text: str) -> datetime:
    """Return the moment that Luxon's `fromISO` makes in UTC; raise `ValueError` when the text is no ISO 8601."""
    found = _LUXON.fullmatch(text)
    if found is None:
        raise ValueError(text)
    try:
        return _luxon(found)
    except OverflowError as error:
        raise ValueError(text) from error


def _luxon(found: re.Match[str]) -> datetime:
    parts = {name: int(value or 0) for name, value in found.groupdict().items() if name not in {"sign", "fraction"}}
    if found["week_year"]:
        day = date.fromisocalendar(parts["week_year"], parts["week"], parts["weekday"] or 1)
    elif found["ordinal_year"]:
        day = date(parts["ordinal_year"], 1, 1) + timedelta(days=parts["ordinal"] - 1)
        if day.year != parts["ordinal_year"]:
            raise ValueError(found[0])
    else:
        day = date(parts["year"], parts["month"] if found["month"] else 1, parts["day"] if found["day"] else 1)
    hour = parts["hour"]
    midnight = hour == 24 and not parts["minute"] + parts["second"] + int(found["fraction"] or 0)
    fraction = int((found["fraction"] or "").ljust(3, "0")[:3]) * 1000
    moment = datetime(
        day.year, day.month, day.day, 0 if midnight else hour, parts["minute"], parts["second"], fraction, UTC
    )
    shift = timedelta(hours=parts["offset_hour"], minutes=parts["offset_minute"])
    return moment + timedelta(days=midnight) + (shift if found["sign"] == "-" else -shift)


def _iso(found: re.Match[str], zone: tzinfo) -> datetime:
    """Read what ECMAScript itself prescribes."""
    year, month, day = (int(part) for part in (found["date"] + "-01-01")[:10].split("-"))
    if not 1 <= month <= 12 or not 1 <= day <= 31:
        raise ValueError(found[0])
    if found[2] is None:
        return instant(year, month, day)
    hour, minute, second = int(found[2]), int(found[3]), int(found[4] or 0)
    milliseconds = int((found[5] or "").ljust(3, "0")[:3])
    _check_clock(hour, minute, second, milliseconds)
    offset: tzinfo | None = None
    if found[6]:
        offset = _offset(found[6][0], int(found[6][1:3]), int(found[6][-2:])) if found[6] not in "Zz" else UTC
    return _local(instant(year, month, day, hour, minute, second, milliseconds=milliseconds), offset or zone)


@dataclass
class _Older:
    """V8's older parser, which reads numbers and words one after the other."""

    text: str
    numbers: list[int] = field(default_factory=list)
    month: int | None = None
    clock: list[int] = field(default_factory=list)
    open_clock: bool = False
    """The clock may take another number."""
    half: int | None = None
    """0 before noon, 12 after."""
    sign: str = ""
    offset: tuple[int, int | None] | None = None

    def moment(self, zone: tzinfo) -> datetime:
        """Return the moment; raise `ValueError`."""
        self._read()
        year, month, day = self._day()
        clock = self._clock()
        shown = instant(year, month, day, *clock[:3], milliseconds=clock[3])
        if self.offset is None:
            return _local(shown, zone)
        return _local(shown, _offset(self.sign, self.offset[0], self.offset[1] or 0))

    def _read(self) -> None:
        tokens = [(found.lastindex or 0, found[0]) for found in _TOKEN.finditer(self.text)]
        tokens += [(0, "")] * 3  # so that one can always look ahead
        place, read_number = 0, False
        while place < len(tokens) - 3:
            (kind, token), following = tokens[place], tokens[place + 1]
            place += 1
            if kind == 1:
                read_number = True
                place += self._number(int(token[:9]), following, tokens[place + 1 :])
            elif kind == 2:
                self._word(token[:3].lower(), token, following, read_number=read_number)
                place += following[1] == "-" and token[:3].lower() in _MONTHS
            elif token in {"+", "-"} and (self.clock or self.offset is not None):
                place += self._sign(token, following, tokens[place + 1])
                read_number = True
            elif token in {"+", "-", ")"} and read_number:
                raise ValueError(self.text)

    def _number(self, number: int, following: tuple[int, str], rest: list[tuple[int, str]]) -> int:
        """Take a number; return how many of the following tokens belong to it."""
        if following[1] == ":" and (not self.clock or self.open_clock):
            if rest[0][1] == ":" or len(self.clock) > 2:
                raise ValueError(self.text)
            self.clock.append(number)
            self.open_clock = True
            return 1
        if following[1] == "." and self.open_clock:
            if rest[0][0] != 1:
                raise ValueError(self.text)
            self.clock += [number, *[0] * (2 - len(self.clock)), int(rest[0][1].ljust(3, "0")[:3])]
            self.open_clock = False
            return 2
        if self.offset is not None and self.offset[1] is None:
            self.offset = (self.offset[0], number)
        elif self.open_clock:
            self.clock.append(number)
            self.open_clock = False
            if following[0] not in {0, 3} and following[1] not in {"+", "-", "Z", "z"}:
                raise ValueError(self.text)
        else:
            self.numbers.append(number)
            if len(self.numbers) > 3:
                raise ValueError(self.text)
            return int(following[1] == "-")
        return 0

    def _word(self, word: str, whole: str, following: tuple[int, str], *, read_number: bool) -> None:
        if word in {"am", "pm"} and self.clock:
            self.half = 12 if word == "pm" else 0
        elif word in _MONTHS:
            self.month = _MONTHS[word]
        elif word in _ZONES and len(whole) <= 3 and read_number:
            self.sign = "-" if _ZONES[word] < 0 else "+"
            self.offset = (abs(_ZONES[word]), 0)
        elif read_number or following[0] == 1:
            raise ValueError(self.text)

    def _sign(self, sign: str, following: tuple[int, str], after: tuple[int, str]) -> int:
        self.sign = sign
        if following[0] != 1:
            self.offset = (0, 0)
            return 0
        digits = following[1]
        if after[1] == ":":
            self.offset = (int(digits[:9]), None)
            return 2
        if len(digits) > 4:
            raise ValueError(self.text)
        self.offset = (int(digits), 0) if len(digits) <= 2 else (int(digits[:-2]), int(digits[-2:]))
        return 1

    def _day(self) -> tuple[int, int, int]:
        if not self.numbers:
            raise ValueError(self.text)
        first, second, third = (*self.numbers, 1, 1)[:3]
        if self.month is None:
            year, month, day = (third, first, second) if 1 <= first <= 31 else (first, second, third)
        else:
            month = self.month
            day, year = (first, second) if 1 <= first <= 31 else (second, first)
        if 0 <= year < 50:
            year += 2000
        elif 50 <= year < 100:
            year += 1900
        if not (1 <= month <= 12 and 1 <= day <= 31 and year <= 9999):
            raise ValueError(self.text)
        return year, month, day

    def _clock(self) -> tuple[int, int, int, int]:
        hour, minute, second, milliseconds = (*self.clock, 0, 0, 0, 0)[:4]
        if self.half is not None:
            if not 0 <= hour <= 12:
                raise ValueError(self.text)
            hour = hour % 12 + self.half
        _check_clock(hour, minute, second, milliseconds)
        return hour, minute, second, milliseconds


def _check_clock(hour: int, minute: int, second: int, milliseconds: int) -> None:
    if not (hour < 24 and minute < 60 and second < 60) and (hour, minute, second, milliseconds) != (24, 0, 0, 0):
        raise ValueError(f"{hour}:{minute}:{second}")


def _offset(sign: str, hours: int, minutes: int) -> tzinfo:
    shift = timedelta(hours=hours, minutes=minutes)
    return timezone(-shift if sign == "-" else shift)


def _local(shown: datetime, zone: tzinfo) -> datetime:
    """Return the moment at which a clock in `zone` shows what `shown` shows in UTC."""
    try:
        return shown.replace(tzinfo=zone).astimezone(UTC)
    except OverflowError as error:
        raise ValueError(str(shown)) from error
