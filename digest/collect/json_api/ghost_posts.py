"""Decides what Ghost says about a post.

A post for members or for those who pay is on the blog for everybody, cut down to what is free of it, so it is in.
A featured post is not pinned: it stands out on the blog for as long as its editors like, which says nothing about one
issue. `url` is the post's page on the blog, and `canonical_url` that of another site where it stood first.
"""

from __future__ import annotations

from datetime import datetime, tzinfo
from urllib.parse import urlsplit

from digest.collect.collection import Reading
from digest.collect.feeds.html_text import as_text, from_plain, teaser, words_of
from digest.collect.feeds.links import absolute
from digest.collect.json_api.values import Record, list_at, moment_at, text_at, zone_named
from digest.collect.problems import BrokenPostError
from digest.models import Finding, Level, Post, Text
from digest.typography import fit

_TEXTS = ("id", "title", "url", "published_at", "updated_at", "custom_excerpt", "feature_image", "html", "visibility")
_TITLE_COLUMNS = 80


def flat(post: Record) -> Record:
    """Reduce a post, as the Content API gives it with its tags and authors, to what is read of it."""
    tags = [text_at(tag, "name") for tag in list_at(post, "tags") if not _is_internal(tag)]
    return {
        **{key: text_at(post, key) for key in _TEXTS},
        "plaintext": "" if text_at(post, "html") else text_at(post, "plaintext") or text_at(post, "excerpt"),
        "authors": [name for each in list_at(post, "authors") if (name := text_at(each, "name").strip())],
        "tags": list(dict.fromkeys(name for tag in tags if (name := tag.strip()))),
    }


def zone_of(site: Record, option: str) -> tzinfo | None:
    """Return the zone of a site: as configured here, or as set there; None when nobody says."""
    return zone_named(option) or zone_named(text_at(site, "timezone"))


def published_at(post: Record) -> datetime | None:
    """Return when a post was published; None when it has no date with an offset."""
    moment = moment_at(post, "published_at")
    return moment if moment and moment.tzinfo else None


def read(site: Record, post: Record, *, name: str, time_zone: str, language: str, author: str) -> Reading:
    """Make a post of what `flat` gave; raise `BrokenPostError`."""
    moment = published_at(post)
    if moment is None:
        raise BrokenPostError("post.date", "The post has no date that can be read.", fix="Set it in Ghost.")
    url = absolute(text_at(post, "url"), "")
    if not url:
        raise BrokenPostError("post.url", f"“{text_at(post, 'url')[:200]}” is no web address.", fix="Set it in Ghost.")
    zone = zone_of(site, time_zone)
    markup = text_at(post, "html") or from_plain(text_at(post, "plaintext"))
    tags = tuple(map(str, list_at(post, "tags")))
    updated_at = moment_at(post, "updated_at")
    has_page = not urlsplit(url).path.rstrip("/").endswith("/404")
    return Reading(
        Post(
            id=f"{name}:{text_at(post, 'id')}",
            path="",
            url=url,
            title=words_of(from_plain(text_at(post, "title"))) or fit(words_of(markup), _TITLE_COLUMNS),
            published_at=_in(zone, moment),
            text=Text(as_text(markup)),
            summary=teaser(from_plain(text_at(post, "custom_excerpt"))),
            updated_at=_in(zone, updated_at) if updated_at and updated_at.tzinfo and updated_at > moment else None,
            author=", ".join(map(str, list_at(post, "authors"))) or author,
            categories=tags[:1],
            tags=tags,
            language=language or text_at(site, "lang") or text_at(site, "locale"),
            image=absolute(text_at(post, "feature_image"), url),
            withheld="" if has_page else "not on the site",
        ),
        () if has_page else (_no_page(text_at(post, "title"), url),),
        appears=moment,
    )


def _is_internal(tag: object) -> bool:
    """Tell whether a tag is one of the editors' own, which the blog does not show."""
    return text_at(tag, "visibility") == "internal" or text_at(tag, "name").startswith("#")


def _in(zone: tzinfo | None, moment: datetime) -> datetime:
    try:
        return moment.astimezone(zone) if zone else moment
    except OverflowError:
        return moment


def _no_page(title: str, url: str) -> Finding:
    return Finding(
        Level.WARNING,
        "post.url",
        f"Ghost has no page for the post “{title[:100]}”, so it is left out: no route of the site leads to it.",
        url,
        fix="see routes.yaml of the site",
    )
