"""Decides which moment a written date means to Go, and how Go writes one.

Hugo tries the layouts of spf13/cast one after the other. A name of a zone, such as JST, is read and ignored: only an
offset counts, and what has none is local to the site's time zone.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo

_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
           "December")  # fmt: skip
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

_PARTS = {
    "January": rf"(?P<month_name>(?i:{'|'.join(_MONTHS)}))",
    "Jan": rf"(?P<month_name>(?i:{'|'.join(month[:3] for month in _MONTHS)}))",
    "Monday": f"(?i:{'|'.join(_DAYS)})",
    "Mon": f"(?i:{'|'.join(day[:3] for day in _DAYS)})",
    "MST": r"(?:UTC|GMT(?:[-+]\d{1,2})?|ChST|MeST|WITA|[A-Z]{3}|[A-Z]{3,4}T|[-+]\d\d)",
    "2006": r"(?P<year>\d{4})",
    "01": r"(?P<month>\d\d)",
    "02": r"(?P<day>\d\d)",
    "_2": r" ?(?P<day>\d\d?)",
    "15": r"(?P<hour>\d\d?)",
    "04": r"(?P<minute>\d\d)",
    "05": r"(?P<second>\d\d)(?:[.,](?P<fraction>\d+))?",
    "06": r"(?P<short_year>\d\d)",
    "Z0700": r"(?P<offset>Z|[-+]\d{4})",
    "Z07:00": r"(?P<offset>Z|[-+]\d\d:\d\d)",
    "-0700": r"(?P<offset>[-+]\d{4})",
    "-07:00": r"(?P<offset>[-+]\d\d:\d\d)",
    " ": " +",
}
_PART = re.compile("|".join(re.escape(part) for part in sorted(_PARTS, key=len, reverse=True)))
_LAYOUTS = (
    "2006-01-02", "2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05", "Mon, 02 Jan 2006 15:04:05 -0700",
    "Mon, 02 Jan 2006 15:04:05 MST", "02 Jan 06 15:04 -0700", "02 Jan 06 15:04 MST", "Monday, 02-Jan-06 15:04:05 MST",
    "2006-01-02 15:04:05 -0700 MST", "2006-01-02T15:04:05-0700", "2006-01-02 15:04:05Z0700", "2006-01-02 15:04:05",
    "Mon Jan _2 15:04:05 2006", "Mon Jan _2 15:04:05 MST 2006", "Mon Jan 02 15:04:05 -0700 2006",
    "2006-01-02 15:04:05Z07:00", "02 Jan 2006", "2006-01-02 15:04:05 -07:00", "2006-01-02 15:04:05 -0700",
)  # fmt: skip

_WRITTEN: dict[str, Callable[[datetime], str]] = {
    "January": lambda moment: _MONTHS[moment.month - 1],
    "Jan": lambda moment: _MONTHS[moment.month - 1][:3],
    "Monday": lambda moment: _DAYS[moment.weekday()],
    "Mon": lambda moment: _DAYS[moment.weekday()][:3],
    "2006": lambda moment: f"{moment.year:04}",
    "002": lambda moment: f"{moment.timetuple().tm_yday:03}",
    "01": lambda moment: f"{moment.month:02}",
    "02": lambda moment: f"{moment.day:02}",
    "03": lambda moment: f"{(moment.hour + 11) % 12 + 1:02}",
    "04": lambda moment: f"{moment.minute:02}",
    "05": lambda moment: f"{moment.second:02}",
    "06": lambda moment: f"{moment.year % 100:02}",
    "15": lambda moment: f"{moment.hour:02}",
    "_2": lambda moment: f"{moment.day:2}",
    "1": lambda moment: str(moment.month),
    "2": lambda moment: str(moment.day),
    "3": lambda moment: str((moment.hour + 11) % 12 + 1),
    "4": lambda moment: str(moment.minute),
    "5": lambda moment: str(moment.second),
    "PM": lambda moment: "AM" if moment.hour < 12 else "PM",
    "pm": lambda moment: "am" if moment.hour < 12 else "pm",
}
_TOKEN = re.compile("Jan(?:uary|(?![a-z]))|Mon(?:day|(?![a-z]))|2006|002|0[1-6]|15|_2(?!006)|PM|pm|[1-5]")


def parse(value: object, zone: tzinfo) -> datetime:
    """Return the moment that a value of front matter means, with its own offset or in `zone`.

    A whole number counts seconds since 1970. Raise `ValueError` when the value is no date, or one so near the end of
    time that it cannot be told in UTC.
    """
    moment = _parsed(value, zone)
    try:
        moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(value) from error
    return moment


def written(moment: datetime, layout: str) -> str:
    """Write a moment after a layout of Go's, such as `Jan` or `06`; a layout without any part of a date stays."""
    return _TOKEN.sub(lambda found: _WRITTEN[found[0]](moment), layout)


def is_layout(layout: str) -> bool:
    """Tell whether a layout holds any part of a date."""
    return _TOKEN.search(layout) is not None


def _parsed(value: object, zone: tzinfo) -> datetime:
    match value:
        case datetime():
            return value if value.tzinfo else _local(value, zone)
        case date():
            return _local(datetime.combine(value, time.min), zone)
        case bool():
            raise ValueError(value)
        case int():
            try:
                return datetime.fromtimestamp(value, UTC)
            except (OverflowError, OSError) as error:
                raise ValueError(value) from error
        case str():
            found = next((found for layout in _PATTERNS if (found := layout.fullmatch(value))), None)
            if found is None:
                raise ValueError(value)
            return _moment(found.groupdict(), zone)
        case _:
            raise ValueError(value)


def _pattern(layout: str) -> re.Pattern[str]:
    written, end = "", 0
    for part in _PART.finditer(layout):
        written += re.escape(layout[end : part.start()]) + _PARTS[part[0]]
        end = part.end()
    return re.compile(written + re.escape(layout[end:]), re.ASCII)


def _moment(parts: dict[str, str | None], zone: tzinfo) -> datetime:
    short = parts.get("short_year")
    year = int(parts["year"] or 0) if "year" in parts else int(short or 0) + (1900 if int(short or 0) >= 69 else 2000)
    name = parts.get("month_name")
    month = [each[:3] for each in _MONTHS].index(name[:3].capitalize()) + 1 if name else int(parts["month"] or 0)
    moment = datetime(  # noqa: DTZ001 - the offset follows
        year,
        month,
        int(parts["day"] or 0),
        int(parts.get("hour") or 0),
        int(parts.get("minute") or 0),
        int(parts.get("second") or 0),
        int((parts.get("fraction") or "0")[:6].ljust(6, "0")),
    )
    offset = parts.get("offset")
    if not offset:
        return _local(moment, zone)
    if offset == "Z":
        return moment.replace(tzinfo=UTC)
    digits = offset[1:].replace(":", "")
    shift = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return moment.replace(tzinfo=timezone(-shift if offset[0] == "-" else shift))


def _local(moment: datetime, zone: tzinfo) -> datetime:
    """Place a moment in a zone; one that the zone skips becomes the moment after."""
    try:
        return moment.replace(tzinfo=zone).astimezone(UTC).astimezone(zone)
    except OverflowError as error:
        raise ValueError(moment) from error


_PATTERNS = tuple(_pattern(layout) for layout in _LAYOUTS)
