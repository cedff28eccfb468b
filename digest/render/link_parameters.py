"""What is added to the addresses of posts, so that a blog's statistics can tell which mail brought a visitor."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, unquote_plus, urlsplit

from digest.errors import TemplateError
from digest.models import READER_TOKEN, Newsletter, Post
from digest.render.blame import blame
from digest.render.compiled import template_of_line
from digest.render.plain import LONGEST_NAME, page_address, plain, unfit_character
from digest.render.sandbox import Filters, Sandbox

LONGEST = 200
"""Characters of one value before it is percent-encoded; a post with an endless category must hold up no mail."""

_WEB = re.compile(r"https?://[^/?#]", re.IGNORECASE)
_PAGE_ENDING = re.compile(r"\.(html?|php|md|markdown)$", re.IGNORECASE)
_NAMES = ("newsletter", "issue", "post", "place")


class LinkParameters:
    """Writes the addresses of one issue's posts with what the newsletter's `[link_parameters]` say."""

    def __init__(self, templates: Path, newsletter: Newsletter, filters: Filters, offers: tuple[str, ...]) -> None:
        """Read the templates; raises TemplateError, with file and line, for one that cannot be read."""
        self._folder = templates
        self._file = newsletter.file or f"newsletter {newsletter.slug}"
        self._offers = offers
        self._sandbox = Sandbox(templates, _NAMES, filters)
        self._written: dict[tuple[str, object, object], str] = {}
        self._templates = {}
        for name, template in newsletter.link_parameters.items():
            with blame(self._folder, self._file, key=f"link_parameters.{name}", offers=self._offers):
                self._templates[name] = template_of_line(self._sandbox, template)

    def address_of(self, post: Post, facts: Mapping[str, Any]) -> str:
        """Return the address of a post as it stands in the mail.

        `facts` are what the templates can say: `newsletter`, `issue`, `post` and `place`. Raises TemplateError, with
        file and line, for a template that cannot be written or writes what no address can carry.
        """
        key = (post.id, facts["post"]["number"], facts["place"])
        if key not in self._written:
            # What the author wrote is seen first, so that nothing is added that it has.
            self._written[key] = with_parameters(page_address(post.url), self._values(facts))
        return self._written[key]

    def _values(self, facts: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
        for name, template in self._templates.items():
            with blame(self._folder, self._file, key=f"link_parameters.{name}", offers=self._offers):
                value = self._sandbox.write(template, facts).strip()
                if unfit := unfit_character(value):
                    raise TemplateError(f"it writes {unfit}, which no address can carry", fix="type it again")
            if value:
                yield name, value[:LONGEST]


def with_parameters(address: str, parameters: Iterable[tuple[str, str]]) -> str:
    """Return a web address with `parameters` after those it has, percent-encoded.

    All that it has stays as it is, letter by letter; a parameter that it has already is not added. What is no web
    address (`mailto:`, `tel:`) comes back untouched.
    """
    if not _WEB.match(address):
        return address
    before, mark, fragment = address.partition("#")
    path, _, query = before.partition("?")
    has = {unquote_plus(pair.partition("=")[0]) for pair in query.split("&")}
    new = "&".join(f"{_encoded(name)}={_encoded(value)}" for name, value in parameters if name not in has)
    joint = "&" if query and not query.endswith("&") else ""
    return f"{path}?{query}{joint}{new}{mark}{fragment}" if new else address


def post_facts(post: Post, number: int) -> dict[str, str | int]:
    """Return what a link parameter can say about a post: its `number`, `slug` and `category`."""
    category = plain(post.categories[0], LONGEST_NAME) if post.categories else ""
    return {"number": number, "slug": name_of(post), "category": category}


def name_of(post: Post) -> str:
    """Name a post by the last part of its address, or of its id where the address has none (`/?p=12`)."""
    try:
        path = urlsplit(post.url).path
    except ValueError:
        path = ""
    parts = [part for part in path.split("/") if part and not part.lower().startswith("index.")]
    last = parts[-1] if parts else post.id.rpartition(":")[2].rpartition("/")[2]
    return plain(_PAGE_ENDING.sub("", unquote(last)), LONGEST_NAME)


def _encoded(text: str) -> str:
    """Percent-encode; also the reader's token, which must stand in no address of a blog."""
    return quote(text, safe="").replace(READER_TOKEN, READER_TOKEN.replace("_", "%5F"))
