"""How the digest is doing, for programs that watch it: numbers for Prometheus, and whether all is well.

scraping.py   the numbers of the store, read when somebody asks
durations.py  how long the stages of this process took
health.py     whether this process still does what it is there for
listening.py  GET /metrics and GET /healthz of a long-running process, on an address of their own
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from digest.monitor.durations import Durations
from digest.monitor.health import Health
from digest.monitor.listening import answering
from digest.monitor.scraping import Scraping, text_of, write_file
from digest.tracing import listen

__all__ = ["text_of", "watched", "write_file"]


@contextmanager
def watched(
    root: Path, clock: Callable[[], datetime], host: str, port: int
) -> Iterator[Callable[[Sequence[str]], None]]:
    """Answer on `host:port` while the block runs; port 0 is nowhere. Give what has to be called at each tick.

    It is called with what is wrong, one sentence each. Raise `DigestError` for a port that is taken.
    """
    if not port:
        yield lambda _: None
        return
    health, durations = Health(root), Durations()
    with listen(durations.note), answering(host, port, health, [Scraping(root, clock), durations]):
        yield health.ticked
