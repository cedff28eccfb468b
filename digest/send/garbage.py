"""How often the garbage collector looks while mail leaves: a batch makes thousands of objects, and none in rings."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_NEW_ONES_BETWEEN_LOOKS = 50_000


@contextmanager
def seldom_swept() -> Iterator[None]:
    """Let the collector look seldom, and leave alone what was there already."""
    young, middle, old = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(max(young, _NEW_ONES_BETWEEN_LOOKS), middle, old)
    try:
        yield
    finally:
        gc.set_threshold(young, middle, old)
        gc.unfreeze()
