"""Where inboxes cut a subject and a preheader: published figures, in display columns.

A full-width character takes two columns. Mail programs measure in pixels and by the reader's font size, so every figure
is “about”. Where sources differ the smaller figure stands here: what fits it is seen everywhere. No dated public test
of Yahoo! JAPAN Mail was found; its row is that of Yahoo Mail.
"""

from __future__ import annotations

from dataclasses import dataclass

import wcwidth

ELLIPSIS = "…"


@dataclass(frozen=True, slots=True)
class Inbox:
    """A list of mails, as one program shows it."""

    title: str
    subject: int
    """Display columns."""
    preheader: int
    """Likewise."""
    source: str


INBOXES = {
    "gmail-phone": Inbox(
        "Gmail on a phone",
        33,
        33,
        "emailtooltester.com, tested on an iPhone 14 and a Pixel 7: keep to 33; lettercounter.org: 33 to 43",
    ),
    "apple-mail-phone": Inbox("Apple Mail on an iPhone", 48, 99, "emailtooltester.com, tested on an iPhone 14 and SE"),
    "yahoo-japan": Inbox(
        "Yahoo! JAPAN Mail", 46, 46, "typecount.com 2026 for Yahoo Mail on a desktop; not tested for Yahoo! JAPAN"
    ),
    "outlook": Inbox(
        "Outlook on a desktop", 50, 50, "wordcounternow.com: 50 to 60; lettercounter.org: 60; typecount.com 2026: 73"
    ),
    "gmail": Inbox(
        "Gmail on a desktop", 60, 120, "wordcounternow.com: 60 to 70 and 120 to 140; typecount.com 2026: 70"
    ),
}
"""The narrowest first. Read on 2026-11-22."""


def columns_of(text: str) -> int:
    """Count display columns; a character that cannot be shown takes none."""
    return sum(max(wcwidth.wcswidth(cluster), 0) for cluster in wcwidth.iter_graphemes(text))


def seen(text: str, columns: int) -> str:
    """Return what is seen of a line: all of it, or as much as fits before an ellipsis. No character is split."""
    text = " ".join(text.split())
    if columns_of(text[: columns * 8]) <= columns and len(text) <= columns * 8:
        return text
    shown, width = [], 0
    for cluster in wcwidth.iter_graphemes(text[: columns * 8]):
        width += max(wcwidth.wcswidth(cluster), 0)
        if width > columns - 1:
            break
        shown.append(cluster)
    return "".join(shown).rstrip() + ELLIPSIS
