"""How often the garbage collector looks while mail leaves: a batch makes thousands of objects, and none in rings."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_NEW_ONES_BETWEEN_LOOKS = 50_000
_USUAL = gc.get_threshold()


@contextmanager
def seldom_swept() -> Iterator[None]:
    """Let the collector look seldom, and leave alone what was there already, until the first of those inside leaves.

    It is one collector for the whole process: whoever leaves last must find it as it usually is, and not as another
    sending had set it.
    """
    gc.freeze()
    gc.set_threshold(_NEW_ONES_BETWEEN_LOOKS, *_USUAL[1:])
    try:
        yield
    finally:
        gc.set_threshold(*_USUAL)
        gc.unfreeze()
