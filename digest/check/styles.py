"""Whether the styles that stay in the mail survive Gmail: it drops a block for one mistake."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from digest.check.css import READ_AT_MOST, rules
from digest.check.demands import Demands
from digest.check.document import parsed
from digest.check.spots import at, in_styles
from digest.models import Email, Finding, Level, Spot

LIMIT = 16_384
"""Bytes of all style blocks together; Gmail ignores what comes after."""

_NOT_RULES = re.compile(r"/\*.*?(?:\*/|\Z)|\"[^\"\n]*\"|'[^'\n]*'", re.DOTALL)
_INSIDE = re.compile(r"\{([^{}]*)\}")
_ODD_IMPORTANT = re.compile(r"[^\s;:]!\s*important|!\s+important|!(?!important\b)(?i:important)\b", re.ASCII)
_STEP = re.compile(r"@[\w-]+[^{};]*\{|[{}]")


def check(email: Email, _: Demands) -> Iterator[Finding]:
    """Weigh and read the style blocks."""
    root = parsed(email.html)
    blocks = [block.text or "" for block in root.iter("style")]
    largest = max(blocks, key=len, default="")
    size = sum(len(block.encode(errors="replace")) for block in blocks)
    if size > LIMIT:
        message = f"The styles in the head have {size:,} bytes; Gmail reads {LIMIT:,} and ignores the rest."
        fix = "Move what needs no query to style.css"
        yield Finding(Level.ERROR, "mail.styles-too-large", message, fix=fix, spot=_begin(largest))
    astray = next((block for block in root.iter("style") if _is_in_body(block)), None)
    if astray is not None:
        message = "A style block stands outside of the head, where several clients ignore it."
        spot = at(astray.getparent())
        yield Finding(Level.ERROR, "mail.style-in-body", message, fix="Move the block into <head>", spot=spot)
    for block in blocks:
        yield from _mistakes(block)
    yield from _about_declarations(blocks)
    mixed = next((block for block in blocks if len(_kinds(block)) > 1), None)
    if mixed:
        message = f"One style block holds rules for {' and '.join(_kinds(mixed))}; where one is dropped, both are lost."
        fix = "Give each a <style> of its own: phone.css, dark.css and clients.css"
        yield Finding(Level.WARNING, "mail.styles-mixed", message, fix=fix, spot=_begin(mixed))


def _kinds(block: str) -> list[str]:
    """Return what a block is for, of the things that belong into blocks of their own."""
    found = rules(block)
    told = {
        "phones": any("width" in rule.query for rule in found),
        "dark mode": any(
            "prefers-color-scheme" in rule.query or any("[data-ogs" in each for each in rule.selectors)
            for rule in found
        ),
    }
    return [name for name, is_there in told.items() if is_there]


def _about_declarations(blocks: list[str]) -> Iterator[Finding]:
    """Look for what Gmail cannot read, and for `!important` written as only some programs understand it."""
    for block in blocks:
        inside = ";".join(_INSIDE.findall(_NOT_RULES.sub("''", block[:READ_AT_MOST])))
        broken = next((part.strip() for part in inside.split(";") if ":" not in part and part.strip(" '\n\t")), "")
        if broken:
            message = f"A style block holds “{broken[:40]}”, which is no rule; Gmail would drop the whole block."
            fix = "Write it as name: value;"
            yield Finding(Level.ERROR, "mail.style-broken", message, fix=fix, spot=in_styles(broken))
        odd = _ODD_IMPORTANT.search(inside)
        if odd:
            message = f"A style block holds “{odd[0].strip()}”; some programs read only “ !important”, in lower case."
            fix = "Write a space before !important"
            yield Finding(Level.ERROR, "mail.style-important", message, fix=fix, spot=in_styles(odd[0]))
        if "var(" in inside:
            message = "A style block uses var(), which Gmail, Outlook and Yahoo do not know."
            fix = "Write the colours themselves"
            yield Finding(Level.WARNING, "mail.style-variable", message, fix=fix, spot=in_styles("var("))


def _is_in_body(block: etree._Element) -> bool:
    return any(ancestor.tag == "body" for ancestor in block.iterancestors())


def _mistakes(css: str) -> Iterator[Finding]:
    open_blocks: list[str] = []
    for step in _STEP.findall(_NOT_RULES.sub("", css)):
        if step == "}" and not open_blocks:
            yield _unbalanced("a } too many", css)
            return
        if step == "}":
            open_blocks.pop()
        elif step.startswith("@") and any(outer.startswith("@") for outer in open_blocks):
            name = step.partition("{")[0].strip()
            message = f"The style rule “{name}” stands inside of another @-rule; Gmail would drop the whole block."
            fix = "Write the two one after the other"
            yield Finding(Level.ERROR, "mail.nested-at-rule", message, fix=fix, spot=in_styles(name))
            open_blocks.append(step)
        else:
            open_blocks.append(step)
    if open_blocks:
        yield _unbalanced("a } missing", css)


def _unbalanced(what: str, css: str) -> Finding:
    message = f"A style block has {what}; Gmail would drop the whole block."
    fix = "Count the braces in phone.css, dark.css and clients.css"
    return Finding(Level.ERROR, "mail.style-unbalanced", message, fix=fix, spot=_begin(css))


def _begin(css: str) -> Spot:
    """Mean a block by its first words."""
    return in_styles(css.strip()[:80])
