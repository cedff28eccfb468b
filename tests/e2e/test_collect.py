"""`digest collect` tells the week's posts, every post, or what is wrong with them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT
from tests.e2e.command import digest, digest_json
from tests.projects import make_project


def test_the_weeks_posts_are_a_part_of_all(tmp_path: Path) -> None:
    project = make_project(tmp_path / "p", readers=1)
    week, everything = (digest_json(project, "collect", *more) for more in ((), ("--all",)))
    assert 0 < len(week) < len(everything)
    assert [post for post in everything if post["id"] in {each["id"] for each in week}] == week
    assert all("2026-01-12" <= post["date"] < "2026-01-19" for post in week)
    assert set(week[0]) == {
        "id", "path", "url", "date", "title", "categories", "tags", "author", "language", "excerpt"
    }  # fmt: skip


def test_a_second_run_says_the_same_from_what_it_remembers(tmp_path: Path) -> None:
    project = make_project(tmp_path / "p", readers=1)
    first, second = (digest(project, "collect", "--all", "--json").stdout for _ in range(2))
    assert first == second
    assert json.loads(first)


def test_problems_stand_in_a_table_and_in_json(tmp_path: Path) -> None:
    project = make_project(tmp_path / "p", readers=1)
    problems = digest_json(project, "collect", "--all", "--problems", exit_code=3)
    assert {"level", "code", "message", "file", "line", "fix", "times"} == set(problems[0])
    told = digest(project, "collect", "--all", "--problems").stdout
    for problem in problems:
        row = next(line for line in told.splitlines() if problem["message"] in line)
        assert problem["code"] in row
        assert f"{problem['file']}:{problem['line']}" in row or (not problem["line"] and problem["file"] in row)
        assert problem["fix"] in row
    assert "https://" not in told.split("Level")[0], "with --problems the posts are not listed"


def test_the_generator_can_be_overruled_and_a_wrong_one_is_named(tmp_path: Path) -> None:
    blog = ROOT / "tests" / "data" / "sources" / "hugo" / "blog"

    def run(*more: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "digest", "collect", "--all", "--json", "--source", str(blog), *more]
        return subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)

    found, told, wrong = run(), run("--generator", "hugo"), run("--generator", "hogo")
    assert json.loads(found.stdout) == json.loads(told.stdout)
    assert wrong.returncode == 1
    assert "did you mean 'hugo'?" in wrong.stderr
    assert not list(tmp_path.iterdir()), "a bare blog leaves nothing behind"


def test_an_address_is_no_folder(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "digest", "collect", "--source", "https://example.com/feed.xml"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 1
    assert "is an address, not a folder" in done.stderr
    assert "config/sources.md" in done.stderr
