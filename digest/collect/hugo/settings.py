"""Decides what a Hugo site's settings say about its posts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from digest.collect.hugo import cascade, config_files, dates, languages, permalinks
from digest.collect.hugo.config_files import Config
from digest.errors import SourceError
from digest.models import Finding, Level

UTC = ZoneInfo("UTC")
_TAXONOMIES = {"category": "categories", "tag": "tags"}
_OF_PEOPLE = {"authors", "author", "contributors"}
_REPEATS = re.compile(r"(?<!\\)[*+{]")
_BEYOND = re.compile(r"\)[*+?{]|\(\?|\\[1-9kg]")
_MOST_REPEATS = 2


@dataclass(frozen=True, slots=True)
class Site:
    """The settings that decide which posts exist, when they appeared and where they are shown."""

    root: Path
    """The site's folder, with every symbolic link resolved."""
    files: tuple[str, ...]
    """The files of settings, relative to `root`."""
    url: str
    """Scheme, host and path of `baseURL`, without a final `/`; empty when nobody said it."""
    zone: ZoneInfo
    language: str
    """Of the posts, as BCP 47 writes it; empty when nobody said it."""
    key: str
    """The key of the language that is read."""
    keys: tuple[str, ...]
    """Of all languages: what may stand before a file's ending."""
    mounts: tuple[languages.Mount, ...]
    prefix: str
    """What the language puts before the path in every address; mostly empty."""
    dates: dates.DateKeys
    rules: tuple[permalinks.Rule, ...]
    ugly: bool | Mapping[str, bool]
    """Whether addresses end in `.html`: all, or by section."""
    keeps_case: bool
    drops_accents: bool
    categories: str
    """The name in front matter under which the categories stand."""
    tags: str
    drafts: bool
    future: bool
    expired: bool
    cascades: tuple[cascade.Cascade, ...]
    ignored: tuple[str, ...]
    """Patterns of files that are left out."""
    author: object
    main_sections: tuple[str, ...]
    problems: tuple[Finding, ...] = field(default=(), compare=False, repr=False)


def read(folder: Path, *, url: str = "", time_zone: str = "", language: str = "") -> Site:
    """Read the settings of the site in `folder`; what is given here wins over what is written there.

    Raise `SourceError` with file and line when the settings are unreadable, since nothing could be dated or linked.
    """
    config = config_files.read(folder)
    edition = languages.edition(config, language)
    values = edition.values
    problems: list[Finding] = []
    keys = dates.date_keys(values.get("frontmatter"))
    if keys.unknowable:
        problems.append(_unknowable(keys.unknowable, config))
    params = values.get("params")
    params = params if isinstance(params, dict) else {}
    taxonomies = _taxonomies(values)
    return Site(
        root=folder.resolve(),
        files=tuple(config.files),
        url=_base(url, values, config, problems),
        zone=_zone(time_zone or values.get("timezone"), config, problems),
        language=_tag(edition, language),
        key=edition.key,
        keys=edition.keys,
        mounts=edition.mounts,
        prefix=edition.prefix,
        dates=keys,
        rules=_rules(values, config, folder),
        ugly=_ugly(values.get("uglyurls")),
        keeps_case=values.get("disablepathtolower") is True,
        drops_accents=values.get("removepathaccents") is True,
        categories=_categories(taxonomies),
        tags="tags" if "tags" in taxonomies or "tag" not in taxonomies else "tag",
        drafts=values.get("builddrafts") is True,
        future=values.get("buildfuture") is True,
        expired=values.get("buildexpired") is True,
        cascades=cascade.entries(values.get("cascade"), edition.key),
        ignored=_ignored(values.get("ignorefiles"), config, problems),
        author=params.get("author") or values.get("author"),
        main_sections=_texts(params.get("mainsections")) or _texts(values.get("mainsections")),
        problems=tuple(problems),
    )


def _base(url: str, values: Mapping[str, Any], config: Config, problems: list[Finding]) -> str:
    said = url or (str(values.get("baseurl") or "")).strip()
    try:
        parts = urlsplit(said)
        valid = parts.scheme in {"http", "https"} and bool(parts.netloc)
    except ValueError:
        valid = False
    if valid:
        return said.rstrip("/")
    file, line = config.place("baseurl")
    wrong = f"“{said}” is no address of a web site" if said else "The blog does not say at which address it is read"
    problems.append(
        Finding(
            Level.ERROR,
            "blog.url",
            f"{wrong}, so its posts cannot be linked.",
            file,
            line,
            "Set baseURL = “https://example.com/” in the site's settings, or url in the source's options.",
        )
    )
    return ""


def _zone(name: object, config: Config, problems: list[Finding]) -> ZoneInfo:
    file, line = config.place("timezone")
    if not name:
        problems.append(
            Finding(
                Level.WARNING,
                "blog.time-zone",
                "The blog does not say in which time zone it lives; UTC is assumed, as Hugo does.",
                file,
                fix="Set timeZone = “Asia/Tokyo” in the site's settings, or time_zone in the source's options.",
            )
        )
        return UTC
    try:
        return ZoneInfo(str(name))
    except (ValueError, OSError, LookupError):
        problems.append(
            Finding(
                Level.WARNING,
                "blog.time-zone",
                f"The time zone “{name}” is unknown; UTC is assumed.",
                file,
                line,
                "Write it as a place of the IANA list, such as Asia/Tokyo or Europe/Berlin.",
            )
        )
        return UTC


def _unknowable(source: str, config: Config) -> Finding:
    file, line = config.place("frontmatter")
    return Finding(
        Level.WARNING,
        "blog.settings",
        f"The site takes dates from {source} first, which a copy of the blog does not have; the dates in the posts are"
        " taken instead, and a post whose address holds its date is left out.",
        file,
        line,
        "Write a date into every post that should be in a digest.",
    )


def _tag(edition: languages.Edition, wanted: str) -> str:
    said = edition.values.get("locale") or edition.values.get("languagecode")
    if isinstance(said, str) and said:
        return said
    if edition.named:
        return edition.key
    return wanted


def _rules(values: Mapping[str, Any], config: Config, folder: Path) -> tuple[permalinks.Rule, ...]:
    rules = permalinks.rules(values.get("permalinks"))
    try:
        for rule in rules:
            permalinks.check(rule.pattern)
    except permalinks.UnknownPartError as error:
        file, line = config.place("permalinks")
        raise SourceError(f"permalinks: {error}", file=folder / file, line=line or None, fix="correct it") from error
    return rules


def _ugly(said: object) -> bool | Mapping[str, bool]:
    if isinstance(said, dict):
        return {str(section): value is True for section, value in said.items()}
    return said is True


def _taxonomies(values: Mapping[str, Any]) -> tuple[str, ...]:
    said = values.get("taxonomies", values.get("indexes"))
    named = said if isinstance(said, dict) else _TAXONOMIES
    return tuple(plural.lower() for plural in named.values() if isinstance(plural, str))


def _categories(taxonomies: tuple[str, ...]) -> str:
    """Return `categories`, or where a site has others instead, the first that is about neither tags nor people."""
    if "categories" in taxonomies:
        return "categories"
    others = [each for each in taxonomies if each not in {"tags", "tag"} | _OF_PEOPLE]
    return others[0] if others else "categories"


def _ignored(said: object, config: Config, problems: list[Finding]) -> tuple[str, ...]:
    """Keep the patterns that take no longer than a path is long; settings must not stop a digest."""
    kept = []
    for pattern in _texts(said):
        try:
            re.compile(pattern)
            simple = len(_REPEATS.findall(pattern)) <= _MOST_REPEATS and not _BEYOND.search(pattern)
        except (re.error, OverflowError, RecursionError):
            simple = False
        if simple and len(pattern) <= 200:
            kept.append(pattern)
            continue
        file, line = config.place("ignorefiles")
        problems.append(
            Finding(
                Level.WARNING,
                "blog.settings",
                f"The pattern “{pattern[:100]}” of ignoreFiles is too intricate to be used here; its files are read.",
                file,
                line,
                "Write it without groups that repeat, such as \\.ignored\\.md$.",
            )
        )
    return tuple(kept)


def _texts(said: object) -> tuple[str, ...]:
    said = [said] if isinstance(said, str) else said
    return tuple(each for each in said if isinstance(each, str) and each) if isinstance(said, list) else ()
