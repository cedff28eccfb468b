"""What a mail looks like in a frame: no scripts ever, dark or light at will, with or without images."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from digest.studio.turning import ground, turned

_DOCTYPE = re.compile(r"\s*<!DOCTYPE[^>]*>", re.IGNORECASE)
_STYLE = re.compile(r"<style\b[^>]*>.*?</style>", re.IGNORECASE | re.DOTALL)
_MEDIA = re.compile(r"""\bmedia\s*=\s*("[^"]*"|'[^']*')""", re.IGNORECASE)
_SCHEME = re.compile(r"\(\s*prefers-color-scheme\s*:\s*(dark|light)\s*\)", re.IGNORECASE)
_KNOWS_DARK = re.compile(r"color-scheme[^;>]*\bdark\b|prefers-color-scheme\s*:\s*dark", re.IGNORECASE)

_TRUE, _FALSE = "(min-width: 0)", "(max-width: 0)"


@dataclass(frozen=True, slots=True)
class Looks:
    """How the mail is looked at."""

    dark: bool = False
    images: bool = True
    turned: bool = False
    """Whether its colours are turned round, as Gmail's apps do: then it is not asked for its own dark ones."""

    design: str = ""
    """The template that it is tried on with; empty for the newsletter's own."""
    spoken: str = ""
    """The language that it is tried on in; empty for the newsletter's own."""

    @property
    def tried(self) -> bool:
        """Whether it is seen as it would be with another template or in another language."""
        return bool(self.design or self.spoken)

    @property
    def both(self) -> bool:
        """Whether its own dark colours and the turned ones are seen beside each other."""
        return self.dark and self.turned


def dressed(html: str, looks: Looks) -> dict[str, str]:
    """Return the mail for the frames: as `frame`, and as `turned` where both kinds of dark are wanted at once."""
    if not looks.both:
        return {"frame": framed(html, looks), "turned": ""}
    own, gmails = replace(looks, turned=False), replace(looks, dark=False)
    return {"frame": framed(html, own), "turned": framed(html, gmails)}


def framed(html: str, looks: Looks) -> str:
    """Return a mail's HTML for `<iframe sandbox srcdoc>`.

    Media queries for dark and light readers are decided here, so that every browser shows what was asked for. What
    is added stands before anything that the mail says, so no mail can come first.
    """
    doctype = _DOCTYPE.match(html)
    start = doctype.end() if doctype else 0
    dark = looks.dark and not looks.turned and bool(_KNOWS_DARK.search(html))
    images = "https: data:" if looks.images else "'none'"
    policy = f"default-src 'none'; style-src 'unsafe-inline'; img-src {images}; base-uri 'none'; form-action 'none'"
    added = (
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="referrer" content="no-referrer">'
        '<base target="_blank">'
        f"<style>:root{{color-scheme:{'dark' if dark else 'light'}!important}}"
        f"{ground() if looks.turned else ''}</style>"
    )
    if looks.turned:  # Gmail knows no such question
        return html[:start] + added + turned(_decided(html[start:], ""))
    return html[:start] + added + _decided(html[start:], "dark" if dark else "light")


def _decided(html: str, scheme: str) -> str:
    """Answer every question about the reader's colours; the mail's words are left alone."""

    def answer(match: re.Match[str]) -> str:
        return _TRUE if match[1].lower() == scheme else _FALSE

    def answered(match: re.Match[str]) -> str:
        return _SCHEME.sub(answer, match[0])

    return _MEDIA.sub(answered, _STYLE.sub(answered, html))
