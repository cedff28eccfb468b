"""Decides which moment a written date means to Pelican, which reads every date with dateutil's parser.

Only the forms that people write are read (docs/parser.rst of github.com/dateutil/dateutil); what dateutil would guess
of anything else is not worth a wrong date.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_FULL = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
         "december")  # fmt: skip
_NAME = "(?P<name>" + "|".join((*_FULL, "sept", *_MONTHS)) + r")\.?"
_WEEKDAY = r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\.?[,\s]+)?"
_ZONE = r"(?:\s*(?P<zone>z|utc|gmt|[-+]\d{2}(?::?\d{2})?|[a-z]{3,5}))?"
_SECONDS = r"(?::(?P<second>\d{2})(?:[.,](?P<part>\d{1,9}))?)?"
_CLOCK = rf"(?P<hour>\d{{1,2}})(?::(?P<minute>\d{{2}}){_SECONDS})?\s*(?P<half>[ap]\.?m\.?)?{_ZONE}"
_TIME = rf"(?:(?:\s*t\s*|,?\s+(?:at\s+)?){_CLOCK})?"
_DAYS = (
    r"(?P<year>\d{4})(?P<sign>[-/.])(?P<month>\d{1,2})(?P=sign)(?P<day>\d{1,2})",
    r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})",
    r"(?P<year>\d{4})[-/](?P<month>\d{1,2})",
    r"(?P<first>\d{1,2})(?P<sign>[-/.])(?P<other>\d{1,2})(?P=sign)(?P<year>\d{4}|\d{2})",
    rf"{_WEEKDAY}(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[-/\s]*(?:of\s+)?{_NAME}(?:[-/,\s]+(?P<year>\d{{4}}))?",
    rf"{_WEEKDAY}{_NAME}[-/\s]*(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:[-/,\s]+(?P<year>\d{{4}}))?",
    rf"(?P<year>\d{{4}})[-/\s]{_NAME}[-/\s](?P<day>\d{{1,2}})",
)
_FORMS = tuple(re.compile(day + _TIME, re.IGNORECASE | re.ASCII) for day in _DAYS)
_COMPACT = re.compile(
    r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})[t ]?(?P<hour>\d{2})(?P<minute>\d{2})(?P<second>\d{2})?" + _ZONE,
    re.IGNORECASE | re.ASCII,
)


def parse(text: str, now: datetime) -> datetime:
    """Return the moment, naive where no offset is written; what is missing comes from `now`, the clock from midnight.

    Of a zone only its offset and the names UTC and GMT count, as for dateutil. Raise `ValueError` when it is no date.
    """
    found = _found(text)
    parts = found.groupdict()
    year, month, day = _day(parts, now)
    moment = datetime(year, month, day, *_clock(parts))  # noqa: DTZ001 - naive where no offset is written
    zone = _zone(parts.get("zone") or "")
    return moment.replace(tzinfo=zone) if zone else moment


def is_partial(text: str) -> bool:
    """Tell whether a date lacks its day or its year, so that it is another date on another day."""
    try:
        parts = _found(text).groupdict()
    except ValueError:
        return False
    return not parts.get("year") or not (parts.get("day") or parts.get("other"))


def _found(text: str) -> re.Match[str]:
    bare = re.sub(" +", " ", text).strip()
    if len(bare) > 80:
        raise ValueError(text)
    for form in (_COMPACT, *_FORMS):
        if found := form.fullmatch(bare):
            return found
    raise ValueError(text)


def _day(parts: dict[str, str | None], now: datetime) -> tuple[int, int, int]:
    year = int(parts.get("year") or now.year)
    if name := parts.get("name"):
        return year, _MONTHS.index(name[:3].lower()) + 1, int(parts["day"] or 1)
    if first := parts.get("first"):
        month, day = int(first), int(parts["other"] or 0)
        if len(parts["year"] or "") == 2:
            year += now.year // 100 * 100
            year += -100 if year >= now.year + 50 else 100 if year < now.year - 50 else 0
        return (year, day, month) if month > 12 else (year, month, day)
    month = int(parts["month"] or 0)
    if day_written := parts.get("day"):
        return year, month, int(day_written)
    return year, month, min(now.day, _last_day(year, month))


def _last_day(year: int, month: int) -> int:
    following = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC)
    return (following - timedelta(days=1)).day


def _clock(parts: dict[str, str | None]) -> tuple[int, int, int, int]:
    if not parts.get("hour"):
        return 0, 0, 0, 0
    hour = int(parts["hour"] or 0)
    half = (parts.get("half") or "").lower()
    if half and not 1 <= hour <= 12:
        raise ValueError("no such hour")
    if half:
        hour = hour % 12 + (12 if half.startswith("p") else 0)
    elif parts.get("minute") is None and not parts.get("year"):
        raise ValueError("a bare number may be a year")
    fraction = (parts.get("part") or "0")[:6].ljust(6, "0")
    return hour, int(parts.get("minute") or 0), int(parts.get("second") or 0), int(fraction)


def _zone(name: str) -> tzinfo | None:
    if name.lower() in {"z", "utc", "gmt"}:
        return UTC
    if name[:1] not in {"+", "-"}:
        return None
    digits = name[1:].replace(":", "").ljust(4, "0")
    shift = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-shift if name[0] == "-" else shift)
