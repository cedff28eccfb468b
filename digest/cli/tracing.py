"""Whether the stages of a command leave it as spans."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from digest import tracing


@contextmanager
def traced(warn: Callable[[str], object]) -> Iterator[None]:
    """Export the spans of the block when the environment names a collector; say once when that cannot be done."""
    if warning := tracing.set_up(os.environ):
        warn(warning)
    try:
        yield
    finally:
        tracing.shut_down()
