"""What a template can say: plain, frozen values about one issue, and nothing that does something."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType
from typing import Any

from digest.models import Newsletter, Pick, Post, Section, Selection
from digest.render.dates import Calendar, calendar_for, last_instant
from digest.render.link_parameters import name_of, post_facts
from digest.render.links import Links
from digest.render.plain import LONGEST_NAME, is_seen, page_address, plain, plain_address, plain_title, single_line
from digest.select.reading_time import reading_minutes

Values = Mapping[str, Any]
"""Texts, numbers, switches, and tuples or mappings of these."""

NO_POST: Values = MappingProxyType(
    {
        **dict.fromkeys(("title", "url", "excerpt", "category", "author", "date", "iso_date", "image"), ""),
        **dict.fromkeys(("language", "language_name"), ""),
        **dict.fromkeys(("categories", "tags", "also"), ()),
        **dict.fromkeys(("foreign", "lead", "compact"), False),
        **dict.fromkeys(("minutes", "number"), 0),
    }
)
"""The lead of an issue without posts, so that a subject that names it can be previewed."""

_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:[-_][A-Za-z0-9]{1,8}){0,4}")
"""What a `lang` attribute can hold; a post that says anything else counts as written in the newsletter's language."""

_NAMES = 50
"""Tags of one post, far more than any design shows."""

AddressOf = Callable[[Post, Mapping[str, Any]], str]
"""Writes the address of a post, from it and from what its link parameters can say."""


def _bare(post: Post, _: Mapping[str, Any]) -> str:
    return page_address(post.url)


def variables(
    newsletter: Newsletter,
    number: int,
    selection: Selection,
    links: Links,
    compact: Collection[str] = (),
    *,
    lead_first: bool = True,
    address_of: AddressOf = _bare,
) -> dict[str, Values | tuple[Values, ...]]:
    """Return the variables of a mail but for its words and design.

    `compact` holds the ids of the posts that are to be shown as a title only. Posts are counted as readers meet them:
    the lead before the sections, or in its place when not `lead_first`. Raises TemplateError when dates cannot be
    written in the newsletter's language, and what `address_of` raises.
    """
    calendar = calendar_for(newsletter.language, newsletter.schedule.time_zone, file=newsletter.file)
    about = {"newsletter": _newsletter(newsletter), "issue": _issue(number, selection, calendar)}
    in_place = tuple(pick for section in selection.sections for pick in section.picks)
    picks = selection.picks if lead_first else in_place
    places = {pick.post.id: "more" for pick in selection.more} | ({selection.lead: "lead"} if lead_first else {})

    def address(post: Post, number: int, place: str) -> str:
        return address_of(post, {**about, "post": post_facts(post, number), "place": place})

    shown = {}
    for position, pick in enumerate((*picks, *selection.more), 1):
        url = address(pick.post, position, places.get(pick.post.id, "card"))
        also = tuple(
            _frozen(**_named(other, newsletter.language), url=address(other, position, "also"))
            for other in pick.also[: newsletter.max_also]
        )
        said = _post(newsletter, calendar, pick)
        lead, short = pick.post.id == selection.lead, pick.post.id in compact
        shown[pick.post.id] = _frozen(**said, url=url, number=position, lead=lead, compact=short, also=also)
    posts = tuple(shown[pick.post.id] for pick in picks)
    return {
        **about,
        "lead": next((post for post in posts if post["lead"]), posts[0] if posts else NO_POST),
        "sections": tuple(_section(section, shown) for section in selection.sections),
        "posts": posts,
        "more": tuple(shown[pick.post.id] for pick in selection.more),
        "links": _frozen(unsubscribe=links.unsubscribe_url, view=links.view_url),
    }


def _newsletter(newsletter: Newsletter) -> Values:
    publisher, sender = newsletter.publisher, newsletter.sender
    return _frozen(
        slug=newsletter.slug,
        title=single_line(newsletter.title),
        language=newsletter.language,
        sender=_frozen(name=single_line(sender.name), address=single_line(sender.address)),
        publisher=_frozen(
            name=single_line(publisher.name),
            postal_address=single_line(publisher.postal_address),
            contact=single_line(publisher.contact),
            contact_url=_contact_url(single_line(publisher.contact)),
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


def _section(section: Section, shown: Mapping[str, Values]) -> Values:
    posts = tuple(shown[pick.post.id] for pick in section.picks)
    return _frozen(
        key=section.key,
        heading=single_line(section.heading),
        count=len(posts),
        posts=posts,
        rest=tuple(post for post in posts if not post["lead"]),
    )


def _post(newsletter: Newsletter, calendar: Calendar, pick: Pick) -> Values:
    """Return what a post says of itself, wherever it stands."""
    post = pick.post
    named = _named(post, newsletter.language)
    return _frozen(
        **named,
        excerpt=plain(pick.excerpt),
        category=_name(post.categories[0]) if post.categories else "",
        categories=tuple(map(_name, post.categories[:_NAMES])),
        tags=tuple(map(_name, post.tags[:_NAMES])),
        author=_name(post.author),
        date=calendar.short(post.published_at),
        iso_date=calendar.iso(post.published_at),
        image=plain_address(post.image),
        language_name=plain(calendar.language_name(str(named["language"]))) if named["foreign"] else "",
        minutes=reading_minutes(post.body),
    )


def _name(text: str) -> str:
    return plain(text, LONGEST_NAME)


def _named(post: Post, language: str) -> dict[str, str | bool]:
    """Return what it takes to name a post, but for its address."""
    title = plain_title(post.title)
    own = post.language if _LANGUAGE.fullmatch(post.language) else language
    return {
        "title": title if is_seen(title) else name_of(post),
        "language": own,
        "foreign": _primary(own) != _primary(language),
    }


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
