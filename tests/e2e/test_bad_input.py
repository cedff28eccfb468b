"""Bad input gives one clear message that says what, where and what to do, the right exit code, and loses nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.command import digest, digest_json
from tests.projects import ISSUE, make_project, replace_in
from tests.servers.http import HttpServer, garbage, reply, reset_before_reading

Break = Callable[[Path], None]
KEY = "SG.a-key-that-must-never-be-shown"


def edit(name: str, old: str, new: str) -> Break:
    return lambda project: replace_in(project / name, old, new)


def write(name: str, text: str) -> Break:
    def act(project: Path) -> None:
        (project / name).write_text(text, encoding="utf-8")

    return act


def append(name: str, text: str) -> Break:
    def act(project: Path) -> None:
        with (project / name).open("a", encoding="utf-8") as file:
            file.write(text)

    return act


WEEKLY = "config/newsletters/weekly.toml"


@pytest.mark.parametrize(
    ("harm", "says"),
    [
        (edit("config/digest.toml", "public_url", "public_ulr"), ["digest.toml:6", "did you mean 'public_url'"]),
        (edit("config/digest.toml", 'kind = "file" ', 'kind = "fiel" '), ["did you mean", "file"]),
        (edit("config/digest.toml", 'outbox = "var', 'outbocks = "var'), ["outbocks", "outbox"]),
        (edit("config/digest.toml", "examples/blog", "examples/blgo"), ["examples/blgo"]),
        (edit("config/digest.toml", "sqlite:///", "mysql://"), ["the store cannot be 'mysql'"]),
        (edit(WEEKLY, "max_posts", "max_post"), ["weekly.toml:", "did you mean 'max_posts'"]),
        (edit(WEEKLY, 'template = "weekly" ', 'template = "weakly" '), ["weakly", "weekly"]),
        (edit(WEEKLY, 'subject = "{{ lead.title', 'subject = "{{ lead.titel'), ["weekly.toml", "titel"]),
        (edit(WEEKLY, "examples/audience.csv", "examples/none.csv"), ["none.csv", "address,name"]),
        (write("examples/audience.csv", "address,name\n"), ["nobody to send to"]),
        (write("examples/audience.csv", "who\n"), ["no column for addresses"]),
        (append("templates/weekly/email.html", "{{ nothing_of_the_kind }}"), ["email.html:", "nothing_of_the_kind"]),
        (append("templates/weekly/email.html", "{% if %}"), ["email.html:"]),
    ],
)  # fmt: skip
def test_a_mistake_in_the_project_is_one_message_and_exit_1(tmp_path: Path, harm: Break, says: list[str]) -> None:
    project = make_project(tmp_path / "p", readers=0)
    harm(project)
    done = digest(project, "run")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    for words in says:
        assert words in done.stderr
    assert not list((project / "var").rglob("*.eml"))


def test_once_mended_the_same_issue_goes_out(tmp_path: Path) -> None:
    project = make_project(tmp_path / "p", readers=2)
    harm = "{{ nothing_of_the_kind }}"
    append("templates/weekly/email.html", harm)(project)
    assert digest(project, "run").returncode == 1
    replace_in(project / "templates/weekly/email.html", harm, "")
    digest(project, "run")
    assert digest_json(project, "history", ISSUE)["counts"]["accepted"] == 2


def test_an_unknown_category_is_a_warning_with_the_nearest_name(tmp_path: Path) -> None:
    project = make_project(tmp_path / "p")
    edit(WEEKLY, 'categories = ["AI最新ニュース"]', 'categories = ["AI最新ニュウス"]')(project)
    done = digest(project, "check")
    assert "did you mean 'AI最新ニュース'?" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["approve", "weekly/2026-W99"], 1, "there is no week 2026-W99"),
        (["approve", "weekly/2026-W02"], 1, "there is no issue weekly/2026-W02 yet"),
        (["build", "monthly/2026-W02"], 1, "there is no newsletter 'monthly'"),
        (["frobnicate"], 2, "No such command"),
        (["send"], 2, "Missing argument"),
        (["send", ISSUE, "--to", "nobody"], 2, "it has no @"),
    ],
)
def test_wrong_words_are_told(tmp_path: Path, arguments: list[str], code: int, says: str) -> None:
    project = make_project(tmp_path / "p")
    done = digest(project, *arguments)
    assert done.returncode == code
    assert says in done.stderr


def test_a_moment_that_is_none_is_wrong_usage(tmp_path: Path) -> None:
    done = digest(make_project(tmp_path / "p"), "run", as_of="monday")
    assert (done.returncode, "no date and time such as" in done.stderr) == (2, True)


def test_a_folder_that_is_no_project_says_how_to_make_one(tmp_path: Path) -> None:
    done = digest(tmp_path, "run")
    assert done.returncode == 1
    assert "digest init DIR" in done.stderr


def test_a_missing_key_is_named_and_nothing_leaves(tmp_path: Path) -> None:
    with HttpServer() as server:
        provider = f'kind = "sendgrid"\napi_key = "env:SENDGRID_API_KEY"\nbase_url = "{server.url}"'
        project = make_project(tmp_path / "p", readers=2, provider=provider)
        done = digest(project, "run")
        assert done.returncode == 1
        assert "SENDGRID_API_KEY" in done.stderr
        assert server.requests == []


@pytest.mark.parametrize(
    ("answer", "code", "state", "says"),
    [
        (reply(400, body={"errors": [{"message": "Bad thing", "field": "x"}]}), 1, "pending", "Bad thing"),
        (reply(401, body={"errors": [{"message": "The provided grant is invalid"}]}), 1, "pending", "grant"),
        (reply(500), 3, "unknown", "may or may not have it"),
        (garbage(), 3, "unknown", "may or may not have it"),
        (reply(429, {"Retry-After": "3600"}), 1, "pending", "does not take mail now"),
    ],
)  # fmt: skip
def test_what_a_provider_answers_decides_and_nothing_is_lost(
    tmp_path: Path, answer: object, code: int, state: str, says: str
) -> None:
    with HttpServer(answer, answer, answer) as server:  # type: ignore[arg-type]
        provider = f'kind = "sendgrid"\napi_key = "env:SENDGRID_API_KEY"\nbase_url = "{server.url}"'
        project = make_project(tmp_path / "p", readers=2, provider=provider)
        digest(project, "build")
        digest(project, "approve", ISSUE)
        done = digest(project, "send", ISSUE, SENDGRID_API_KEY=KEY)
        assert done.returncode == code, done.stdout + done.stderr
        assert says in done.stdout + done.stderr + str(digest_json(project, "history", ISSUE)["reason"])
        assert KEY not in done.stdout + done.stderr
        assert len(server.requests) == 1
    counts = digest_json(project, "history", ISSUE)["counts"]
    assert (counts[state], counts["audience"]) == (2, 2)


def test_a_provider_that_cannot_be_reached_loses_nobody(tmp_path: Path) -> None:
    with HttpServer(*[reset_before_reading()] * 50) as server:
        port = server.port
    provider = f'kind = "sendgrid"\napi_key = "env:SENDGRID_API_KEY"\nbase_url = "http://127.0.0.1:{port}"'
    project = make_project(tmp_path / "p", readers=2, provider=provider)
    edit("config/digest.toml", "patience_seconds = 300", "patience_seconds = 0")(project)
    done = digest(project, "run", SENDGRID_API_KEY=KEY)
    assert done.returncode == 1
    assert "does not take mail now" in done.stdout
    assert digest_json(project, "history", ISSUE)["counts"]["pending"] == 2


def test_a_picture_that_no_mail_can_show_is_left_out_and_told_and_holds_nobody_up(tmp_path: Path) -> None:
    project = make_project(tmp_path / "p", readers=0)
    post = digest_json(project, "select")["sections"][0]["picks"][0]["path"]
    replace_in(project / "examples/blog" / post, "---\n", "---\nimage: /assets/cover.webp\n")
    said = digest_json(project, "check", ISSUE)
    assert [each for each in said["findings"] if each["level"] == "error"] == []
    (told,) = [each for each in said["problems"] if each["code"] == "post.picture-unusable"]
    assert "Outlook" in told["message"]
    assert told["file"] == post
