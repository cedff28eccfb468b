"""The two pages of an unsubscription, in the newsletter's language."""

from __future__ import annotations

import tomllib
from functools import cache
from html import escape
from pathlib import Path
from string import Template

_HERE = Path(__file__).parent


def unsubscribe_page(language: str) -> str:
    """Return the page that asks: only its button unsubscribes."""
    words = _words(language)
    button = f'<form method="post"><button>{escape(words["button"])}</button></form>'
    return _page(language, words["ask_title"], words["ask"], button)


def unsubscribed_page(language: str) -> str:
    """Return the page that confirms."""
    words = _words(language)
    return _page(language, words["done_title"], words["done"], "")


def nobody_page(language: str) -> str:
    """Return the page that says where to find the link that works."""
    words = _words(language)
    return _page(language, words["nobody_title"], words["nobody"], "")


def _page(language: str, title: str, text: str, button: str) -> str:
    frame = Template((_HERE / "page.html").read_text(encoding="utf-8"))
    return frame.substitute(language=escape(language), title=escape(title), text=escape(text), button=button)


@cache
def _words(language: str) -> dict[str, str]:
    file = _HERE / "words" / f"{'ja' if language.startswith('ja') else 'en'}.toml"
    return tomllib.loads(file.read_text(encoding="utf-8"))
