"""Whether the styles that stay in the mail survive Gmail: it drops a block for one mistake."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from digest.check.document import parsed
from digest.models import Email, Finding, Level

LIMIT = 16_384
"""Bytes of all style blocks together; Gmail ignores what comes after."""

_NOT_RULES = re.compile(r"/\*.*?\*/|\"[^\"\n]*\"|'[^'\n]*'", re.DOTALL)
_STEP = re.compile(r"@[\w-]+[^{};]*\{|[{}]")


def check(email: Email) -> Iterator[Finding]:
    """Weigh and read the style blocks."""
    root = parsed(email.html)
    blocks = [block.text or "" for block in root.iter("style")]
    size = sum(len(block.encode(errors="replace")) for block in blocks)
    if size > LIMIT:
        message = f"The styles in the head have {size:,} bytes; Gmail reads {LIMIT:,} and ignores the rest."
        yield Finding(Level.ERROR, "mail.styles-too-large", message, fix="Move what needs no query to style.css")
    if any(_is_in_body(block) for block in root.iter("style")):
        message = "A style block stands outside of the head, where several clients ignore it."
        yield Finding(Level.ERROR, "mail.style-in-body", message, fix="Move the block into <head>")
    for block in blocks:
        yield from _mistakes(block)


def _is_in_body(block: etree._Element) -> bool:
    return any(ancestor.tag == "body" for ancestor in block.iterancestors())


def _mistakes(css: str) -> Iterator[Finding]:
    open_blocks: list[str] = []
    for step in _STEP.findall(_NOT_RULES.sub("", css)):
        if step == "}" and not open_blocks:
            yield _unbalanced("a } too many")
            return
        if step == "}":
            open_blocks.pop()
        elif step.startswith("@") and any(outer.startswith("@") for outer in open_blocks):
            name = step.partition("{")[0].strip()
            message = f"The style rule “{name}” stands inside of another @-rule; Gmail would drop the whole block."
            yield Finding(Level.ERROR, "mail.nested-at-rule", message, fix="Write the two one after the other")
            open_blocks.append(step)
        else:
            open_blocks.append(step)
    if open_blocks:
        yield _unbalanced("a } missing")


def _unbalanced(what: str) -> Finding:
    message = f"A style block has {what}; Gmail would drop the whole block."
    return Finding(
        Level.ERROR, "mail.style-unbalanced", message, fix="Count the braces in phone.css, dark.css and clients.css"
    )
