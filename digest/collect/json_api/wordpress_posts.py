"""Decides what WordPress says about a post.

A sticky post is not pinned: it stays on top of the blog's front page, often for years, which says nothing about one
issue of a digest. The number of a post is its identity; its address, slug and even guid change with a migration.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from urllib.parse import unquote

from digest.collect.collection import Reading
from digest.collect.feeds.html_text import as_text, teaser, words_of
from digest.collect.feeds.links import absolute
from digest.collect.json_api.values import Record, at, list_at, moment_at, text_at, zone_named, zone_of_hours
from digest.collect.problems import BrokenPostError
from digest.collect.words.repetition import fold
from digest.models import Finding, Level, Post, Text
from digest.typography import fit

_PICTURES = ("large", "medium_large", "full")
"""Sizes of a picture, first the one that suits a mail (1,024 px); not every theme and server makes it."""
_FARTHEST = timedelta(hours=15)
"""No zone is farther from UTC: when two dates of one post are, an import has left one of them wrong."""
_CUT = ("[…]", "[...]", "[&hellip;]", "[&#8230;]")
_READ_ON = re.compile(r"""<a\b[^<>]{0,1000}\bclass=["'][^"'<>]{0,200}\bmore\b.{0,1000}$""", re.IGNORECASE | re.DOTALL)
"""The link to the rest of a post that themes put below an excerpt; core's own class is `more-link`."""
_TITLE_COLUMNS = 80


def flat(post: Record) -> Record:
    """Reduce a post, as the REST API gives it with its author, terms and picture, to what is read of it."""
    terms = [term for group in list_at(post, "_embedded", "wp:term") if isinstance(group, list) for term in group]

    def named(taxonomy: str) -> list[str]:
        names = (words_of(text_at(term, "name")) for term in terms if text_at(term, "taxonomy") == taxonomy)
        return [name for name in names if name]

    return {
        **{key: post.get(key) for key in ("id", "date", "date_gmt", "modified_gmt", "slug", "status", "link")},
        **{key: text_at(post, key, "rendered") for key in ("title", "excerpt", "content")},
        "protected": at(post, "content", "protected") is True,
        "author": ", ".join(filter(None, (text_at(each, "name") for each in list_at(post, "_embedded", "author")))),
        "categories": named("category"),
        "tags": named("post_tag"),
        "unnamed": bool(list_at(post, "categories")) and not terms,
        "image": _picture(at(post, "_embedded", "wp:featuredmedia", 0)),
    }


def zone_of(site: Record, option: str) -> tzinfo | None:
    """Return the zone of a site: as configured here, as set there, or its fixed offset; None when nobody says."""
    return zone_named(option) or zone_named(text_at(site, "timezone_string")) or zone_of_hours(at(site, "gmt_offset"))


def published_at(post: Record, zone: tzinfo | None) -> datetime | None:
    """Return when a post was published, in the blog's zone; None when it has no date.

    `date_gmt` is the moment, and `date`, which has no zone, the same on the blog's clock.
    """
    return _moment(moment_at(post, "date_gmt"), moment_at(post, "date"), zone)


def read(site: Record, post: Record, *, name: str, time_zone: str, language: str, author: str) -> Reading:
    """Make a post of what `flat` gave; raise `BrokenPostError`."""
    moment = published_at(post, zone_of(site, time_zone))
    if moment is None:
        raise BrokenPostError("post.date", "The post has no date that can be read.", fix="Set it in WordPress.")
    url = absolute(text_at(post, "link"), "")
    if not url:
        raise BrokenPostError(
            "post.url", f"“{text_at(post, 'link')[:200]}” is no web address.", fix="See the settings."
        )
    words = words_of(text_at(post, "content"))
    modified = moment_at(post, "modified_gmt")
    updated_at = _moment(modified, None, moment.tzinfo) if modified else None
    categories, tags = (tuple(map(str, list_at(post, key))) for key in ("categories", "tags"))
    return Reading(
        Post(
            id=f"{name}:{post['id']}",
            path="",
            url=url,
            title=_title(post, words),
            published_at=moment,
            text=Text(as_text(text_at(post, "content"))),
            summary=_summary(text_at(post, "excerpt"), words),
            updated_at=updated_at if updated_at and updated_at > moment else None,
            author=text_at(post, "author") or author,
            categories=categories,
            tags=tags,
            language=language,
            image=absolute(text_at(post, "image"), url),
            withheld=_withheld(post),
        ),
        _doubts(post, url),
        appears=moment,
    )


def _moment(utc: datetime | None, local: datetime | None, zone: tzinfo | None) -> datetime | None:
    naive_utc, naive_local = (each and each.replace(tzinfo=None) for each in (utc, local))
    try:
        if naive_utc and naive_local and abs(naive_local - naive_utc) > _FARTHEST:
            naive_utc = None
        if naive_utc:
            offset = naive_local - naive_utc if naive_local else timedelta()
            return naive_utc.replace(tzinfo=UTC).astimezone(zone or timezone(timedelta(minutes=offset // _MINUTE)))
        return naive_local.replace(tzinfo=zone or UTC) if naive_local else None
    except OverflowError:
        return None


_MINUTE = timedelta(minutes=1)


def _title(post: Record, words: str) -> str:
    """Return the title; for a post without one its slug, unless that is a mere number, or else how it begins."""
    slug = unquote(text_at(post, "slug")).replace("-", " ").strip()
    return (
        words_of(text_at(post, "title"))
        or ("" if slug.replace(" ", "").isdigit() else slug.capitalize())
        or fit(words, _TITLE_COLUMNS)
    )


def _summary(excerpt: str, words: str) -> str:
    """Return what the author wrote as a summary: not what WordPress made by cutting the text after some words."""
    markup = _READ_ON.sub("…", excerpt)
    said, short = words_of(markup), teaser(markup)
    if said.endswith("…") and not fold(words).startswith(fold(said)):
        short = short.removesuffix("…").rstrip()  # written by hand, and whole
    if not words:
        return short
    is_cut = said.endswith(_CUT) or (short.endswith("…") and fold(words).startswith(fold(short)))
    return "" if is_cut or fold(said) == fold(words) else short


def _withheld(post: Record) -> str:
    if post.get("protected") is True:
        return "protected by a password"
    status = text_at(post, "status")
    return "" if status in {"publish", ""} else f"status: {status}"


def _doubts(post: Record, url: str) -> tuple[Finding, ...]:
    if post.get("unnamed") is not True:
        return ()
    return (
        Finding(
            Level.WARNING,
            "post.categories",
            "The blog does not tell the names of the post's categories.",
            url,
            fix="let everybody read them: /wp-json/wp/v2/categories",
        ),
    )


def _picture(media: object) -> str:
    """Return the address of an embedded picture; nothing for what is none, or is not shown to everybody."""
    if text_at(media, "media_type") not in {"image", ""}:
        return ""
    sizes = (text_at(media, "media_details", "sizes", size, "source_url") for size in _PICTURES)
    return next(filter(None, sizes), "") or text_at(media, "source_url")
