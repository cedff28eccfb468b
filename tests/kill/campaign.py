"""One sending under fire: its processes are killed with SIGKILL at random points and started again."""

from __future__ import annotations

import random
import threading
import time
from dataclasses import dataclass
from multiprocessing.context import ForkServerProcess

from tests.kill.senders import Senders
from tests.kill.sink import Sink

_LONG_SECONDS = 20.0
"""So long a life is waited for the request at which it shall end."""


@dataclass(frozen=True)
class Fire:
    """What was done to the senders."""

    killed: int
    ended_by_themselves: int
    requests: int


def kill_at_random_points(senders: Senders, kills: int, at_once: int, chance: random.Random, sink: Sink | None) -> Fire:
    """Keep `at_once` senders running and kill one after another, until so many died or nothing is left to send."""
    running = [senders.start("run") for _ in range(at_once)]
    killed = ended = 0
    while killed < kills:
        victim = chance.randrange(at_once)
        # Most die over a request, some while they start, build and write the readers down.
        if sink is not None and chance.random() < 0.85:
            _wait_for_a_request(sink, running[victim], chance)
        else:
            running[victim].join(chance.uniform(0, 0.4))
        for at, process in enumerate(running):
            if at == victim and process.is_alive():
                process.kill()
                process.join()
                killed += process.exitcode == -9
            if not process.is_alive():
                ended += process.exitcode != -9
                over = process.exitcode in {0, 3}  # 1: a fault stopped it, and the next start goes on
                process.close()
                if over:
                    return _cease(running, Fire(killed, ended, sink.requests if sink else 0))
                running[at] = senders.start("run")
    return _cease(running, Fire(killed, ended, sink.requests if sink else 0))


def _wait_for_a_request(sink: Sink, process: ForkServerProcess, chance: random.Random) -> None:
    """Wait until a request is under way: just before or just after the provider has noted it."""
    at, moment = sink.requests + chance.randint(1, 8), chance.choice(["before", "after"])
    reached = threading.Event()

    def look(count: int, when: str) -> None:
        if when == moment and count >= at:
            reached.set()

    sink.on_request = look
    patient_until = time.monotonic() + _LONG_SECONDS
    while process.is_alive() and time.monotonic() < patient_until and not reached.wait(0.02):
        pass
    if chance.random() < 0.5:
        process.join(chance.uniform(0, 0.05))  # a little later: between two requests, or over the record
    sink.on_request = lambda count, when: None


def _cease(running: list[ForkServerProcess], fire: Fire) -> Fire:
    """Kill those that are left; they do not count."""
    for process in running:
        if not process._closed:  # type: ignore[attr-defined]  # there is no public way to ask
            process.kill()
            process.join()
            process.close()
    return fire


def finish(senders: Senders, command: tuple[str, ...] = ("run",)) -> int:
    """Run until the issue is no longer being sent, however often a fault stops it; return the last exit code."""
    for _ in range(200):
        done = senders.call(*command)
        if done.exit_code != 1:
            assert done.exit_code in {0, 3}, done.complained
            return done.exit_code
    raise AssertionError(f"it does not come to an end: {done.said} {done.complained}")
