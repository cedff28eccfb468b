"""`config/newsletters/<slug>.toml`: what marketing decides about one newsletter."""

from __future__ import annotations

import difflib
import re
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, Field, ValidationInfo, field_validator, model_validator

from digest.config.choice import RankingConfig, SectionConfig, check_sections
from digest.config.schedule import read_build, read_cut_off, read_rhythm, read_schedule
from digest.config.toml import Line, Strict, parse_toml, read_toml
from digest.errors import ConfigError
from digest.models import IN_STORE, Mailbox, Newsletter, Publisher

ADDRESS = re.compile(r"[^@\s<>\"(),:;\[\]\\]+@[^@\s<>\"(),:;\[\]\\]+\.[^@\s<>\"(),:;\[\]\\]+")
"""What looks like an e-mail address."""
_PARAMETER = re.compile(r"[A-Za-z0-9_.-]{1,64}")

_USED_BY = {
    "build": ("window", "required"),
    "review_minutes": ("window",),
    "remind_hours": ("required",),
    "reviewers": ("window", "required"),
}
"""Keys that count only with some values of `review`."""


def _parameter(name: str) -> str:
    if not _PARAMETER.fullmatch(name):
        raise ValueError("is no name of a link parameter; use 1 to 64 of A-Z, a-z, 0-9, _ . and -")
    return name


class MailboxConfig(Strict):
    """A name and an address."""

    name: Line = ""
    address: str

    @field_validator("address")
    @classmethod
    def _address(cls, address: str) -> str:
        if not ADDRESS.fullmatch(address):
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


class NewsletterConfig(Strict):
    """The whole file."""

    title: Annotated[Line, Field(min_length=1)]
    language: Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]+)*$")] = "ja"
    time_zone: str
    schedule: str
    cut_off: str | None = None
    build: str | None = None
    subject: Annotated[str, Field(min_length=1)]
    preheader: str = ""
    greeting: str = ""
    template: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")] = "weekly"
    max_posts: Annotated[int, Field(ge=1, le=200)] = 12
    max_per_author: Annotated[int, Field(ge=0, le=200)] = 0
    max_more: Annotated[int, Field(ge=0, le=100)] = 0
    max_age_days: Annotated[int, Field(ge=1, le=366)] = 28
    min_posts: Annotated[int, Field(ge=1)] = 1
    thin: Literal["skip", "merge_next", "fill_from_uncovered", "send_anyway"] = "skip"
    group_stories: bool = True
    max_also: Annotated[int, Field(ge=0, le=10)] = 2
    excerpt_columns: Annotated[int, Field(ge=20, le=1000)] = 160
    audience: str
    subscribe: bool = False
    consent: Annotated[Line, Field(max_length=500)] = ""
    review: Literal["none", "window", "required"] = "none"
    review_minutes: Annotated[int, Field(ge=0, le=10_080)] = 60
    remind_hours: Annotated[int, Field(ge=0, le=168)] = 24
    reviewers: tuple[str, ...] = ()
    max_delay_hours: Annotated[int, Field(ge=1, le=168)] = 48
    late: Literal["hold", "run", "drop"] = "hold"
    sender: MailboxConfig
    reply_to: MailboxConfig | None = None
    publisher: PublisherConfig
    ranking: RankingConfig = RankingConfig()
    sections: Annotated[tuple[SectionConfig, ...], Field(min_length=1)]
    design: dict[str, Any] = Field(default_factory=dict)
    words: dict[str, str] = Field(default_factory=dict)
    link_parameters: Annotated[
        dict[Annotated[str, AfterValidator(_parameter)], Annotated[str, Field(max_length=500)]], Field(max_length=20)
    ] = Field(default_factory=dict)

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        if name not in available_timezones():
            near = difflib.get_close_matches(name, available_timezones(), n=1)
            raise ValueError(f"is not a time zone; {f'did you mean {near[0]}?' if near else 'e.g. Asia/Tokyo'}")
        return name

    @field_validator("schedule")
    @classmethod
    def _readable_schedule(cls, schedule: str) -> str:
        read_rhythm(schedule)
        return schedule

    @field_validator("cut_off")
    @classmethod
    def _readable_cut_off(cls, cut_off: str | None, info: ValidationInfo) -> str | None:
        # Without a readable schedule, there is nothing yet that it could be compared with.
        if cut_off is not None and "schedule" in info.data:
            read_cut_off(cut_off, *read_rhythm(info.data["schedule"]))
        return cut_off

    @field_validator("build")
    @classmethod
    def _readable_build(cls, build: str | None, info: ValidationInfo) -> str | None:
        if build is not None and {"schedule", "cut_off"} <= info.data.keys():
            read_build(build, info.data["cut_off"], *read_rhythm(info.data["schedule"]))
        return build

    @field_validator("reviewers")
    @classmethod
    def _addresses(cls, addresses: tuple[str, ...]) -> tuple[str, ...]:
        for address in addresses:
            if not ADDRESS.fullmatch(address):
                raise ValueError(f"'{address}' is not an e-mail address")
        return addresses

    @field_validator("subscribe")
    @classmethod
    def _list_can_grow(cls, subscribe: bool, info: ValidationInfo) -> bool:
        if subscribe and info.data.get("audience", IN_STORE) != IN_STORE:
            raise ValueError(f'needs audience = "{IN_STORE}": a form cannot add readers to a file')
        return subscribe

    @model_validator(mode="after")
    def _sections_agree(self) -> NewsletterConfig:
        check_sections(self.sections, self.max_posts)
        return self

    def model(self, slug: str, file: Path) -> Newsletter:
        """Return the noun."""
        return Newsletter(
            slug=slug,
            title=self.title,
            language=self.language,
            schedule=read_schedule(
                self.schedule,
                self.cut_off,
                ZoneInfo(self.time_zone),
                self.build,
                is_reviewed=self.review != "none",
            ),
            sections=tuple(section.model() for section in self.sections),
            sender=self.sender.model(),
            reply_to=self.reply_to.model() if self.reply_to else None,
            publisher=Publisher(self.publisher.name, self.publisher.postal_address, self.publisher.contact),
            subject=self.subject,
            preheader=self.preheader,
            greeting=self.greeting,
            template=self.template,
            design=MappingProxyType(dict(self.design)),
            words=MappingProxyType(dict(self.words)),
            link_parameters=MappingProxyType(dict(self.link_parameters)),
            ranking=self.ranking.model(),
            max_posts=self.max_posts,
            max_per_author=self.max_per_author,
            max_more=self.max_more,
            max_age_days=self.max_age_days,
            min_posts=self.min_posts,
            thin=self.thin,
            group_stories=self.group_stories,
            max_also=self.max_also,
            excerpt_columns=self.excerpt_columns,
            audience=self.audience,
            subscribe=self.subscribe,
            consent=self.consent,
            review=self.review,
            review_minutes=self.review_minutes,
            remind_hours=self.remind_hours,
            reviewers=self.reviewers,
            max_delay_hours=self.max_delay_hours,
            late=self.late,
            unused=tuple(
                key for key, uses in _USED_BY.items() if key in self.model_fields_set and self.review not in uses
            ),
            file=str(file),
        )


def read_newsletter(file: Path) -> Newsletter:
    """Read one newsletter; its slug is the file's name. Raise `ConfigError`."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", file.stem):
        raise ConfigError("a newsletter's file name is its name in addresses", file=file, fix="use a-z, 0-9 and - only")
    return read_toml(file, NewsletterConfig).model(file.stem, file)


def parse_newsletter(text: str, file: Path) -> Newsletter:
    """Read what the file of a newsletter is to say. Raise `ConfigError`, naming `file`."""
    return parse_toml(text, file, NewsletterConfig).model(file.stem, file)
