"""How dates, times and numbers are written in a language of the studio."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cache, lru_cache
from typing import Literal

from babel import Locale
from babel.numbers import NumberPattern, parse_pattern

Form = Literal["whole", "day", "short"]

_SKELETONS: Mapping[str, tuple[str, ...]] = {"whole": ("yMMMEd", "Hm"), "day": ("MMMEd",), "short": ("MMMd", "Hm")}
"""Of Unicode's data: what is named, while each language has its own order and signs for it."""
_LOCALES = {"en": "en_GB"}
"""English as the rest of the studio writes it: the day before the month, and twenty-four hours."""


def when(moment: datetime, language: str, form: Form = "whole") -> str:
    """Return a moment in its own time zone: `whole` with year and weekday, `day` without a time, `short` for both."""
    return _written(moment.replace(tzinfo=None), language, form)  # moments of two zones may be equal, but look unlike


@lru_cache(maxsize=1024)
def _written(local: datetime, language: str, form: Form) -> str:
    locale = _locale(language)
    parts = [str(locale.datetime_skeletons[each].apply(local, locale)) for each in _SKELETONS[form]]
    return (" " if language == "ja" else ", ").join(parts)


@lru_cache(maxsize=4096)
def number(amount: float, language: str, digits: int = 0) -> str:
    """Return a number with so many digits behind the point."""
    return str(_pattern(digits).apply(amount, _locale(language)))


def whole_number(amount: int, language: str) -> str:
    """Return a whole number, in groups of thousands."""
    return number(amount, language)


@cache
def _locale(language: str) -> Locale:
    return Locale.parse(_LOCALES.get(language, language))


@cache
def _pattern(digits: int) -> NumberPattern:
    return parse_pattern("#,##0" + ("." + "0" * digits if digits else ""))
