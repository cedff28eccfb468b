"""Measurements, side by side in one run: medians and ratios, never a verdict. `make bench` prints them."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.bench import (
    collecting,
    idle,
    outbox,
    rendering,
    selecting,
    sending,
    starting,
    stories,
    studio,
    whole_run,
    workers,
)


def main() -> None:
    """Run every measurement."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        starting.measure(folder)
        collecting.measure(folder)
        outbox.measure(folder)
        sending.measure(folder)
        idle.measure(folder / "idle")
        whole_run.measure(folder / "whole-run")
        workers.measure(folder / "workers")
        rendering.measure(folder)
        studio.measure(folder)
    selecting.measure()
    stories.measure()


if __name__ == "__main__":
    main()
