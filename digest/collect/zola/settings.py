"""Decides what a Zola site's `zola.toml` or `config.toml` says about its pages.

Read after components/config/src/config/ of github.com/getzola/zola (0.22).
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from itertools import islice
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from digest.collect import authoring, contents
from digest.collect.headers import bounds
from digest.collect.headers.toml_header import lines_of
from digest.collect.problems import legible
from digest.collect.zola.slugs import STRATEGIES
from digest.errors import SourceError
from digest.models import Finding, Level

FILES = ("zola.toml", "config.toml")
"""Names of the settings, the first that is there counts."""
_BRACES = re.compile(r"(?<!\[)\{([^{}]*)\}")
_MOST_PATTERNS = 1_000


@dataclass(frozen=True, slots=True)
class Site:
    """The settings that decide which pages exist, when they appeared and where they are shown."""

    root: Path
    """The site's folder, with every symbolic link resolved."""
    file: str = ""
    """Name of the settings file; empty when there is none."""
    url: str = ""
    """Scheme, host and path, without a final `/`; empty when nobody said it."""
    zone: tzinfo = UTC
    """Of dates without an offset."""
    language: str = "en"
    """The code of the default language."""
    shown_language: str = "en"
    """What is told of posts in the default language."""
    languages: tuple[str, ...] = ()
    """Codes of the others."""
    taxonomies: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Each language with the names of its taxonomies."""
    author: str = ""
    strategy: str = "on"
    """How the last part of an address is spelt: `on`, `safe` or `off`."""
    keep_dates: bool = False
    """Whether the date in a file's name stays in the address."""
    ignored: tuple[str, ...] = ()
    """Patterns of files that are no content, as `ignored_content` says them."""
    problems: tuple[Finding, ...] = field(default=(), compare=False)

    def knows(self, taxonomy: str, language: str) -> bool:
        """Tell whether the site declares a taxonomy; Zola stops at a page that uses another."""
        return taxonomy in dict(self.taxonomies).get(language, ())


def read(folder: Path, *, url: str = "", time_zone: str = "", language: str = "") -> Site:
    """Read the settings of the site in `folder`; what is given here wins over what is written there.

    Raise `SourceError` with file and line when the settings are unreadable, since nothing could be linked.
    """
    file = _file(folder)
    settings, lines = _load(folder / file, folder) if file else ({}, {})
    problems: list[Finding] = [] if file else [_unsaid()]
    default = _text(settings.get("default_language")) or "en"
    languages = settings.get("languages")
    languages = languages if isinstance(languages, dict) else {}
    slugs = settings.get("slugify")
    slugs = slugs if isinstance(slugs, dict) else {}
    strategy = slugs.get("paths", "on")
    if strategy not in STRATEGIES:
        raise SourceError(
            f"“{strategy}” is no way to write addresses",
            file=folder / file,
            line=lines.get("slugify.paths"),
            fix="write paths as one of on, safe and off",
        )
    ignored = settings.get("ignored_content")
    return Site(
        root=folder.resolve(),
        file=file,
        url=_base(url, settings, file, lines, problems),
        zone=ZoneInfo(time_zone) if time_zone else UTC,
        language=default,
        shown_language=language or default,
        languages=tuple(sorted(code for code in languages if code != default)),
        taxonomies=tuple(
            (code, _taxonomies(settings if code == default else {}, languages.get(code)))
            for code in sorted({default, *languages})
        ),
        author=_text(settings.get("author")),
        strategy=strategy,
        keep_dates=slugs.get("paths_keep_dates") is True,
        ignored=tuple(each for each in ignored if isinstance(each, str)) if isinstance(ignored, list) else (),
        problems=tuple(problems),
    )


def ignoring(patterns: Sequence[str]) -> re.Pattern[str] | None:
    """Return what recognises the whole path of a file that matches one of the patterns; None without patterns.

    They are those of the Rust crate `globset`: `*` also stands for `/`, and `{a,b}` for either.
    """
    simple = [each for pattern in patterns for each in _without_braces(pattern)]
    return re.compile("|".join(fnmatch.translate(each) for each in simple)) if simple else None


def _without_braces(pattern: str) -> Iterator[str]:
    """Yield the patterns of Python's `fnmatch` that mean the same together."""
    waiting, given = [re.sub(r"\\(.)", r"[\1]", pattern).replace("[^", "[!")], 0
    while waiting and given < _MOST_PATTERNS:
        each = waiting.pop()
        if braces := _BRACES.search(each):
            parts = islice(braces[1].split(","), _MOST_PATTERNS)
            waiting += [each[: braces.start()] + part + each[braces.end() :] for part in parts]
            continue
        given += 1
        yield each
        if "/**/" in each:
            yield each.replace("/**/", "/")


def _file(folder: Path) -> str:
    for name in FILES:
        try:
            if (folder / name).is_file():
                return name
        except OSError as error:
            raise _closed(folder / name, error) from error
    return ""


def _load(path: Path, folder: Path) -> tuple[dict[str, Any], Mapping[str, int]]:
    if not path.resolve().is_relative_to(folder.resolve()):
        raise SourceError(
            "the settings lie outside the blog's folder and are not followed",
            file=path,
            fix="copy them into the folder",
        )
    try:
        text = contents.read(path).decode("utf-8-sig").replace("\r\n", "\n")
        return bounds.toml(text), lines_of(text)
    except OSError as error:
        raise _closed(path, error) from error
    except (ValueError, RecursionError) as error:
        place = re.search(r"at line (\d+)", str(error))
        raise SourceError(
            f"the blog's settings cannot be read: {str(error)[:200]}",
            file=path,
            line=int(place[1]) if place else None,
            fix="correct the line; a text needs quotation marks",
        ) from error


def _closed(file: Path, error: OSError) -> SourceError:
    return SourceError(
        f"the blog's settings cannot be read: {error.strerror}",
        file=legible(str(file)),
        fix="let this program read the file",
    )


def _unsaid() -> Finding:
    return Finding(
        Level.WARNING,
        "blog.settings",
        "The blog has no zola.toml and no config.toml; Zola's own settings are assumed.",
        fix="Point the source's path at the folder that holds one of them.",
    )


def _base(url: str, settings: Mapping[str, Any], file: str, lines: Mapping[str, int], problems: list[Finding]) -> str:
    if url:
        return url.rstrip("/")
    base = _text(settings.get("base_url"))
    if authoring.absolute(base, ""):
        return base.rstrip("/")
    said = f"“{base}” is no address of a web site" if base else "The blog does not say at which address it is read"
    problems.append(
        Finding(
            Level.ERROR,
            "blog.url",
            f"{said}, so its posts cannot be linked.",
            file,
            lines.get("base_url", 0),
            f'Add base_url = "https://example.com" to {file or FILES[0]}, or url to the options of the source.',
        )
    )
    return ""


def _taxonomies(settings: Mapping[str, Any], language: object) -> tuple[str, ...]:
    """Join the taxonomies of the whole site and of one language."""
    layers = (settings, language if isinstance(language, dict) else {})
    declared = (each for layer in layers for each in (layer.get("taxonomies") or ()))
    return tuple(sorted({str(each["name"]) for each in declared if isinstance(each, dict) and "name" in each}))


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""
