"""What a template can say: plain, frozen values about one issue, and nothing that does something."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Any

from digest.models import Newsletter, Pick, Section, Selection
from digest.render.dates import Calendar, calendar_for, last_instant
from digest.render.links import Links
from digest.render.plain import plain, plain_address
from digest.render.reading import reading_minutes

Values = Mapping[str, Any]
"""Texts, numbers, switches, and tuples or mappings of these."""

NO_POST: Values = MappingProxyType(
    {
        **dict.fromkeys(("title", "url", "excerpt", "category", "author", "date", "iso_date", "image"), ""),
        **dict.fromkeys(("language", "language_name"), ""),
        **dict.fromkeys(("categories", "tags"), ()),
        **dict.fromkeys(("foreign", "lead", "compact"), False),
        **dict.fromkeys(("minutes", "number"), 0),
    }
)
"""The lead of an issue without posts, so that a subject that names it can be previewed."""


def variables(
    newsletter: Newsletter, number: int, selection: Selection, links: Links, compact: Collection[str] = ()
) -> dict[str, Values | tuple[Values, ...]]:
    """Return the variables of a mail but for its words and design.

    `compact` holds the ids of the posts that are to be shown as a title only. Raises TemplateError when dates
    cannot be written in the newsletter's language.
    """
    calendar = calendar_for(newsletter.language, newsletter.schedule.time_zone, file=newsletter.file)
    first, sections = 1, []
    for section in selection.sections:
        sections.append(_section(section, first, calendar, newsletter.language, compact))
        first += len(section.picks)
    posts = tuple(post for section in sections for post in section["posts"])
    return {
        "newsletter": _newsletter(newsletter),
        "issue": _issue(number, selection, calendar),
        "lead": posts[0] if posts else NO_POST,
        "sections": tuple(sections),
        "posts": posts,
        "links": _frozen(unsubscribe=links.unsubscribe_url, view=links.view_url),
    }


def _newsletter(newsletter: Newsletter) -> Values:
    publisher, sender = newsletter.publisher, newsletter.sender
    return _frozen(
        slug=newsletter.slug,
        title=plain(newsletter.title),
        language=newsletter.language,
        sender=_frozen(name=plain(sender.name), address=plain(sender.address)),
        publisher=_frozen(
            name=plain(publisher.name),
            postal_address=plain(publisher.postal_address),
            contact=plain(publisher.contact),
            contact_url=_contact_url(plain(publisher.contact)),
        ),
    )


def _issue(number: int, selection: Selection, calendar: Calendar) -> Values:
    slot = selection.slot
    last = last_instant(slot.window)
    return _frozen(
        number=number,
        period=slot.period,
        count=len(selection.picks),
        date=calendar.long(slot.due_at),
        iso_date=calendar.iso(slot.due_at),
        window=_frozen(
            label=calendar.span(slot.window),
            start=calendar.long(slot.window.start),
            end=calendar.long(last),
            iso_start=calendar.iso(slot.window.start),
            iso_end=calendar.iso(last),
        ),
    )


def _section(section: Section, first: int, calendar: Calendar, language: str, compact: Collection[str]) -> Values:
    posts = tuple(
        _post(pick, number, calendar, language, compact=pick.post.id in compact)
        for number, pick in enumerate(section.picks, first)
    )
    return _frozen(
        key=section.key,
        heading=plain(section.heading),
        count=len(posts),
        posts=posts,
        rest=tuple(post for post in posts if not post["lead"]),
    )


def _post(pick: Pick, number: int, calendar: Calendar, language: str, *, compact: bool) -> Values:
    post = pick.post
    foreign = bool(post.language) and _primary(post.language) != _primary(language)
    return _frozen(
        number=number,
        lead=number == 1,
        compact=compact,
        title=plain(post.title),
        url=plain_address(post.url),
        excerpt=plain(pick.excerpt),
        category=plain(post.categories[0]) if post.categories else "",
        categories=tuple(map(plain, post.categories)),
        tags=tuple(map(plain, post.tags)),
        author=plain(post.author),
        date=calendar.short(post.published_at),
        iso_date=calendar.iso(post.published_at),
        image=plain_address(post.image),
        language=post.language or language,
        language_name=calendar.language_name(post.language) if foreign else "",
        foreign=foreign,
        minutes=reading_minutes(post.body),
    )


def _contact_url(contact: str) -> str:
    """Make a link of an address for complaints; empty for one that is only a text."""
    if re.fullmatch(r"https?://\S+", contact):
        return contact
    if re.fullmatch(r"[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+", contact):
        return f"mailto:{contact}"
    return f"tel:{re.sub(r'[^0-9+]', '', contact)}" if re.fullmatch(r"\+?[0-9][0-9 ()-]{7,}", contact) else ""


def _primary(language: str) -> str:
    return language.replace("_", "-").partition("-")[0].casefold()


def _frozen(**values: Any) -> Values:
    return MappingProxyType(values)
