"""What the outside lends to the sending: the clock, waiting, and the wish to stop."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime


@dataclass(slots=True)
class Edge:
    """Real in a run, made up in tests."""

    clock: Callable[[], datetime]
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    stopping: Callable[[], bool] = lambda: False
