"""Decides what a Jekyll site's `_config.yml` says about its posts."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import yaml

from digest.collect import contents
from digest.collect.headers import psych, yaml_text
from digest.collect.jekyll.defaults import Default, entries
from digest.collect.jekyll.permalinks import STYLES
from digest.collect.problems import legible
from digest.errors import SourceError
from digest.models import Finding, Level

UTC = ZoneInfo("UTC")
FILES = ("_config.yml", "_config.yaml", "_config.toml")
"""Names of the settings, the first that is there counts."""
_SOURCE = re.compile(rb"^source[ \t]*[:=]", re.MULTILINE)
_ALWAYS_EXCLUDED = (".sass-cache", ".jekyll-cache", "gemfiles", "Gemfile", "Gemfile.lock", "node_modules",
                    "vendor/bundle/", "vendor/cache/", "vendor/gems/", "vendor/ruby/")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Site:
    """The settings that decide which posts exist, when they appeared and where they are shown."""

    root: Path
    """The folder that holds the posts, with every symbolic link resolved."""
    file: str = ""
    """Name of the settings file; empty when there is none."""
    url: str = ""
    """Scheme, host and `baseurl`, without a final `/`; empty when nobody said it."""
    zone: ZoneInfo = UTC
    language: str = ""
    author: object = None
    permalink: str = STYLES["date"]
    """The template of posts whose front matter has none."""
    permalink_line: int = 0
    future: bool = False
    unpublished: bool = False
    show_drafts: bool = False
    limit_posts: int = 0
    excerpt_separator: str = ""
    """The blog's own marker; empty when it is Jekyll's default, a blank line."""
    encoding: str = "utf-8"
    markdown_endings: tuple[str, ...] = (".markdown", ".mkdown", ".mkdn", ".mkd", ".md")
    collections_folder: str = ""
    include: tuple[str, ...] = (".htaccess",)
    exclude: tuple[str, ...] = _ALWAYS_EXCLUDED
    destination: str = "_site"
    """The folder into which the site is built, as seen from `root`."""
    defaults: tuple[Default, ...] = ()
    problems: tuple[Finding, ...] = field(default=(), compare=False)


def read(folder: Path, *, url: str = "", time_zone: str = "", language: str = "") -> Site:
    """Read the settings of the site in `folder`; what is given here wins over what is written there.

    Raise `SourceError` with file and line when the settings are unreadable, since nothing could be dated or linked.
    """
    file = _file(folder)
    settings, lines = _load(folder, file) if file else ({}, {})
    root = _root(folder, settings, file, lines)
    problems: list[Finding] = []
    zone = _zone(time_zone or settings.get("timezone"), file, lines.get("timezone", 0), problems)
    collections_folder = str(settings.get("collections_dir") or "").strip("/")
    template, line = _permalink(settings, lines)
    separator = settings.get("excerpt_separator")
    return Site(
        root=root,
        file=file,
        url=_base(url, settings, root, file, lines, problems),
        zone=zone,
        language=language or _text(settings, "lang") or _text(settings, "locale") or _text(settings, "language"),
        author=settings.get("author"),
        permalink=template,
        permalink_line=line,
        future=_truthy(settings.get("future")),
        unpublished=_truthy(settings.get("unpublished")),
        show_drafts=_truthy(settings.get("show_drafts")),
        limit_posts=limit if isinstance(limit := settings.get("limit_posts"), int) and limit > 0 else 0,
        excerpt_separator=separator if isinstance(separator, str) and separator.strip() else "",
        encoding=_encoding(settings, folder / file, lines),
        markdown_endings=tuple(
            "." + ending.strip().lower()
            for ending in (_text(settings, "markdown_ext") or "markdown,mkdown,mkdn,mkd,md").split(",")
        ),
        collections_folder=collections_folder,
        include=_patterns(settings.get("include"), (".htaccess",)),
        exclude=(*_patterns(settings.get("exclude"), ()), *_ALWAYS_EXCLUDED),
        destination=os.path.relpath(folder.resolve() / (_text(settings, "destination") or "_site"), root),
        defaults=entries(settings.get("defaults"), collections_folder),
        problems=tuple(problems),
    )


def parse(text: str) -> yaml_text.Parsed:
    """Read settings written in YAML, of which `permalink: :title` is text; raise `yaml.YAMLError`.

    Only Debian's Jekyll takes it for a symbol, and then reads no settings at all.
    """
    return yaml_text.parse(text, lambda scalar: scalar if scalar.startswith(":") else psych.plain(scalar))


def name_source(file: Path) -> bool:
    """Tell whether settings say in which folder the site lies, as Hexo's never do; raise `OSError`."""
    return file.is_file() and _SOURCE.search(contents.read(file)) is not None


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
        text = contents.read(path).decode("utf-8-sig")
        if file.endswith(".toml"):
            return tomllib.loads(text), {}
        parsed = parse(text)
    except OSError as error:
        raise _closed(path, error) from error
    except (ValueError, yaml.YAMLError) as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or str(error)
        raise SourceError(
            f"the blog's settings cannot be read: {reason}",
            file=path,
            line=mark.line + 1 if mark else None,
            fix="correct the line; values that hold “: ” or begin with @, %, *, & or { need quotes",
        ) from error
    if parsed.value is None:
        return {}, {}
    if not isinstance(parsed.value, dict):
        raise SourceError("the blog's settings are not a list of “key: value” lines", file=path, line=1)
    return {str(key): value for key, value in parsed.value.items()}, parsed.key_lines


def _closed(file: Path, error: OSError) -> SourceError:
    return SourceError(
        f"the blog's settings cannot be read: {error.strerror}",
        file=legible(str(file)),
        fix="let this program read the file",
    )


def _root(folder: Path, settings: Mapping[str, Any], file: str, lines: Mapping[str, int]) -> Path:
    folder = folder.resolve()
    root = Path(os.path.realpath(folder / (_text(settings, "source") or ".")))
    if not root.is_relative_to(folder) or not os.path.isdir(root):  # noqa: PTH112 - False where nobody may look
        raise SourceError(
            "“source” must name a folder inside the blog's folder",
            file=folder / file,
            line=lines.get("source"),
            fix="correct it, or point the source's path at that folder",
        )
    return root


def _zone(name: object, file: str, line: int, problems: list[Finding]) -> ZoneInfo:
    if not name:
        problems.append(
            Finding(
                Level.WARNING,
                "blog.time-zone",
                "The blog does not say in which time zone it lives; UTC is assumed.",
                file,
                fix="Add a line such as “timezone: Asia/Tokyo” to _config.yml, or time_zone to the source's options.",
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


def _permalink(settings: Mapping[str, Any], lines: Mapping[str, int]) -> tuple[str, int]:
    collections = settings.get("collections")
    posts = collections.get("posts") if isinstance(collections, dict) else None
    own = posts.get("permalink") if isinstance(posts, dict) else None
    if own:
        return str(own), lines.get("collections", 0)
    style = str(settings.get("permalink") or "date")
    return STYLES.get(style, style), lines.get("permalink", 0)


def _base(
    url: str, settings: Mapping[str, Any], root: Path, file: str, lines: Mapping[str, int], problems: list[Finding]
) -> str:
    """Join url and baseurl; an address given as an option stands for both."""
    if url:
        return url.rstrip("/")
    base, line = _text(settings, "url"), lines.get("url", 0)
    if not base:
        try:
            named = contents.read(cname) if (cname := root / "CNAME").is_file() else b""
        except OSError as error:
            raise _closed(cname, error) from error
        host = named.decode("utf-8", "replace").strip()
        base = f"https://{host}" if re.fullmatch(r"[\w.-]+", host) else ""
    try:
        parts = urlsplit(base)
    except ValueError:  # such as https://[::1
        parts = urlsplit("")
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        said = f"“{base}” is no address of a web site" if base else "The blog does not say at which address it is read"
        problems.append(
            Finding(
                Level.ERROR,
                "blog.url",
                f"{said}, so its posts cannot be linked.",
                file,
                line,
                "Add a line such as “url: https://example.com” to _config.yml, or url to the source's options.",
            )
        )
        base = ""
    baseurl = _text(settings, "baseurl").strip("/")
    return base.rstrip("/") + (f"/{baseurl}" if baseurl else "")


def _encoding(settings: Mapping[str, Any], file: Path, lines: Mapping[str, int]) -> str:
    name = _text(settings, "encoding") or "utf-8"
    try:
        "".encode(name)
    except LookupError as error:
        raise SourceError(
            f"the encoding “{name}” is unknown", file=file, line=lines.get("encoding"), fix="use utf-8"
        ) from error
    return name


def _patterns(value: object, otherwise: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(item for item in value if isinstance(item, str) and item) if isinstance(value, list) else otherwise


def _text(settings: Mapping[str, Any], key: str) -> str:
    value = settings.get(key)
    return value.strip() if isinstance(value, str) else ""


def _truthy(value: object) -> bool:
    """Ruby's idea of truth: everything but null and false, the text "false" included."""
    return value is not None and value is not False
