"""What becomes of an issue to a list, whatever goes wrong on the way: the outbox itself over a real store and peer."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from digest.models import DeliveryState, Issue, IssueState, Recipient
from digest.send.edge import Edge
from digest.send.outbox import Delivered, deliver
from digest.send.ownership import Owner
from digest.send.providers import LIST
from digest.store import Store
from tests.factories import make_email
from tests.send.test_outbox import Time
from tests.servers.http import Received, Scripted, garbage, reply, reset_after_body
from tests.servers.list_asked import drafted, for_readers
from tests.servers.list_peer import ListPeer, Trouble, Troubles
from tests.servers.list_peers import LIST_PEERS
from tests.store.conftest import Desk


class Desktop(Desk):
    """A desk whose issues go to a list."""

    def to_list(self, peer: ListPeer) -> Issue:
        issue = self.approved()
        at_provider = f"{LIST}{peer.list_name}"
        tokens = self.store.readers.tokens("weekly", [at_provider], self.now)
        audience = [Recipient(at_provider, "", tokens[at_provider])]
        self.store.outbox.begin(issue, ("blog:a", "blog:b"), audience, 1, self.now)
        sending = self.store.issues.find("weekly", self.slot.period)
        assert sending is not None
        return sending


@pytest.fixture(scope="session")
def blank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with nothing in it, to be copied: making one takes longer than all that is tried with it."""
    folder = tmp_path_factory.mktemp("blank")
    Store("sqlite:///s.sqlite3", folder).close()
    return folder / "s.sqlite3"


async def delivered(
    peer: ListPeer, blank: Path, folder: Path, *troubles: Trouble | None
) -> tuple[Delivered, Desktop, Issue]:
    """Send an issue with the outbox itself; waiting costs no time."""
    email = make_email()
    shutil.copy(blank, folder)
    desk = Desktop(Store("sqlite:///s.sqlite3", folder))
    issue = desk.to_list(peer)
    peer.troubles.planned = list(troubles)
    time = Time(desk.now)
    owner, edge = Owner(folder / "senders"), Edge(time, time.sleep)
    ended = await deliver(issue, email, desk.store.outbox, peer.provider, owner, edge)
    return ended, desk, issue


@pytest.mark.anyio
async def test_the_outbox_sends_an_issue_to_the_list_once(peer: ListPeer, blank: Path, tmp_path: Path) -> None:
    ended, desk, issue = await delivered(peer, blank, tmp_path)
    assert ended == Delivered(IssueState.SENT)
    assert desk.store.outbox.tally(issue) == {DeliveryState.ACCEPTED: 1}
    assert len(peer.issues()) == 1


FAULTS = {
    "lost before": Trouble(reset_after_body()),
    "lost after": Trouble(reset_after_body(), after=True),
    "502 before": Trouble(reply(502, body="<html>Bad gateway</html>")),
    "502 after": Trouble(reply(502, body="<html>Bad gateway</html>"), after=True),
    "429": Trouble(reply(429, {"Retry-After": "7"}, body={"message": "slowly"})),
    "garbage": Trouble(garbage(), after=True),
}


@pytest.mark.anyio
@pytest.mark.parametrize("fault", FAULTS)
async def test_whatever_is_lost_on_the_way_the_list_gets_it_exactly_once(
    kind: str, blank: Path, tmp_path: Path, fault: str
) -> None:
    step = requests = 0
    while step <= requests:
        folder = tmp_path / str(step)
        folder.mkdir()
        with LIST_PEERS[kind](folder) as peer:
            ended, desk, issue = await delivered(peer, blank, folder, *[None] * step, FAULTS[fault])
            told = f"{fault} at request {step}: {ended}"
            assert len(peer.issues()) == 1, told
            assert ended == Delivered(IssueState.SENT), told
            assert desk.store.outbox.tally(issue) == {DeliveryState.ACCEPTED: 1}, told
            # Until the fault comes after the last request of a run without one.
            requests = len(peer.server.requests)
        step += 1
    assert step >= 3, "a draft and its sending are two requests at least"


@pytest.mark.anyio
@pytest.mark.parametrize("first", ["lost before", "lost after", "429"])
async def test_two_faults_in_a_row_cost_certainty_at_most_and_never_a_second_mail(
    kind: str, blank: Path, tmp_path: Path, first: str
) -> None:
    for step in range(4):
        for second in ("lost before", "lost after"):
            folder = tmp_path / f"{step} {second}"
            folder.mkdir()
            with LIST_PEERS[kind](folder) as peer:
                ended, desk, issue = await delivered(peer, blank, folder, *[None] * step, FAULTS[first], FAULTS[second])
                told = f"{first}, {second} from request {step}: {ended}"
                tally = desk.store.outbox.tally(issue)
                mails = len(peer.issues())
                assert mails <= 1, told
                match tally:
                    case {DeliveryState.ACCEPTED: 1}:
                        assert (mails, ended.state) == (1, IssueState.SENT), told
                    case {DeliveryState.PENDING: 1}:
                        assert mails == 0, told
                    case _:
                        assert tally == {DeliveryState.UNKNOWN: 1}, told


@pytest.mark.anyio
@pytest.mark.parametrize("status", [400, 401, 403, 422])
async def test_a_provider_that_refuses_us_is_quoted_and_nothing_is_lost(
    peer: ListPeer, blank: Path, tmp_path: Path, status: int
) -> None:
    refusal = Trouble(reply(status, body={"message": "the sender is not verified", "detail": "so it is"}))
    ended, desk, issue = await delivered(peer, blank, tmp_path, refusal)
    assert "the provider refuses to work for us" in ended.stopped_because
    assert str(status) in ended.stopped_because
    assert desk.store.outbox.tally(issue) == {DeliveryState.PENDING: 1}
    assert peer.issues() == []


@pytest.mark.anyio
async def test_a_run_that_died_before_it_could_write_down_the_id_finds_the_draft_again(
    peer: ListPeer, tmp_path: Path
) -> None:
    if peer.provider.searching(for_readers(peer)) is None:
        pytest.skip(f"{peer.provider.title} cannot be asked for drafts")
    email = make_email()
    desk = Desktop(Store("sqlite:///s.sqlite3", tmp_path))
    issue = desk.to_list(peer)
    claim = desk.store.outbox.claim(issue, "dead", desk.now, desk.now, provider=type(peer.provider).__module__)
    assert claim
    await drafted(peer, for_readers(peer, issue=issue.name, email=email))
    time = Time(desk.now + timedelta(hours=1))
    owner, edge = Owner(tmp_path / "senders"), Edge(time, time.sleep)
    ended = await deliver(issue, email, desk.store.outbox, peer.provider, owner, edge)
    assert ended == Delivered(IssueState.SENT)
    assert (len(peer.issues()), peer.drafts()) == (1, [])


def test_faults_happen_to_the_request_they_are_meant_for() -> None:
    planned = Troubles([None, Trouble(reply(500)), Trouble(reply(500), after=True)])
    asked: list[str] = []

    well = reply(200)

    def answered(request: Received) -> Scripted:
        asked.append(request.path)
        return well

    answer = planned.around(answered)
    assert [answer(Received("GET", path, {}, b"")) is well for path in "0123"] == [True, False, False, True]
    assert asked == ["0", "2", "3"]
