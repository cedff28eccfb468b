"""Decides which moment a feed's date means: whatever is written there, and nothing that is only guessed."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

EARLIEST = 1990
"""The first year of the web; an earlier date is a mistake, as is one more than a year ahead."""
_LONGEST = 100

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = rf"((?:{'|'.join(_MONTHS)})[a-z]*|1?\d月)"
_HOURS = {
    "UTC": 0, "GMT": 0, "UT": 0, "Z": 0, "WET": 0, "WEST": 1, "BST": 1, "CET": 1, "CEST": 2, "MEZ": 1, "MESZ": 2,
    "EET": 2, "EEST": 3, "SAST": 2, "MSK": 3, "GST": 4, "PKT": 5, "IST": 5.5, "NPT": 5.75, "ICT": 7, "WIB": 7,
    "SGT": 8, "HKT": 8, "PHT": 8, "AWST": 8, "JST": 9, "KST": 9, "ACST": 9.5, "ACDT": 10.5, "AEST": 10, "AEDT": 11,
    "NZST": 12, "NZDT": 13, "BRT": -3, "ART": -3, "NST": -3.5, "NDT": -2.5, "AST": -4, "ADT": -3, "EST": -5,
    "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7, "AKST": -9, "AKDT": -8, "HST": -10,
}  # fmt: skip
"""Named zones as e-mail (RFC 822) and people write them; where a name means several, the one that e-mail knows."""

_EPOCH = re.compile(r"(\d{9,10})(\d{3})?(?:\.\d+)?")
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T?(\d\d)(\d\d)(\d\d)?(?:\.\d+)?)?(?![\d:])", re.IGNORECASE)
_YEAR_FIRST = re.compile(r"(?<!\d)(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})(?!\d)")
_ERA = re.compile(r"(令和|平成)\s*(\d{1,2}|元)\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})")
_DAY_FIRST = re.compile(
    rf"(?<!\d)(\d{{1,2}})(?:st|nd|rd|th)?[\s\-./]*{_MONTH}[\s\-./,]*(\d{{4}}|\d\d)(?![\d:])", re.IGNORECASE
)
_MONTH_FIRST = re.compile(rf"(?<![a-z\d]){_MONTH}[\s.]+(\d{{1,2}})(?:st|nd|rd|th)?[\s,]+(\d{{4}})(?!\d)", re.IGNORECASE)
_YEAR_LAST = re.compile(
    rf"(?<![a-z\d]){_MONTH}\s+(\d{{1,2}})\s+(?=\d{{1,2}}:).*?(?<![\d:+-])(\d{{4}})(?!\d)", re.IGNORECASE
)
_NUMBERS = re.compile(r"(?<!\d)(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4})(?!\d)")
_CLOCK = re.compile(
    r"(?<![\d:+\-])(午前|午後)?\s*(\d{1,2})\s*(?::\s*(\d{1,2})|時(?:\s*(\d{1,2})\s*分)?|(?=\s*[ap]\.?m\b))"
    r"(?:\s*:?\s*(\d{1,2})(?:[.,]\d+)?秒?)?(?![\d:])\s*(?:(am|pm|a\.m\.|p\.m\.)(?![a-z]))?",
    re.IGNORECASE,
)
_OFFSET = re.compile(r"\s*(?:GMT|UTC?)?\s*([+\-−])\s?(\d{1,2})(?::?(\d\d))?(?!\d)", re.IGNORECASE)
_PLACE = re.compile(r"[\s(\[]*([A-Z][A-Za-z]+(?:/[A-Z][A-Za-z_]+){1,2})")
_NAMED = re.compile(r"\s*\(?([A-Z]{2,5}|Z)\b", re.IGNORECASE)
_NO_ZONE = {"MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN", "AD", "CE", *(month.upper() for month in _MONTHS)}


@dataclass(frozen=True, slots=True)
class Moment:
    """What a date means."""

    at: datetime
    """In the offset that is written, else in the zone that was handed in; whole seconds."""
    zoned: bool
    """False when the date does not say its zone."""


def parse(written: str, zone: tzinfo, now: datetime) -> Moment:
    """Return the moment that a date means; one without a zone is local to `zone`, a day without a clock its midnight.

    Raise `ValueError` for what is no date, is ambiguous (1/2/2026), has a zone that nobody knows, or lies before 1990
    or after the year that follows `now`.
    """
    text = unicodedata.normalize("NFKC", written).strip()
    if not text or len(text) > _LONGEST:
        raise ValueError(written)
    try:
        found = _epoch(text) or _compact(text, zone) or _in_words(text, zone)
        if EARLIEST <= found.at.year <= now.year + 1:
            return found
    except OverflowError:
        pass
    raise ValueError(written)


def _epoch(text: str) -> Moment | None:
    """Read seconds or milliseconds since 1970."""
    found = _EPOCH.fullmatch(text)
    return Moment(datetime.fromtimestamp(int(found[1]), UTC), zoned=True) if found else None


def _compact(text: str, zone: tzinfo) -> Moment | None:
    """Read `20260106T100000Z`."""
    found = _COMPACT.match(text)
    if found is None:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups())
    return _moment((year, month, day), (hour, minute, second), text[found.end() :], zone)


def _in_words(text: str, zone: tzinfo) -> Moment:
    """Read a date with its parts apart."""
    day, rest = _day(text)
    clock = _CLOCK.search(rest)
    if clock is None:
        return _moment(day, (0, 0, 0), rest, zone)
    hour, minute, second = int(clock[2]), int(clock[3] or clock[4] or 0), int(clock[5] or 0)
    half = (clock[1] or clock[6] or "").lower()
    if half and hour <= 12:
        hour = hour % 12 + (12 if half in {"午後", "pm", "p.m."} else 0)
    return _moment(day, (hour, minute, second), rest[clock.end() :], zone)


def _day(text: str) -> tuple[tuple[int, int, int], str]:
    """Return year, month and day, and the text without them; raise `ValueError`."""
    if found := _ERA.search(text):
        begun = {"令和": 2018, "平成": 1988}[found[1]]
        day = begun + (1 if found[2] == "元" else int(found[2])), int(found[3]), int(found[4])
    elif found := _YEAR_FIRST.search(text):
        day = int(found[1]), int(found[2]), int(found[3])
    elif found := _DAY_FIRST.search(text):
        day = _year(found[3]), _month(found[2]), int(found[1])
    elif (found := _MONTH_FIRST.search(text)) or (found := _YEAR_LAST.search(text)):
        day = int(found[3]), _month(found[1]), int(found[2])
        if found.re is _YEAR_LAST:  # the clock stands between the day and the year
            return day, f"{text[found.end(2) : found.start(3)]} {text[found.end() :]}"
    elif found := _NUMBERS.search(text):
        day = _ordered(int(found[1]), int(found[2]), int(found[3]))
    else:
        raise ValueError(text)
    rest = text[found.end() :]
    return day, rest if _CLOCK.search(rest) else f"{text[: found.start()]} {rest}" if found.start() else rest


def _year(written: str) -> int:
    """Read a year, which e-mail of old writes with two digits."""
    number = int(written)
    return number if len(written) == 4 else number + (1900 if number >= 50 else 2000)


def _month(name: str) -> int:
    return int(name[:-1]) if name.endswith("月") else _MONTHS.index(name[:3].lower()) + 1


def _ordered(first: int, second: int, year: int) -> tuple[int, int, int]:
    """Tell day and month apart, where one of them can only be the day."""
    if first > 12 >= second:
        return year, second, first
    if second > 12 >= first or first == second:
        return year, first, second
    raise ValueError(f"{first}/{second}/{year}")


def _moment(day: tuple[int, int, int], clock: tuple[int, int, int], rest: str, zone: tzinfo) -> Moment:
    """Put day, clock and zone together; 24:00:00 is the next midnight, and a leap second the next minute."""
    hour, minute, second = clock
    if hour > 24 or (hour == 24 and minute + second) or minute > 59 or second > 60:
        raise ValueError(clock)
    local = datetime(*day) + timedelta(hours=hour, minutes=minute, seconds=second)  # noqa: DTZ001 - zone follows
    said = _zone(rest, zone, day[0])
    at = local.replace(tzinfo=said or zone)
    return Moment(at.astimezone(UTC).astimezone(said or zone), zoned=said is not None)  # a clock time that is skipped


def _zone(rest: str, zone: tzinfo, year: int) -> tzinfo | None:
    """Return the zone that is written; None when there is none; raise `ValueError` for one that nobody knows."""
    if found := _OFFSET.match(rest):
        shift = timedelta(hours=int(found[2][:2]), minutes=int(found[3] or 0))
        if shift > timedelta(hours=15):
            raise ValueError(rest)
        return timezone(shift if found[1] == "+" else -shift)
    if found := _PLACE.match(rest):
        try:
            return ZoneInfo(found[1])
        except (LookupError, OSError) as error:
            raise ValueError(rest) from error
    found = _NAMED.match(rest)
    if found is None or (name := found[1].upper()) in _NO_ZONE:
        return None
    if not 1 <= year <= 9000:
        raise ValueError(rest)
    for month in (1, 7):
        season = datetime(year, month, 1, tzinfo=zone)
        if season.tzname() == name:
            return timezone(season.utcoffset() or timedelta())
    if name not in _HOURS:
        raise ValueError(rest)
    return timezone(timedelta(hours=_HOURS[name]))
