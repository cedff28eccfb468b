"""Whether a link stands twice in a row: who hears a mail, or walks through it by keyboard, meets it twice."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from digest.check.demands import Demands
from digest.check.document import parsed
from digest.check.links import label_of
from digest.check.spots import at
from digest.models import Email, Finding, Level


def check(email: Email, _: Demands) -> Iterator[Finding]:
    """Look for neighbours with one address and no words between them, of which neither is silent."""
    twice = list(_twice(email.html))
    if twice:
        more = f" (and {len(twice) - 1} more)" if len(twice) > 1 else ""
        words = label_of(twice[0]) or str(twice[0].get("href"))
        message = f"Two links that lead to the same place stand side by side: “{words[:40]}”{more}."
        fix = 'Put both into one link, or add tabindex="-1" aria-hidden="true" to the one that only repeats'
        yield Finding(Level.WARNING, "mail.link-twice", message, fix=fix, spot=at(twice[0]))


def _twice(html: str) -> Iterator[etree._Element]:
    body = parsed(html).find("body")
    last = ""
    for event, element in etree.iterwalk(body, events=("start", "end")) if body is not None else ():
        if element.tag == "a":
            address = str(element.get("href") or "").strip()
            if event == "start":
                if address and address == last and element.get("aria-hidden") != "true":
                    yield element
                last = ""
            else:
                last = "" if element.get("aria-hidden") == "true" else address
        elif event == "start" and isinstance(element.tag, str) and (element.text or "").strip():
            last = ""
        if event == "end" and (element.tail or "").strip():
            last = ""
