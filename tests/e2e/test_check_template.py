"""`digest check` tries a design before readers see it, and shows the mail to others only when it is asked to."""

from __future__ import annotations

import json
import shutil
import socket
import sys
from pathlib import Path
from typing import Any

import pytest

from digest.cli.commands import run_command
from tests.e2e.command import digest, digest_json
from tests.projects import AS_OF, ISSUE, make_project, replace_in


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_project(tmp_path_factory.mktemp("check") / "p")


def in_process(capsys: pytest.CaptureFixture[str], project: Path, *arguments: str) -> tuple[int, Any]:
    """Run the command in this process, where the network can be watched; return the exit code and the JSON."""
    code = run_command(["check", *arguments, "--json", "--project", str(project), "--as-of", AS_OF])
    return code, json.loads(capsys.readouterr().out)


def test_the_shipped_design_has_no_errors_in_any_case(tmp_path: Path) -> None:
    project = make_project(tmp_path / "p")
    digest(project, "build", ISSUE)
    told = digest_json(project, "check", "weekly", exit_code=0)
    assert list(told) == ["template", "newsletters", "cases", "findings"]
    assert (told["template"], told["newsletters"]) == ("weekly", ["weekly"])
    names = {case["name"] for case in told["cases"]}
    assert {"no posts", "one post", "twelve posts", "sixty posts", "full week", "all samples"} <= names
    assert {"sample 04-html-in-title", "issue 2026-W04"} <= names
    assert {case["language"] for case in told["cases"]} == {"ja", "en"}
    for case in told["cases"]:
        assert sum(part["size"] for part in case["parts"]) == case["bytes"] > 0
    assert "error" not in {finding["level"] for finding in told["findings"]}


def test_a_fault_in_a_macro_is_one_line_with_its_place_and_its_cases_and_exit_3(tmp_path: Path) -> None:
    project = make_project(tmp_path / "p")
    shutil.rmtree(project / "templates/_samples")
    (project / "templates/_samples").mkdir()
    replace_in(project / "templates/_macros/image.html", "<img", "{{ nothing_of_the_kind }}<img")
    done = digest(project, "check", "templates/weekly/")
    assert done.returncode == 3, done.stderr
    (line,) = [line for line in done.stdout.splitlines() if "nothing_of_the_kind" in line]
    assert "templates/_macros/image.html:" in line
    assert str(project) not in done.stdout
    assert "in twelve posts (ja), sixty posts (ja), full week (ja), twelve posts (en) and 2 more" in done.stdout
    told = digest_json(project, "check", "--template", "weekly", exit_code=3)
    (error,) = [each for each in told["findings"] if each["level"] == "error"]
    assert (error["file"], error["code"], len(error["cases"])) == (
        "templates/_macros/image.html",
        "template.broken",
        6,
    )
    assert {"newsletter": "weekly", "name": "full week", "language": "en"} in error["cases"]


def test_a_design_that_no_newsletter_uses_is_tried_with_the_shipped_settings(tmp_path: Path) -> None:
    project = make_project(tmp_path / "p")
    shutil.copytree(project / "templates/weekly", project / "templates/ours")
    with (project / "templates/ours/email.txt").open("r+", encoding="utf-8") as file:
        last = len(file.read().splitlines()) + 1
        file.write("{{ nobody }}\n")
    told = digest_json(project, "check", "ours", exit_code=3)
    assert told["newsletters"] == ["weekly"]
    assert {(each["file"], each["line"]) for each in told["findings"] if each["level"] == "error"} == {
        ("templates/ours/email.txt", last)
    }


def test_every_newsletter_that_uses_a_design_is_tried_and_a_broken_one_is_told(tmp_path: Path) -> None:
    project = make_project(tmp_path / "p")
    shutil.rmtree(project / "templates/_samples")
    letters = project / "config/newsletters"
    weekly = (letters / "weekly.toml").read_text(encoding="utf-8")
    (letters / "other.toml").write_text(weekly.replace('subject = "', 'subject = "{{ leed }}'), encoding="utf-8")
    (letters / "broken.toml").write_text("title = 1\n", encoding="utf-8")
    told = digest_json(project, "check", "weekly", exit_code=3)
    assert told["newsletters"] == ["other", "weekly"]
    errors = {each["file"]: each for each in told["findings"] if each["level"] == "error"}
    assert set(errors) == {"config/newsletters/other.toml", "config/newsletters/broken.toml"}
    assert {case["newsletter"] for case in errors["config/newsletters/other.toml"]["cases"]} == {"other"}
    assert errors["config/newsletters/broken.toml"]["cases"] == []


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["nonsense"], 1, ["neither an issue nor a design", "weekly/2026-W04", "weekly"]),
        (["--template", "weekli"], 1, ["no template “weekli”", "did you mean `weekly`"]),
        ([ISSUE, "--template", "weekly"], 2, ["not both"]),
        (["weekly", "--links"], 2, ["--links"]),
        (["weekly/nonsense"], 1, ["nonsense"]),
        (["2026-W99"], 1, ["2026-W99"]),
    ],
)
def test_a_name_that_means_nothing_is_told(project: Path, arguments: list[str], code: int, says: list[str]) -> None:
    done = digest(project, "check", *arguments)
    assert done.returncode == code, done.stdout + done.stderr
    for words in says:
        assert words in done.stderr


def test_a_newsletter_of_another_name_than_its_design_is_pointed_to_its_issue(tmp_path: Path) -> None:
    project = make_project(tmp_path / "p")
    (project / "config/newsletters/weekly.toml").rename(project / "config/newsletters/tech.toml")
    done = digest(project, "check", "tech")
    assert done.returncode == 1
    assert "`digest check --newsletter tech`" in done.stderr
    assert "`digest check weekly`" in done.stderr
    assert digest_json(project, "check", "--newsletter", "tech")["issue"] == "tech/2026-W04"


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every name resolves to this machine; which were asked for."""
    asked: list[str] = []
    look_up = socket.getaddrinfo

    def here(host: str, port: int, **rest: Any) -> Any:
        asked.append(host)
        return look_up("127.0.0.1", port, **rest)

    monkeypatch.setattr(socket, "getaddrinfo", here)
    return asked


def test_links_are_asked_for_only_when_somebody_wants_it_and_never_in_a_private_network(
    project: Path, names: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    _, told = in_process(capsys, project, ISSUE)
    assert "mail.link-private" not in {each["code"] for each in told["findings"]}
    assert names == []
    code, told = in_process(capsys, project, ISSUE, "--links")
    assert code == 3
    private = [each for each in told["findings"] if each["code"] == "mail.link-private"]
    assert len(private) > 5
    assert set(names)


def fake_spamassassin(folder: Path, points: float) -> str:
    """Put a program that calls every mail so bad in a folder of its own; return a PATH that begins with it."""
    folder.mkdir()
    file = folder / "spamassassin"
    report = f"Content analysis details:   ({points} points, 5.0 required)\n\n {points} SOME_RULE  BODY: it looks so\n"
    script = f"import sys\nmail = sys.stdin.read()\nprint({report!r} if 'List-Unsubscribe: ' in mail else 'no mail')\n"
    file.write_text(f"#!{sys.executable}\n{script}", encoding="utf-8")
    file.chmod(0o755)
    return str(folder)


def test_spamassassin_is_asked_about_the_mail_as_it_leaves(tmp_path: Path, project: Path) -> None:
    path = fake_spamassassin(tmp_path / "bin", 6.1)
    told = digest_json(project, "check", ISSUE, "--spam", exit_code=3, PATH=path)
    (found,) = [each for each in told["findings"] if each["code"] == "mail.spam"]
    assert found["level"] == "error"
    assert "SOME_RULE" in found["message"]
    assert "mail.spam" not in {each["code"] for each in digest_json(project, "check", ISSUE, PATH=path)["findings"]}


def test_without_spamassassin_that_is_said(tmp_path: Path, project: Path) -> None:
    done = digest(project, "check", ISSUE, "--spam", PATH=str(tmp_path))
    assert "SpamAssassin is not installed here" in done.stdout
    assert "apt install spamassassin" in done.stdout
