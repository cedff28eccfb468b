"""Decides what a blog's `pelicanconf.py` and `publishconf.py` say about its posts; neither is ever executed."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from digest.collect import authoring, contents
from digest.collect.pelican import literals, slugs
from digest.collect.pelican.literals import Settings
from digest.collect.pelican.lookup import Lookup
from digest.collect.pelican.slugs import Slugs
from digest.collect.problems import legible
from digest.errors import SourceError
from digest.models import Finding, Level

UTC = ZoneInfo("UTC")
FILES = ("pelicanconf.py", "publishconf.py")
"""The settings, and what the published site has otherwise."""
READERS = {"md": "markdown", "markdown": "markdown", "mkd": "markdown", "mdown": "markdown", "rst": "restructured",
           "html": "web page", "htm": "web page"}  # fmt: skip
"""Ending -> how such a file is read."""
NAMED_DATE = r"(?P<date>\d{4}-\d{2}-\d{2}).*"
"""Pelican's own `FILENAME_METADATA`."""
_IN_ADDRESSES = ("ARTICLE_URL", "ARTICLE_LANG_URL", "CLEAN_URLS", "SLUGIFY_SOURCE", "SLUGIFY_USE_UNICODE",
                 "SLUGIFY_PRESERVE_CASE", "SLUG_REGEX_SUBSTITUTIONS", "CATEGORY_REGEX_SUBSTITUTIONS",
                 "AUTHOR_REGEX_SUBSTITUTIONS", "DEFAULT_CATEGORY", "DEFAULT_LANG", "FILENAME_METADATA",
                 "PATH_METADATA", "EXTRA_PATH_METADATA",
                 "DEFAULT_METADATA", "ARTICLE_PATHS", "ARTICLE_EXCLUDES", "USE_FOLDER_AS_CATEGORY", "DEFAULT_DATE",
                 "WITH_FUTURE_DATES")  # fmt: skip
"""Settings without which posts may be missed, shown too early, or linked wrongly."""


@dataclass(frozen=True, slots=True)
class Site:
    """The settings that decide which posts exist, when they appeared and where they are shown."""

    root: Path
    """The blog's folder, with every symbolic link resolved."""
    files: tuple[str, ...] = ()
    """Names of the settings that are there."""
    url: str = ""
    """Without a final `/`; empty when nobody said it."""
    content: str = "content"
    """The folder that paths are relative to, relative to the blog's."""
    zone: ZoneInfo = UTC
    language: str = "en"
    author: str = ""
    article_url: str = "{slug}.html"
    article_lang_url: str = "{slug}-{lang}.html"
    article_paths: tuple[str, ...] = ("",)
    article_excludes: tuple[str, ...] = ("pages",)
    ignored: tuple[str, ...] = ("**/.*",)
    endings: tuple[str, ...] = tuple(READERS)
    slug_source: str = "title"
    slugs: Slugs = Slugs()  # noqa: RUF009 - frozen
    category_slugs: Slugs = Slugs()  # noqa: RUF009 - frozen
    author_slugs: Slugs = Slugs()  # noqa: RUF009 - frozen
    named: str = NAMED_DATE
    """What a file's name tells, as a regular expression with named groups."""
    placed: str = ""
    """What a file's path tells."""
    folders_as_categories: bool = True
    category: str = "misc"
    """Of posts that have no other."""
    default_date: str = ""
    """Of posts that have no other; `fs` for the time of the file, which nobody knows elsewhere."""
    defaults: tuple[tuple[str, str], ...] = ()
    placed_settings: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = ()
    """What the settings say about files and folders, those higher up first."""
    future: bool = True
    """Whether posts of the future are shown."""
    translated_by: str = "slug"
    """What posts have in common that are translations of one another."""
    unread: tuple[str, ...] = ()
    """Names of settings that only running the files would tell."""
    problems: tuple[Finding, ...] = field(default=(), compare=False)


def read(folder: Path, *, url: str = "", time_zone: str = "", language: str = "", article_url: str = "") -> Site:
    """Read the settings of the blog in `folder`; what is given here wins over what is written there.

    Raise `SourceError` with file and line when they are no Python, or when what matters cannot be followed.
    """
    root = folder.resolve()
    said = Settings()
    files = tuple(name for name in FILES if os.path.lexists(root / name))
    for name in files:
        _load(root, name, said)
    get = Lookup(said, root)
    problems: list[Finding] = []
    address = _address(url, said, problems)
    zone = _zone(time_zone, said, files, problems)
    replaced = {"ARTICLE_URL", "ARTICLE_LANG_URL", "CLEAN_URLS"} if article_url else set()
    replaced |= {"DEFAULT_LANG"} if language else set()
    problems += _unread(said, replaced)
    general = _slugs(get, "SLUG", Slugs())
    own, own_lang = _patterns(get)
    return Site(
        root=root,
        files=files,
        url=address,
        content=_content(root, get),
        zone=zone,
        language=(language or get.text("DEFAULT_LANG", "en")).lower(),
        author=get.text("AUTHOR"),
        article_url=article_url or own,
        article_lang_url=article_url or own_lang,
        article_paths=get.texts("ARTICLE_PATHS", get.texts("ARTICLE_DIR", ("",))),
        article_excludes=get.texts("ARTICLE_EXCLUDES") + get.texts("PAGE_PATHS", get.texts("PAGE_DIR", ("pages",))),
        ignored=get.texts("IGNORE_FILES", ("**/.*",)),
        endings=tuple(ending for ending in READERS if get.mapping("READERS").get(ending, True) is not None),
        slug_source=get.text("SLUGIFY_SOURCE", "title"),
        slugs=general,
        category_slugs=_slugs(get, "CATEGORY", general),
        author_slugs=_slugs(get, "AUTHOR", general),
        named=get.pattern("FILENAME_METADATA", NAMED_DATE),
        placed=get.pattern("PATH_METADATA", ""),
        folders_as_categories=get.flag("USE_FOLDER_AS_CATEGORY", True),
        category=get.text("DEFAULT_CATEGORY", "misc"),
        default_date=_default_date(get),
        defaults=_pairs(get.mapping("DEFAULT_METADATA")),
        placed_settings=tuple(
            (place, _pairs(more))
            for place, more in sorted(get.mapping("EXTRA_PATH_METADATA").items(), key=lambda pair: str(pair[0]))
            if isinstance(place, str) and isinstance(more, dict)
        ),
        future=get.flag("WITH_FUTURE_DATES", True),
        translated_by=get.text("ARTICLE_TRANSLATION_ID", "slug"),
        unread=tuple(sorted(said.unread - replaced)),
        problems=tuple(problems),
    )


def _load(root: Path, name: str, said: Settings) -> None:
    path = root / name
    if not path.resolve().is_relative_to(root):
        raise SourceError(
            "the settings lie outside the blog's folder and are not followed",
            file=path,
            fix="copy them into the folder",
        )
    try:
        literals.read(contents.read(path).decode("utf-8-sig"), name, said)
    except OSError as error:
        raise SourceError(
            f"the blog's settings cannot be read: {error.strerror}",
            file=legible(str(path)),
            fix="let this program read the file",
        ) from error
    except (SyntaxError, UnicodeDecodeError) as error:
        raise SourceError(
            f"the blog's settings are no Python: {error}",
            file=path,
            line=getattr(error, "lineno", None),
            fix="correct the line",
        ) from error


def _address(url: str, said: Settings, problems: list[Finding]) -> str:
    base = url or said.values.get("SITEURL")
    base = base.strip().rstrip("/") if isinstance(base, str) else ""
    file, line = said.place("SITEURL")
    host = _host(base)
    if host and host not in {"localhost", "127.0.0.1", "0.0.0.0"} and (url or "SITEURL" not in said.unread):  # noqa: S104 - compared only
        return base
    reason = "The blog does not say at which address it is read"
    if "SITEURL" in said.unread:
        reason = "SITEURL can only be known by running the settings"
    elif base:
        reason = f"“{base}” is no address at which readers find the blog"
    fix = "Write SITEURL = 'https://example.com' into publishconf.py, or url into the source's options."
    problems.append(Finding(Level.ERROR, "blog.url", f"{reason}, so its posts cannot be linked.", file, line, fix))
    return ""


def _host(address: str) -> str:
    return (urlsplit(address).hostname or "") if authoring.absolute(address, "") else ""


def _zone(name: str, said: Settings, files: tuple[str, ...], problems: list[Finding]) -> ZoneInfo:
    written = name or said.values.get("TIMEZONE")
    file, line = said.place("TIMEZONE")
    unread = not name and "TIMEZONE" in said.unread
    try:
        if written and not unread:
            return ZoneInfo(str(written))
        reason = "The blog does not say in which time zone it lives; UTC is assumed."
        if unread:
            reason = "TIMEZONE can only be known by running the settings; UTC is assumed."
    except (ValueError, OSError, LookupError):
        reason = f"The time zone “{written}” is unknown; UTC is assumed."
    fix = "Write TIMEZONE = 'Asia/Tokyo' into pelicanconf.py, or time_zone into the source's options."
    place = file or next(iter(files), "")
    problems.append(Finding(Level.WARNING, "blog.time-zone", reason, place, line, fix))
    return UTC


def _unread(said: Settings, replaced: set[str]) -> list[Finding]:
    return [
        Finding(
            Level.WARNING,
            "blog.settings",
            f"{name} can only be known by running the settings, which is not done; "
            + (f"{said.values[name]!r:.100} is assumed." if name in said.values else "Pelican's own is assumed.")
            + " A post whose address it decides is left out.",
            *said.place(name),
            "Write it as a plain value" + (", or article_url into the source's options." if "_URL" in name else "."),
        )
        for name in _IN_ADDRESSES
        if name in said.unread and name not in replaced
    ]


def _content(root: Path, get: Lookup) -> str:
    """Return the folder of the content; where only Pelican's command line names it, `content`."""
    written = get.text("PATH")
    if not written and (root / "content").is_dir():
        written = "content"
    place = Path(os.path.realpath(root / (written or ".")))
    if not place.is_relative_to(root):
        raise get.refused("PATH", "must name a folder inside the blog's folder")
    return place.relative_to(root).as_posix()


def _patterns(get: Lookup) -> tuple[str, str]:
    """Return the addresses of posts, and those of posts in another language."""
    clean = get.flag("CLEAN_URLS", False)
    own = get.text("ARTICLE_URL", "{slug}/" if clean else "{slug}.html")
    lang = get.text("ARTICLE_LANG_URL", "{slug}-{lang}/" if clean else "{slug}-{lang}.html")
    return own, lang


def _slugs(get: Lookup, name: str, general: Slugs) -> Slugs:
    written = get.said.values.get(f"{name}_REGEX_SUBSTITUTIONS")
    old = get.said.values.get(f"{name}_SUBSTITUTIONS")
    substitutions = general.substitutions
    if isinstance(written, list):
        substitutions = tuple((pair[0], pair[1]) for pair in _tuples(written))
    elif isinstance(old, list):
        first = get.said.values.get("SLUG_SUBSTITUTIONS") if name == "CATEGORY" else None
        pairs = [*(first if isinstance(first, list) else ()), *old]
        substitutions = slugs.from_words([(pair[0], pair[1], len(pair) > 2) for pair in _tuples(pairs)])
    for source, _ in substitutions if substitutions is not general.substitutions else ():
        get.check(f"{name}_REGEX_SUBSTITUTIONS", source, most=2)
    return Slugs(get.flag("SLUGIFY_USE_UNICODE", False), get.flag("SLUGIFY_PRESERVE_CASE", False), substitutions)


def _tuples(value: list[object]) -> list[list[str]]:
    wanted: Callable[[object], bool] = lambda item: isinstance(item, str)  # noqa: E731 - read twice below
    return [pair for pair in value if isinstance(pair, list) and len(pair) > 1 and all(map(wanted, pair[:2]))]


def _default_date(get: Lookup) -> str:
    value = get.said.values.get("DEFAULT_DATE")
    if isinstance(value, list) and len(value) >= 3 and all(isinstance(part, int) for part in value):
        day, clock = value[:3], [*value[3:6], 0, 0, 0][:3]
        return "{:04}-{:02}-{:02} {:02}:{:02}:{:02}".format(*day, *clock)
    return value if isinstance(value, str) else ""


def _pairs(value: Mapping[object, object]) -> tuple[tuple[str, str], ...]:
    return tuple((str(key).lower(), said if isinstance(said, str) else str(said)) for key, said in value.items())
