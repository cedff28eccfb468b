"""Which posts are shown as briefly as can be, so that no mail client cuts the mail."""

from __future__ import annotations

from collections.abc import Callable, Collection

from digest.models import Selection

COMFORTABLE = 80_000
"""Bytes of HTML; Gmail cuts at some 102,000, and providers add their own."""


def fitted(selection: Selection, render: Callable[[Collection[str]], str]) -> str:
    """Return the HTML with the fewest compact posts that is comfortably small.

    `render` makes the HTML from the ids of the posts to be compact: what is told by its title anyway goes first, then
    the lowest scores, the lead never. Nothing is left out, since readers count as told of it; when even that is too
    large, so is the result.
    """
    html = render(())
    if len(html.encode()) <= COMFORTABLE:
        return html
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
    return best
