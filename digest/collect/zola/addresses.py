"""Decides at which address Zola shows a page: language, folders, date and slug in its name, or the author's path.

Read after components/content/src/file_info.rs and page.rs of github.com/getzola/zola (0.22).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote

from digest.collect.headers.front_matter import Document
from digest.collect.problems import BrokenPostError
from digest.collect.zola.files import CONTENT
from digest.collect.zola.settings import Site
from digest.collect.zola.slugs import slugify, unsure
from digest.models import Finding, Level

_DATED = re.compile(
    r"(?P<date>\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
    r"(?:T(?:[01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|60)(?:\.[0-9]+)?(?:Z|[-+](?:[01][0-9]|2[0-3]):[0-5][0-9]))?)"
    r"(?:\s?[_-](?P<slug>.+))?",
    re.ASCII,
)
_SAFE = "/%:=&~+!$,;'@()*[]-._"


@dataclass(frozen=True, slots=True)
class Place:
    """What a file's path says about the page in it."""

    folders: tuple[str, ...]
    """Those above the page, as they stand in its address."""
    name: str
    """The part that becomes the slug, its date taken off unless the site keeps it."""
    said_date: str
    """The date that the name begins with, or nothing."""
    language: str
    own_folder: bool
    """Whether the page has a folder for itself and its pictures."""

    def slug(self, document: Document, site: Site) -> str:
        """Return the last part of the address."""
        written = document.data.get("slug")
        return slugify(written if isinstance(written, str) else self.name, site.strategy)

    def address(self, document: Document, site: Site) -> str:
        """Return the page's address, absolute when the site's is known."""
        written = document.data.get("path")
        if isinstance(written, str):
            path = f"/{written.strip().removeprefix('/')}"
        else:
            language = () if self.language == site.language else (self.language,)
            path = "/" + "/".join((*language, *self.folders, self.slug(document, site)))
        return site.url + quote(path if path.endswith("/") else f"{path}/", safe=_SAFE)


def place_of(relative: str, site: Site) -> Place:
    """Return what the path of a page says, which is relative to the site; raise `BrokenPostError` where Zola stops."""
    *folders, file = relative.removeprefix(f"{CONTENT}/").split("/")
    name, language = _language(file.removesuffix(".md"), site)
    own_folder = bool(folders) and file.partition(".")[0] == "index"
    named = folders[-1] if own_folder and name == "index" else name
    found = _DATED.match(named)
    return Place(
        folders=tuple(folders[:-1] if own_folder else folders),
        name=found["slug"] if found and found["slug"] and not site.keep_dates else named,
        said_date=found["date"] if found else "",
        language=language,
        own_folder=own_folder,
    )


def spelt_unsurely(relative: str, document: Document, place: Place, site: Site) -> tuple[Finding, ...]:
    """Warn of an address that holds a character whose spelling in Zola is not known."""
    written = document.data.get("slug")
    name = written if isinstance(written, str) else place.name
    strange = "" if isinstance(document.data.get("path"), str) else unsure(name, site.strategy)
    if not strange:
        return ()
    return (
        Finding(
            Level.WARNING,
            "post.slug",
            f"Zola spells “{strange}” in a way of its own, so the address of the post is not known and it is left out.",
            relative,
            document.lines.get("slug", 0),
            'Write slug = "…" in plain letters.',
        ),
    )


def _language(stem: str, site: Site) -> tuple[str, str]:
    """Take the code of a language off a name, as in `hello.ja`."""
    name, dot, code = stem.partition(".")
    if not site.languages or not dot or code == site.language:
        return stem, site.language
    if code not in site.languages:
        raise BrokenPostError(
            "post.language",
            f"The name says the language “{code}”, which the site does not have; Zola stops at it.",
            fix=f"Rename the file, or add [languages.{code}] to {site.file or 'zola.toml'}.",
        )
    return name, code
