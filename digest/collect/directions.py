"""Decides what an author tells the digest about a post: `newsletter:` in its front matter, and `pin: true`.

What cannot be understood is told. Where it decides whether or when the post may be sent, the post stays out until
it is mended; elsewhere it counts as not written.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from difflib import get_close_matches
from typing import TypedDict
from urllib.parse import urlsplit

from digest.collect.headers import psych
from digest.models import Finding, Level

KEY = "newsletter"
"""The name under which front matter speaks to the digest."""

_KNOWN = ("pin", "weight", "section", "blurb", "image", "hold_until", "expires", "skip")
_KEEPING_BACK = {"hold_until", "expires", "skip"}
_NO = {"false", "no", "off", "never", "skip"}
_FIX = "Write newsletter: false, or newsletter: {pin: true, weight: 0.5}."
_DATE_FIX = "Write it as 2026-12-01, 2026-12-01 09:00 or 2026-12-01 09:00 +09:00."
_WRITTEN = re.compile(
    r"(\d{4})([-/])(\d{1,2})\2(\d{1,2})(?:[Tt ]\s*(\d{1,2}):(\d\d)(?::(\d\d)(?:\.\d+)?)?\s*(Z|[-+]\d\d:?\d\d)?)?",
    re.ASCII,
)
_EARLIEST = 1900
"""An earlier year is a slip of the hand."""
_FAR = 9000
"""A later year counts as this one: `9999-12-31` means never, and must survive a change of zone."""


class Fields(TypedDict):
    """The fields of a `Post` that come from its author's directions."""

    pinned: bool
    featured: bool
    weight: float
    opt_out: bool
    section: str
    blurb: str
    hold_until: datetime | None
    expires: datetime | None


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something that could not be understood."""

    key: str
    """Below `newsletter`; empty when the whole of it is meant."""
    message: str
    fix: str = _FIX
    level: Level = Level.WARNING


@dataclass(frozen=True, slots=True)
class Directions:
    """What the author tells the digest about the post; the fields mean what they mean on `Post`."""

    pinned: bool = False
    featured: bool = False
    weight: float = 0.0
    opt_out: bool = False
    section: str = ""
    blurb: str = ""
    hold_until: datetime | None = None
    expires: datetime | None = None
    doubts: tuple[Doubt, ...] = ()

    def fields(self) -> Fields:
        """Return what is spread onto the post: `Post(…, **directions.fields())`."""
        return {
            "pinned": self.pinned,
            "featured": self.featured,
            "weight": self.weight,
            "opt_out": self.opt_out,
            "section": self.section,
            "blurb": self.blurb,
            "hold_until": self.hold_until,
            "expires": self.expires,
        }

    def findings(self, file: str, lines: Mapping[str, int]) -> tuple[Finding, ...]:
        """Tell the doubts; `lines` says where each key of the front matter stands (`newsletter`, `newsletter.pin`)."""
        whole = lines.get(KEY, 0)
        return tuple(
            Finding(
                doubt.level, "post.newsletter", doubt.message, file, lines.get(f"{KEY}.{doubt.key}", whole), doubt.fix
            )
            for doubt in self.doubts
        )


_NOTHING_SAID = Directions()
_PINNING = ("pin", "pinned", "sticky")
_SPOKEN = (KEY, "featured", *_PINNING)


def directions(data: Mapping[str, object], zone: tzinfo) -> Directions:
    """Read `newsletter`, `pin`, `pinned`, `sticky` and `featured`.

    Dates without an offset are local to `zone`, the blog's own. A weight beyond -1..1 counts as the nearer end. The
    picture is read by `authoring.image`, here it is checked.
    """
    if data.keys().isdisjoint(_SPOKEN):
        return _misspelt(data) or _NOTHING_SAID
    pinned, featured = any(data.get(key) is True for key in _PINNING), data.get("featured") is True
    said = data.get(KEY)
    if said is False or (isinstance(said, str) and said.strip().lower() in _NO):
        return Directions(pinned, featured, opt_out=True)
    if said is None or said is True:
        if KEY not in data and (misspelt := _misspelt(data)):
            return misspelt
        return Directions(pinned, featured)
    if not isinstance(said, Mapping):
        return Directions(pinned, featured, doubts=(Doubt("", f"“{KEY}: {psych.to_s(said)}” is not understood."),))
    return _Reader({str(key): value for key, value in said.items()}, zone).read(pinned, featured)


class _Reader:
    """One mapping, and the doubts that arise on the way through it."""

    def __init__(self, said: Mapping[str, object], zone: tzinfo) -> None:
        self._said = said
        self._zone = zone
        self._doubts = [_unknown(key) for key in said if key not in _KNOWN]

    def read(self, pinned: bool, featured: bool) -> Directions:
        """Read every key."""
        self._check_image()
        hold_until, expires = self._moment("hold_until"), self._moment("expires")
        if hold_until and expires and expires <= hold_until:
            self._doubt(
                "expires",
                "The post expires before it may be sent, so it is never in a digest.",
                "Let expires lie after hold_until, or write newsletter: false.",
                Level.ERROR,
            )
        pinned = self._flag("pin") or pinned
        skipped = self._flag("skip", Level.ERROR)
        weight, section, blurb = self._weight(), self._text("section"), self._text("blurb")
        unclear = any(doubt.level is Level.ERROR for doubt in self._doubts)
        return Directions(
            pinned, featured, weight, skipped or unclear, section, blurb, hold_until, expires, tuple(self._doubts)
        )

    def _doubt(self, key: str, message: str, fix: str, level: Level = Level.WARNING) -> None:
        self._doubts.append(Doubt(key, message, fix, level))

    def _flag(self, key: str, level: Level = Level.WARNING) -> bool:
        value = self._said.get(key)
        if value is not None and not isinstance(value, bool):
            self._doubt(
                key,
                f"“{key}: {psych.to_s(value)}” is neither true nor false.",
                f"Write {key}: true, without quotation marks, or delete it.",
                level,
            )
        return value is True

    def _text(self, key: str) -> str:
        value = self._said.get(key)
        if isinstance(value, str) or value is None:
            return (value or "").strip()
        self._doubt(key, f"“{key}: {psych.to_s(value)}” is no text.", "Put the value in quotes.")
        return ""

    def _weight(self) -> float:
        value = self._said.get("weight")
        fix = "Write a number from -1 to 1."
        if value is None:
            return 0.0
        if isinstance(value, bool) or not isinstance(value, int | float) or math.isnan(value):
            self._doubt("weight", f"The weight “{psych.to_s(value)}” is not a number; 0 is taken.", fix)
            return 0.0
        if not -1 <= value <= 1:
            self._doubt("weight", f"The weight {value} lies beyond -1..1; the nearer end is taken.", fix)
        return float(max(-1, min(1, value)))

    def _check_image(self) -> None:
        value = self._said.get("image")
        if value is not None and not is_web_address(value):
            self._doubt(
                "image",
                f"The image “{psych.to_s(value)[:100]}” is no web address.",
                "Write it as https://example.com/picture.jpg or /picture.jpg.",
            )

    def _moment(self, key: str) -> datetime | None:
        value = self._said.get(key)
        if value is None:
            return None
        try:
            return _instant(value, self._zone)
        except (ValueError, OverflowError):
            message = f"“{psych.to_s(value)}” after {key} is no date; the post is left out until it is mended."
            self._doubt(key, message, _DATE_FIX, Level.ERROR)
            return None


def is_web_address(value: object) -> bool:
    """Tell whether a value is an address of the web, or one relative to the site or the post."""
    try:
        scheme = urlsplit(value.strip()).scheme if isinstance(value, str) else "none"
    except ValueError:
        return False
    return scheme in {"", "http", "https"} and bool(str(value).strip())


def _instant(value: object, zone: tzinfo) -> datetime:
    """Return the moment that is meant; raise `ValueError` or `OverflowError` when it is none."""
    match value:
        case datetime():
            moment = value
        case date():
            moment = datetime.combine(value, time.min)
        case str() if found := _WRITTEN.fullmatch(value.strip()):
            year, _, month, day, hour, minute, second, offset = found.groups()
            moment = datetime(  # noqa: DTZ001 - an offset follows, where one is written
                int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0)
            )
            if offset:
                moment = moment.replace(tzinfo=_offset(offset))
        case _:
            raise ValueError(value)
    if moment.year < _EARLIEST:
        raise ValueError(value)
    if moment.year > _FAR:
        moment = moment.replace(year=_FAR, day=min(moment.day, 28))
    aware = moment if moment.tzinfo else moment.replace(tzinfo=zone)
    return aware.astimezone(UTC).astimezone(zone)  # a midnight that a zone skips becomes the moment after


def _offset(written: str) -> tzinfo:
    if written == "Z":
        return UTC
    digits = written[1:].replace(":", "")
    shift = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-shift if written[0] == "-" else shift)


def _unknown(key: str) -> Doubt:
    """Tell an unknown key; one that is near to a key which keeps a post back keeps it back, too."""
    snake = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", key).replace("-", "_").lower()
    nearest = next(iter(get_close_matches(snake, _KNOWN, 1)), "")
    fix = f"Write {nearest}." if nearest else "Correct the key, or delete it."
    if nearest in _KEEPING_BACK:
        message = f"“{key}” below {KEY} is unknown; the post is left out until it is mended."
        return Doubt(key, message, fix, Level.ERROR)
    guess = f"did you mean “{nearest}”?" if nearest else "known are " + ", ".join(_KNOWN) + "."
    return Doubt(key, f"“{key}” below {KEY} is unknown; {guess}", fix)


def _misspelt(data: Mapping[str, object]) -> Directions | None:
    """Return directions that keep the post out when a key looks like `newsletter` and its value like one of its."""
    for key in data:
        if key[:4].lower() != KEY[:4] or not get_close_matches(key.lower(), (KEY,), 1, 0.9):
            continue
        said = data[key]
        word = isinstance(said, str) and said.strip().lower() in _NO
        if said is False or word or (isinstance(said, Mapping) and not said.keys().isdisjoint(_KNOWN)):
            message = f"“{key}” is unknown; the post is left out until it is mended."
            return Directions(opt_out=True, doubts=(Doubt("", message, f"Write {KEY}.", Level.ERROR),))
    return None
