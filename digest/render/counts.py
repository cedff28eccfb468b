"""How much a template has done in one rendering, and when that is too much."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from time import monotonic, thread_time
from typing import Any

from jinja2 import Undefined
from jinja2.exceptions import SecurityError

from digest.render.limits import (
    EACH_MADE,
    MAX_COMPILING,
    MAX_MADE,
    MAX_OUTPUT,
    MAX_SECONDS,
    MAX_STEPS,
    check_size,
    size_of,
)

_SELDOM = 8
"""The clock is looked at every so many times: asking it costs as much as a small filter."""


class Counts:
    """What one rendering may still do. The counters decide alike on every machine; the clock is for what they miss."""

    def __init__(self) -> None:
        self.steps_left = MAX_STEPS
        self.output_left = MAX_OUTPUT
        self.made_left = MAX_MADE
        self.until = float("inf")
        self.not_before = float("inf")
        self.compiling_left = MAX_COMPILING
        self.ticks = 0

    def start_clock(self) -> None:
        """Give the rendering that begins now all its time."""
        self.until = thread_time() + MAX_SECONDS
        self.not_before = monotonic() + MAX_SECONDS

    @contextmanager
    def stopped_clock(self) -> Iterator[None]:
        """Let what is compiled, once and for many mails, not count as this rendering's; within bounds."""
        began = thread_time()
        try:
            yield
        finally:
            given = min(thread_time() - began, self.compiling_left)
            self.compiling_left -= given
            self.until += given

    def step(self) -> None:
        """Count a round of a loop or a call; raises SecurityError when they are too many for a mail."""
        self.tick()
        self.steps_left -= 1
        if self.steps_left < 0:
            raise SecurityError(f"the template does more than {MAX_STEPS:,} steps — look for a loop inside a loop")

    def count_output(self, size: int) -> None:
        """Count characters that are written; raises SecurityError when they are too many for a mail."""
        self.tick()
        self.output_left -= size
        if self.output_left < 0:
            raise SecurityError(f"the template writes more than {MAX_OUTPUT:,} characters — look for a runaway loop")

    def count_made(self, size: int) -> None:
        """Count characters and items that may be kept; raises SecurityError when they are too many for a mail."""
        self.tick()
        self.made_left -= size + EACH_MADE
        if self.made_left < 0:
            raise SecurityError("the template makes too many values for a mail — look for a loop inside a loop")

    def tick(self) -> None:
        """Look at the clock from time to time."""
        self.ticks += 1
        if self.ticks % _SELDOM == 0:
            self.check_clock()

    def check_clock(self) -> None:
        """Raise SecurityError when a rendering takes the processor for too long.

        The processor's clock is a call of the system, the one on the wall is not: nothing works longer than it takes.
        """
        if monotonic() > self.not_before and thread_time() > self.until:
            raise SecurityError("the template takes too long — look for a loop over something large")

    def kept(self, value: Any) -> Any:
        """Count a value that a template made; one whose items are yet to come is counted while they come."""
        if isinstance(value, str):
            self.count_made(len(value))
        elif isinstance(value, bool | int | float | Undefined):
            self.tick()
        else:
            size = size_of(value)
            check_size(size)
            self.count_made(size)
        return self.stepping(value) if isinstance(value, Iterator) else value

    def stepping(self, values: Iterable[Any]) -> Iterator[Any]:
        """Yield `values`, counting each."""
        for value in values:
            self.step()
            yield value
