"""A host inside this machine: a network namespace with a name of its own and one cable to the machine."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True)
class Namespace:
    """A running one; addresses are of the range that RFC 2544 keeps for measurements."""

    name: str
    machine: str
    """The machine's address, as the host sees it."""
    _link: str

    def command(self, arguments: Sequence[str]) -> list[str]:
        """Return what runs a command on the host, under the host's name."""
        named = ["unshare", "--uts", "sh", "-c", 'hostname "$0" && exec "$@"', self.name]
        return ["ip", "netns", "exec", self.name, *named, *arguments]

    def pull(self) -> None:
        """Pull the cable: what is sent into it is lost, and nobody is told."""
        _ip("link", "set", self._link, "down")

    def put_in(self) -> None:
        """Put the cable in again."""
        _ip("link", "set", self._link, "up")


def may_be_made() -> str:
    """Return why this machine gives no namespaces; empty when it does."""
    if os.geteuid() != 0:
        return "only root makes network namespaces"
    if not all(map(shutil.which, ("ip", "unshare", "hostname"))):
        return "ip, unshare or hostname is not installed"
    tried = subprocess.run(["unshare", "--net", "--uts", "true"], capture_output=True, check=False)
    return "this machine allows no network namespaces" if tried.returncode else ""


@contextmanager
def namespace() -> Iterator[Namespace]:
    """Make a host, and end it with all that runs there."""
    number = random.SystemRandom().randrange(2**14)
    name, here, there = f"digest{number}", f"dg{number}a", f"dg{number}b"
    block = f"198.18.{number >> 6}.{(number & 63) * 4}".rpartition(".")
    machine, host = (f"{block[0]}.{int(block[2]) + at}" for at in (1, 2))
    _ip("netns", "add", name)
    try:
        _ip("link", "add", here, "type", "veth", "peer", "name", there)
        _ip("link", "set", there, "netns", name)
        _ip("addr", "add", f"{machine}/30", "dev", here)
        _ip("link", "set", here, "up")
        for line in (
            ["addr", "add", f"{host}/30", "dev", there],
            ["link", "set", there, "up"],
            ["link", "set", "lo", "up"],
        ):
            _ip("-n", name, *line)
        yield Namespace(name, machine, here)
    finally:
        running = subprocess.run(["ip", "netns", "pids", name], capture_output=True, text=True, check=False)
        for pid in running.stdout.split():
            subprocess.run(["kill", "-9", pid], check=False)
        _ip("netns", "del", name)


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True)
