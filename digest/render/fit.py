"""Which posts are shown as briefly as can be, so that no mail client cuts the mail."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from digest.models import Finding, Level, Newsletter, Selection

COMFORTABLE = 80_000
"""Bytes of HTML; Gmail cuts at some 102,000, and providers add their own."""

_NAMED = 3


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
    """Tell which posts were made brief and why; nothing when none was."""
    if not fitted.compact:
        return ()
    titles = {pick.post.id: pick.post.title for pick in selection.picks}
    cards = [titles[post] for post in fitted.compact if post in titles]
    why = f"With all of it the mail would have {fitted.whole:,} bytes of HTML, and Gmail cuts off long mails"
    size = f"now it has {len(fitted.html.encode()):,}"
    fix = "To choose yourself, show fewer posts (max_posts, max_more) or shorter excerpts (excerpt_columns)"
    if not cards:
        message = f"{why}: the titles of {len(fitted.compact)} more posts break less finely; {size}."
        return (Finding(Level.INFO, "mail.more-compacted", message, file=newsletter.file, fix=fix),)
    named = "".join(f"“{title}”, " for title in cards[:_NAMED]).removesuffix(", ")
    others = f" and {len(cards) - _NAMED} others" if len(cards) > _NAMED else ""
    shown = "the post with the lowest score is" if len(cards) == 1 else f"the {len(cards)} with the lowest scores are"
    message = f"{why}: of {len(titles)} posts {shown} shown by the title alone ({named}{others}); {size}."
    return (Finding(Level.WARNING, "mail.cards-shortened", message, file=newsletter.file, fix=fix),)
