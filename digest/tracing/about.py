"""Which run, newsletter and issue the work at hand is about; it follows tasks, and threads that get the context."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

_FACTS: ContextVar[Mapping[str, str]] = ContextVar("digest_facts")
_NONE: Mapping[str, str] = {}


def facts() -> Mapping[str, str]:
    """Return what is known here: some of `run`, `newsletter`, `issue`; no reader, and no secret, is among them."""
    return _FACTS.get(_NONE)


@contextmanager
def about(**known: str) -> Iterator[None]:
    """Add what is known while the block runs; an empty text changes nothing."""
    token = _FACTS.set({**facts(), **{key: value for key, value in known.items() if value}})
    try:
        yield
    finally:
        _FACTS.reset(token)


@contextmanager
def a_run(newsletter: str = "") -> Iterator[str]:
    """Give the work of the block an id of its own, 12 hex digits, by which its lines in a log belong together."""
    name = uuid.uuid4().hex[:12]
    with about(run=name, newsletter=newsletter):
        yield name
