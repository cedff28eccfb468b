"""Which posts are shown as briefly as can be, so that no mail client cuts the mail."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from digest.models import Finding, Level, Newsletter, Pick, Post, Selection
from digest.render.plain import LONGEST_ADDRESS, plain, plain_address, plain_title
from digest.typography import fit

COMFORTABLE = 80_000
"""Bytes of HTML; Gmail cuts at some 102,000, and providers add their own."""

_NAMED = 3
_COLUMNS = 60
"""Of a title that is named; most are shorter."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """The HTML, and what it took to make it fit."""

    html: str
    whole: int
    """Bytes that it would have with nothing made brief."""
    compact: tuple[str, ...] = ()
    """Ids of the posts that were made brief, those that went first in front."""


def fitted(selection: Selection, render: Callable[[Collection[str]], str]) -> Fitted:
    """Return the HTML with the fewest compact posts that is comfortably small.

    `render` makes the HTML from the ids of the posts to be compact: what is told by its title anyway goes first, then
    the lowest scores, the lead never. Nothing is left out, since readers count as told of it; when even that is too
    large, so is the result.
    """
    html = render(())
    whole = len(html.encode())
    if whole <= COMFORTABLE:
        return Fitted(html, whole)
    last_first = selection.picks[:0:-1]
    worst_first = [pick.post.id for pick in (*selection.more, *sorted(last_first, key=lambda pick: pick.score))]
    enough, too_few = len(worst_first), 0
    best = render(worst_first)
    while enough - too_few > 1:
        middle = (enough + too_few) // 2
        html = render(worst_first[:middle])
        if len(html.encode()) <= COMFORTABLE:
            enough, best = middle, html
        else:
            too_few = middle
    return Fitted(best, whole, tuple(worst_first[:enough]))


def what_was_done(fitted: Fitted, selection: Selection, newsletter: Newsletter) -> tuple[Finding, ...]:
    """Tell which posts were made brief and why, and whose addresses are too long; nothing when all is well."""
    picks = (*selection.picks, *selection.more)
    return (*_made_brief(fitted, selection, newsletter), *(each for pick in picks for each in _endless(pick)))


def _endless(pick: Pick) -> Iterator[Finding]:
    """Tell of titles that are whole texts, and of addresses that no program opens."""
    longer = f"its address is longer than {LONGEST_ADDRESS:,} characters"
    if pick.post.image.strip() and not plain_address(pick.post.image):
        message = f"The picture of “{_called(pick.post)}” is left out: {longer}."
        fix = "Name a picture that lies on the site"
        yield Finding(Level.WARNING, "mail.image-left-out", message, file=pick.post.path, fix=fix)
    for post in (pick.post, *pick.also):
        if plain_title(post.title) != plain(post.title):
            message = f"The title “{_called(post)}” is too long for one, and readers see its beginning only."
            yield Finding(Level.WARNING, "mail.title-shortened", message, file=post.path, fix="Give the post a title")
        if post.url.strip() and not plain_address(post.url):
            message = f"The link of “{_called(post)}” leads to the front page of its site only: {longer}."
            fix = "Give the post a shorter address, or exclude it"
            yield Finding(Level.WARNING, "mail.link-shortened", message, file=post.path, fix=fix)


def _made_brief(fitted: Fitted, selection: Selection, newsletter: Newsletter) -> tuple[Finding, ...]:
    if not fitted.compact:
        return ()
    posts = {pick.post.id: pick.post for pick in selection.picks}
    cards = [posts[post] for post in fitted.compact if post in posts]
    why = f"With all of it the mail would have {fitted.whole:,} bytes of HTML, and Gmail cuts off long mails"
    size = f"now it has {len(fitted.html.encode()):,}"
    fix = "To choose yourself, show fewer posts (max_posts, max_more) or shorter excerpts (excerpt_columns)"
    if not cards:
        message = f"{why}: the titles of {len(fitted.compact)} more posts break less finely; {size}."
        return (Finding(Level.INFO, "mail.more-compacted", message, file=newsletter.file, fix=fix),)
    named = "".join(f"“{_called(post)}”, " for post in cards[:_NAMED]).removesuffix(", ")
    others = f" and {len(cards) - _NAMED} others" if len(cards) > _NAMED else ""
    shown = "the post with the lowest score is" if len(cards) == 1 else f"the {len(cards)} with the lowest scores are"
    message = f"{why}: of {len(posts)} posts {shown} shown by the title alone ({named}{others}); {size}."
    return (Finding(Level.WARNING, "mail.cards-shortened", message, file=newsletter.file, fix=fix),)


def _called(post: Post) -> str:
    return fit(plain(post.title), _COLUMNS)
