"""Decides what an Astro project is: where its posts lie, and at which addresses its routes put them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from digest.collect import folders
from digest.collect.javascript import literals, settings, slugs

CONFIGS = tuple(f"astro.config.{ending}" for ending in ("mjs", "js", "ts", "mts", "cjs"))
PAGES = "src/pages"

_NAMES = ("blog", "posts", "post", "articles", "article", "writing", "news")
_ABOVE = ("src/content", "src/data", "src", "content", "data", PAGES)
_ROUTE = re.compile(r"\[(?:\.\.\.)?(\w+)\]\.astro")


@dataclass(frozen=True, slots=True)
class Site:
    """A project as its settings say it, as far as they can be known without running them."""

    root: Path
    url: str
    """Scheme, host and base path; empty when nobody said it."""
    posts: str
    """The folder of posts, relative to the root; empty when none was found."""
    route: str | None
    """The path before a post's id, such as `/blog/`; None when only the project's code knows it."""
    slash: bool
    """Addresses end with a slash."""
    file: str = ""
    """The settings, relative to the root; empty when there are none."""
    unread: str = ""
    """The setting that decides about addresses and is not written in plain words; mostly empty."""

    @property
    def are_pages(self) -> bool:
        """Tell whether the posts are pages themselves, without a route."""
        return f"{self.posts}/".startswith(f"{PAGES}/")

    def path(self, entry: str) -> str:
        """Return the path of a post by its id, or of a page by its place below `src/pages`, within the site."""
        path = f"{'/' if self.are_pages else self.route or self._guessed}{quote(entry, safe='/~')}"
        return path.rstrip("/") + ("/" if self.slash or path == "/" else "")

    @property
    def _guessed(self) -> str:
        return f"/{self.posts.rpartition('/')[2]}/"


def read(root: Path, *, url: str, posts: str) -> Site:
    """Read the settings of the project in `root`; what is given comes before what the settings say."""
    config = "\n".join(filter(None, (settings.text_of(root, name) for name in CONFIGS)))
    said = literals.read(config)
    texts = {key: value for key, value in said.items() if isinstance(value, str)}
    folder = "/".join(part for part in posts.split("/") if part not in {"", "."}) if posts else _folder(root)
    address = "" if literals.unread(config, ("base",)) else texts.get("site", "")
    return Site(
        root=root,
        url=url.rstrip("/") or settings.joined(address if settings.is_address(address) else "", texts.get("base", "")),
        posts=folder,
        route=_route(root, folder.rpartition("/")[2]),
        slash=texts.get("trailingSlash") != "never" and texts.get("build.format") != "file",
        file=next((name for name in CONFIGS if settings.text_of(root, name)), ""),
        unread=literals.unread(config, ("trailingSlash", "build.format")),
    )


def entry_id(below: str) -> str:
    """Return the id of a file of a collection, by its path below the collection's folder."""
    return re.sub(r"/index$", "", "/".join(slugs.github(part) for part in below.rpartition(".")[0].split("/")))


def page_path(below: str) -> str:
    """Return the path of a page, by its place below `src/pages`."""
    return re.sub(r"(?:^|/)index$", "", below.rpartition(".")[0])


def _folder(root: Path) -> str:
    """Return the first folder of a usual name that holds Markdown, else the first that is there at all."""
    there = [f"{above}/{name}" for above in _ABOVE for name in _NAMES if folders.is_folder(root / above / name)]
    return next((folder for folder in there if _holds_markdown(root / folder)), there[0] if there else "")


def _holds_markdown(folder: Path) -> bool:
    return any(name.endswith((".md", ".mdx")) for _, _, names in folders.walk(str(folder)) for name, _ in names)


def _route(root: Path, collection: str) -> str | None:
    """Return the route whose file makes a page of each entry of the collection, told by the entry's id."""
    if not collection or not folders.is_folder(root / PAGES):
        return None
    wanted = re.compile(rf"""\bgetCollection(?:<[^<>\n]*>)?\(\s*["'`]{re.escape(collection)}["'`]""")
    routes = set()
    for parent, _, names in folders.walk(str(root / PAGES)):
        for name, _ in names:
            if not (found := _ROUTE.fullmatch(name)):
                continue
            relative = Path(parent).relative_to(root).as_posix()
            text = settings.text_of(root, f"{relative}/{name}")
            param = re.compile(rf"\bparams\s*:\s*\{{\s*{found[1]}\s*:\s*\w+\.(?:id|slug)\s*,?\s*\}}")
            if wanted.search(text) and param.search(text):
                routes.add(f"{relative.removeprefix(PAGES)}/")
    return routes.pop() if len(routes) == 1 else None
