"""Whether every reader gets a typeface with the right letters: installed ones, Japanese among them, and an end."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from digest.check.css import rules, value_of
from digest.check.demands import Demands
from digest.check.document import parsed, style_attributes
from digest.check.spots import HTML, in_styles
from digest.models import Email, Finding, Level

_GENERIC = {"sans-serif", "serif", "monospace", "system-ui", "cursive", "fantasy", "inherit"}
_JAPANESE = re.compile(
    r"hiragino|meiryo|noto sans (?:cjk )?jp|noto serif (?:cjk )?jp|yu ?gothic|yu ?mincho|ms p?gothic"
)
_ADVICE = 'Use "Hiragino Sans", Meiryo, "Noto Sans JP", sans-serif'


def check(email: Email, _: Demands) -> Iterator[Finding]:
    """Read the stacks of the tags, and look for typefaces that would have to be loaded."""
    root = parsed(email.html)
    stacks = dict.fromkeys(
        value_of(style, "font-family") for style in style_attributes(email.html) if "font-family" in style
    )
    stacks.pop("", None)
    for stack in stacks:
        families = [family.strip().strip("\"'").lower() for family in stack.split(",")]
        if families[-1] not in _GENERIC:
            message = f"The typefaces “{stack[:60]}” have no end; Outlook would fall back on Times."
            spot = in_styles(f"font-family: {stack}")
            fix = "End the list with sans-serif"
            yield Finding(Level.WARNING, "mail.font-without-end", message, fix=fix, spot=spot)
            break
    named = next((stack for stack in stacks if not stack.isascii()), "")
    if named:
        message = "A typeface is named in Japanese letters, which some programs cannot read in a style."
        spot = in_styles(f"font-family: {named}")
        yield Finding(Level.WARNING, "mail.font-name", message, fix=_ADVICE, spot=spot)
    if email.language.lower().startswith("ja"):
        yield from _japanese(root, list(stacks))
    if _loads(root):
        message = "The mail wants to load a typeface; Gmail and Yahoo refuse, and old Outlooks fall back on Times."
        yield Finding(Level.WARNING, "mail.web-font", message, fix=_ADVICE, spot=in_styles("@"))


def _japanese(root: etree._Element, stacks: list[str]) -> Iterator[Finding]:
    if not any(_JAPANESE.search(stack.lower()) for stack in stacks):
        message = "No Japanese typeface is named; some programs would show Chinese forms of the characters."
        yield Finding(Level.WARNING, "mail.font-japanese", message, fix=_ADVICE, spot=in_styles("font-family"))
    comments = "".join(comment.text or "" for comment in root.iter(etree.Comment) if "mso" in (comment.text or ""))
    if "font-family" not in comments and not any("mso-" in stack for stack in stacks):
        message = "Outlook is not told which Japanese typeface to use, and would mix several."
        fix = "Use head() of _macros/document.html, which names Meiryo for Outlook"
        yield Finding(Level.WARNING, "mail.font-outlook", message, fix=fix, spot=HTML)


def _loads(root: etree._Element) -> bool:
    queries = [rule.query for block in root.iter("style") for rule in rules(block.text or "")]
    linked = any("stylesheet" in str(link.get("rel") or "").lower() for link in root.iter("link"))
    return linked or any(query.startswith(("@font-face", "@import")) for query in queries)
