"""An issue from the list in the store to a provider and back into the ledger: two processes, `list` and `send`.

The list is made by a process of its own, so that the memory that is told is that of sending.
"""

from __future__ import annotations

import asyncio
import json
import resource
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from digest.models import Email, IssueState, Secret, Subscriber
from digest.send.edge import Edge
from digest.send.outbox import deliver
from digest.send.ownership import Owner
from digest.send.providers.sendgrid import Provider
from digest.store import Frozen, Store
from tests.factories import make_slot

BATCH = 1000
_DATABASE = "sqlite:///bench.sqlite3"
_SLUG = "bench"
_PAGE = 5000
_NOW = make_slot().due_at
_RUN = "bench"
_SLOTS = 4
"""As a configuration without a word about it has."""


def send_whole_issue(folder: Path, url: str, readers: int) -> dict[str, float]:
    """Write a list of so many readers, send them an issue, and return seconds of `list`, `begin`, `send`, and `mb`."""
    folder.mkdir()
    told: dict[str, float] = {}
    for task in ("list", "send"):
        program = (sys.executable, "-m", "tests.bench.whole_issue", task, folder, str(readers), url)
        told |= json.loads(subprocess.run(program, check=True, stdout=subprocess.PIPE).stdout)
    return told


def write_list(folder: Path, mail: Email, readers: int, database: str = _DATABASE) -> None:
    """Make a store with readers on its list and an approved issue for them."""
    store = Store(database, folder)
    issue = store.issues.plan(_SLUG, make_slot(), _NOW)
    issue = store.issues.save(issue, 1, Frozen(mail, {"sections": []}, (), ()), IssueState.FROZEN, _NOW)
    store.issues.move(issue, IssueState.APPROVED, allowed=[IssueState.FROZEN], now=_NOW)
    for start in range(0, readers, _PAGE):
        addresses = [f"reader{number}@example.com" for number in range(start, min(start + _PAGE, readers))]
        page = [(each, Subscriber(each, f"読者{each[6:-12]}", confirmed_at=_NOW)) for each in addresses]
        store.subscribers.take(_SLUG, page, _NOW, _RUN)
    store.close()


class Departure:
    """The approved issue in the store of a folder, with everybody on its list."""

    def __init__(self, folder: Path, database: str = _DATABASE, engine: str = "") -> None:
        self._folder = folder
        self.store = Store(database, folder, engine)
        self.issue = self.store.issues.plan(_SLUG, make_slot(), _NOW)
        frozen = self.store.issues.frozen(self.issue)
        assert frozen is not None
        self._mail = frozen.email

    def begin(self) -> float:
        """Write down the readers and cut the batches; return the seconds."""
        started = time.perf_counter()
        self.store.outbox.begin(self.issue, (), None, BATCH, _NOW)
        return time.perf_counter() - started

    def send(self, url: str, slots: int = _SLOTS) -> float:
        """Claim, post and record batch after batch; return the seconds."""
        provider = Provider(Secret("SENDGRID_API_KEY", "SG.bench"), base_url=url, batch_limit=BATCH)
        owner = Owner(self._folder / "owners")
        started = time.perf_counter()
        with owner.alive():
            edge = Edge(lambda: datetime.now(UTC))
            sending = deliver(self.issue, self._mail, self.store.outbox, provider, owner, edge, concurrency=slots)
            ended = asyncio.run(sending)
        seconds = time.perf_counter() - started
        assert ended.state is IssueState.SENT, ended
        self.store.close()
        return seconds


def main(task: str, folder: Path, readers: int, url: str) -> None:
    """Do one of the two tasks and print what it took."""
    if task == "list":
        from tests.bench.sending import usual_mail  # to render it takes memory that sending does not

        started = time.perf_counter()
        write_list(folder, usual_mail(), readers)
        print(json.dumps({"list": time.perf_counter() - started}))
        return
    departure = Departure(folder)
    begin, send = departure.begin(), departure.send(url)
    print(json.dumps({"begin": begin, "send": send, "mb": _most_kilobytes() / 1024}))


def _most_kilobytes() -> int:
    """Return the most memory that this process held."""
    status = Path("/proc/self/status")
    if status.exists():  # Linux counts what the process that started this one held into `ru_maxrss`
        lines = status.read_text(encoding="ascii", errors="replace").splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
