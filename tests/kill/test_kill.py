"""The sending process is killed with SIGKILL at random points and run again each time.

Nobody gets the issue twice, nobody is forgotten, and what is ambiguous is `unknown`. The judge is the provider's own
log (or the folder of mails), not the sender's word. The seed is printed, so that a failure can be played again.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.kill.sink import Sink
from tests.projects import AS_OF, ISSUE, make_project

READERS = 1_500
_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(
    ["digest.cli.commands", "digest.pipeline", "digest.app", "httpx", "premailer", "tests.kill"]
)


def _run_digest(project: str) -> None:
    """In the child: the real command, from its arguments on."""
    os.environ["SENDGRID_API_KEY"] = "a-key-for-a-server-on-loopback"
    devnull = os.open(os.devnull, os.O_WRONLY)
    os.dup2(devnull, 1)
    os.dup2(devnull, 2)
    from digest.cli import main

    os._exit(main(["run", "--project", project, "--as-of", AS_OF]))


def _start(project: Path) -> multiprocessing.context.ForkServerProcess:
    process = _context.Process(target=_run_digest, args=(str(project),))
    process.start()
    return process


def _kill_at_random_points(project: Path, rounds: int, chance: random.Random, sink: Sink | None) -> int:
    """Start and kill `rounds` times; return how many were killed before they had ended by themselves."""
    killed = 0
    for _ in range(rounds):
        process = _start(project)
        if sink is not None and chance.random() < 0.6:
            # While a request is under way: just before or just after the provider has noted it.
            at, moment = sink.requests + chance.randint(1, 6), chance.choice(["before", "after"])
            reached = threading.Event()
            sink.on_request = lambda count, when, at=at, moment=moment, reached=reached: (  # type: ignore[misc]
                reached.set() if (count, when) == (at, moment) else None
            )
            while process.is_alive() and not reached.wait(0.02):
                pass
        else:
            process.join(chance.uniform(0, 0.5))
        if process.is_alive():
            process.kill()
            killed += 1
        process.join()
    if sink is not None:
        sink.on_request = lambda count, moment: None
    return killed


def _digest(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "SENDGRID_API_KEY": "a-key-for-a-server-on-loopback"}
    command = [sys.executable, "-m", "digest", *arguments, "--project", str(project)]
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)


def _history(project: Path) -> dict[str, object]:
    told = _digest(project, "history", ISSUE, "--json", "--recipients")
    assert told.returncode == 0, told.stderr
    found: dict[str, object] = json.loads(told.stdout)
    return found


def _by_state(history: dict[str, object]) -> dict[str, set[str]]:
    states: dict[str, set[str]] = {}
    for reader in history["recipients"]:  # type: ignore[attr-defined]
        states.setdefault(reader["state"], set()).add(reader["address"])
    return states


def _claims_hold_over_a_provider_without_keys(folder: Path, rounds: int, seed: int) -> None:
    print(f"seed {seed}")
    sink = Sink(seed)
    provider = f'kind = "sendgrid"\napi_key = "env:SENDGRID_API_KEY"\nbase_url = "{sink.url}"\nbatch_limit = 1'
    project = make_project(folder / "project", provider=provider, readers=READERS)
    killed = _kill_at_random_points(project, rounds, random.Random(seed), sink)
    last = _digest(project, "run", "--as-of", AS_OF)
    assert last.returncode in {0, 3}, last.stdout + last.stderr
    history = _history(project)
    states = _by_state(history)
    sink.close()

    print(f"killed {killed} of {rounds} starts; { ({state: len(who) for state, who in states.items()}) }")
    assert killed > rounds / 2, "the kills came too late to mean anything"
    twice = {address for address, count in sink.accepted.items() if count > 1}
    assert twice == set(), "nobody gets the issue twice"
    assert set().union(*states.values()) == {f"reader{number}@example.com" for number in range(READERS)}
    assert set(states) <= {"accepted", "unknown"}, "nobody is forgotten"
    assert states["accepted"] <= set(sink.accepted), "what is called accepted was accepted"
    assert set(sink.accepted) - states["accepted"] <= states.get("unknown", set()), "what is ambiguous is unknown"
    assert history["state"] == ("needs_review" if states.get("unknown") else "sent")
    assert _digest(project, "run", "--as-of", AS_OF).returncode in {0, 3}
    assert sum(sink.accepted.values()) == len(sink.accepted), "a further run sends nothing"


def _claims_hold_over_a_provider_that_can_repeat(folder: Path, rounds: int, seed: int) -> None:
    print(f"seed {seed}")
    project = make_project(folder / "project", readers=READERS)
    killed = _kill_at_random_points(project, rounds, random.Random(seed), None)
    last = _digest(project, "run", "--as-of", AS_OF)
    assert last.returncode in {0, 3}, last.stdout + last.stderr
    states = _by_state(_history(project))
    mails = sorted((project / "var/outbox").rglob("*.eml"))

    assert killed
    assert {state: len(who) for state, who in states.items()} == {"accepted": READERS}
    assert len(mails) == READERS
    assert not list((project / "var/outbox").rglob("*.tmp"))


def test_killed_a_few_times_nobody_gets_it_twice_and_nobody_is_forgotten(tmp_path: Path) -> None:
    _claims_hold_over_a_provider_without_keys(tmp_path, rounds=15, seed=random.SystemRandom().randrange(2**32))


def test_killed_a_few_times_a_repeatable_provider_ends_without_any_doubt(tmp_path: Path) -> None:
    _claims_hold_over_a_provider_that_can_repeat(tmp_path, rounds=6, seed=random.SystemRandom().randrange(2**32))


@pytest.mark.torture
def test_killed_two_hundred_times_nobody_gets_it_twice_and_nobody_is_forgotten(tmp_path: Path) -> None:
    _claims_hold_over_a_provider_without_keys(tmp_path, rounds=200, seed=random.SystemRandom().randrange(2**32))
