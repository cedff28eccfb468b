"""What happened: issues, posts, readers and the outbox. Every SQL statement of the digest is in this room.

SQLite by default, PostgreSQL by URL; both are held to the same tests (`tests/store/`).
"""

from __future__ import annotations

from pathlib import Path

from digest.store.approvals import Approvals
from digest.store.connecting import open_engine
from digest.store.events import ProviderEvents
from digest.store.figures import Figures
from digest.store.frozen import Frozen
from digest.store.handing_out import prepare
from digest.store.issues import Issues
from digest.store.ledger import recognise
from digest.store.memory import SourceMemory
from digest.store.outbox import Outbox
from digest.store.overrides import Overrides
from digest.store.posts import Posts
from digest.store.processes import Processes
from digest.store.queues import open_queue
from digest.store.readers import Readers
from digest.store.reported import Reported
from digest.store.reviews import Reviews
from digest.store.signups import SignUps
from digest.store.soundness import Soundness
from digest.store.subscribers import Subscribers
from digest.store.suppressions import Suppressions

__all__ = [
    "Approvals",
    "Figures",
    "Frozen",
    "Issues",
    "Outbox",
    "Overrides",
    "Posts",
    "Processes",
    "ProviderEvents",
    "Readers",
    "Reported",
    "Reviews",
    "SignUps",
    "Soundness",
    "SourceMemory",
    "Store",
    "Subscribers",
    "Suppressions",
]


class Store:
    """The database, open: an attribute for each of its subjects.

    Every method is one transaction. A database that fails raises `StoreError`.
    """

    def __init__(self, url: str, root: Path, engine: str = "") -> None:
        """Open the database at `url`; `engine` brings batches to worker processes (`digest.store.queues`).

        Raise `StoreError` when it cannot be opened, `ConfigError` when it is no place for that engine.
        """
        self.queue = open_queue(engine, url) if engine else None
        self._engine = open_engine(url, root)
        recognise(self._engine, root)
        if self.queue:
            prepare(self._engine, self.queue)
        self.issues = Issues(self._engine)
        self.approvals = Approvals(self._engine)
        self.posts = Posts(self._engine)
        self.overrides = Overrides(self._engine)
        self.readers = Readers(self._engine)
        self.subscribers = Subscribers(self._engine)
        self.signups = SignUps(self._engine)
        self.suppressions = Suppressions(self._engine)
        self.outbox = Outbox(self._engine, self.queue)
        self.events = ProviderEvents(self._engine)
        self.reported = Reported(self._engine)
        self.reviews = Reviews(self._engine)
        self.processes = Processes(self._engine)
        self.figures = Figures(self._engine)
        self.soundness = Soundness(self._engine)

    def memory(self, source: str) -> SourceMemory:
        """Return what the source of this name wrote down."""
        return SourceMemory(self._engine, source)

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()
