"""Decides what a plain folder of Markdown says as a blog: files with front matter, at addresses of one pattern."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from digest.collect import authoring, folders, guessing
from digest.collect.collection import Reading, assemble, check_time_zone
from digest.collect.files import Found, PostFile, find_files
from digest.collect.headers import front_matter, psych, ruby_time
from digest.collect.memory import FORGETFUL, Memory
from digest.collect.patterns import Pattern, no_address
from digest.collect.problems import BrokenPostError, doubles, empty, folded, no_date, no_update
from digest.collect.reading import read_blog
from digest.models import Collection, Finding, Level, Post

_ENDINGS = (".md", ".markdown", ".mdown", ".mkd")
_DATED = re.compile(r"(\d{4}-\d{1,2}-\d{1,2})[-_]?(.*)")
_DATE_KEYS = ("date", "published_at", "publishDate", "pubDate", "pubdate", "created")
_CLOSED = re.compile(rb"\n(?:---|\.\.\.)")


@dataclass(frozen=True)
class Source:
    """A folder of Markdown files."""

    name: str
    """First part of every post's id."""
    path: Path
    """The folder; sub-folders are read too, except hidden ones and those that begin with `_`."""
    url_pattern: str = "/{path}/"
    """Address of a post, such as `https://example.com/{year}/{month}/{day}/{slug}/`; also hour, minute, second, path
    (without ending) and category. A post's own `url` or `permalink` comes first."""
    time_zone: str = "UTC"
    """Of dates without an offset, and of the dates in addresses."""
    language: str = ""
    author: str = ""

    def __post_init__(self) -> None:
        check_time_zone(self.time_zone, self.name)
        Pattern(self.url_pattern).check(self.name)

    def read(self, now: datetime, since: datetime | None = None, memory: Memory = FORGETFUL) -> Collection:
        """Read every Markdown file; `now` decides which lie in the future."""
        folders.check(self.name, self.path)
        readings, problems, files = read_blog(_Blog(self), now, since, memory)
        broken = any(problem.code != "post.undated" for problem in problems)
        if not readings and not broken and not (since and files):
            problems.append(empty())
        if not Pattern(self.url_pattern).site:
            problems.append(
                no_address("Give the source a url_pattern such as https://example.com/{year}/{month}/{day}/{slug}/.")
            )
        return assemble(readings, folded(problems, "post.undated"), since)

    def watched(self) -> Sequence[Path]:
        """Return the folder itself."""
        folders.check(self.name, self.path)
        return (self.path,)


@dataclass(frozen=True)
class _Blog:
    """The folder as a blog."""

    settings: Source

    @property
    def _site(self) -> str:
        return Pattern(self.settings.url_pattern).site

    @property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.settings.time_zone or "UTC")

    def find(self) -> Found:
        """List every Markdown file inside of the folder."""
        return find_files(
            self.settings.name,
            self.settings.path,
            "",
            lambda relative: relative.lower().endswith(_ENDINGS) and not _name(relative).startswith((".", "_")),
            lambda relative: not _name(relative).startswith((".", "_")) and _name(relative) != "node_modules",
        )

    def latest(self, file: PostFile, head: bytes) -> date | None:
        """Look at the name and the first lines."""
        found = _DATED.fullmatch(_stem(file))
        try:
            named = date.fromisoformat(found[1]) if found else None
        except ValueError:
            return None
        return guessing.latest(head, _DATE_KEYS, _CLOSED, named)

    def read(self, file: PostFile, raw: bytes, now: datetime) -> Reading:
        """Read a post: front matter, and the file's name for what it does not say."""
        document = front_matter.read(raw)
        data = document.data
        stem = _stem(file)
        dated = _DATED.fullmatch(stem)
        said = _said_date(data, dated[1] if dated else "")
        published_at = self._published_at(said, document, now)
        written = data.get("slug") if isinstance(data.get("slug"), str) else ""
        slug = authoring.one_line(str(written)) or (dated[2] if dated and dated[2] else stem)
        title = authoring.title(data.get("title")) or slug.replace("-", " ").replace("_", " ").strip().capitalize()
        categories = _list(data, "categories", "category")
        directions = authoring.directions(data, self._zone)
        updated_at, notes = self._updated_at(document, file.relative, now)
        url = self._url(document, file.relative, slug, published_at, categories)
        post = Post(
            id=f"{self.settings.name}:{file.relative}",
            path=file.relative,
            url=url,
            title=title,
            published_at=published_at,
            summary=authoring.summary(data, title),
            updated_at=updated_at,
            author=authoring.author(data, self.settings.author, {}),
            categories=categories,
            tags=_list(data, "tags", "tag"),
            language=authoring.language(data, self.settings.language),
            image=authoring.image(data, self._site, url, own_folder=file.name.startswith("index.")),
            withheld=_withheld(data),
            **directions.fields(),
        )
        notes += directions.findings(file.relative, document.lines)
        notes += doubles(document.duplicates, file.relative)
        return Reading(
            post,
            notes,
            authoring.identity(data),
            appears=published_at,
            lasting=not ruby_time.lacks_year(said),
        )

    def text(self, file: PostFile, raw: bytes) -> str:
        """Return what stands below the front matter."""
        return front_matter.body(raw)

    def level(self, file: PostFile, error: BrokenPostError) -> Level:
        """A file without a date may be another page."""
        return Level.WARNING if error.code == "post.undated" else Level.ERROR

    def _published_at(self, said: object, document: front_matter.Document, now: datetime) -> datetime:
        key = next((key for key in _DATE_KEYS if key in document.data), "")
        if not said and not key:
            raise BrokenPostError(
                "post.undated",
                "The file has no date, so it is no post.",
                fix="Write “date: 2026-01-31 09:00” at its top, or begin its name with 2026-01-31-.",
            )
        try:
            return self._instant(said, now)
        except ValueError as error:
            raise no_date(psych.to_s(said), document.lines.get(key, 0)) from error

    def _updated_at(
        self, document: front_matter.Document, relative: str, now: datetime
    ) -> tuple[datetime | None, tuple[Finding, ...]]:
        key = next((key for key in authoring.UPDATED_KEYS if document.data.get(key)), "")
        try:
            return (self._instant(document.data[key], now) if key else None), ()
        except ValueError:
            said = psych.to_s(document.data[key])
            return None, (no_update(said, key, relative, document.lines.get(key, 0)),)

    def _instant(self, value: object, now: datetime) -> datetime:
        """Return the moment that a date means in the source's zone; raise `ValueError` when it is none."""
        zone = self._zone
        match value:
            case datetime():
                try:
                    return (value if value.tzinfo else value.replace(tzinfo=zone)).astimezone(zone)
                except OverflowError as error:
                    raise ValueError(value) from error
            case date():
                return ruby_time.midnight(value.year, value.month, value.day, zone)
            case str() | int():
                return ruby_time.parse(psych.to_s(value), zone, now)
            case _:
                raise ValueError(value)

    def _url(
        self, document: front_matter.Document, relative: str, slug: str, moment: datetime, categories: Sequence[str]
    ) -> str:
        for key in ("url", "permalink"):
            said = document.data.get(key)
            if isinstance(said, str) and said.strip():
                if own := authoring.absolute(said.strip(), self._site):
                    return own
                if self._site or not said.startswith("/"):
                    raise BrokenPostError(
                        "post.url",
                        f"“{said}” is no web address.",
                        line=document.lines.get(key, 0),
                        fix="Write it as https://example.com/page/ or /page/.",
                    )
        path = re.sub(r"(?:^|/)index$", "", relative.rpartition(".")[0])
        return Pattern(self.settings.url_pattern).address(moment, slug, path, categories)


def _name(relative: str) -> str:
    return relative.rpartition("/")[2]


def _stem(file: PostFile) -> str:
    """Return the name without its ending; for `folder/index.md` that of the folder."""
    stem = file.name.rpartition(".")[0]
    folder = file.relative.rpartition("/")[0]
    return _name(folder) if stem == "index" and folder else stem


def _said_date(data: Mapping[str, object], named: str) -> object:
    key = next((key for key in _DATE_KEYS if key in data), "")
    return data[key] if key else named


def _list(data: Mapping[str, object], several: str, single: str) -> tuple[str, ...]:
    said = data.get(several, data.get(single))
    if isinstance(said, str):
        said = [part.strip() for part in re.split("[,、]", said)]
    return tuple(dict.fromkeys(authoring.flat(said)))


def _withheld(data: Mapping[str, object]) -> str:
    if data.get("draft") is True:
        return "draft"
    return "published: false" if data.get("published") is False else ""
