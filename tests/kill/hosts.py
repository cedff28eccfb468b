"""Hosts that send one issue together: each with a project folder, a cable to the database, a scheduler and workers."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from multiprocessing.context import ForkServerProcess

from tests.kill.senders import Senders
from tests.projects import AS_OF
from tests.servers.cable import Cable
from tests.servers.postgres import Server

_PARTS = ("schedule", "worker", "worker")


@dataclass
class Clock:
    """One clock for all hosts: it starts when the issue is due, runs, and can be put forward."""

    ahead: timedelta = timedelta()
    _begun: float = field(default_factory=time.monotonic)

    def __call__(self) -> datetime:
        return datetime.fromisoformat(AS_OF) + timedelta(seconds=time.monotonic() - self._begun) + self.ahead


@dataclass
class Host:
    """A scheduler and two workers, which cannot see whether those of other hosts live."""

    senders: Senders
    cable: Cable
    clock: Clock
    running: list[ForkServerProcess] = field(default_factory=list)

    def start(self) -> None:
        """Switch it on."""
        self.running = [self._start(at) for at in range(len(_PARTS))]

    def _start(self, at: int) -> ForkServerProcess:
        output = str(self.senders.project.parent / f"{_PARTS[at]}-{at}-{self.senders.started}")
        return self.senders.start(_PARTS[at], output=output, now=self.clock())

    def restart(self, at: int) -> None:
        """Kill one process and start it again."""
        self._kill(self.running[at])
        self.running[at] = self._start(at)

    def off(self) -> None:
        """Let its power fail."""
        for each in self.running:
            self._kill(each)
        self.running = []

    def end(self) -> list[int | None]:
        """Ask its processes to end, and return how they did."""
        for each in self.running:
            each.terminate()
        for each in self.running:
            each.join(60)
        codes = [each.exitcode for each in self.running]
        self.off()
        return codes

    def ended_by_themselves(self) -> list[str]:
        """Name the processes that are no more, although nobody killed them."""
        return [part for part, process in zip(_PARTS, self.running, strict=False) if not process.is_alive()]

    @staticmethod
    def _kill(process: ForkServerProcess) -> None:
        process.kill()
        process.join()
        process.close()


@dataclass
class Trouble:
    """What befalls hosts and their database, drawn from a seed."""

    hosts: list[Host]
    server: Server
    chance: random.Random
    done: Counter[str] = field(default_factory=Counter)

    def strike(self) -> None:
        """Do one bad thing, and mend it where it would not end."""
        kinds = {"process": 6.0, "host": 2.0, "cable": 4.0, "restart": 1.0, "power": 1.0}
        (kind,) = self.chance.choices(list(kinds), list(kinds.values()))
        self.done[kind] += 1
        host = self.chance.choice(self.hosts)
        match kind:
            case "process":
                host.restart(self.chance.randrange(len(_PARTS)))
            case "host":
                host.off()
                self._a_moment(0.5)
                host.start()
            case "cable":
                host.cable.pull()
                self._a_moment(1.5)
                host.cable.put_in()
            case "restart":
                self.server.restart("fast")
            case _:
                self.server.restart("immediate")

    def _a_moment(self, at_most: float) -> None:
        time.sleep(self.chance.uniform(0, at_most))  # how long it lasts is part of what happens


def until(reached: Callable[[], bool], seconds: float) -> bool:
    """Wait for something; False when it did not come in time."""
    patient_until = time.monotonic() + seconds
    while not reached():
        if time.monotonic() > patient_until:
            return False
        time.sleep(0.05)
    return True
