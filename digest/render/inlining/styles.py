"""Whether a style sheet can go into `style` attributes at all."""

from __future__ import annotations

import logging
import re
from functools import lru_cache

from digest.errors import TemplateError
from digest.render.inlining.with_premailer import PREMAILER

_CSS_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_DECLARATIONS = re.compile(r"\{[^{}]*\}")
_RULE = re.compile(r"\s*(?:/\*(?:[^*]|\*(?!/))*\*/\s*)*([^{}\"'@/\\\\]+\{[^{}/\\\\]*\})")
"""A plain rule and the comments before it; one with a comment or an escape in it is left to the whole sheet."""
_CSS_PLACE = re.compile(r"\[(\d+):\d+:|, (\d+), \d+\)$")


@lru_cache(maxsize=16)
def check_style(css: str, file: str) -> None:
    """Raise TemplateError, with its line, for what cannot be inlined: mistakes, at-rules, pseudo-classes."""
    rules = _CSS_COMMENT.sub(_blanked, css)
    _refuse(r"@[a-z-]+", rules, file)
    problem, line = ("", 0) if _all_read_before(css) else _css_mistake(css)
    if problem:
        raise TemplateError(f"the style cannot be read: {problem}", file=file or None, line=line or None)
    _refuse(r":{1,2}[a-z-]+", _DECLARATIONS.sub(_blanked, rules), file)
    _refuse(r"!\s*important", rules, file)


def _refuse(unfit: str, rules: str, file: str) -> None:
    found = re.search(unfit, rules, re.IGNORECASE)
    if found:
        raise TemplateError(
            f"`{found[0]}` cannot go into a style attribute",
            file=file or None,
            line=rules.count("\n", 0, found.start()) + 1,
            fix="move the rule to a style sheet that stays in the head",
        )


def _blanked(part: re.Match[str]) -> str:
    """Blank out a part of a sheet, so that what follows stays on its line."""
    return re.sub(r"[^\n]", " ", part[0])


def _all_read_before(css: str) -> bool:
    """Whether a sheet is nothing but rules that can be read, each by itself: an edit changes few of them."""
    at = 0
    while at < len(css):
        rule = _RULE.match(css, at)
        if rule is None or not _is_read(rule[1]):
            return not css[at:].strip()
        at = rule.end()
    return True


@lru_cache(maxsize=4096)
def _is_read(rule: str) -> bool:
    return not _css_mistake(rule)[0]


def _css_mistake(css: str) -> tuple[str, int]:
    import cssutils  # here: the command line starts without these 250 ms

    cssutils.log.setLevel(logging.CRITICAL)
    with PREMAILER:
        try:
            cssutils.CSSParser(raiseExceptions=True, validate=False, loglevel=logging.CRITICAL).parseString(css)
        except Exception as cause:  # noqa: BLE001 - xml.dom errors and plain ones, all of them about the style
            place = _CSS_PLACE.search(str(cause))
            return re.split(r": \(| \[", str(cause))[0], int(place[1] or place[2]) if place else 0
    return ("a { has no }", 0) if css.count("{") != css.count("}") else ("", 0)
