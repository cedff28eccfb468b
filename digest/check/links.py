"""Whether every link leads somewhere that readers can reach."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import ip_address
from urllib.parse import urlsplit

from lxml import etree

from digest.check.demands import Demands
from digest.check.document import parsed
from digest.check.spots import at
from digest.models import Email, Finding, Level, Spot

_NOT_WEB = ("mailto:", "tel:")
_NOWHERE = {"", "#", "http:", "https:", "http://", "https://", "about:blank"}
_LOCAL_ENDINGS = (".localhost", ".local", ".internal", ".test", ".invalid", ".lan", ".home.arpa")
_LIKE_AN_ADDRESS = re.compile(r"(?:https?://)?((?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,24})(?:[/?#]\S*)?", re.IGNORECASE)
_UNSEEN = re.compile(r"[\s\u200b-\u200f\u2060\ufeff\u034f]+")


def check(email: Email, _: Demands) -> Iterator[Finding]:
    """Ask of every link that it says where it leads, and that it leads there for every reader."""
    for link in parsed(email.html).iter("a"):
        address, label = str(link.get("href") or "").strip(), label_of(link)
        yield from _findings(address, label, at(link, address))
        if address and not _UNSEEN.sub("", label) and link.get("aria-hidden") != "true":
            message = f"A link to {address[:80]} has no words; screen readers would spell the address out."
            fix = "Write words, or an alt text for its image"
            yield Finding(Level.WARNING, "mail.link-silent", message, fix=fix, spot=at(link))
        shown = _LIKE_AN_ADDRESS.fullmatch(label[:500])
        if shown and _is_elsewhere(shown[1], address):
            message = f"A link shows “{label[:60]}” but leads to {address[:80]}; that is how phishing looks to filters."
            fix = "Show words, or the address it leads to"
            yield Finding(Level.WARNING, "mail.link-disguised", message, fix=fix, spot=at(link))


def label_of(link: etree._Element) -> str:
    """Return what is read out for a link: its words and the descriptions of its images."""
    words = "".join(str(part) for part in link.itertext())
    return " ".join((words + " " + " ".join(str(image.get("alt") or "") for image in link.iter("img"))).split())


def _is_elsewhere(shown: str, address: str) -> bool:
    host = host_of(address)
    return bool(host) and shown.lower().removeprefix("www.") != host.removeprefix("www.")


def host_of(address: str) -> str:
    """Return the host of a web address in lower case; empty when it has none."""
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        return ""
    return host if parts.scheme in {"http", "https"} else ""


def _findings(address: str, label: str, spot: Spot) -> Iterator[Finding]:
    what = f"The link “{label[:40]}”" if label else "A link without words"
    if address.lower() in _NOWHERE:
        fix = "Give it an address, or take it out"
        yield Finding(Level.ERROR, "mail.link-empty", f"{what} leads nowhere.", fix=fix, spot=spot)
        return
    if address.lower().startswith(_NOT_WEB):
        return
    host = host_of(address)
    if not host:
        message = f"{what} has no whole address: {address[:80]}"
        fix = "Start it with https:// and the name of the site"
        yield Finding(Level.ERROR, "mail.link-relative", message, fix=fix, spot=spot)
    elif is_local(host):
        message = f"{what} leads to {host}, which only this machine can reach."
        yield Finding(Level.ERROR, "mail.link-local", message, fix="Set the public address of the site", spot=spot)
    elif not address.lower().startswith("https:"):
        message = f"{what} leads to an address without encryption: {address[:80]}"
        yield Finding(Level.WARNING, "mail.link-insecure", message, fix="Let it start with https://", spot=spot)


def is_local(host: str) -> bool:
    """Tell whether a host is one that readers cannot reach: this machine, or a private network."""
    name = host.rstrip(".").lower()
    if name == "localhost" or name.endswith(_LOCAL_ENDINGS):
        return True
    try:
        return not ip_address(name).is_global
    except ValueError:
        return False
