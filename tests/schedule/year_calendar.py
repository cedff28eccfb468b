"""When issues are due and what they may bring, worked out day by day: nothing of it is the digest's own calendar."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from digest.models import DaysBefore, EveryDays, MonthlyOnDay, Rhythm, Schedule, Weekly


@dataclass(frozen=True)
class Due:
    """One due moment, in UTC, and the period that it stands for."""

    period: str
    at: datetime
    build_at: datetime
    cut_off: datetime


@dataclass(frozen=True)
class Rule:
    """On which days, and at what time by which clocks."""

    kind: str
    """`weekly`, `monthly` or `days`."""
    number: int
    """The weekday, the day of the month, or how many days are between two."""
    at: time
    zone: ZoneInfo
    build_days: int = 0
    """So many days before the due day posts are cut off and the issue is made, at six in the evening; 0: when due."""
    first: date = date(2026, 1, 7)

    @property
    def schedule(self) -> Schedule:
        """The same as it is configured."""
        rhythms: dict[str, Rhythm] = {
            "weekly": Weekly(self.number % 7),
            "monthly": MonthlyOnDay(max(self.number, 1)),
            "days": EveryDays(max(self.number, 1), self.first),
        }
        early = DaysBefore(self.build_days, time(18)) if self.build_days else None
        return Schedule(rhythms[self.kind], self.at, self.zone, early or DaysBefore(0, time.min), early)

    def is_day(self, day: date) -> bool:
        """Tell whether an issue is due on a day."""
        match self.kind:
            case "weekly":
                return day.weekday() == self.number
            case "monthly":
                return day.day == self.number
            case _:
                return (day - self.first).days % self.number == 0

    def due_on(self, day: date) -> Due:
        """Return what is due on a day of the rule."""
        year, week, _ = day.isocalendar()
        names = {"weekly": f"{year}-W{week:02}", "monthly": f"{day:%Y-%m}", "days": f"{day:%Y-%m-%d}"}
        due_at = self._moment(day, self.at)
        early = self._moment(day - timedelta(days=self.build_days), time(18))
        cut_off = early if self.build_days else self._moment(day, time.min)
        return Due(names[self.kind], due_at, early if self.build_days else due_at, cut_off)

    def dues(self, start: datetime, end: datetime) -> Iterator[Due]:
        """Yield what is due from a moment on and before another."""
        day = start.date() - timedelta(days=2)
        while day <= end.date() + timedelta(days=2):
            if self.is_day(day) and start <= (due := self.due_on(day)).at < end:
                yield due
            day += timedelta(days=1)

    def latest(self, now: datetime) -> Due:
        """Return what was due last."""
        return [*self.dues(now - timedelta(days=40), now + timedelta(microseconds=1))][-1]

    def following(self, now: datetime) -> Due:
        """Return what is due next."""
        return next(self.dues(now + timedelta(microseconds=1), now + timedelta(days=40)))

    def of_period(self, period: str) -> Due | None:
        """Return the due moment of a period; None when the rule has no such period."""
        around = self.dues(datetime(2025, 11, 1, tzinfo=UTC), datetime(2027, 3, 1, tzinfo=UTC))
        return next((due for due in around if due.period == period), None)

    def _moment(self, day: date, at: time) -> datetime:
        """Return a moment in UTC: a time that comes twice is its first occurrence, a skipped one is an hour later."""
        return datetime.combine(day, at, self.zone).astimezone(UTC)
