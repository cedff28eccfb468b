"""Decides what a site's `mkdocs.yml` says about its blogs: where posts lie, and at which addresses they stand."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from string import Formatter
from typing import Any

import yaml

from digest.collect import authoring, contents
from digest.collect.mkdocs import tagged
from digest.collect.mkdocs.exclusions import Exclusions
from digest.collect.mkdocs.slugs import Slugs, named
from digest.collect.problems import legible
from digest.errors import SourceError
from digest.models import Finding, Level

FILES = ("mkdocs.yml", "mkdocs.yaml")
"""Names of the settings, the first that is there counts."""
_PARTS = {"categories", "date", "file", "slug"}
_ALWAYS_EXCLUDED = Exclusions((".*", "/templates/"))
_NOTHING = Exclusions(())
_USUAL = Slugs()
_INHERITED = 5
"""As many files may take over one another's settings."""


@dataclass(frozen=True, slots=True)
class BlogSettings:
    """One instance of the blog plugin; paths are relative to the folder of the documents."""

    folder: str = "blog"
    """Under whose address the posts stand; `.` for the site itself."""
    posts: str = "blog/posts"
    """How the paths of its posts begin."""
    address: str = "{date}/{slug}"
    date_format: str = "yyyy/MM/dd"
    categories_in_address: int = 1
    slugs: Slugs | None = _USUAL
    """None when only the generator can make slugs."""
    separator: str = "-"
    category_slugs: Slugs | None = _USUAL
    category_separator: str = "-"
    authors_file: str = "blog/.authors.yml"
    marker: str = "<!-- more -->"
    shows_drafts: bool = False
    hides_future: bool = False


@dataclass(frozen=True, slots=True)
class Site:
    """The settings that decide which posts exist and where they are shown."""

    root: Path
    """The site's folder, with every symbolic link resolved."""
    file: str = ""
    """Name of the settings file; empty when there is none."""
    url: str = ""
    """Without a final `/`; empty when nobody said it."""
    documents: str = "docs"
    """The folder of the documents, relative to the site's."""
    folders_as_addresses: bool = True
    language: str = "en"
    excluded: Exclusions = _ALWAYS_EXCLUDED
    drafts: Exclusions = _NOTHING
    blogs: tuple[BlogSettings, ...] = (BlogSettings(),)
    meta_file: str = ""
    """Name of files whose settings hold for all posts beside and below them; empty when there are none."""
    problems: tuple[Finding, ...] = field(default=(), compare=False)

    def blog_of(self, document: str) -> BlogSettings | None:
        """Return the blog to which a file belongs, relative to the folder of the documents."""
        return next((blog for blog in self.blogs if document.startswith(blog.posts)), None)


def read(folder: Path, *, url: str = "", language: str = "") -> Site:
    """Read the settings of the site in `folder`; what is given here wins over what is written there.

    Raise `SourceError` with file and line when they cannot be read or set up no blog.
    """
    root = folder.resolve()
    file = next((name for name in FILES if os.path.lexists(root / name)), "")
    settings, lines = _load(root, file) if file else ({"plugins": ["blog"]}, {})
    theme = settings.get("theme")
    spoken = theme.get("language") if isinstance(theme, dict) else None
    plugins = list(_plugins(settings.get("plugins")))
    path, line = root / file, lines.get("plugins")
    blogs = tuple(
        _blog(options, path, line)
        for name, options in plugins
        if name in {"blog", "material/blog"} and options.get("enabled") is not False
    )
    if not blogs:
        raise SourceError(
            "the site has no blog: the plugin “blog” of Material for MkDocs is not set up or not enabled",
            file=path,
            line=line,
            fix="add “- blog” to its plugins, or name the kind “plain” for a folder of posts without it",
        )
    meta = next((options for name, options in plugins if name in {"meta", "material/meta"}), None)
    address, problems = _address(url, settings.get("site_url"), file, lines.get("site_url", 0))
    return Site(
        root=root,
        file=file,
        url=address,
        documents=_documents(root, settings.get("docs_dir"), path, lines.get("docs_dir")),
        folders_as_addresses=settings.get("use_directory_urls") is not False,
        language=language or (spoken if isinstance(spoken, str) else "en"),
        excluded=Exclusions(_ALWAYS_EXCLUDED.lines + _lines(settings.get("exclude_docs"))),
        drafts=Exclusions(_lines(settings.get("draft_docs"))),
        blogs=blogs,
        meta_file=_text(meta, "meta_file", ".meta.yml")
        if meta is not None and meta.get("enabled") is not False
        else "",
        problems=(*problems, *_unknown_slugs(blogs, file, lines.get("plugins", 0))),
    )


def _load(root: Path, file: str, depth: int = 0) -> tuple[Mapping[str, Any], Mapping[str, int]]:
    """Read a settings file and the one that it takes over, inside of the blog's folder only."""
    path = Path(os.path.realpath(root / file))
    if not path.is_relative_to(root) or depth > _INHERITED:
        raise SourceError(
            "these settings lie outside the blog's folder, or take each other over in a circle; they are not followed",
            file=root / file,
            fix="copy them into the folder",
        )
    try:
        settings, lines = tagged.load(contents.read(path).decode("utf-8-sig"))
    except OSError as error:
        raise SourceError(
            f"the blog's settings cannot be read: {error.strerror}",
            file=legible(str(path)),
            fix="let this program read the file",
        ) from error
    except (ValueError, yaml.YAMLError) as error:
        mark = getattr(error, "problem_mark", None)
        raise SourceError(
            f"the blog's settings cannot be read: {getattr(error, 'problem', None) or error}",
            file=path,
            line=mark.line + 1 if mark else None,
            fix="correct the line; values that hold “: ” or begin with @, %, *, & or { need quotes",
        ) from error
    inherited = settings.get("INHERIT")
    if not isinstance(inherited, str):
        return settings, lines
    above, _ = _load(root, os.path.relpath(path.parent / inherited, root), depth + 1)
    return _merged(above, settings), lines


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for key, value in above.items():
        old = merged.get(key)
        merged[key] = _merged(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return merged


def _plugins(said: object) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the name and the options of each plugin, of which one may be set up several times."""
    items = [{name: options} for name, options in said.items()] if isinstance(said, dict) else said
    for item in items if isinstance(items, list) else ():
        pairs = item.items() if isinstance(item, dict) else ((item, None),)
        for name, options in pairs:
            yield str(name), options if isinstance(options, dict) else {}


def _blog(options: Mapping[str, Any], file: Path, line: int | None) -> BlogSettings:
    folder = _text(options, "blog_dir", "blog")
    address = _text(options, "post_url_format", "{date}/{slug}")
    try:
        fields = {name for _, name, _, _ in Formatter().parse(address) if name is not None}
        wrong = sorted(fields - _PARTS)
    except ValueError:
        wrong = [address]
    if wrong:
        raise SourceError(
            f"post_url_format uses “{wrong[0]}”, which nobody can fill in",
            file=file,
            line=line,
            fix="known: " + ", ".join(f"{{{part}}}" for part in sorted(_PARTS)),
        )
    most = options.get("post_url_max_categories")
    return BlogSettings(
        folder=folder,
        posts=_place(_text(options, "post_dir", "{blog}/posts"), folder),
        address=address,
        date_format=_text(options, "post_url_date_format", "yyyy/MM/dd"),
        categories_in_address=most if isinstance(most, int) else 1,
        slugs=named(options.get("post_slugify")),
        separator=_text(options, "post_slugify_separator", "-"),
        category_slugs=named(options.get("categories_slugify")),
        category_separator=_text(options, "categories_slugify_separator", "-"),
        authors_file=_place(_text(options, "authors_file", "{blog}/.authors.yml"), folder),
        marker=_text(options, "post_excerpt_separator", "<!-- more -->"),
        shows_drafts=options.get("draft") is True,
        hides_future=options.get("draft_if_future_date") is True,
    )


def _place(pattern: str, folder: str) -> str:
    return os.path.normpath(pattern.replace("{blog}", folder))


def _documents(root: Path, said: object, file: Path, line: int | None) -> str:
    name = said if isinstance(said, str) and said else "docs"
    place = Path(os.path.realpath(root / name))
    if not place.is_relative_to(root):
        raise SourceError(
            "“docs_dir” must name a folder inside the blog's folder",
            file=file,
            line=line,
            fix="correct it, or point the source's path at the folder that holds both",
        )
    return place.relative_to(root).as_posix()


def _address(url: str, said: object, file: str, line: int) -> tuple[str, list[Finding]]:
    if url:
        return url.rstrip("/"), []
    base = said.strip() if isinstance(said, str) else ""
    if authoring.absolute(base, ""):
        return base.rstrip("/"), []
    reason = f"“{base}” is no address of a web site" if base else "The blog does not say at which address it is read"
    return "", [
        Finding(
            Level.ERROR,
            "blog.url",
            f"{reason}, so its posts cannot be linked.",
            file,
            line,
            "Add a line such as “site_url: https://example.com/” to mkdocs.yml, or url to the source's options.",
        )
    ]


def _unknown_slugs(blogs: tuple[BlogSettings, ...], file: str, line: int) -> list[Finding]:
    if all(blog.slugs or "{slug}" not in blog.address for blog in blogs):
        return []
    message = "post_slugify names Python code, which is not run: a post without a slug of its own has no address."
    fix = "Write “slug:” into each post, or let post_slugify be pymdownx.slugs.slugify."
    return [Finding(Level.WARNING, "blog.settings", message, file, line, fix)]


def _lines(said: object) -> tuple[str, ...]:
    return tuple(said.splitlines()) if isinstance(said, str) else ()


def _text(options: Mapping[str, Any], key: str, otherwise: str) -> str:
    value = options.get(key)
    return value if isinstance(value, str) else otherwise
