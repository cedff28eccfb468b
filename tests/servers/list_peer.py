"""What the other end of a line to a provider that keeps the list looks like to the contract tests."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from digest.send.http_list import HttpList
from digest.send.opening import open_provider
from tests.servers import http
from tests.servers.peer import SECRET


@dataclass(frozen=True)
class ListMail:
    """One mail as mailboxes show it: to a whole list, or a proof to some people."""

    to: tuple[str, ...]
    """`("list:7",)`, or the addresses of a proof."""
    subject: str
    sender: str
    """The address."""
    headers: Mapping[str, str]
    html: str
    text: str


@dataclass(frozen=True)
class Trouble:
    """What befalls one request, instead of the peer's own answer."""

    answer: http.Scripted
    after: bool = False
    """Whether the peer has done what it was asked before the trouble; else it never got the request."""


@dataclass
class Troubles:
    """Faults by request: `None` lets one through. When the list is used up, all requests go through."""

    planned: list[Trouble | None] = field(default_factory=list)

    def around(self, answered: Callable[[http.Received], http.Scripted]) -> Callable[[http.Received], http.Scripted]:
        """Return the peer's handler with the planned faults around it."""

        def answer(request: http.Received) -> http.Scripted:
            trouble = self.planned.pop(0) if self.planned else None
            if trouble is None:
                return answered(request)
            if trouble.after:
                answered(request)
            return trouble.answer

        return answer


@dataclass(frozen=True)
class ListPeer:
    provider: HttpList
    server: http.HttpServer
    """Its `requests` are all that left."""
    troubles: Troubles
    issues: Callable[[], list[ListMail]]
    """What went to whole lists, in the order of sending."""
    proofs: Callable[[], list[ListMail]]
    """What went to people."""
    drafts: Callable[[], list[str]]
    """The ids of what lies there unsent."""
    delete: Callable[[str], None]
    """Let somebody delete a draft by hand."""
    list_name: str = "7"
    """A list that the peer knows."""
    leave: str = "https://lists.example.com/leave/reader1"
    """What the provider's own unsubscribe tag becomes for a reader."""
    withheld: frozenset[str] = frozenset()
    """What does not arrive as the mail says: header names, and `text` for the text part. `cautions` names each."""
    secret: str = SECRET


def opened(kind: str, root: Path, **options: object) -> HttpList:
    """Open a provider as configuration does, with the secret as `env:CANARY`."""
    provider = open_provider(kind, {"api_key": "env:CANARY", **options}, {"CANARY": SECRET}, root=root)
    assert isinstance(provider, HttpList)
    return provider
