"""Sending processes are killed with SIGKILL at random points and run again each time, while the provider makes faults.

Nobody gets the issue twice, nobody is forgotten, and what is ambiguous is `unknown` until a person decides. The judge
is the provider's own log (or the folder of mails), not the sender's word. Each seed is printed; `TORTURE_SEED` plays
one again, as far as the operating system lets processes meet in the same moments.
"""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from tests.kill.campaign import Fire, finish, kill_at_random_points
from tests.kill.dialects import Resend, SendGrid
from tests.kill.faults import NO_FAULTS, Fault
from tests.kill.judge import by_state, every_request_was_announced, judge
from tests.kill.senders import Senders
from tests.kill.sink import Sink
from tests.projects import ISSUE, make_project, replace_in

_SEED = os.environ.get("TORTURE_SEED")
_BATCH = 3
_HASTY, _PATIENT = "timeout = 1.0", "timeout = 30.0"

ONE, THREE = pytest.param(1, id="one-sender"), pytest.param(3, id="three-senders")


def _seed() -> int:
    seed = int(_SEED) if _SEED else random.SystemRandom().randrange(2**32)
    print(f"\n{os.environ['PYTEST_CURRENT_TEST'].split('::')[-1]}\nseed {seed}", flush=True)
    return seed


def _project(folder: Path, store_url: str, readers: int, provider: str = "") -> Senders:
    project = make_project(folder / "project", provider=provider, readers=readers)
    replace_in(project / "config/digest.toml", 'url = "sqlite:///var/digest.sqlite3"', 'url = "env:DIGEST_STORE_URL"')
    return Senders(project, store_url)


def _provider(kind: str, sink: Sink) -> str:
    lines = (
        f'kind = "{kind}"',
        f'api_key = "env:{kind.upper()}_API_KEY"',
        f'base_url = "{sink.url}"',
        f"batch_limit = {_BATCH}",
        _HASTY,
    )
    return "\n".join(lines)


def _tell(fire: Fire, states: dict[str, set[str]], sink: Sink) -> None:
    counts = {state: len(who) for state, who in sorted(states.items())}
    assert fire.requests >= fire.killed, "the kills came too early to mean anything"
    under_fire = f"{fire.killed} killed, {fire.ended_by_themselves} ended by themselves, {fire.requests} requests"
    faults = sum(entry.fault is not Fault.NONE for entry in sink.log)
    print(f"{under_fire}; {len(sink.log)} requests in all, {faults} faults; {counts}", flush=True)


def _nobody_twice_but_by_a_person(folder: Path, store_url: str, kills: int, readers: int, at_once: int) -> int:
    """A provider without keys: doubt remains, and only a person's word sends somebody a second copy."""
    seed = _seed()
    sink = Sink(SendGrid(), seed)
    senders = _project(folder, store_url, readers, _provider("sendgrid", sink))
    fire = kill_at_random_points(senders, kills, at_once, random.Random(seed), sink)
    finish(senders)
    states = judge(senders.history(ISSUE), sink, readers)
    _tell(fire, states, sink)
    every_request_was_announced(store_url, senders.project, sink)
    requests = sink.requests
    finish(senders)
    assert sink.requests == requests, "a further run sends nothing"

    unknown, before = states.get("unknown", set()), sink.accepted
    sink.weights = NO_FAULTS
    replace_in(senders.project / "config/digest.toml", _HASTY, _PATIENT)  # a busy machine is no fault
    if unknown:
        done = senders.call("send", ISSUE, "--unknown", "resend")
        assert done.exit_code == 0, done.said + done.complained
        after = by_state(senders.history(ISSUE))
        assert after == {"accepted": states["accepted"] | unknown} | (
            {"rejected": states["rejected"]} if "rejected" in states else {}
        )
        assert sink.accepted - before == dict.fromkeys(unknown, 1), "they, and only they, get another copy"
    sink.close()
    return fire.killed


def _nobody_twice_and_no_doubt(folder: Path, store_url: str, kills: int, readers: int, at_once: int) -> int:
    """A provider that answers a key's repeat as the first time: nobody is asked anything."""
    seed = _seed()
    sink = Sink(Resend(), seed)
    senders = _project(folder, store_url, readers, _provider("resend", sink))
    fire = kill_at_random_points(senders, kills, at_once, random.Random(seed), sink)
    sink.weights = NO_FAULTS  # each of them is waited for
    finish(senders)
    states = judge(senders.history(ISSUE), sink, readers)
    _tell(fire, states, sink)
    every_request_was_announced(store_url, senders.project, sink)
    assert set(states) <= {"accepted", "rejected"}, "no doubt is left"
    assert set(sink.accepted) == states["accepted"]
    assert states.get("rejected", set()) == sink.rejected
    sink.close()
    return fire.killed


def _every_mail_is_a_file_once(folder: Path, store_url: str, kills: int, readers: int) -> int:
    chance = random.Random(_seed())
    senders = _project(folder, store_url, readers)
    fire = kill_at_random_points(senders, kills, 1, chance, None)
    finish(senders)
    mails = list((senders.project / "var/outbox").rglob("*.eml"))
    states = by_state(senders.history(ISSUE))
    assert {state: len(who) for state, who in states.items()} == {"accepted": readers}
    assert len(mails) == readers
    assert not list((senders.project / "var/outbox").rglob("*.tmp"))
    return fire.killed


@pytest.mark.parametrize("at_once", [ONE, THREE])
def test_killed_a_few_times_nobody_gets_it_twice_and_nobody_is_forgotten(
    tmp_path: Path, store_url: str, at_once: int
) -> None:
    assert _nobody_twice_but_by_a_person(tmp_path, store_url, kills=8, readers=300, at_once=at_once) > 4


def test_killed_a_few_times_a_provider_with_keys_ends_without_any_doubt(tmp_path: Path, store_url: str) -> None:
    assert _nobody_twice_and_no_doubt(tmp_path, store_url, kills=8, readers=300, at_once=2) > 4


def test_killed_a_few_times_the_folder_of_mails_ends_without_any_doubt(tmp_path: Path, store_url: str) -> None:
    assert _every_mail_is_a_file_once(tmp_path, store_url, kills=4, readers=600)


@pytest.mark.torture
@pytest.mark.parametrize("at_once", [ONE, THREE])
@pytest.mark.parametrize("part", range(4))
def test_killed_a_thousand_times_nobody_gets_it_twice_and_nobody_is_forgotten(
    tmp_path: Path, store_url: str, at_once: int, part: int
) -> None:
    """On each database: 125 kills in each of eight parts."""
    assert _nobody_twice_but_by_a_person(tmp_path, store_url, kills=125, readers=4_000, at_once=at_once) == 125


@pytest.mark.torture
@pytest.mark.parametrize("at_once", [ONE, THREE])
def test_killed_a_hundred_times_a_provider_with_keys_ends_without_any_doubt(
    tmp_path: Path, store_url: str, at_once: int
) -> None:
    assert _nobody_twice_and_no_doubt(tmp_path, store_url, kills=100, readers=4_000, at_once=at_once) == 100
