"""Decides what a plain folder of Markdown says as a blog: files with front matter, at addresses of one pattern."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from string import Formatter
from urllib.parse import quote
from zoneinfo import ZoneInfo

from digest.collect import authoring, folders, front_matter, psych, ruby_time
from digest.collect.collection import assemble, check_time_zone
from digest.collect.problems import BrokenPostError, empty, legible, misnamed, outside
from digest.errors import ConfigError
from digest.models import Collection, Finding, Level, Post

_ENDINGS = {".md", ".markdown", ".mdown", ".mkd"}
_DATED = re.compile(r"(\d{4}-\d{1,2}-\d{1,2})[-_]?(.*)")
_DATE_KEYS = ("date", "published_at", "publishDate", "pubDate", "pubdate", "created")
_PARTS = ("year", "month", "day", "hour", "minute", "second", "slug", "path", "category")


@dataclass(frozen=True, slots=True)
class _Reading:
    post: Post
    notes: tuple[Finding, ...]
    identity: str


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
        try:
            used = {field for _, field, _, _ in Formatter().parse(self.url_pattern) if field is not None}
        except ValueError as error:
            raise ConfigError(
                f"the url_pattern of the source “{self.name}” has a brace without its partner", fix="close it"
            ) from error
        if unknown := sorted(used - set(_PARTS)):
            raise ConfigError(
                f"the url_pattern of the source “{self.name}” uses {{{unknown[0]}}}", fix="known: " + ", ".join(_PARTS)
            )

    def read(self, now: datetime) -> Collection:
        """Read every Markdown file; `now` decides which lie in the future."""
        problems = [] if self._site else [_no_site()]
        readings = []
        for file, relative in self._files(problems):
            try:
                reading = self._read(file, relative, now)
            except BrokenPostError as error:
                level = Level.WARNING if error.code == "post.undated" else Level.ERROR
                problems.append(error.finding(relative, level))
            else:
                readings.append(reading)
        if not readings and all(problem.code in {"blog.url", "post.undated"} for problem in problems):
            problems.append(empty())
        return assemble(readings, problems)

    def watched(self) -> Sequence[Path]:
        """Return the folder itself."""
        folders.check(self.name, self.path)
        return (self.path,)

    @property
    def _site(self) -> str:
        found = re.match(r"https?://[^/{}]+", self.url_pattern)
        return found[0] if found else ""

    def _files(self, problems: list[Finding]) -> Iterator[tuple[Path, str]]:
        """Yield every Markdown file inside of the folder, sorted by path; say which cannot be reached."""
        folders.check(self.name, self.path)
        root = self.path.resolve()
        try:
            found = sorted(_markdown_below(root))
        except OSError as error:
            raise folders.closed(self.name, error) from error
        for relative, file in found:
            if not Path(os.path.realpath(file)).is_relative_to(root):
                problems.append(outside(relative))
            elif legible(relative) != relative:
                problems.append(misnamed(relative))
            else:
                yield file, relative

    def _read(self, file: Path, relative: str, now: datetime) -> _Reading:
        try:
            document = front_matter.read(file.read_bytes())
        except OSError as error:
            raise BrokenPostError(
                "post.unreadable", f"The file cannot be read: {error.strerror}.", fix="Let this program read the file."
            ) from error
        data = document.data
        stem = file.parent.name if file.stem == "index" and file.parent != self.path.resolve() else file.stem
        dated = _DATED.fullmatch(stem)
        published_at = self._published_at(document, dated[1] if dated else "", now)
        written = data.get("slug") if isinstance(data.get("slug"), str) else ""
        slug = authoring.one_line(str(written)) or (dated[2] if dated and dated[2] else stem)
        title = authoring.title(data.get("title")) or slug.replace("-", " ").replace("_", " ").strip().capitalize()
        categories = _list(data, "categories", "category")
        directions = authoring.directions(data)
        notes = [*directions.findings(relative, document.lines.get("digest", 0)), *_doubles(document, relative)]
        updated_at = self._updated_at(document, relative, now, notes)
        post = Post(
            id=f"{self.name}:{relative}",
            path=relative,
            url=self._url(document, relative, slug, published_at, categories),
            title=title,
            published_at=published_at,
            body=document.body,
            summary=authoring.summary(data, title),
            updated_at=updated_at,
            author=authoring.author(data, self.author, {}),
            categories=categories,
            tags=_list(data, "tags", "tag"),
            language=authoring.language(data, self.language),
            image=authoring.image(data, self._site),
            weight=directions.weight,
            pinned=directions.pinned,
            opt_out=directions.opt_out,
            withheld=_withheld(data, published_at, now),
        )
        return _Reading(post, tuple(notes), authoring.identity(data))

    def _published_at(self, document: front_matter.Document, written: str, now: datetime) -> datetime:
        key = next((key for key in _DATE_KEYS if key in document.data), "")
        said: object = document.data[key] if key else written
        if not said and not key:
            raise BrokenPostError(
                "post.undated",
                "The file has no date, so it is no post.",
                fix="Write “date: 2026-01-31 09:00” at its top, or begin its name with 2026-01-31-.",
            )
        try:
            return self._instant(said, now)
        except ValueError as error:
            raise BrokenPostError(
                "post.date",
                f"“{psych.to_s(said)}” is no date.",
                line=document.lines.get(key, 0),
                fix="Write it as 2026-01-31 09:00:00 +0900.",
            ) from error

    def _updated_at(
        self, document: front_matter.Document, relative: str, now: datetime, notes: list[Finding]
    ) -> datetime | None:
        key = next((key for key in authoring.UPDATED_KEYS if document.data.get(key)), "")
        try:
            return self._instant(document.data[key], now) if key else None
        except ValueError:
            said, line = psych.to_s(document.data[key]), document.lines.get(key, 0)
            notes.append(
                Finding(
                    Level.WARNING,
                    "post.updated",
                    f"“{said}” after {key} is no date; it is ignored.",
                    relative,
                    line,
                    "Write it as 2026-01-31 09:00:00 +0900.",
                )
            )
            return None

    def _instant(self, value: object, now: datetime) -> datetime:
        """Return the moment that a date means in the source's zone; raise `ValueError` when it is none."""
        zone = ZoneInfo(self.time_zone or "UTC")
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
        values = {
            "year": f"{moment.year:04}",
            "month": f"{moment.month:02}",
            "day": f"{moment.day:02}",
            "hour": f"{moment.hour:02}",
            "minute": f"{moment.minute:02}",
            "second": f"{moment.second:02}",
            "slug": quote(slug, safe="~"),
            "path": quote(path, safe="/~"),
            "category": quote(categories[0], safe="~") if categories else "",
        }
        scheme, separator, rest = self.url_pattern.format(**values).rpartition("://")
        return quote(scheme + separator + re.sub("/{2,}", "/", rest), safe="%/:=&?~#+!$,;'@()*[]-._")


def _markdown_below(root: Path) -> Iterator[tuple[str, Path]]:
    for parent, below, names in folders.walk(root):
        below[:] = [name for name in below if not name.startswith((".", "_")) and name != "node_modules"]
        for name in names:
            file = Path(parent) / name
            if file.suffix.lower() in _ENDINGS and not name.startswith((".", "_")):
                yield file.relative_to(root).as_posix(), file


def _list(data: Mapping[str, object], several: str, single: str) -> tuple[str, ...]:
    said = data.get(several, data.get(single))
    if isinstance(said, str):
        said = [part.strip() for part in re.split("[,、]", said)]
    return tuple(dict.fromkeys(authoring.flat(said)))


def _withheld(data: Mapping[str, object], published_at: datetime, now: datetime) -> str:
    if data.get("draft") is True:
        return "draft"
    if data.get("published") is False:
        return "published: false"
    return "dated in the future" if published_at > now else ""


def _doubles(document: front_matter.Document, relative: str) -> list[Finding]:
    return [
        Finding(
            Level.WARNING,
            "post.duplicate-key",
            f"“{key}” is written twice; the later one counts.",
            relative,
            line,
            "Delete one of the two.",
        )
        for key, line in document.duplicates
    ]


def _no_site() -> Finding:
    return Finding(
        Level.ERROR,
        "blog.url",
        "Nobody said at which address the posts are read, so they cannot be linked.",
        fix="Give the source a url_pattern such as https://example.com/{year}/{month}/{day}/{slug}/.",
    )
