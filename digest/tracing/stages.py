"""How long each stage of the story takes, by the clock on the wall and by the processor's."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass

from digest.tracing.about import about

Fact = str | int
Spans = Callable[[str, Mapping[str, Fact]], AbstractContextManager[object]]
"""Opens a span of a name with attributes."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A stage that is over."""

    name: str
    facts: Mapping[str, Fact]
    wall_seconds: float
    cpu_seconds: float
    """Of the whole process while the stage lasted: what ran beside it in other threads counts, too."""
    failed: bool


Listener = Callable[[Measured], None]


@dataclass(slots=True)
class _Interested:
    listeners: tuple[Listener, ...] = ()
    spans: Spans | None = None


_INTERESTED = _Interested()


@contextmanager
def listen(listener: Listener) -> Iterator[None]:
    """Tell `listener` of each stage that ends while the block runs, in whichever thread; it must not raise."""
    _INTERESTED.listeners = (*_INTERESTED.listeners, listener)
    try:
        yield
    finally:
        _INTERESTED.listeners = tuple(each for each in _INTERESTED.listeners if each is not listener)


def open_spans_with(spans: Spans | None) -> None:
    """Open a span for each stage from now on; None for no more."""
    _INTERESTED.spans = spans


@contextmanager
def stage(name: str, **facts: Fact) -> Iterator[None]:
    """Measure the block. `newsletter` and `issue` are known to its log lines; readers' addresses are no facts."""
    known = {key: str(facts[key]) for key in ("newsletter", "issue") if key in facts}
    with about(**known) if known else nullcontext():
        if not _INTERESTED.listeners and _INTERESTED.spans is None:
            yield
            return
        spans = _INTERESTED.spans
        wall, cpu, failed = time.perf_counter(), time.process_time(), True
        try:
            with spans(name, facts) if spans else nullcontext():
                yield
            failed = False
        finally:
            took = time.perf_counter() - wall, time.process_time() - cpu
            for listener in _INTERESTED.listeners:
                listener(Measured(name, facts, *took, failed))
