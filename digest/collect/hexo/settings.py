"""Decides what a Hexo blog's `_config.yml` says about its posts."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import yaml

from digest.collect import authoring, contents
from digest.collect.headers import bounds, js_yaml
from digest.collect.hexo.names import Names, TooManyPartsError
from digest.collect.problems import legible
from digest.errors import SourceError
from digest.models import Finding, Level

FILES = ("_config.yml", "_config.yaml", "_config.json")
"""Names of the settings, the first that is there counts."""
_PERMALINK = ":year/:month/:day/:title/"
_EXAMPLES = frozenset({"http://example.com", "http://yoursite.com"})
"""What Hexo writes into new settings; nobody's blog is read there."""


@dataclass(frozen=True, slots=True)
class Site:
    """The settings that decide which posts exist, when they appeared and where they are shown."""

    root: Path
    """The blog's folder, with every symbolic link resolved."""
    file: str = ""
    """Name of the settings file; empty when there is none."""
    source: str = "source"
    """The folder that holds `_posts` and `_drafts`, relative to the root."""
    url: str = ""
    """Scheme, host and path, without a final `/`; empty when nobody said it."""
    zone: tzinfo = UTC
    built_in: tzinfo = UTC
    """The time zone of the machine that builds the blog, in which dates stand in addresses."""
    language: str = ""
    author: str = ""
    permalink: str = _PERMALINK
    permalink_line: int = 0
    permalink_defaults: tuple[tuple[str, str], ...] = ()
    names: Names = field(default_factory=lambda: Names(":title.md"))
    """How files of posts are named."""
    default_category: str = "uncategorized"
    category_map: tuple[tuple[str, str], ...] = ()
    filename_case: int = 0
    strip_index: bool = False
    strip_html: bool = False
    future: bool = True
    render_drafts: bool = False
    asset_folders: bool = False
    """Whether each post has a folder of its own for pictures."""
    skip_render: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    slug_as_title: bool = False
    problems: tuple[Finding, ...] = field(default=(), compare=False)


def read(folder: Path, *, url: str = "", time_zone: str = "", build_time_zone: str = "", language: str = "") -> Site:
    """Read the settings of the blog in `folder`; what is given here wins over what is written there.

    Raise `SourceError` with file and line when the settings are unreadable, since nothing could be dated or linked.
    """
    file = _file(folder)
    settings, lines = _load(folder, file) if file else ({}, {})
    problems: list[Finding] = []
    zone = _zone(time_zone or settings.get("timezone"), file, lines.get("timezone", 0), problems)
    pretty = settings.get("pretty_urls")
    pretty = pretty if isinstance(pretty, dict) else {}
    spoken = settings.get("language")
    spoken = spoken[0] if isinstance(spoken, list) and spoken else spoken
    case = settings.get("filename_case")
    return Site(
        root=folder.resolve(),
        file=file,
        source=_source(folder, settings, file, lines),
        url=_base(url, settings, file, lines, problems),
        zone=zone,
        built_in=ZoneInfo(build_time_zone) if build_time_zone else zone,
        language=language or (spoken if isinstance(spoken, str) and spoken != "default" else ""),
        author=_text(settings, "author"),
        permalink=_text(settings, "permalink") or _PERMALINK,
        permalink_line=lines.get("permalink", 0),
        permalink_defaults=_pairs(settings.get("permalink_defaults")),
        names=_names(_text(settings, "new_post_name") or ":title.md", folder / file, lines),
        default_category=_text(settings, "default_category") or "uncategorized",
        category_map=_pairs(settings.get("category_map")),
        filename_case=case if isinstance(case, int) else 0,
        strip_index=pretty.get("trailing_index") is False,
        strip_html=pretty.get("trailing_html") is False,
        future=_truthy(settings.get("future", True)),
        render_drafts=_truthy(settings.get("render_drafts")),
        asset_folders=_truthy(settings.get("post_asset_folder")),
        skip_render=_patterns(settings.get("skip_render")),
        ignore=_patterns(settings.get("ignore")),
        slug_as_title=_truthy(settings.get("use_slug_as_post_title")),
        problems=tuple(problems),
    )


def _file(folder: Path) -> str:
    for name in FILES:
        try:
            if (folder / name).is_file():
                return name
        except OSError as error:
            raise _closed(folder / name, error) from error
    return ""


def _load(folder: Path, file: str) -> tuple[dict[str, Any], Mapping[str, int]]:
    path = folder / file
    if not path.resolve().is_relative_to(folder.resolve()):
        raise SourceError(
            "the settings lie outside the blog's folder and are not followed",
            file=path,
            fix="copy them into the folder",
        )
    try:
        text = contents.read(path).decode("utf-8-sig").replace("\r\n", "\n")
        if file.endswith(".json"):
            value, lines = bounds.checked(json.loads(text)), {}
        else:
            parsed = js_yaml.parse_4(re.sub(r"\n(\t+)", lambda found: "\n" + "  " * len(found[1]), text))
            value, lines = parsed.value, dict(parsed.key_lines)
    except OSError as error:
        raise _closed(path, error) from error
    except (ValueError, RecursionError, yaml.YAMLError) as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or str(error)[:200]
        raise SourceError(
            f"the blog's settings cannot be read: {reason}",
            file=path,
            line=mark.line + 1 if mark else None,
            fix="correct the line; values that hold “: ” or begin with @, %, *, & or { need quotes",
        ) from error
    if value is None:
        return {}, {}
    if not isinstance(value, dict):
        raise SourceError("the blog's settings are not a list of “key: value” lines", file=path, line=1)
    return {str(key): each for key, each in value.items()}, lines


def _closed(file: Path, error: OSError) -> SourceError:
    return SourceError(
        f"the blog's settings cannot be read: {error.strerror}",
        file=legible(str(file)),
        fix="let this program read the file",
    )


def _source(folder: Path, settings: Mapping[str, Any], file: str, lines: Mapping[str, int]) -> str:
    written = _text(settings, "source_dir") or "source"
    root = folder.resolve()
    source = Path(os.path.realpath(root / written))
    if not source.is_relative_to(root):
        raise SourceError(
            "“source_dir” must name a folder inside the blog's folder",
            file=folder / file,
            line=lines.get("source_dir"),
            fix="correct it",
        )
    return source.relative_to(root).as_posix()


def _names(pattern: str, file: Path, lines: Mapping[str, int]) -> Names:
    try:
        return Names(pattern)
    except TooManyPartsError as error:
        raise SourceError(
            str(error), file=file, line=lines.get("new_post_name"), fix="write it as :year-:month-:day-:title.md"
        ) from error


def _zone(name: object, file: str, line: int, problems: list[Finding]) -> tzinfo:
    said = "The blog does not say in which time zone it lives; UTC is assumed."
    try:
        if name:
            return ZoneInfo(str(name))
    except (ValueError, OSError, LookupError):
        said = f"The time zone “{name}” is unknown; UTC is assumed."
    problems.append(
        Finding(
            Level.WARNING,
            "blog.time-zone",
            said,
            file,
            line,
            "Write “timezone: Asia/Tokyo” (a place of the IANA list) into _config.yml, or time_zone into the options.",
        )
    )
    return UTC


def _base(url: str, settings: Mapping[str, Any], file: str, lines: Mapping[str, int], problems: list[Finding]) -> str:
    """Return where the blog is read: `url` of the settings holds the path of `root`, or should."""
    if url:
        return url.rstrip("/")
    base = _text(settings, "url").rstrip("/")
    if not authoring.absolute(base, "") or base in _EXAMPLES:
        said = f"“{base}” is not where a blog is read" if base else "The blog does not say at which address it is read"
        fix = "Write a line such as “url: https://example.com” into _config.yml, or url into the source's options."
        problems.append(
            Finding(Level.ERROR, "blog.url", f"{said}, so its posts cannot be linked.", file, lines.get("url", 0), fix)
        )
        return ""
    root = _text(settings, "root").strip("/")
    if root and not urlsplit(base).path.strip("/"):
        said = f"The blog's url lacks its root /{root}/, so Hexo's own links are right, but not its feed; it is added."
        fix = f"Write “url: {base}/{root}”."
        problems.append(Finding(Level.WARNING, "blog.root", said, file, lines.get("url", 0), fix))
        return f"{base}/{root}"
    return base


def _patterns(value: object) -> tuple[str, ...]:
    several = value if isinstance(value, list) else [value]
    return tuple(each for each in several if isinstance(each, str) and each)


def _pairs(value: object) -> tuple[tuple[str, str], ...]:
    pairs = value.items() if isinstance(value, dict) else ()
    return tuple((js_yaml.to_string(key), js_yaml.to_string(each)) for key, each in pairs)


def _text(settings: Mapping[str, Any], key: str) -> str:
    value = settings.get(key)
    return value.strip() if isinstance(value, str) else ""


def _truthy(value: object) -> bool:
    """JavaScript's idea of truth, to which an empty list is true."""
    return value not in (None, False, 0, "") if isinstance(value, type(None) | bool | int | float | str) else True
