"""Unknown copies settled by asking the provider, and by a log that somebody exported, over the real command."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.e2e.command import digest, digest_json
from tests.projects import AS_OF, ISSUE, make_project
from tests.servers.archives import Archive, Mail
from tests.servers.http import HttpServer, Received, Scripted, reply, reset_after_body

KEY = "a-server-token-of-ours"
SENT_AT = datetime.fromisoformat(AS_OF)
LATER = (SENT_AT + timedelta(hours=1)).isoformat()


class Postmark:
    """Loses its answer to the first batch, of which it took some readers."""

    def __init__(self, took: list[str]) -> None:
        marked = {"issue": ISSUE}
        mails = [Mail(each, marked, "whatever", SENT_AT, name=f"id-{each}") for each in took]
        self.archive = Archive("postmark", mails, SENT_AT + timedelta(hours=1))
        self.sent: list[str] = []

    def __call__(self, request: Received) -> Scripted:
        if request.method == "GET":
            return self.archive(request)
        first = not self.sent
        self.sent += [each["To"].rpartition("<")[2].rstrip(">") for each in request.json]
        if first:
            return reset_after_body()
        return reply(200, body=[{"ErrorCode": 0, "Message": "OK", "MessageID": "m", "To": "x"} for _ in request.json])


@pytest.fixture
def postmark() -> Iterator[tuple[Postmark, HttpServer]]:
    peer = Postmark(took=["reader0@example.com", "reader2@example.com"])
    with HttpServer(default=peer) as server:
        yield peer, server


def unclear(folder: Path, url: str) -> Path:
    """Four readers in one batch of whom nobody knows whether they have it."""
    provider = f'kind = "postmark"\napi_key = "env:POSTMARK"\nbase_url = "{url}"'
    project = make_project(folder / "project", provider=provider, readers=4)
    done = digest(project, "run", POSTMARK=KEY)
    assert digest_json(project, "history", ISSUE)["counts"]["unknown"] == 4, done.stdout + done.stderr
    return project


def states(project: Path) -> dict[str, str]:
    told = digest_json(project, "history", ISSUE, "--recipients")
    return {each["address"].partition("@")[0]: each["state"] for each in told["recipients"]}


def test_the_provider_is_asked_and_the_missing_ones_are_sent_to(
    postmark: tuple[Postmark, HttpServer], tmp_path: Path
) -> None:
    peer, server = postmark
    project = unclear(tmp_path, server.url)

    young = digest_json(project, "reconcile", ISSUE, exit_code=3, POSTMARK=KEY)
    assert (young["too_young"], young["accepted"]) == (4, 0)

    asked = digest(project, "reconcile", ISSUE, as_of=LATER, POSTMARK=KEY)
    assert asked.returncode == 3
    assert "2 accepted, 0 rejected; 2 missing, 0 unclear" in asked.stdout
    assert "--missing resend" in asked.stdout
    assert KEY not in asked.stdout + asked.stderr
    assert states(project) == {"reader0": "accepted", "reader1": "unknown", "reader2": "accepted", "reader3": "unknown"}

    resent = digest_json(project, "reconcile", ISSUE, "--missing", "resend", as_of=LATER, exit_code=0, POSTMARK=KEY)
    assert (resent["missing"], resent["state"]) == (2, "sending")
    assert digest(project, "send", ISSUE, as_of=LATER, POSTMARK=KEY).returncode == 0
    assert set(states(project).values()) == {"accepted"}
    assert sorted(peer.sent[4:]) == ["reader1@example.com", "reader3@example.com"]


def test_a_log_settles_who_stands_in_it(postmark: tuple[Postmark, HttpServer], tmp_path: Path) -> None:
    _, server = postmark
    project = unclear(tmp_path, server.url)
    log = tmp_path / "activity.csv"
    lines = ["email,event,issue", f"READER1@example.com,delivered,{ISSUE}", f"reader2@example.com,dropped,{ISSUE}"]
    log.write_text("\n".join([*lines, "reader3@example.com,delivered,weekly/2026-W03", "nonsense"]), encoding="utf-8")
    told = digest_json(project, "reconcile", ISSUE, "--events", str(log), as_of=LATER, exit_code=3)
    assert (told["accepted"], told["rejected"], told["unclear"]) == (1, 1, 2)
    assert [each["line"] for each in told["problems"]] == [5]
    assert states(project) == {"reader0": "unknown", "reader1": "accepted", "reader2": "rejected", "reader3": "unknown"}


def test_a_log_that_is_none_is_told_with_its_name(postmark: tuple[Postmark, HttpServer], tmp_path: Path) -> None:
    _, server = postmark
    project = unclear(tmp_path, server.url)
    (tmp_path / "log.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    done = digest(project, "reconcile", ISSUE, "--events", str(tmp_path / "log.csv"), as_of=LATER)
    assert done.returncode == 1
    assert "log.csv" in done.stderr
    wrong = digest(project, "reconcile", ISSUE, "--events", str(tmp_path / "none.csv"), "--missing", "resend")
    assert wrong.returncode == 2
    assert "a log does not tell who is missing" in " ".join(wrong.stderr.replace("│", " ").split())


def test_an_issue_that_has_not_left_is_told_as_such(tmp_path: Path) -> None:
    project = make_project(tmp_path / "project")
    assert digest(project, "build").returncode == 3
    done = digest(project, "reconcile", ISSUE)
    assert done.returncode == 1
    assert "it has not left yet" in done.stderr
    assert json.loads(digest(project, "history", ISSUE, "--json").stdout)["state"] == "frozen"
