"""How times are taken: in turn, several rounds, and told as medians."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping

ROUNDS = 5


def side_by_side(tasks: Mapping[str, Callable[[], object]], rounds: int = ROUNDS) -> dict[str, float]:
    """Return the median seconds of each task.

    The tasks take turns, round by round, so that a slow moment of the machine hits all alike. One that returns a
    float has taken its own time.
    """
    seconds: dict[str, list[float]] = {name: [] for name in tasks}
    for _ in range(rounds):
        for name, task in tasks.items():
            started = time.perf_counter()
            told = task()
            seconds[name].append(told if isinstance(told, float) else time.perf_counter() - started)
    return {name: statistics.median(each) for name, each in seconds.items()}


def tell(title: str, medians: Mapping[str, float], *ratios: tuple[str, str]) -> None:
    """Print the medians, and each ratio of two of them."""
    print(f"\n{title}")
    for name, median in medians.items():
        print(f"  {name:<44} {median * 1000:9.1f} ms")
    for one, other in ratios:
        print(f"  ratio {one} / {other}: {medians[one] / medians[other]:.2f}")
