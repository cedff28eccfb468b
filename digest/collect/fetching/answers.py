"""Decides what comes of a request: an answer, or an error that says what happened without giving a secret away."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from digest.errors import SourceError


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said, whatever its status."""

    status: int
    url: str
    """The address that answered, after all redirects, without user name and password."""
    headers: Mapping[str, str]
    """Names in lower case; values byte for byte, as Latin-1."""
    body: bytes
    """Unpacked."""
    moved: str = ""
    """The address to ask from now on, where the first redirects say that the old one has moved for good; nothing when
    it has not, or when user name and password would have to be written down with it."""


class FetchError(SourceError):
    """No answer: the address may not be asked, cannot be reached, or says too much."""

    def __init__(self, message: str, *, fix: str, passing: bool = False, private: bool = False) -> None:
        super().__init__(message, fix=fix)
        self.passing = passing
        """Whether it may be over in a moment."""
        self.private = private
        """Whether it was not asked because it lies in a private network."""


def no_web_address(url: str) -> FetchError:
    """Say that an address is none of the web."""
    return FetchError(f"{shown(url)} is no web address", fix="write it as https://example.com/feed.xml")


def shown(url: str) -> str:
    """Return an address as it may be shown: without user name, password, query and fragment, even a broken one."""
    scheme, separator, rest = re.split(r"[?#]", url, maxsplit=1)[0].partition("://")
    authority, slash, path = rest.partition("/")
    server = authority.rpartition("@")[2]
    if not separator or not re.fullmatch(r"[^:\[\]]*(?::\d*)?|\[[^\[\]]*\](?::\d*)?", server):
        return "(an address that cannot be read)"  # what looks like a port may be a password
    return f"{scheme}://{server}{slash}{path}"


def asked(url: str) -> str:
    """Return an address as a server is asked for it, as in `Answer.url`: without user name, password and fragment."""
    try:
        return str(httpx.URL(url).copy_with(userinfo=b"", fragment=None))
    except (httpx.InvalidURL, ValueError):
        return ""
