"""Whether the text part says what the HTML says: the same titles in the same order, and mostly the same words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from digest.check.demands import Demands
from digest.check.document import parsed, words_of
from digest.check.spots import TEXT
from digest.models import Email, Finding, Level

ALIKE = 0.7
"""Share of the words, in either direction. The shipped designs reach 0.9."""
STUB = 0.35
"""Below it the text part is no text part: SpamAssassin's MPART_ALT_DIFF takes 2.2 of 5 points for it."""

_ADDRESS = re.compile(r"https?://[!-~]+")
_BREAK = "\u200b"
"""Stands in the HTML where a long row of letters may break."""
_LETTERS = re.compile(r"\w+")
_PIECE = 3
_TITLES = ("h1", "h2", "h3", "h4")


_SAME = "Print the same posts in email.txt"


def check(email: Email, _: Demands) -> Iterator[Finding]:
    """Compare titles, then words; nothing for a mail without a text part, which `text_part` tells."""
    if not email.text.strip():
        return
    text = _letters(email.text)
    titles = [title for title in _titles(email.html) if title]
    missing = [title for title in titles if title not in text]
    if missing:
        message = f"The text part lacks {len(missing)} of the titles of the HTML, first “{missing[0][:40]}”."
        yield Finding(Level.ERROR, "mail.text-title-missing", message, fix=_SAME, spot=TEXT)
    elif not _in_order(titles, text):
        message = "The text part has the titles in another order than the HTML."
        fix = "Loop over the same sections in email.txt"
        yield Finding(Level.WARNING, "mail.text-title-order", message, fix=fix, spot=TEXT)
    share = likeness(email)
    if share < ALIKE:
        level = Level.ERROR if share < STUB else Level.WARNING
        message = (
            f"Only {share:.0%} of the words are the same in the text part and the HTML; readers of text get another "
            f"mail, and spam filters distrust it."
        )
        yield Finding(level, "mail.text-unlike", message, fix="Print in email.txt what email.html prints", spot=TEXT)


def likeness(email: Email) -> float:
    """Return the share of the words that both parts have, 0 to 1: of the part of which more is missing in the other.

    Words are compared by pieces of three letters, so that Japanese needs no dictionary and line breaks do not count.
    """
    html = _pieces(_letters(words_of(email.html)))
    text = _pieces(_letters(email.text))
    if not html or not text:
        return float(html == text)
    shared = sum((html & text).values())
    return float(shared / max(sum(html.values()), sum(text.values())))


def _pieces(letters: str) -> Counter[str]:
    return Counter(letters[place : place + _PIECE] for place in range(len(letters) - _PIECE + 1))


def _letters(text: str) -> str:
    """Return letters and digits alone: signs, blanks, line breaks and web addresses differ by design."""
    return "".join(_LETTERS.findall(_ADDRESS.sub(" ", text.replace(_BREAK, "")))).replace("_", "").casefold()


def _titles(html: str) -> Iterator[str]:
    for heading in parsed(html).iter(*_TITLES):
        yield _letters("".join(str(part) for part in heading.itertext()))


def _in_order(titles: list[str], text: str) -> bool:
    place = 0
    for title in titles:
        place = text.find(title, place)
        if place < 0:
            return False
        place += len(title)
    return True
