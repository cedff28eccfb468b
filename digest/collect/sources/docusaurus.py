"""Decides what a Docusaurus blog shows: the Markdown and MDX files of its folder `blog`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from digest.collect import folders, guessing
from digest.collect.collection import Reading, assemble, check_time_zone
from digest.collect.files import Found, PostFile, find_files
from digest.collect.headers import gray_matter, js_yaml
from digest.collect.headers.front_matter import Document
from digest.collect.javascript import docusaurus, moments, settings
from digest.collect.javascript.posts import UNKNOWN_ADDRESS, Facts, address, compose, text_of, texts_of, undated
from digest.collect.memory import FORGETFUL, Memory
from digest.collect.patterns import no_address
from digest.collect.problems import BrokenPostError, empty, no_date
from digest.collect.reading import read_blog
from digest.collect.words import mdx
from digest.models import Collection, Finding, Level

_NAMED = re.compile(r"(.*)(\d{4}[-/]\d{1,2}[-/]\d{1,2})[-/]?(.*?)(?:/index)?.mdx?", re.ASCII)
_PLAIN = re.compile(r"(?:/index)?\.mdx?$")
_CLOSED = re.compile(rb"\n---")
_MODULES = re.compile(r"(?:import\s(?:[^\n]|\n(?!\n))*\n\n+)*")
_HEADING = re.compile(r"#[ \t]+([^ \t\n][^\n]*)")
_UNDERLINED = re.compile(r"([^\n]*)\n=+(?:\n|\Z)")
_HEADING_ID = re.compile(r"[ \t]*(?:\{#*[\w-]+\}|#+)$")

SIGNS = ("docusaurus.config.*",)
"""Without any of these names in it, no folder is looked at more closely."""


def recognises(_folder: Path, names: Sequence[str]) -> bool:
    """Tell whether a folder with these names in it is a Docusaurus site."""
    return any(name in names for name in docusaurus.CONFIGS)


@dataclass(frozen=True)
class Source:
    """The blog of a Docusaurus site in a folder."""

    name: str
    """First part of every post's id."""
    path: Path
    """The site's folder: the one with `docusaurus.config.js`."""
    url: str = ""
    """Where the site is read, with its base path; else `url` and `baseUrl` where the settings say them plainly."""
    posts: str = ""
    """The blog's folder; else what the settings say, else `blog`."""
    route: str = ""
    """Where the blog is read within the site, such as `/news`; else what the settings say, else `/blog`."""
    time_zone: str = "UTC"
    """In which days are told; a date without an offset is UTC whatever this says."""
    language: str = ""
    """Of posts that do not say it; else the site's `defaultLocale`."""

    def __post_init__(self) -> None:
        check_time_zone(self.time_zone, self.name)

    def read(self, now: datetime, since: datetime | None = None, memory: Memory = FORGETFUL) -> Collection:
        """Read every post."""
        blog = self._blog()
        readings, problems, files = read_blog(blog, now, since, memory)
        problems += [*blog.site.problems, *(blog.site.unplaced if files else ())]
        if not files and all(problem.level is not Level.ERROR for problem in problems):
            problems.append(empty(blog.site.posts))
        if not blog.site.url:
            problems.append(no_address('Give the source its address, with its base path: url = "https://example.com".'))
        return assemble(readings, problems, since)

    def watched(self) -> Sequence[Path]:
        """Return the settings and the blog's folder."""
        site = self._blog().site
        folder = self.path / site.posts
        return (*settings.present(self.path, docusaurus.CONFIGS), folder if folder.is_dir() else self.path)

    def _blog(self) -> _Blog:
        folders.check(self.name, self.path)
        return _Blog(
            self,
            docusaurus.read(self.path, url=self.url, posts=self.posts, route=self.route, language=self.language),
        )


@dataclass(frozen=True)
class _Blog:
    """The blog as Docusaurus sees it."""

    source: Source
    site: docusaurus.Site

    @property
    def settings(self) -> object:
        """The options, the site, its authors and tags."""
        return self.source, self.site

    def find(self) -> Found:
        """List the files of the blog's folder, without those that begin with `_`."""
        return find_files(
            self.source.name,
            self.source.path,
            self.site.posts,
            lambda relative: relative.endswith((".md", ".mdx")) and not _name(relative).startswith((".", "_")),
            lambda relative: not _name(relative).startswith((".", "_")) and _name(relative) != "__tests__",
        )

    def latest(self, file: PostFile, head: bytes) -> date | None:
        """Look at the path and the first lines."""
        written = self._parts(file)[0]
        try:
            named = date(*(int(part) for part in re.split("[-/]", written))) if written else None
        except ValueError:
            return None
        return guessing.latest(head, ("date",), _CLOSED, named)

    def read(self, file: PostFile, raw: bytes, now: datetime) -> Reading:
        """Read a post as Docusaurus does."""
        document = gray_matter.read(raw)
        data = document.data
        written, text, named_slug = self._parts(file)
        slug = js_yaml.to_string(data["slug"]) if data.get("slug") is not None else named_slug
        authors, notes = self._authors(data, file, document)
        updated = data.get("last_update")
        facts = Facts(
            url=address(self.site.url, self.site.path(slug)),
            title=_title(data, document, text),
            published_at=_published_at(data.get("date"), written, document),
            site=self.site.url,
            zone=ZoneInfo(self.source.time_zone or "UTC"),
            tags=self._tags(data, document),
            author=authors,
            language=self.site.language,
            withheld=_withheld(data) or (UNKNOWN_ADDRESS if self.site.unplaced else ""),
            updated=updated.get("date") if isinstance(updated, Mapping) else None,
            updated_key="last_update",
            pictures_are_served=False,
            notes=notes,
        )
        return compose(self.source.name, file, data, document, facts)

    def text(self, file: PostFile, raw: bytes) -> str:
        """Return what stands below the front matter; `.md` is MDX to Docusaurus, too."""
        return mdx.to_markdown(gray_matter.body(raw))

    def level(self, file: PostFile, error: BrokenPostError) -> Level:
        """A file without a date may have one in the history of the blog's repository."""
        return Level.WARNING if error.code == "post.undated" else Level.ERROR

    def _parts(self, file: PostFile) -> tuple[str, str, str]:
        """Return the date in a file's path (may be empty), its text and its slug."""
        below = file.relative.removeprefix(f"{self.site.posts}/")
        if found := _NAMED.fullmatch(below):
            return found[2], found[3], f"/{found[2].replace('-', '/')}/{found[1]}{found[3]}"
        text = _PLAIN.sub("", below)
        return "", text, f"/{text}"

    def _tags(self, data: Mapping[str, object], document: Document) -> tuple[str, ...]:
        said = data.get("tags")
        if said is None:
            return ()
        if not isinstance(said, list):
            raise BrokenPostError(
                "post.tags", "The tags are no list.", line=document.lines.get("tags", 0), fix="Write tags: [one, two]."
            )
        labels = (
            item.get("label") if isinstance(item, Mapping) else self.site.tags.get(js_yaml.to_string(item), item)
            for item in said
        )
        return texts_of(list(labels))

    def _authors(
        self, data: Mapping[str, object], file: PostFile, document: Document
    ) -> tuple[str, tuple[Finding, ...]]:
        """Name the authors; Docusaurus knows them by the short names of its list, and refuses others."""
        if "authors" not in data:
            return text_of(data.get("author")), ()
        said = data["authors"]
        names, unknown = [], []
        for item in (said if isinstance(said, list) else [said])[:20]:
            own = text_of(item.get("name")) if isinstance(item, Mapping) else ""
            short = text_of(item.get("key") if isinstance(item, Mapping) else item)
            names.append(own or self.site.authors.get(short, short))
            unknown += [short] if short and not own and short not in self.site.authors else []
        notes = tuple(
            Finding(
                Level.WARNING,
                "post.author",
                f"“{short}” has no name in the list of authors; it is shown as it is.",
                file.relative,
                document.lines.get("authors", 0),
                f"Add it to {self.site.posts}/authors.yml.",
            )
            for short in unknown
        )
        return ", ".join(dict.fromkeys(filter(None, names))), notes


def _name(relative: str) -> str:
    return relative.rpartition("/")[2]


def _title(data: Mapping[str, object], document: Document, text: str) -> str:
    """Return the title, else the heading with which the text begins, else what stands in the file's name."""
    said = data.get("title")
    if said is not None:
        return text_of(said)
    content = document.body.strip()
    below = _MODULES.sub("", content, count=1).strip()
    if found := _HEADING.match(below):
        heading = _HEADING_ID.sub("", found[1].strip())
    elif found := _UNDERLINED.match(below):
        heading = re.sub(r"[ \t]*=+$", "", found[1].strip())
    else:
        return text_of(text)
    return text_of(heading.replace("`", ""))


def _published_at(said: object, named: str, document: Document) -> datetime:
    line = document.lines.get("date", 0)
    if said:
        if isinstance(said, datetime):
            return said
        try:
            if isinstance(said, str) and moments.parse(said, UTC):
                return moments.parse(f"{said}Z", UTC)
        except ValueError as error:
            raise no_date(js_yaml.to_string(said), line) from error
        raise no_date(js_yaml.to_string(said), line)
    if not named:
        raise undated("Docusaurus takes that of the file's first commit")
    try:
        return moments.parse(f"{named}Z", UTC)
    except ValueError as error:
        raise BrokenPostError(
            "post.date", f"The file's name holds {named}, which is no date.", fix="Rename the file."
        ) from error


def _withheld(data: Mapping[str, object]) -> str:
    for key in ("draft", "unlisted"):
        if data.get(key) in (True, "true"):
            return key
    return ""
