"""Which styles go into `style` attributes and which stay in the head, and that nothing else changes on the way.

A mail has two kinds of `<style>` blocks. An ordinary one is inlined and disappears; it holds no at-rules and no
pseudo-classes. One marked `data-premailer="ignore" data-css-inline="keep"` stays byte for byte: width and dark
queries, client hacks. Two engines keep this contract: `premailer`, the one of record, and `css-inline`, the fast one.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from digest.errors import ConfigError, TemplateError
from digest.render.inlining import with_css_inline, with_premailer
from digest.render.inlining.fidelity import check_fidelity, without_comments
from digest.render.inlining.page import finished, read_page
from digest.render.inlining.styles import check_style

if TYPE_CHECKING:
    from lxml import etree

__all__ = ["Inliner", "inline", "require"]

Inliner = Literal["premailer", "css-inline"]
"""The name of an engine."""

_ENGINES: dict[Inliner, Callable[[etree._Element], None]] = {
    "premailer": with_premailer.move_styles,
    "css-inline": with_css_inline.move_styles,
}
_BLOCKS = 40
"""`<style>` and `<script>` tags of one mail; a design has four."""

_BLOCK = re.compile(r"<(?:style|script)", re.IGNORECASE)
_KEPT = re.compile(r'<style\b[^>]*\bdata-premailer="ignore"[^>]*>(.*?)</style>', re.DOTALL)
_INLINED = re.compile(r"<style\b(?![^>]*data-premailer)[^>]*>\n?(.*?)</style>", re.DOTALL)


def inline(html: str, *, style_file: str = "", inliner: Inliner = "premailer") -> str:
    """Move the styles of a rendered mail into `style` attributes, and prove that nothing else changed.

    Raises TemplateError when a style cannot be inlined (naming `style_file` and the line in it) and when the
    result differs from `html` in text, links, images, comments or kept styles.
    """
    source = html.replace("\r\n", "\n").replace("\r", "\n")
    if len(_BLOCK.findall(source)) > _BLOCKS:  # each that is not closed is searched for to the end of the mail
        raise TemplateError(f"the mail has more than {_BLOCKS} <style> tags", fix="look for one inside a loop")
    for css in _INLINED.findall(without_comments(source)):
        check_style(css, style_file)
    root = read_page(source)
    _ENGINES[inliner](root)
    result = finished(root, " ".join(_KEPT.findall(source)))
    check_fidelity(source, result, style_file)
    return result


def require(inliner: Inliner) -> None:
    """Raise ConfigError when an engine is not installed."""
    if inliner != "css-inline":
        return
    try:
        import css_inline  # noqa: F401 - whether it can be had, before the first mail needs it
    except ImportError as cause:
        raise ConfigError(
            "`render.inliner` is “css-inline”, which is not installed",
            fix='`pip install css-inline`, or write inliner = "premailer"',
        ) from cause
