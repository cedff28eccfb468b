"""Decides what a Docusaurus site is: where its blog lies and is read, and whom its authors and tags name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from digest.collect.headers import js_yaml
from digest.collect.javascript import literals, settings
from digest.collect.javascript.posts import text_of
from digest.models import Finding, Level

CONFIGS = tuple(f"docusaurus.config.{ending}" for ending in ("ts", "mts", "cts", "js", "mjs", "cjs"))

_PLUGIN = "plugin-content-blog"
_PRESET = re.compile(r"""preset-classic|["']classic["']""")


@dataclass(frozen=True, slots=True)
class Site:
    """A site as its settings say it, as far as they can be known without running them."""

    root: Path
    posts: str
    """The blog's folder, relative to the root."""
    url: str
    """Scheme, host and base path; empty when nobody said it."""
    route: str
    """Between the base path and a post's slug, without slashes at its ends."""
    slash: bool | None
    """Whether addresses end with a slash; None when it is as the slug is written."""
    language: str
    authors: Mapping[str, str]
    """Short name -> full name."""
    tags: Mapping[str, str]
    """Tag as written -> what readers see."""
    problems: tuple[Finding, ...] = ()
    unplaced: tuple[Finding, ...] = ()
    """Why the addresses of the posts are not known; empty where they are."""

    def path(self, slug: str) -> str:
        """Return the path of a post below the address of the site."""
        path = "/" + "/".join(part for part in f"{self.route}/{slug}".split("/") if part)
        if self.slash is None:
            return path + ("/" if slug.endswith("/") and path != "/" else "")
        return path.rstrip("/") + ("/" if self.slash or path == "/" else "")


def read(root: Path, *, url: str, posts: str, route: str, language: str) -> Site:
    """Read the settings of the site in `root`; what is given comes before what the settings say."""
    config = "\n".join(filter(None, (settings.text_of(root, name) for name in CONFIGS)))
    said = literals.read(config)
    texts = {key: value for key, value in said.items() if isinstance(value, str)}
    folder = _folder(posts or texts.get("presets.blog.path", "")) or "blog"
    blog_route = route or texts.get("presets.blog.routeBasePath", "blog")
    slash = said.get("trailingSlash")
    authors, unread_authors = _names(root, folder, texts.get("presets.blog.authorsMapPath", "authors.yml"), "name")
    tags, unread_tags = _names(root, folder, texts.get("presets.blog.tags", "tags.yml"), "label")
    address = "" if literals.unread(config, ("baseUrl",)) else texts.get("url", "")
    return Site(
        root=root,
        posts=folder,
        url=url.rstrip("/")
        or settings.joined(address if settings.is_address(address) else "", texts.get("baseUrl", "/")),
        route=blog_route.strip("/"),
        slash=slash if isinstance(slash, bool) else None,
        language=language or texts.get("i18n.defaultLocale", ""),
        authors=authors,
        tags=tags,
        problems=unread_authors + unread_tags,
        unplaced=_unplaced(root, config, said, route),
    )


def _unplaced(root: Path, config: str, said: Mapping[str, str | bool], route: str) -> tuple[Finding, ...]:
    """Say why the addresses of the posts are not known, where something else than plain words decides about them."""
    message = ""
    elsewhere = _PLUGIN in config and not _PRESET.search(config)
    if not route and (said.get("presets.blog") is False or elsewhere):
        message, fix = "The blog is made by a plugin", 'Give the source its route: route = "/blog".'
    elif not route and literals.unread(config, ("presets.blog", "presets.blog.routeBasePath")):
        message, fix = "The blog's routeBasePath is put together in JavaScript", 'Give the source: route = "/blog".'
    elif literals.unread(config, ("trailingSlash",)):
        message = "The site's trailingSlash is put together in JavaScript"
        fix = "Write it as true or false."
    if not message:
        return ()
    file = next((name for name in CONFIGS if settings.text_of(root, name)), "")
    message += ", so the addresses of the posts are not known."
    return (Finding(Level.ERROR, "blog.settings", message, file, fix=fix),)


def _folder(written: str) -> str:
    parts = [part for part in written.split("/") if part not in {"", "."}]
    return "" if ".." in parts else "/".join(parts)


def _names(root: Path, folder: str, name: str, key: str) -> tuple[Mapping[str, str], tuple[Finding, ...]]:
    """Read a file beside the posts that gives short names full ones."""
    file = f"{folder}/{name.removeprefix('./')}"
    try:
        entries = js_yaml.parse_4(settings.text_of(root, file)).value
    except (ValueError, yaml.YAMLError, RecursionError) as error:
        line = error.problem_mark.line + 1 if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark else 0
        code = "blog.authors" if key == "name" else "blog.tags"
        message = "The list cannot be read; the short names in it are shown."
        return {}, (Finding(Level.WARNING, code, message, file, line, "Correct the line."),)
    found = entries.items() if isinstance(entries, Mapping) else ()
    return {
        js_yaml.to_string(short): text_of(entry[key])
        if isinstance(entry, Mapping) and entry.get(key)
        else js_yaml.to_string(short).capitalize()
        for short, entry in found
    }, ()
