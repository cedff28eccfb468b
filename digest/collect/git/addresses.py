"""Decides which repositories, branches and folders may be named: none that git takes for an option."""

from __future__ import annotations

import re
import socket
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from digest.collect.fetching.addresses import is_public
from digest.errors import ConfigError

_SCP = re.compile(
    r"(?:[A-Za-z0-9_][A-Za-z0-9._-]*@)?(?P<host>[A-Za-z0-9][A-Za-z0-9.-]*):(?P<path>[^:/\\][^\\]*|/[^/\\][^\\]*)"
)
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9.])?|\[[0-9A-Fa-f:.]+\]")
_USER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*")
_PORTS = {"https": 443, "http": 80, "ssh": 22}
_NOT_IN_A_NAME = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|/\.|\.(?:$|/)|\.lock(?:$|/)|^[/.-]|/$|^@$")
"""What git itself does not allow in the name of a branch (git-check-ref-format), and a dash at its beginning."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


@dataclass(frozen=True, slots=True)
class Repository:
    """An address that may be given to git."""

    address: str
    scheme: str
    host: str
    """Empty for a folder of this machine."""
    port: int

    @property
    def origin(self) -> str:
        """Scheme, host and port, as git's settings for one server are named."""
        return f"{self.scheme}://{self.host}:{self.port}" if self.port != 443 else f"{self.scheme}://{self.host}"

    def reached_at(self, *, allow_private: bool) -> tuple[str, ...]:
        """Look the host up; raise `ConfigError` for one in a private network, and `OSError` when nobody knows it."""
        if not self.host:
            return ()
        found = socket.getaddrinfo(self.host.strip("[]"), self.port, type=socket.SOCK_STREAM)
        addresses = tuple(dict.fromkeys(str(entry[4][0]) for entry in found))
        if not allow_private and (inner := next((each for each in addresses if not is_public(ip_address(each))), "")):
            raise ConfigError(
                f"the git repository {self.address} lies in a private or reserved network ({inner})",
                fix="if it is your own server, set allow_private = true in the source's configuration",
            )
        return addresses


def repository(written: str, *, allow_private: bool) -> Repository:
    """Take an address apart; raise `ConfigError` unless it is one of https or ssh without a password.

    With `allow_private` it may be `http://` and `file://` too: a server or a folder of one's own.
    """
    if _CONTROL.search(written) or " " in written or written.startswith("-"):
        raise _refused(written, "it holds a blank or begins with a dash")
    if "://" not in written:
        found = _SCP.fullmatch(written)
        if not found or found["path"].startswith("-"):
            raise _refused(written, "it is neither https://… nor git@host:path")
        return Repository(written, "ssh", found["host"], _PORTS["ssh"])
    try:
        parts = urlsplit(written)
        port = parts.port
    except ValueError as error:
        raise _refused(written, "it is no address") from error
    known = ("https", "ssh", "http", "file") if allow_private else ("https", "ssh")
    if parts.scheme not in known:
        if parts.scheme in {"http", "file"}:
            fix = (
                "if it is your own, set allow_private = true in the source's configuration; else write it as https://…"
            )
            raise _refused(written, f"{parts.scheme}:// is read only with allow_private = true", fix)
        raise _refused(written, f"{parts.scheme}:// is not read")
    if parts.query or parts.fragment or len(parts.path) < 2 or "\\" in written:
        raise _refused(written, "it is not the address of a repository")
    user, at, place = parts.netloc.rpartition("@")
    if at and (parts.scheme != "ssh" or not _USER.fullmatch(user)):
        raise ConfigError(
            f"the address of the git repository {without_password(written)} holds a user name or a password",
            fix="delete what stands before the @, and give the password as token = env:NAME",
        )
    if parts.scheme == "file":
        if place:
            raise _refused(written, "file:// takes three slashes")
        return Repository(written, "file", "", 0)
    host = place.removesuffix(f":{port}") if port is not None else place
    if not _HOST.fullmatch(host):
        raise _refused(written, "its host is no name")
    return Repository(written, parts.scheme, host, port or _PORTS[parts.scheme])


def branch(written: str) -> str:
    """Return the name of a branch, empty for the repository's own choice; raise `ConfigError` for what is none."""
    name = written.strip().removeprefix("refs/heads/")
    if name and (_NOT_IN_A_NAME.search(name) or len(name) > 250):
        raise ConfigError(
            f"“{_CONTROL.sub('', written)}” is no name of a branch", fix="write it as git branch shows it"
        )
    return name


def folder(written: str) -> str:
    """Return a folder within the repository with `/` between its parts, empty for all; raise `ConfigError`."""
    parts = [part for part in written.strip().replace("\\", "/").split("/") if part not in {"", "."}]
    if ".." in parts or ".git" in (part.lower() for part in parts) or _CONTROL.search(written):
        raise ConfigError(
            f"“{_CONTROL.sub('', written)}” is no folder within the repository",
            fix="write it as seen from the top of the repository, such as docs/blog",
        )
    return "/".join(parts)


def without_password(text: str) -> str:
    """Hide whatever stands between `//` and `@`, wherever it stands in a text."""
    return re.sub(r"//[^/@\s]{1,500}@", "//…@", text)


_FIX = "write it as https://github.com/example/blog or git@github.com:example/blog.git"


def _refused(written: str, why: str, fix: str = _FIX) -> ConfigError:
    return ConfigError(
        f"“{_CONTROL.sub('', without_password(written))}” is no git repository to read from: {why}",
        fix=fix,
    )
