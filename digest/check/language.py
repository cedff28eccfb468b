"""Whether the mail says which language it is in: for screen readers, and for the right forms of kanji."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from digest.check.demands import Demands
from digest.check.document import parsed
from digest.check.spots import at
from digest.models import Email, Finding, Level

_TAG = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,4}")


def check(email: Email, _: Demands) -> Iterator[Finding]:
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
            yield Finding(level, "mail.no-language", message, fix=f'Add lang="{email.language}"', spot=at(element))
        elif _primary(found) != _primary(email.language):
            message = f"The mail is in “{email.language}”, but {name} says “{found}”."
            fix = f'Write lang="{email.language}"'
            yield Finding(level, "mail.other-language", message, fix=fix, spot=at(element))
    if body is not None and not body.get("xml:lang"):
        message = "The mail does not say on <body> which language it is in, in the way that Outlook reads."
        fix = f'Add xml:lang="{email.language}"'
        yield Finding(Level.WARNING, "mail.no-outlook-language", message, fix=fix, spot=at(body))
    said = (element for element in root.iter("*") if element.get("lang") is not None)
    unknown = next((each for each in said if not _TAG.fullmatch(str(each.get("lang")))), None)
    if unknown is not None:
        name = str(unknown.get("lang"))[:20]
        message = f"“{name}” is no language; screen readers would not know how to pronounce the words."
        fix = 'Write a language as "ja", "en" or "pt-BR"'
        yield Finding(Level.WARNING, "mail.unknown-language", message, fix=fix, spot=at(unknown))


def _language(element: etree._Element | None) -> str:
    return str(element.get("lang") or "") if element is not None else ""


def _primary(tag: str) -> str:
    return tag.partition("-")[0].lower()
