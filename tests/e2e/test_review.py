"""From the folder of posts to mailboxes by the real command, for each way in which people look at an issue first."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.command import digest, digest_json
from tests.projects import ISSUE, make_project, replace_in
from tests.servers.smtp import SmtpServer

FRIDAY, LATER, MONDAY, HOUR_LATER = (
    f"2026-01-{moment}+09:00" for moment in ("16T18:05:00", "17T12:00:00", "19T08:01:00", "19T09:05:00")
)
EDITOR = "editor@example.com"


def reviewed(folder: Path, review: str, provider: str = "") -> Path:
    lines = f'schedule = "mon 08:00"\ncut_off = "fri 18:00"\nbuild = "fri 18:00"\nreviewers = ["{EDITOR}"]'
    weekly = {'schedule = "mon 08:00"': lines, 'review = "none"': f'review = "{review}"'}
    project = make_project(folder, readers=2, provider=provider, weekly=weekly)
    replace_in(project / "config/digest.toml", "[store]", '[reports]\nfile = "var/reports"\n\n[store]')
    return project


def happened(project: Path, *kinds: str) -> list[str]:
    return [each["what"] for each in digest_json(project, "history", ISSUE)["events"] if each["what"] in kinds]


def mails(project: Path, folder: str) -> list[str]:
    return sorted(file.name for file in (project / "var/outbox/weekly").glob(f"{folder}/*.eml"))


def test_a_window_from_friday_to_monday(tmp_path: Path) -> None:
    project = reviewed(tmp_path / "p", "window")
    digest(project, "skip", "2026-W03", as_of=FRIDAY)
    asked = digest(project, "run", as_of=FRIDAY)
    assert "weekly/2026-W04: leaves by itself at 2026-01-19 08:00, unless somebody holds it" in asked.stdout
    assert mails(project, "2026-W04/proofs") == [f"{EDITOR}.eml"]
    (message,) = (project / "var/outbox/weekly").glob("report-2026-W04*/*.eml")
    assert message.name == f"{EDITOR}.eml"
    (text,) = [file.read_text("utf-8") for file in (project / "var/reports").glob("*2026-W04-review.md")]
    assert "http://127.0.0.1:8025/issues/weekly/2026-W04" in text
    again = digest_json(project, "run", as_of=LATER)
    assert [each["state"] for each in again if each["issue"] == ISSUE] == ["frozen"]
    assert mails(project, "2026-W04") == []
    done = digest(project, "run", as_of=MONDAY)
    assert "weekly/2026-W04: sent" in done.stdout
    assert mails(project, "2026-W04") == ["reader0@example.com.eml", "reader1@example.com.eml"]
    assert happened(project, "asked", "approved", "sending") == ["asked", "approved", "sending"]
    assert digest_json(project, "history", ISSUE)["approved_by"] == "review = window: nobody held it"
    report = max((project / "var/reports").glob("*2026-W04-sent.md")).read_text("utf-8")
    assert "承認：確認期間中に止める人がいなかったため（review = window）" in report


def test_a_required_approval_by_mail(tmp_path: Path) -> None:
    with SmtpServer() as server:
        provider = f'kind = "smtp"\nhost = "{server.host}"\nport = {server.port}\nsecurity = "none"'
        project = reviewed(tmp_path / "p", "required", provider)
        assert "waits for an approval" in digest(project, "run", as_of=FRIDAY).stdout
        assert [each.recipient for each in server.messages] == [EDITOR, EDITOR]
        proof, message = (each.parsed for each in server.messages)
        assert "承認のお願い" in message["Subject"]
        assert message["Auto-Submitted"] == "auto-generated"
        body = message.get_body(("plain",))
        assert body
        command = next(line for line in str(body.get_content()).splitlines() if "digest approve" in line)
        fingerprint = command.rpartition("--fingerprint ")[2].rstrip("`")
        digest(project, "run", as_of=MONDAY)
        assert {each.recipient for each in server.messages} == {EDITOR}, "not without an approval"
        assert happened(project, "asked", "reminded") == ["asked", "reminded"]
        assert digest(project, "approve", ISSUE, "--fingerprint", fingerprint, as_of=MONDAY).returncode == 0
        assert "weekly/2026-W04: sent" in digest(project, "run", as_of=HOUR_LATER).stdout
        sent = [each.parsed for each in server.messages if each.recipient != EDITOR]
        assert len(sent) == 2
        shown, got = (str(each.get_body(("html",)).get_content()) for each in (proof, sent[0]))  # type: ignore[union-attr]
        assert _without_reader(shown) == _without_reader(got)


def _without_reader(html: str) -> str:
    """Return a mail without the address by which its reader leaves."""
    return "".join(part.partition('"')[2] for part in html.split("https://news.example.com/u/"))


def test_without_a_review_nothing_happens_before_the_due_moment(tmp_path: Path) -> None:
    project = make_project(tmp_path / "p", readers=2)
    told = digest_json(project, "run", as_of=FRIDAY)
    assert [each["issue"] for each in told] == ["weekly/2026-W03"]
    assert "weekly/2026-W04: sent" in digest(project, "run", as_of=MONDAY).stdout
    assert happened(project, "asked") == []


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('build = "thu 18:00"', "build: must not be before the cut-off (fri 18:00)"),
        ('build = "09:00"', "build: must not be after the issue is due at 08:00"),
        ('reviewers = ["nobody"]', "reviewers: 'nobody' is not an e-mail address"),
        ("review_minutes = -1", "review_minutes"),
    ],
)
def test_a_mistake_is_told_with_file_line_and_the_nearest_right_form(tmp_path: Path, line: str, says: str) -> None:
    weekly = {'schedule = "mon 08:00"': f'schedule = "mon 08:00"\ncut_off = "fri 18:00"\n{line}'}
    done = digest(make_project(tmp_path / "p", weekly=weekly), "run")
    assert done.returncode == 1
    assert "weekly.toml:" in done.stderr
    assert says in done.stderr


def test_the_doctor_says_when_an_issue_is_built_and_what_a_setting_does_not_do(tmp_path: Path) -> None:
    weekly = {'review = "none"': 'review = "window"\nremind_hours = 5\nbuild = "07:30"'}
    done = digest(make_project(tmp_path / "p", weekly=weekly), "doctor")
    assert "built Mon 2026-01-26 07:30 +0900 for people to look at (review = window)" in done.stdout
    assert "`remind_hours` counts for nothing" in done.stdout
    assert "it leaves 30 minutes late" in done.stdout
    assert "Nobody is named who is shown an issue" in done.stdout
