"""Decides which moment a date means that Hexo reads in front matter or in a file's name.

Hexo lets JavaScript read a date, which knows only the time zone of the machine that builds the blog, and moves the
outcome into the zone of the settings (toDate and adjustDateForTimezone in lib/plugins/processor/common.ts). A YAML
timestamp was turned into UTC before, and its fields are then taken for local time: `20:00+09:00` means 11:00.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo

from digest.collect.headers import js_yaml
from digest.collect.javascript import moments

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def instant(value: object, zone: tzinfo, built_in: tzinfo) -> datetime:
    """Return the moment of a value from front matter, in `zone`; raise `ValueError` when JavaScript finds none.

    `built_in` is the time zone of the machine that builds the blog.
    """
    try:
        match value:
            case datetime():
                moment = value.replace(microsecond=value.microsecond // 1000 * 1000)
                return _moved(moment - _offset(moment, built_in), zone, built_in)
            case bool():
                return _moved(_EPOCH + timedelta(milliseconds=int(value)), zone, built_in)
            case int() | float():
                return _moved(_EPOCH + timedelta(milliseconds=value), zone, built_in)
            case str():
                return _moved(moments.parse(value, built_in), zone, built_in)
    except OverflowError as error:
        raise ValueError(value) from error
    raise ValueError(value)


def midnight(year: int, month: int, day: int, zone: tzinfo, built_in: tzinfo) -> datetime:
    """Return the beginning of a day that a file's name says, where 32 January is 1 February."""
    return instant(js_yaml.instant(year, month, day), zone, built_in)


def _moved(moment: datetime, zone: tzinfo, built_in: tzinfo) -> datetime:
    """Return the moment at which a clock in `zone` shows what one of the building machine shows at `moment`."""
    return (moment.astimezone(UTC) + _offset(moment, built_in) - _offset(moment, zone)).astimezone(zone)


def _offset(moment: datetime, zone: tzinfo) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta()
