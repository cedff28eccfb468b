"""Decides at which address Hexo shows a post: `permalink` of the settings or of the post, tokens, pretty addresses.

Read after lib/plugins/filter/post_permalink.ts of github.com/hexojs/hexo (8) and full_url_for of hexo-util 3.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, unquote_to_bytes

from digest.collect.headers import js_yaml
from digest.collect.hexo.names import PART
from digest.collect.hexo.settings import Site
from digest.collect.hexo.slugs import slugize
from digest.collect.problems import BrokenPostError

_SAFE = ";,/?:@&=+$-_.!~*'()#"
_FIX = "Correct the permalink, or delete the line."
_REFUSED = {"tags", "categories", "path", "permalink", "full_source", "asset_dir"}
"""Parts that Hexo would have to make an address for."""


@dataclass(frozen=True)
class Address:
    """What an address can be made of."""

    date: datetime
    """Local to the machine that builds the blog."""
    slug: str
    title: str
    category: str
    """The slug of the post's last category."""
    data: Mapping[str, object]
    """The front matter."""


_PARTS: dict[str, Callable[[Address], str]] = {
    "title": lambda post: post.slug,
    "name": lambda post: post.slug.rstrip("/").rpartition("/")[2],
    "post_title": lambda post: slugize(post.title, 1),
    "year": lambda post: f"{post.date.year:04}",
    "month": lambda post: f"{post.date.month:02}",
    "day": lambda post: f"{post.date.day:02}",
    "hour": lambda post: f"{post.date.hour:02}",
    "minute": lambda post: f"{post.date.minute:02}",
    "second": lambda post: f"{post.date.second:02}",
    "i_month": lambda post: f"{post.date.month}",
    "i_day": lambda post: f"{post.date.day}",
    "timestamp": lambda post: str(_seconds(post.date)),
    "hash": lambda post: hashlib.sha1(f"{post.slug}{_seconds(post.date)}".encode(), usedforsecurity=False).hexdigest()[
        :12
    ],
    "category": lambda post: post.category,
}


def path_of(post: Address, site: Site) -> str:
    """Return the post's path below the blog's address, as Hexo writes it; raise `BrokenPostError`."""
    values: dict[str, str] = dict(site.permalink_defaults)
    values |= {key: js_yaml.to_string(value) for key, value in post.data.items() if value is not None}
    values.setdefault("layout", "post")

    def value(found: re.Match[str]) -> str:
        name = found[1]
        if name in _PARTS:
            return _PARTS[name](post)
        if name not in values or name in _REFUSED:
            raise BrokenPostError(
                "post.permalink",
                f"The blog's addresses are made with :{name}, which this post does not have.",
                fix=f"Write {name} into the post, or another permalink into {site.file or '_config.yml'}.",
            )
        return values[name]

    return _in_folder(PART.sub(value, site.permalink), site)


def own_path(written: object, line: int, site: Site) -> str:
    """Return the path that a post's own `permalink` says; raise `BrokenPostError`."""
    if not isinstance(written, str):
        raise BrokenPostError("post.permalink", "The permalink is not a text.", line=line, fix=_FIX)
    return _in_folder(written if written.startswith("/") else f"/{written}", site)


def address_of(path: str, line: int, site: Site) -> str:
    """Return the address of a path, absolute when the blog's is known; raise `BrokenPostError`."""
    try:
        plain = unquote_to_bytes(path).decode("utf-8")
    except ValueError:
        plain = "%"
    if "%" in plain:
        raise BrokenPostError(
            "post.permalink",
            f"“{path}” holds a % at which Hexo stops.",
            line=line,
            fix="Take the sign out of the name.",
        )
    encoded = quote(re.sub("/{2,}", "/", f"/{plain}"), safe=_SAFE)
    if site.strip_index:
        encoded = re.sub(r"index\.html$", "", encoded)
    if site.strip_html and not encoded.endswith("index.html"):
        encoded = encoded.removesuffix(".html")
    return site.url + encoded


def category_slug(chain: Sequence[str], site: Site) -> str:
    """Return the slug of the last category of a chain, with those above it."""
    names = dict(site.category_map)
    return "/".join(slugize(names.get(name) or name, site.filename_case) for name in chain)


def _in_folder(path: str, site: Site) -> str:
    """A post with a folder for its pictures is a folder itself."""
    return f"{path}/" if site.asset_folders and not path.endswith(("/", ".html")) else path


def _seconds(moment: datetime) -> int:
    return math.floor(moment.timestamp())
