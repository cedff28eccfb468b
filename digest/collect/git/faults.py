"""Decides what git's complaints mean: whether nobody answered, or somebody said no, or the copy is spoilt."""

from __future__ import annotations

import re
from enum import Enum, auto

from digest.collect.git.addresses import without_password


class Fault(Enum):
    """What went wrong, as far as it decides what to do next."""

    UNREACHABLE = auto()
    """Nobody answered, or not in full."""
    REFUSED = auto()
    """The server answers, and says no."""
    SLOW = auto()
    """It was stopped because it took too long."""
    LOCAL = auto()
    """Anything else, such as a copy that is spoilt."""


class GitError(Exception):
    """Git did not do what it was asked for; never leaves this room."""

    def __init__(self, fault: Fault, said: str, fix: str) -> None:
        super().__init__(said)
        self.fault = fault
        self.said = said
        """A clause, without a password and without control characters."""
        self.fix = fix


_ACCESS = "check the address; for a private repository set token = env:NAME with a token that may read it, or use ssh"
_MEANINGS: tuple[tuple[re.Pattern[str], Fault, str, str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), fault, said, fix)
    for pattern, fault, said, fix in (
        (r"could not read Username|Authentication failed|error: 40[13]|terminal prompts disabled",
         Fault.REFUSED, "the server wants a password, or there is no such repository", _ACCESS),
        (r"Permission denied \(|Too many authentication failures",
         Fault.REFUSED, "the server does not take the ssh key", "give the key of this machine the right to read"),
        (r"Host key verification failed",
         Fault.REFUSED, "the server is not known to ssh", "log in once by hand: ssh -T git@…, and compare the key"),
        (r"repository .*not found|Repository not found|does not appear to be a git|error: 4(?:04|10)|does not exist",
         Fault.REFUSED, "there is no such repository", _ACCESS),
        (r"error: 30\d|from redirection",
         Fault.REFUSED, "the repository is at another address by now", "write the address that its clone button shows"),
        (r"not valid: is this a git|invalid (?:server|content-type)|protocol error|not a git server",
         Fault.REFUSED, "no git repository answers there", "write the address that its clone button shows"),
        (r"couldn't find remote ref|Remote branch .* not found",
         Fault.REFUSED, "the branch is gone", "write the branch that holds the blog"),
        (r"SSL|certificate|GnuTLS|TLS",
         Fault.UNREACHABLE, "the connection is not safe", "tell who runs the server; nothing was read"),
        (r"Could not resolve|Name or service not known|Temporary failure in name",
         Fault.UNREACHABLE, "the name of the server cannot be found", "check that this machine is online"),
        (r"unable to access|Failed to connect|Connection (?:refused|reset|timed out|closed)|timed out|error: 5\d\d",
         Fault.UNREACHABLE, "the server does not answer as it should", "try again later"),
        (r"error: 4(?:08|29)|early EOF|hung up|RPC failed|unreachable|Could not read from remote|expected flush",
         Fault.UNREACHABLE, "the server does not answer as it should", "try again later"),
    )
)  # fmt: skip
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")


def what_git_said(said: str, address: str, token: str) -> GitError:
    """Read what git wrote before it failed; `address` and `token` are those that it was given."""
    told = without_password(said.replace(token, "…") if token else said)
    lines = [_CONTROL.sub(" ", line).strip() for line in told.splitlines()]
    shown = next((line for line in lines if line.startswith(("fatal:", "ERROR:", "error:"))), "")[:300]
    wording = told.replace(address, "…")  # a name such as “openssl” is no reason
    for pattern, fault, meaning, fix in _MEANINGS:
        if pattern.search(wording):
            return GitError(fault, f"{meaning} (git: {shown})" if shown else meaning, fix)
    return GitError(Fault.LOCAL, f"git: {shown or 'no reason given'}", "try again, or delete the copy")
