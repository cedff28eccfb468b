"""A whole week through the real command, from the folder of posts to mailboxes."""

from __future__ import annotations

import email
import email.policy
import os
import subprocess
import sys
from email.message import EmailMessage
from pathlib import Path
from typing import cast

import pytest

from tests.e2e.command import digest, digest_json
from tests.projects import AS_OF, ISSUE, make_project
from tests.servers.http import HttpServer, reply
from tests.servers.smtp import SmtpServer

KEY = "SG.a-key-that-must-never-be-shown"
REVIEW = {'review = "none" ': 'review = "required" '}


def sendgrid(server: HttpServer) -> str:
    return f'kind = "sendgrid"\napi_key = "env:SENDGRID_API_KEY"\nbase_url = "{server.url}"\nbatch_limit = 2'


def smtp(server: SmtpServer) -> str:
    return f'kind = "smtp"\nhost = "{server.host}"\nport = {server.port}\nsecurity = "none"'


def mails(project: Path) -> list[EmailMessage]:
    files = sorted((project / "var/outbox").rglob("*.eml"))
    return [
        cast("EmailMessage", email.message_from_bytes(file.read_bytes(), policy=email.policy.default)) for file in files
    ]


def part(message: EmailMessage, kind: str) -> str:
    found = message.get_body((kind,))
    assert found
    return str(found.get_content())


def test_the_week_becomes_one_mail_a_reader_and_a_second_run_sends_nothing(tmp_path: Path) -> None:
    project = make_project(tmp_path / "p", readers=3)
    first = digest(project, "run")
    assert first.returncode == 3, "the example blog has broken posts, and says so"
    assert "kensho-data.md:4" in first.stdout
    assert "weekly/2026-W04: sent" in first.stdout
    assert "pinned by its author" in first.stdout
    assert len(mails(project)) == 3
    before = {file: file.read_bytes() for file in (project / "var/outbox").rglob("*.eml")}
    second = digest(project, "run")
    assert second.returncode == 0
    assert "already sent" in second.stdout
    assert {file: file.read_bytes() for file in (project / "var/outbox").rglob("*.eml")} == before


def test_each_reader_gets_an_own_unsubscribe_link_in_header_html_and_text(tmp_path: Path) -> None:
    project = make_project(tmp_path / "p", readers=2)
    digest(project, "run")
    links = set()
    for message in mails(project):
        link = str(message["List-Unsubscribe"]).strip("<>")
        assert link.startswith("https://news.example.com/u/")
        assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert link in part(message, "html")
        assert link in part(message, "plain")
        links.add(link)
    assert len(links) == 2


def test_what_is_approved_is_what_arrives_byte_for_byte(tmp_path: Path) -> None:
    with SmtpServer() as server:
        project = make_project(tmp_path / "p", readers=2, provider=smtp(server), weekly=REVIEW)
        built = digest_json(project, "build")
        assert "waits for an approval" in digest(project, "run").stdout
        assert server.messages == []
        assert digest(project, "send", ISSUE).returncode == 1
        assert (
            digest(project, "approve", ISSUE, "--fingerprint", built["fingerprint"][:12], "--by", "kay").returncode == 0
        )
        told = digest_json(project, "send", ISSUE, exit_code=0)
        assert told["counts"] == {"accepted": 2}
        assert sorted(message.recipient for message in server.messages) == [
            "reader0@example.com",
            "reader1@example.com",
        ]
        subject = server.messages[0].parsed["Subject"]
        assert subject.replace(" ", "") == built["subject"].replace(" ", "")
        history = digest_json(project, "history", ISSUE)
        assert (history["state"], history["fingerprint"]) == ("sent", built["fingerprint"])
        assert history["approved_by"] == "kay"


def test_a_change_after_the_approval_makes_it_void(tmp_path: Path) -> None:
    project = make_project(tmp_path / "p", readers=2, weekly=REVIEW)
    digest(project, "build")
    digest(project, "approve", ISSUE)
    post = project / "examples/blog/_posts/2026-01-16-1-memory-6gb.md"
    post.write_text(post.read_text(encoding="utf-8").replace("6GB", "7GB"), encoding="utf-8")
    digest(project, "build")
    assert digest_json(project, "history", ISSUE)["state"] == "frozen"
    assert digest(project, "send", ISSUE).returncode == 1
    assert mails(project) == []


def test_sendgrid_gets_each_reader_once_and_never_shows_its_key(tmp_path: Path) -> None:
    with HttpServer() as server:
        project = make_project(tmp_path / "p", readers=5, provider=sendgrid(server))
        done = digest(project, "run", SENDGRID_API_KEY=KEY)
        assert "sent" in done.stdout, done.stdout + done.stderr
        addresses = [
            to["email"] for each in server.requests for one in each.json["personalizations"] for to in one["to"]
        ]
        assert sorted(addresses) == [f"reader{number}@example.com" for number in range(5)]
        assert all(each.headers["authorization"] == f"Bearer {KEY}" for each in server.requests)
        assert digest_json(project, "history", ISSUE)["counts"]["accepted"] == 5
    everything = (
        done.stdout
        + done.stderr
        + "".join(file.read_bytes().decode("latin-1") for file in (project / "var").rglob("*") if file.is_file())
    )
    assert KEY not in everything


def test_a_dry_run_shows_the_exact_request_and_sends_nothing(tmp_path: Path) -> None:
    with HttpServer() as server:
        project = make_project(tmp_path / "p", readers=2, provider=sendgrid(server))
        digest(project, "build")
        done = digest(project, "send", ISSUE, "--dry-run", SENDGRID_API_KEY=KEY)
        assert done.returncode == 0
        assert server.requests == []
        assert KEY not in done.stdout
        assert "/v3/mail/send" in done.stdout
        assert "nothing would be sent" in done.stderr
        assert "reader1@example.com" in done.stdout


def test_a_proof_is_marked_and_not_counted(tmp_path: Path) -> None:
    with SmtpServer() as server:
        project = make_project(tmp_path / "p", readers=2, provider=smtp(server), weekly=REVIEW)
        digest(project, "build")
        assert digest(project, "send", ISSUE, "--to", "me@example.com").returncode == 0
        (message,) = server.messages
        assert message.recipient == "me@example.com"
        assert str(message.parsed["Subject"]).startswith("【テスト】")
        history = digest_json(project, "history", ISSUE)
        assert history["state"] == "frozen"
        assert history["counts"]["audience"] == 0


def test_asked_to_stop_it_ends_cleanly_and_the_next_run_goes_on(tmp_path: Path) -> None:
    with HttpServer() as server:
        provider = sendgrid(server).replace("batch_limit = 2", "batch_limit = 1")
        project = make_project(tmp_path / "p", readers=120, provider=provider)
        environment = {**os.environ, "SENDGRID_API_KEY": KEY}
        command = [sys.executable, "-m", "digest", "run", "--project", str(project), "--as-of", AS_OF]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
            while not server.requests and process.poll() is None:
                pass
            process.terminate()
            said = process.communicate(timeout=30)[0]
        assert process.returncode == 1
        assert "it was asked to stop" in said
        assert 0 < len(server.requests) < 120
        assert digest_json(project, "history", ISSUE)["counts"]["unknown"] == 0
        digest(project, "run", SENDGRID_API_KEY=KEY)
        addresses = [one["to"][0]["email"] for each in server.requests for one in each.json["personalizations"]]
        assert len(addresses) == len(set(addresses)) == 120


def test_example_addresses_are_a_warning_once_mail_really_leaves(tmp_path: Path) -> None:
    with SmtpServer() as server:
        project = make_project(tmp_path / "p", readers=1, provider=smtp(server))
        assert "site.public_url is still the example" in digest(project, "check").stdout
    assert "still the example" not in digest(make_project(tmp_path / "q"), "check").stdout


@pytest.mark.parametrize("word", ["hold", "skip"])
def test_a_held_or_skipped_issue_does_not_leave(tmp_path: Path, word: str) -> None:
    project = make_project(tmp_path / "p", readers=2)
    digest(project, "build")
    assert digest(project, word, ISSUE, "--reason", "祝日").returncode == 0
    done = digest(project, "run")
    assert "祝日" in done.stdout
    assert mails(project) == []
    if word == "hold":
        digest(project, "approve", ISSUE)
        digest(project, "send", ISSUE)
        assert len(mails(project)) == 2


def test_the_posts_of_a_sent_issue_do_not_come_again(tmp_path: Path) -> None:
    project = make_project(tmp_path / "p", readers=1)
    sent = set(digest_json(project, "run")[0]["picks"])
    # The same window once more, under another name: the schedule moves from Monday to Tuesday.
    weekly = project / "config/newsletters/weekly.toml"
    weekly.write_text(weekly.read_text(encoding="utf-8").replace("mon 08:00", "tue 08:00"), encoding="utf-8")
    chosen = digest_json(project, "select", "2026-W05")
    assert {pick["id"] for section in chosen["sections"] for pick in section["picks"]}.isdisjoint(sent)


def test_a_week_without_posts_is_a_skipped_issue_with_a_reason(tmp_path: Path) -> None:
    project = make_project(tmp_path / "p", readers=1)
    done = digest(project, "run", as_of="2026-06-01T09:00:00+09:00")
    assert "skipped: too few posts: 0" in done.stdout
    assert digest_json(project, "history", "weekly/2026-W23")["state"] == "skipped"
    assert mails(project) == []


def test_an_answer_that_is_no_answer_is_unknown_until_a_person_decides(tmp_path: Path) -> None:
    with HttpServer(reply(502, body="<html>Bad gateway</html>")) as server:
        project = make_project(tmp_path / "p", readers=4, provider=sendgrid(server))
        done = digest(project, "run", SENDGRID_API_KEY=KEY)
        assert done.returncode == 3
        assert "2 unknown" in done.stdout
        assert len(server.requests) == 2
        again = digest(project, "run", SENDGRID_API_KEY=KEY)
        assert "needs a look" in again.stdout
        assert len(server.requests) == 2, "what is unknown is not sent again by itself"
        settled = digest(project, "send", ISSUE, "--unknown", "resend", SENDGRID_API_KEY=KEY)
        assert settled.returncode == 0, settled.stdout + settled.stderr
        assert len(server.requests) == 3
        assert digest_json(project, "history", ISSUE)["state"] == "sent"


def test_who_got_it_can_be_written_to_a_file_and_counted_by_domain(tmp_path: Path) -> None:
    project = make_project(tmp_path / "p", readers=3)
    digest(project, "run")
    file = tmp_path / "who.csv"
    told = digest_json(project, "history", ISSUE, "--domains", "--csv", str(file))
    assert told["domains"] == {"example.com": {"accepted": 3}}
    assert told["told"]["bounced"] == 0
    rows = [line.split(",") for line in file.read_text(encoding="utf-8").splitlines()]
    assert rows[0][:4] == ["address", "state", "message_id", "error"]
    assert sorted(row[:2] for row in rows[1:]) == [[f"reader{number}@example.com", "accepted"] for number in range(3)]
    assert digest(project, "history", ISSUE, "--csv", str(tmp_path / "no" / "folder.csv")).returncode == 1
