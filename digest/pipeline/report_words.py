"""Decides how lines of what staff read are written: in the newsletter's language, with its clock, and not too long."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from digest.models import Finding, Issue, Level, Newsletter
from digest.pipeline.speaking import spoken, words
from digest.render.dates import calendar_for
from digest.select import next_slot, slot_of_period
from digest.send.detail import retell

_FINDINGS = 10


@dataclass(frozen=True, slots=True)
class Report:
    """What goes out, the same by every way."""

    subject: str
    text: str


class Said:
    """A language with its words, and a newsletter with its clock."""

    def __init__(self, newsletter: Newsletter | None, now: datetime, slug: str = "") -> None:
        self._newsletter, self._now = newsletter, now
        self._title = newsletter.title if newsletter else slug
        self.language = spoken(newsletter.language if newsletter else "ja")
        self.words: Mapping[str, Any] = words(self.language, "report")

    def subject(self, state: str, period: str) -> str:
        """Return the subject, its state first."""
        mark = self.words["mark"].get(state, state)
        return str(self.words["subject"].format(mark=mark, title=self._title, period=period)).strip()

    def field(self, name: str, value: str) -> Iterator[str]:
        """Yield a line with its label, unless there is nothing to say."""
        if value:
            yield str(self.words["pair"].format(label=self.words[name], value=value))

    def aside(self, text: str, *asides: str) -> str:
        """Return the text with what belongs to it in brackets."""
        return str(self.words["aside"].format(text=text, aside=self.words["between"].join(asides)))

    def about(self, issue: Issue) -> Iterator[str]:
        """Yield which issue it is."""
        number = self.words["number"].format(number=issue.number) if issue.number else ""
        state = self.words["mark"].get(issue.state, issue.state)
        yield from self.field("issue", " · ".join(filter(None, (issue.name, number, state, issue.subject))))

    def coming(self) -> Iterator[str]:
        """Yield when the next issue is due."""
        if self._newsletter:
            slot = next_slot(self._newsletter.schedule, self._now)
            yield from self.field("next_run", self.aside(self.moment(slot.due_at), slot.period))

    def moment(self, instant: datetime) -> str:
        """Write a moment in local time."""
        zone = self._newsletter.schedule.time_zone if self._newsletter else UTC
        return f"{calendar_for(self.language, zone).long(instant)} {instant.astimezone(zone):%H:%M %Z}"

    def window(self, issue: Issue, selection: Mapping[str, Any]) -> str:
        """Write the window that the issue was made for, or the calendar's."""
        if told := selection.get("window"):
            start, end = datetime.fromisoformat(told["start"]), datetime.fromisoformat(told["end"])
        elif self._newsletter:
            try:
                window = slot_of_period(self._newsletter.schedule, issue.period).window
            except ValueError:  # its schedule was another one
                return ""
            start, end = window.start, window.end
        return f"{self.moment(start)} – {self.moment(end)}"

    def more(self, count: int) -> Iterator[str]:
        """Yield how many lines are left out."""
        if count > 0:
            yield f"- {self.words['and_more'].format(count=count)}"


def findings_told(said: Said, heading: str, findings: Sequence[Finding]) -> Iterator[str]:
    """Yield how many findings there are, and the worst of them."""
    if not findings:
        return
    counts = Counter(each.level for each in findings)
    yield ""
    yield from said.field(heading, ", ".join(f"{counts[level]} {level}" for level in Level if counts[level]))
    worst_first = sorted(findings, key=lambda each: list(Level).index(each.level))
    for each in worst_first[:_FINDINGS]:
        place = f"{each.place}: " if each.place else ""
        yield f"- {each.level} {place}{retell(f'{each.message} — {each.fix}' if each.fix else each.message)}"
    yield from said.more(len(findings) - _FINDINGS)
