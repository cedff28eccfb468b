"""Whether a host is this very machine, the only place where a secret may travel unencrypted."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit


def is_loopback(host: str) -> bool:
    """Return whether `host` (a name or an address) certainly means this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def unsafe_url(base_url: str) -> str:
    """Return what is wrong with it, or nothing; a key may cross the network only encrypted."""
    try:
        url = urlsplit(base_url)
        host, _ = url.hostname or "", url.port
    except ValueError:
        host = ""
    if not host or url.scheme not in {"http", "https"} or "@" in url.netloc or url.query or url.fragment:
        return "must look like https://api.example.com, without user, query or fragment"
    if url.scheme == "http" and not is_loopback(host):
        return f"must start with https://, else everyone between here and {host} sees the key"
    return ""
