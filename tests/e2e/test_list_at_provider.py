"""An issue to a list that the provider keeps, over the real command: a proof, the whole run, and what is told of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.command import digest, digest_json
from tests.projects import ISSUE, make_project
from tests.servers.list_peer import ListPeer
from tests.servers.lists_listmonk import listmonk
from tests.servers.peer import SECRET


@pytest.fixture
def peer(tmp_path: Path) -> Iterator[ListPeer]:
    with listmonk(tmp_path) as opened:
        yield opened


def project_for(peer: ListPeer, folder: Path, audience: str = "list:3") -> Path:
    provider = f'kind = "listmonk"\nuser = "digest"\napi_key = "env:LISTMONK"\nbase_url = "{peer.provider.base_url}"'
    weekly = {'audience = "examples/audience.csv"': f'audience = "{audience}"'}
    return make_project(folder / "project", provider=provider, weekly=weekly)


def test_a_week_goes_to_the_list_once(peer: ListPeer, tmp_path: Path) -> None:
    project = project_for(peer, tmp_path)
    assert digest(project, "run", LISTMONK=SECRET).returncode == 3, "the example blog has broken posts"
    assert [mail.to for mail in peer.issues()] == [("list:3",)]
    told = digest_json(project, "history", ISSUE, "--recipients")
    assert told["state"] == "sent"
    assert [(each["address"], each["state"], each["message_id"]) for each in told["recipients"]] == [
        ("list:3", "accepted", "1")
    ]
    assert digest(project, "run", LISTMONK=SECRET).returncode == 0
    assert digest(project, "send", ISSUE, LISTMONK=SECRET).returncode == 0
    assert len(peer.issues()) == 1


def test_a_proof_goes_to_the_named_people_and_the_list_gets_nothing(peer: ListPeer, tmp_path: Path) -> None:
    project = project_for(peer, tmp_path)
    assert digest(project, "build").returncode == 3
    done = digest(project, "send", ISSUE, "--to", "kay@example.com", LISTMONK=SECRET)
    assert done.returncode == 0, done.stderr
    assert [mail.to for mail in peer.proofs()] == [("kay@example.com",)]
    assert peer.issues() == []


def test_the_exact_request_is_shown_without_the_key(peer: ListPeer, tmp_path: Path) -> None:
    project = project_for(peer, tmp_path)
    assert digest(project, "build").returncode == 3
    done = digest(project, "send", ISSUE, "--dry-run", LISTMONK=SECRET)
    assert '"lists"' in done.stdout
    assert SECRET not in done.stdout + done.stderr
    assert peer.issues() == []


@pytest.mark.parametrize(
    ("audience", "says"), [("list:news", "list:news"), ("store", "keeps the list of readers itself")]
)
def test_readers_who_cannot_be_reached_are_told_and_nothing_leaves(
    peer: ListPeer, tmp_path: Path, audience: str, says: str
) -> None:
    project = project_for(peer, tmp_path, audience)
    done = digest(project, "run", LISTMONK=SECRET)
    assert done.returncode == 1
    assert says in done.stderr
    assert "config/newsletters/weekly.toml" in done.stderr
    assert peer.issues() == []
