"""Whether every link leads somewhere that readers can reach."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address
from urllib.parse import urlsplit

from digest.check.document import parsed
from digest.models import Email, Finding, Level

_NOT_WEB = ("mailto:", "tel:")
_LOCAL_ENDINGS = (".localhost", ".local", ".internal", ".test", ".invalid")


def check(email: Email) -> Iterator[Finding]:
    """Ask of every link that it is absolute, https and not on somebody's own machine."""
    for link in parsed(email.html).iter("a"):
        label = " ".join("".join(str(part) for part in link.itertext()).split())
        yield from _findings(str(link.get("href") or "").strip(), label)


def _findings(address: str, label: str) -> Iterator[Finding]:
    what = f"The link “{label[:40]}”" if label else "A link without words"
    if address in {"", "#"}:
        yield Finding(
            Level.ERROR, "mail.link-empty", f"{what} leads nowhere.", fix="Give it an address, or take it out"
        )
        return
    if address.lower().startswith(_NOT_WEB):
        return
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        parts, host = urlsplit(""), ""
    if parts.scheme not in {"http", "https"} or not host:
        message = f"{what} has no whole address: {address[:80]}"
        yield Finding(Level.ERROR, "mail.link-relative", message, fix="Start it with https:// and the name of the site")
    elif is_local(host):
        message = f"{what} leads to {host}, which only this machine can reach."
        yield Finding(Level.ERROR, "mail.link-local", message, fix="Set the public address of the site")
    elif parts.scheme != "https":
        message = f"{what} leads to an address without encryption: {address[:80]}"
        yield Finding(Level.ERROR, "mail.link-insecure", message, fix="Let it start with https://")


def is_local(host: str) -> bool:
    """Tell whether a host is one that readers cannot reach: this machine, or a private network."""
    name = host.rstrip(".").lower()
    if name == "localhost" or name.endswith(_LOCAL_ENDINGS):
        return True
    try:
        return not ip_address(name).is_global
    except ValueError:
        return False
