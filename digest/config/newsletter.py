"""`config/newsletters/<slug>.toml`: what marketing decides about one newsletter."""

from __future__ import annotations

import difflib
import re
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import Field, field_validator, model_validator

from digest.config.toml import Strict, read_toml
from digest.errors import ConfigError
from digest.models import Mailbox, Newsletter, Publisher, Ranking, SectionRule, WeeklySchedule
from digest.select.rules import all_rules

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WEEKDAYS = {name: number for number, day in enumerate(_DAYS) for name in (day, day[:3])}
_SCHEDULE = re.compile(rf"({'|'.join(_WEEKDAYS)})\s+(\d{{1,2}}):(\d{{2}})", re.IGNORECASE)
_ADDRESS = re.compile(r"[^@\s<>\"(),:;\[\]\\]+@[^@\s<>\"(),:;\[\]\\]+\.[^@\s<>\"(),:;\[\]\\]+")

Line = Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f]*$")]
"""Text of one line: a line break in a name or subject would be a header of its own."""


class MailboxConfig(Strict):
    """A name and an address."""

    name: Line = ""
    address: str

    @field_validator("address")
    @classmethod
    def _address(cls, address: str) -> str:
        if not _ADDRESS.fullmatch(address):
            raise ValueError("is not an e-mail address")
        return address

    def model(self) -> Mailbox:
        """Return the noun."""
        return Mailbox(self.address, self.name)


class PublisherConfig(Strict):
    """`[publisher]`: who answers for the mail; the law wants it at the foot of every issue."""

    name: Annotated[str, Field(min_length=1)]
    postal_address: Annotated[str, Field(min_length=1)]
    contact: Annotated[str, Field(min_length=1)]


class SectionConfig(Strict):
    """`[[sections]]`: a heading and the categories below it."""

    key: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    heading: Line
    categories: Annotated[tuple[str, ...], Field(min_length=1)]
    weight: Annotated[float, Field(ge=0, le=1)] = 1.0
    maximum: Annotated[int, Field(ge=1, le=100)] = 4


class RankingConfig(Strict):
    """`[ranking]`: how much each rule counts."""

    half_life_days: Annotated[float, Field(gt=0)] = Ranking().half_life_days
    weights: dict[str, Annotated[float, Field(ge=0)]] = Field(default_factory=lambda: dict(Ranking().weights))

    @field_validator("weights")
    @classmethod
    def _known_rules(cls, weights: dict[str, float]) -> dict[str, float]:
        for name in weights:
            if name not in all_rules():
                near = difflib.get_close_matches(name, all_rules(), n=1)
                hint = f"did you mean '{near[0]}'?" if near else f"known: {', '.join(all_rules())}"
                raise ValueError(f"there is no rule '{name}'; {hint}")
        return weights


class NewsletterConfig(Strict):
    """The whole file."""

    title: Annotated[Line, Field(min_length=1)]
    language: Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]+)*$")] = "ja"
    time_zone: str
    schedule: str
    subject: Annotated[str, Field(min_length=1)]
    preheader: str = ""
    greeting: str = ""
    template: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")] = "weekly"
    max_posts: Annotated[int, Field(ge=1, le=200)] = 12
    min_posts: Annotated[int, Field(ge=1)] = 1
    excerpt_columns: Annotated[int, Field(ge=20, le=1000)] = 160
    audience: str
    review: Literal["none", "required"] = "none"
    max_delay_hours: Annotated[int, Field(ge=1, le=168)] = 48
    sender: MailboxConfig
    reply_to: MailboxConfig | None = None
    publisher: PublisherConfig
    ranking: RankingConfig = RankingConfig()
    sections: Annotated[tuple[SectionConfig, ...], Field(min_length=1)]
    design: dict[str, Any] = Field(default_factory=dict)
    words: dict[str, str] = Field(default_factory=dict)

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        if name not in available_timezones():
            near = difflib.get_close_matches(name, available_timezones(), n=1)
            raise ValueError(f"is not a time zone; {f'did you mean {near[0]}?' if near else 'e.g. Asia/Tokyo'}")
        return name

    @field_validator("schedule")
    @classmethod
    def _weekday_and_time(cls, schedule: str) -> str:
        match = _SCHEDULE.fullmatch(schedule)
        if not match or int(match[2]) > 23 or int(match[3]) > 59:
            # Numbered weekdays are refused: tools disagree whether 1 is Monday or Tuesday.
            raise ValueError('must be a weekday by name and a time, such as "mon 08:00"')
        return schedule

    @model_validator(mode="after")
    def _sections_are_apart(self) -> NewsletterConfig:
        keys = [section.key for section in self.sections]
        if doubled := sorted({key for key in keys if keys.count(key) > 1}):
            raise ValueError(f"two sections have the same key '{doubled[0]}'")
        names = [name for section in self.sections for name in section.categories]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"the category '{twice[0]}' stands in two sections; a post goes into one")
        return self

    def model(self, slug: str, file: Path) -> Newsletter:
        """Return the noun."""
        match = _SCHEDULE.fullmatch(self.schedule)
        assert match  # noqa: S101 - `_weekday_and_time` has seen to it
        return Newsletter(
            slug=slug,
            title=self.title,
            language=self.language,
            schedule=WeeklySchedule(
                weekday=_WEEKDAYS[match[1].lower()],
                hour=int(match[2]),
                minute=int(match[3]),
                time_zone=ZoneInfo(self.time_zone),
            ),
            sections=tuple(
                SectionRule(each.key, each.heading, each.categories, each.weight, each.maximum)
                for each in self.sections
            ),
            sender=self.sender.model(),
            reply_to=self.reply_to.model() if self.reply_to else None,
            publisher=Publisher(self.publisher.name, self.publisher.postal_address, self.publisher.contact),
            subject=self.subject,
            preheader=self.preheader,
            greeting=self.greeting,
            template=self.template,
            design=MappingProxyType(dict(self.design)),
            words=MappingProxyType(dict(self.words)),
            ranking=Ranking(MappingProxyType(dict(self.ranking.weights)), self.ranking.half_life_days),
            max_posts=self.max_posts,
            min_posts=self.min_posts,
            excerpt_columns=self.excerpt_columns,
            audience=self.audience,
            review=self.review,
            max_delay_hours=self.max_delay_hours,
            file=str(file),
        )


def read_newsletter(file: Path) -> Newsletter:
    """Read one newsletter; its slug is the file's name. Raise `ConfigError`."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", file.stem):
        raise ConfigError("a newsletter's file name is its name in addresses", file=file, fix="use a-z, 0-9 and - only")
    return read_toml(file, NewsletterConfig).model(file.stem, file)
