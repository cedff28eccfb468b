"""Decides which instant a written date means to Ruby's `Time.parse`, through which Jekyll sends every date."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone, tzinfo

UTC = timezone.utc  # noqa: UP017 - `datetime.timezone` is needed below anyway

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = "(" + "|".join(_MONTHS) + ")"
_HOURS = {"UTC": 0, "Z": 0, "UT": 0, "GMT": 0, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6,
          "PST": -8, "PDT": -7, **{letter: hour for hour, letter in enumerate("ABCDEFGHIKLM", 1)},
          **{letter: -hour for hour, letter in enumerate("NOPQRSTUVWXY", 1)}}  # fmt: skip

_LONGEST = 128
"""Characters; Ruby's `Date._parse` refuses what is longer, and dates nothing by it."""
_CLOCK = re.compile(
    r"""(?: (\d+)\s*:\s*(\d+)(?:\s*:\s*(\d+)(?:[,.]\d*)?)?(?:\s*([ap])(?:m\b|\.m\.))?
          | (\d+)\s*([ap])(?:m\b|\.m\.) )
        (?:\s*((?:gmt|utc?)?[-+]\d+(?:[,.:]\d+(?::\d+)?)?|[^\W\d_]+(?:\sdst)?\b))?""",
    re.IGNORECASE | re.VERBOSE,
)
_YEAR_FIRST = re.compile(r"\d{4}-\d")
_DAY_MONTH = re.compile(rf"'?(\d+)[^-\d\s]*\s*{_MONTH}[^-\d\s']*(?:\s*,?\s*('?-?\d+))?", re.IGNORECASE)
_MONTH_DAY = re.compile(rf"\b{_MONTH}[^-\d\s']*\s*('?\d+)[^-\d\s']*(?:\s*,?\s*('?-?\d+))?", re.IGNORECASE)
_DASHES = re.compile(r"('?[-+]?\d+)-(\d+)-('?-?\d+)")
_DAY_MONTH_DASHES = re.compile(rf"('?-?\d+)-{_MONTH}[^-/.]*-('?-?\d+)", re.IGNORECASE)
_SLASHES = re.compile(r"('?-?\d+)/\s*('?\d+)(?:\D\s*('?-?\d+))?")
_DOTS = re.compile(r"('?-?\d+)\.\s*('?\d+)\.\s*('?-?\d+)")
_DIGITS = re.compile(r"(?<!\d)(\d{8}|\d{6})(?:\s*t?\s*(\d{2,6}))?(?!\d)(z\b|[-+]\d{1,4}\b)?", re.IGNORECASE)


@dataclass(slots=True)
class _Written:
    """What stands in the text; None where it says nothing."""

    year: int | None = None
    month: int | None = None
    day: int | None = None
    hour: int | None = None
    minute: int | None = None
    second: int | None = None
    zone: str = ""


def parse(text: str, zone: tzinfo, now: datetime) -> datetime:
    """Return the instant in `zone` that Ruby reads from `text`, in whole seconds.

    A text without an offset, or with a zone name that Ruby does not know, is local to `zone`; parts that are
    missing at the front (the year of `Jan 3`) come from `now`. Raise `ValueError` when Ruby finds no date.
    """
    written = _read(text)
    year = written.year if written.year is not None else now.astimezone(zone).year
    offset = _offset(written.zone, zone, year)
    moment = _complete(written, now.astimezone(offset or zone))
    try:
        return moment.replace(tzinfo=offset or zone).astimezone(UTC).astimezone(zone)
    except OverflowError as error:
        raise ValueError(text) from error


def lacks_year(written: object) -> bool:
    """Tell whether a written date names no year, so that it is another date on another day."""
    try:
        return isinstance(written, str) and not _YEAR_FIRST.match(written) and _read(written).year is None
    except ValueError:
        return False


def midnight(year: int, month: int, day: int, zone: tzinfo) -> datetime:
    """Return the local midnight that begins a day; in a zone that skips it, the first moment after.

    Raise `ValueError` where that lies before the year 1.
    """
    try:
        return datetime(year, month, day, tzinfo=zone).astimezone(UTC).astimezone(zone)
    except OverflowError as error:
        raise ValueError(f"{year}-{month}-{day}") from error


def _read(text: str) -> _Written:
    if len(text) > _LONGEST:
        raise ValueError(text[:_LONGEST])
    rest = re.sub(r"[^-+',./:@\[\]\w]+|_", " ", text)
    written = _Written()
    if clock := _CLOCK.search(rest):
        hour, half = clock[1] or clock[5], (clock[4] or clock[6] or "").lower()
        written.hour, written.minute = int(hour), int(clock[2]) if clock[2] else None
        written.second = int(clock[3]) if clock[3] else None
        if half:
            written.hour = written.hour % 12 + (12 if half == "p" else 0)
        written.zone = clock[7] or ""
        rest = f"{rest[: clock.start()]} {rest[clock.end() :]}"
    parts = _date_parts(rest)
    if parts is not None:
        _assign(written, *parts)
    elif not _read_digits(rest, written):
        raise ValueError(text)  # Ruby would take a lone clock time for today's
    return written


def _date_parts(text: str) -> tuple[str | None, str | None, str | None] | None:
    """Find year, month and day as written, not yet put in order."""
    if found := _DAY_MONTH.search(text):
        return found[3], _month_number(found[2]), found[1]
    if found := _MONTH_DAY.search(text):
        return found[3], _month_number(found[1]), found[2]
    if found := _DASHES.search(text):
        return found[1], found[2], found[3]
    if found := _DAY_MONTH_DASHES.search(text):
        return found[3], _month_number(found[2]), found[1]
    if found := _SLASHES.search(text):
        return found[1], found[2], found[3]
    if found := _DOTS.search(text):
        return found[1], found[2], found[3]
    return None


def _month_number(name: str) -> str:
    return str(_MONTHS.index(name.lower()) + 1)


def _assign(written: _Written, year: str | None, month: str | None, day: str | None) -> None:
    """Put the parts where Ruby's `s3e` puts them: the part with more than two digits is the year."""
    if year and month and not day:
        year, month, day = None, year, month
    if year is None and day and (len(day) > 2 or day.startswith("'")):
        year, day = day, None
    if month and (month.startswith("'") or len(month) > 2):
        year, month, day = month, day, year
    if day and (day.startswith("'") or len(day) > 2):
        year, day = day, year
    if year is not None:
        number = int(year.lstrip("'"))
        digits = year.lstrip("'+-")
        short = len(digits) <= 2 and not year.startswith(("+", "-"))
        written.year = number + (1900 if number >= 69 else 2000) if short else number
    written.month = int(month.lstrip("'")) if month else None
    written.day = int(day.lstrip("'").lstrip("-")) if day else None


def _read_digits(text: str, written: _Written) -> bool:
    """Read `20260106`, `260106` and `20260106T100000Z`."""
    found = _DIGITS.search(text)
    if found is None:
        return False
    digits = found[1] if len(found[1]) == 8 else f"{'19' if int(found[1][:2]) >= 69 else '20'}{found[1]}"
    written.year, written.month, written.day = int(digits[:4]), int(digits[4:6]), int(digits[6:8])
    if found[2]:
        clock = found[2]
        written.hour = int(clock[:2])
        written.minute = int(clock[2:4]) if clock[2:4] else None
        written.second = int(clock[4:6]) if clock[4:6] else None
    written.zone = written.zone or found[3] or ""
    return True


def _offset(name: str, zone: tzinfo, year: int) -> timezone | None:
    """Return the offset of a zone name that Ruby knows: numbers, American zones, letters, the zone's own names."""
    if not name:
        return None
    if found := re.fullmatch(r"([+-])(\d\d)(:?)(\d\d)(?:\3(\d\d))?", name):
        shift = timedelta(hours=int(found[2]), minutes=int(found[4]), seconds=int(found[5] or 0))
        return timezone(-shift if found[1] == "-" else shift)
    if re.fullmatch(r"[+-]\d\d", name):
        return timezone(timedelta(hours=int(name)))
    if name.upper() in _HOURS:
        return timezone(timedelta(hours=_HOURS[name.upper()]))
    for month in (1, 7):
        season = datetime(max(year, 1), month, 1, tzinfo=zone)
        shift = season.utcoffset() or timedelta()
        if (season.tzname() or "").upper() == name.upper():
            return timezone(shift)
    return None


def _complete(written: _Written, now: datetime) -> datetime:
    """Fill in what is not written and roll 30 February over to 2 March, as Ruby does."""
    year, month, day = written.year, written.month, written.day
    if year is None:
        year = now.year
        if month is None:
            month = now.month
            day = now.day if day is None else day
    month, day = month or 1, day or 1
    hour, minute, second = written.hour or 0, written.minute or 0, written.second or 0
    if not 1 <= day <= 31 or hour > 24 or (hour == 24 and minute + second) or minute > 59 or second > 60:
        raise ValueError(f"{year}-{month}-{day} {hour}:{minute}:{second}")
    first = datetime(year, month, 1)  # noqa: DTZ001 - the caller knows the zone
    return first + timedelta(days=day - 1, hours=hour, minutes=minute, seconds=second)
