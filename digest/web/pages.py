"""How every public page is put together: one frame, the words of its language, and only text that was escaped."""

from __future__ import annotations

import base64
import hashlib
import tomllib
from collections.abc import Mapping
from functools import cache
from html import escape
from pathlib import Path
from string import Template

_HERE = Path(__file__).parent
_STYLE = (_HERE / "page.css").read_text(encoding="utf-8")
STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
"""What the security policy allows as a style: this one and no other."""
NOBODY = "-"
"""Stands for a reader's token where an issue is shown to everybody."""


def page(language: str, title: str, *body: str, head: str = "") -> str:
    """Return a page; `title` is text, `body` and `head` are HTML."""
    frame = Template((_HERE / "page.html").read_text(encoding="utf-8"))
    return frame.substitute(
        language=spoken(language), title=escape(title), style=_STYLE, body="\n".join(filter(None, body)), head=head
    )


def say(text: str, kind: str = "") -> str:
    """Return a paragraph. Of the kind `said` or `wrong` it is read out, since it answers what a person just did."""
    shown = f' class="{kind}"' if kind else ""
    role = {"said": ' role="status"', "wrong": ' role="alert"'}.get(kind, "")
    return f"<p{shown}{role}>{escape(text)}</p>"


def link(text: str, target: str) -> str:
    """Return a paragraph that is a link."""
    return f'<p><a href="{escape(target)}">{escape(text)}</a></p>'


def button(text: str, act: str = "", *, second: bool = False, above: str = "") -> str:
    """Return a form of one button, which posts to the page's own address; `act` says what it does, where several do."""
    named = f' name="act" value="{act}"' if act else ""
    look = ' class="second"' if second else ""
    return f'<form method="post">{above}<button{named}{look}>{escape(text)}</button></form>'


def tick(name: str, value: str, text: str, *, checked: bool, more: str = "") -> str:
    """Return a box to tick with its text; `more` are further attributes."""
    on = " checked" if checked else ""
    field = f'<input type="checkbox" name="{name}" value="{escape(value)}"{on}{more}>'
    return f'<label class="tick">{field}<span>{escape(text)}</span></label>'


def text_field(name: str, label: str, value: str, more: str = "") -> str:
    """Return a field for a line of text; `more` are further attributes."""
    field = f'<input class="text" id="{name}" name="{name}" value="{escape(value)}"{more}>'
    return f'<label class="field" for="{name}">{escape(label)}</label>{field}'


def unsubscribe_page(language: str, preferences: str) -> str:
    """Return the page that asks: only its button unsubscribes. `preferences` is where one chooses instead."""
    words = words_for(language)
    to_choose = link(words["choose_link"], preferences) if preferences else ""
    return page(language, words["ask_title"], say(words["ask"]), button(words["button"]), to_choose)


def unsubscribed_page(language: str, preferences: str) -> str:
    """Return the page that confirms."""
    words = words_for(language)
    to_come_back = link(words["by_mistake"], preferences) if preferences else ""
    return page(language, words["done_title"], say(words["done"]), to_come_back)


def nobody_page(language: str) -> str:
    """Return the page that says where to find the link that works."""
    words = words_for(language)
    return page(language, words["nobody_title"], say(words["nobody"]))


def spoken(language: str) -> str:
    """Return the language that a page has for a reader of `language`: `ja` or `en`."""
    return "ja" if language.lower().split("-")[0] == "ja" else "en"


def words_for(language: str) -> Mapping[str, str]:
    """Return the words of the pages in a language."""
    return _words(spoken(language))


@cache
def _words(language: str) -> Mapping[str, str]:
    return tomllib.loads((_HERE / "words" / f"{language}.toml").read_text(encoding="utf-8"))
