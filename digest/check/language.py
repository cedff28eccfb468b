"""Whether the mail says which language it is in: for screen readers, and for the right forms of kanji."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from digest.check.document import parsed
from digest.models import Email, Finding, Level


def check(email: Email) -> Iterator[Finding]:
    """Look for `lang` on html, on body, and on the first element in it (Gmail and Yahoo! take the outer ones away)."""
    root = parsed(email.html)
    body = root.find("body")
    wrapper = next((each for each in body if isinstance(each.tag, str)), None) if body is not None else None
    for name, element, level in (
        ("<html>", root, Level.ERROR),
        ("<body>", body, Level.ERROR),
        ("the first element in <body>", wrapper, Level.WARNING),
    ):
        found = _language(element)
        if not found:
            message = f"The mail does not say on {name} which language it is in."
            yield Finding(level, "mail.no-language", message, fix=f'Add lang="{email.language}"')
        elif _primary(found) != _primary(email.language):
            message = f"The mail is in “{email.language}”, but {name} says “{found}”."
            yield Finding(level, "mail.other-language", message, fix=f'Write lang="{email.language}"')


def _language(element: etree._Element | None) -> str:
    return str(element.get("lang") or "") if element is not None else ""


def _primary(tag: str) -> str:
    return tag.partition("-")[0].lower()
