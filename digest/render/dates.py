"""How a date is written for readers: in the newsletter's language and time zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_interval, format_skeleton

from digest.errors import TemplateError
from digest.models import Window


@dataclass(frozen=True, slots=True)
class Calendar:
    """Writes dates, and what else a language knows by itself, in one language and one time zone."""

    locale: Locale
    zone: tzinfo

    def short(self, instant: datetime) -> str:
        """Write a day without its year: `1月14日(水)`, `Wed, Jan 14`."""
        return str(format_skeleton("MMMEd", instant.astimezone(self.zone).date(), locale=self.locale))

    def long(self, instant: datetime) -> str:
        """Write a day with its year: `2026年1月14日(水)`."""
        return str(format_skeleton("yMMMEd", instant.astimezone(self.zone).date(), locale=self.locale))

    def iso(self, instant: datetime) -> str:
        """Write a day for machines: `2026-01-14`."""
        return instant.astimezone(self.zone).date().isoformat()

    def language_name(self, language: str) -> str:
        """Write the name of another language in this one: `英語`; the tag itself when it has no name here."""
        primary = language.replace("_", "-").partition("-")[0].lower()
        return str(self.locale.languages.get(primary, language))

    def span(self, window: Window) -> str:
        """Write the days of a window, its last one included: `1月12日～18日`."""
        first, last = window.start.astimezone(self.zone).date(), last_instant(window).astimezone(self.zone).date()
        skeleton = "MMMd" if first.year == last.year else "yMMMd"
        return str(format_interval(first, last, skeleton, locale=self.locale))


def calendar_for(language: str, zone: tzinfo, *, file: str = "") -> Calendar:
    """Return the calendar of a language, such as `ja` or `en-GB`.

    Raises TemplateError, naming `file`, for a language whose dates nobody knows.
    """
    try:
        return Calendar(Locale.parse(language, sep="-"), zone)
    except (UnknownLocaleError, ValueError) as cause:
        raise TemplateError(
            f"`language` is “{language}”, and dates cannot be written in it",
            file=file or None,
            fix="use a language tag such as `ja` or `en`",
        ) from cause


def last_instant(window: Window) -> datetime:
    """Return the last moment inside a half-open window."""
    # In UTC: the local clocks may skip what comes before the end, even a whole day.
    return (window.end.astimezone(UTC) - timedelta(microseconds=1)).astimezone(window.end.tzinfo)
