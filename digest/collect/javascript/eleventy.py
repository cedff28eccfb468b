"""Decides what an Eleventy project is: its folders, its address, its data files, and which templates are posts."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from digest.collect import contents
from digest.collect.files import Found, PostFile, find_files
from digest.collect.javascript import cascade, literals, settings
from digest.collect.javascript.cascade import Cascade
from digest.models import Finding

CONFIGS = (
    ".eleventy.js",
    "eleventy.config.js",
    "eleventy.config.mjs",
    "eleventy.config.cjs",
    "eleventy.config.ts",
)
COLLECTIONS = frozenset({"all", "nav", "post", "posts"})
"""Tags that Eleventy's own starter keeps from readers: they only make collections."""

_TEMPLATES = (".md", ".html", ".njk", ".liquid")
_FOLDERS = frozenset(
    {"posts", "post", "blog", "articles", "article", "writing", "news", "journal", "entries", "weblog", "_posts"}
)
_IN_FOLDERS = frozenset({"post", "posts", "blog", "article", "articles"})
"""Tags in a folder's data file that make it a folder of posts."""
_DATED = re.compile(r"\d{4}-\d{2}-\d{2}")
_SAYS_DATE = re.compile(rb"^[ \t]*[\"']?date[\"']?[ \t]*:", re.MULTILINE)
_INPUT = re.compile(r"""\bsetInputDirectory\(\s*["']([^"'\n]{1,200})["']""")
_FOR_ALL = re.compile(r"""\baddGlobalData\(\s*["'](?:permalink|eleventyComputed(?:\.permalink)?)["']""")
_ALL_DATA = ("eleventyComputed", "permalink")
_HEAD = 2_048


@dataclass(frozen=True, slots=True)
class Site:
    """A project as its settings say it, as far as they can be known without running them."""

    root: Path
    input: str
    """The folder of all templates, relative to the root; empty when it is the root."""
    url: str
    """Scheme, host and path prefix; empty when nobody said it."""
    posts: str
    """The folder of posts, relative to the root; empty when it is to be found."""
    unplaced: tuple[Finding, ...]
    """Why no post's address is known, unless a pattern stands in for it; mostly empty."""
    skipped: tuple[str, ...]
    """Folders without templates, relative to the root, and patterns of ignored paths."""

    def below(self, relative: str) -> str:
        """Return a path relative to the input folder."""
        return relative.removeprefix(f"{self.input}/") if self.input else relative

    def enters(self, relative: str) -> bool:
        """Tell whether a folder may hold templates."""
        name = relative.rpartition("/")[2]
        if name == "node_modules" or name.startswith("."):
            return False
        return not any(relative == skipped or fnmatchcase(relative, skipped) for skipped in self.skipped)


def read(root: Path, *, url: str, input_folder: str, posts: str) -> Site:
    """Read the settings of the project in `root`; what is given comes before what the settings say."""
    config = "\n".join(filter(None, (settings.text_of(root, name) for name in CONFIGS)))
    said = literals.read(config)
    called = _INPUT.search(config)
    source = _folder(input_folder or (called[1] if called else "") or said.get("dir.input", ""))
    data, includes = (_folder(f"{source}/{said.get(f'dir.{name}', f'_{name}')}") for name in ("data", "includes"))
    output = _folder(said.get("dir.output", "_site"))
    inside = tuple(folder for folder in (data, includes, _folder(f"{source}/_layouts"), output) if folder)
    ignored = [line for name in (".eleventyignore", f"{source}/.eleventyignore") for line in _ignored(root, name)]
    prefix = said.get("pathPrefix", "")
    known = "" if literals.unread(config, ("pathPrefix",)) else _url(root, data)
    return Site(
        root=root.resolve(),
        input=source,
        url=url.rstrip("/") or settings.joined(known, prefix if isinstance(prefix, str) else ""),
        posts=_folder(posts),
        unplaced=_unplaced(root, data, config),
        skipped=(*inside, *ignored, *(f"{source}/{line}" for line in ignored if source)),
    )


def _unplaced(root: Path, data: str, config: str) -> tuple[Finding, ...]:
    """Say what for the whole project is decided in JavaScript about the addresses of posts."""
    settled = next((name for name in CONFIGS if settings.text_of(root, name)), "")
    if (called := _FOR_ALL.search(config)) and cascade.computes(config[called.start() :]):
        return (cascade.no_pattern(settled, "is computed in JavaScript"),)
    for name in (f"{data}/{stem}{ending}" for stem in _ALL_DATA for ending in (".js", ".mjs", ".cjs", ".json")):
        text = settings.text_of(root, name)
        if text and cascade.computes(text if "eleventyComputed." in name else f"permalink {text}"):
            return (cascade.no_pattern(name, "is computed for all templates"),)
    return ()


def find(site: Site, source: str, *, has_pattern: bool) -> tuple[Found, Cascade]:
    """List the posts and read the data files; raise `SourceError` when a folder cannot be listed.

    With `has_pattern`, a permalink that only JavaScript knows is no problem: the pattern stands in for it.
    """
    found = find_files(
        source,
        site.root,
        site.input,
        lambda relative: relative.endswith(_TEMPLATES) or cascade.is_data_file(relative),
        site.enters,
    )
    data_files = {site.below(file.relative): file for file in found.files if cascade.is_data_file(file.relative)}
    loaded, problems = cascade.load(
        data_files,
        (site.root / site.input).name,
        lambda below: settings.text_of(site.root, data_files[below].relative),
    )
    templates = [
        file
        for file in found.files
        if file.relative.endswith(_TEMPLATES) and not any(fnmatchcase(file.relative, line) for line in site.skipped)
    ]
    posts = _posts(site, templates, loaded)
    everywhere: tuple[Finding, ...] = ()
    prefix = f"{site.input}/" if site.input else ""
    if not has_pattern:
        everywhere = site.unplaced if posts else ()
        problems += tuple(loaded.findings(prefix, [site.below(file.relative) for file in posts]))
    shown = [problem for problem in found.problems if not cascade.is_data_file(problem.file)]
    return Found(posts, [*shown, *everywhere, *(_prefixed(problem, prefix) for problem in problems)]), loaded


def _posts(site: Site, templates: Sequence[PostFile], data: Cascade) -> list[PostFile]:
    """Choose the posts: those of the given folder, else of folders that are known for posts, else all with a date."""
    if site.posts:
        return [file for file in templates if file.relative.startswith(f"{site.posts}/") and _is_post(site, file)]
    chosen = [file for file in templates if _in_folder(site.below(file.relative), data) and _is_post(site, file)]
    return chosen or [file for file in templates if _says_date(file)]


def _in_folder(below: str, data: Cascade) -> bool:
    folders = below.split("/")[:-1]
    return not _FOLDERS.isdisjoint(folders) or not _IN_FOLDERS.isdisjoint(
        cascade.tags_of(data.above(below).get("tags"))
    )


def _is_post(site: Site, file: PostFile) -> bool:
    """Tell whether a template in a folder of posts is one: a list of the posts lies there too, and has no date."""
    below = site.below(file.relative)
    folder = below.rpartition("/")[0].rpartition("/")[2]
    is_list = file.name.startswith("index.") and (folder in _FOLDERS or not folder)
    return (file.name.endswith(".md") and not is_list) or _says_date(file)


def _says_date(file: PostFile) -> bool:
    if _DATED.search(file.relative):
        return True
    try:
        return _SAYS_DATE.search(contents.head(file.path, _HEAD)) is not None
    except OSError:
        return True  # reading it tells what is wrong


def _ignored(root: Path, name: str) -> list[str]:
    lines = (line.strip() for line in settings.text_of(root, name).splitlines())
    return [line.removeprefix("./").strip("/") for line in lines if line and not line.startswith(("#", "!"))]


def _url(root: Path, data: str) -> str:
    """Return the site's address as the usual data files say it."""
    for name in ("metadata", "site", "meta"):
        for ending in (".json", ".js", ".cjs", ".mjs"):
            said = literals.read(settings.text_of(root, f"{data}/{name}{ending}")).get("url", "")
            if isinstance(said, str) and settings.is_address(said):
                return said
    return ""


def _folder(written: object) -> str:
    """Return a folder as a path relative to the root; empty for the root and for what lies outside of it."""
    folder = posixpath.normpath(str(written).lstrip("/"))
    return "" if folder == "." or folder.startswith("..") else folder


def _prefixed(problem: Finding, prefix: str) -> Finding:
    place = problem.file if problem.file.startswith(prefix) else prefix + problem.file
    return Finding(problem.level, problem.code, problem.message, place, problem.line, problem.fix)


def values_of(below: str, data: Mapping[str, object], slug: str, stem: str) -> dict[str, object]:
    """Return what a permalink can name: the data, and what Eleventy says about the page."""
    return {
        **{key: value for key, value in data.items() if key != "page"},
        **{f"{key}.{inner}": text for key, value in data.items() if isinstance(value, Mapping)
           for inner, text in value.items()},
        "page.fileSlug": slug,
        "page.filePathStem": stem,
        "page.inputPath": f"./{below}",
        "page.outputFileExtension": "html",
    }  # fmt: skip


def own_tags(tags: Iterable[str], inherited: Iterable[str], folder: str) -> tuple[str, ...]:
    """Return the tags that are meant for readers: not those that a whole folder has, or that only make a collection."""
    left_out = COLLECTIONS | set(inherited) | {folder}
    return tuple(dict.fromkeys(tag.strip() for tag in tags if tag not in left_out and tag.strip()))
