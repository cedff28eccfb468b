"""`digest select`: what is in and why, and what a person says about it, through the real command."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.e2e.command import digest, digest_json
from tests.projects import ISSUE, make_project


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return make_project(tmp_path / "p", readers=2)


def sections(data: Any) -> dict[str, list[str]]:
    return {each["key"]: [pick["id"] for pick in each["picks"]] for each in data["sections"]}


def test_the_table_tells_what_is_in_and_out_and_writes_nothing(project: Path) -> None:
    done = digest(project, "select", ISSUE)
    assert done.returncode == 3, "the example blog has broken posts, and says so"
    assert done.stdout.startswith("2026-W04: ")
    assert "posts chosen, window 2026-01-12 00:00 to 2026-01-19 00:00" in done.stdout
    assert "lead, " in done.stdout
    assert "Left out: " in done.stdout
    assert "history" not in done.stdout.partition("Decided")[2], "what nobody expects is only counted"
    assert "history" in digest(project, "select", ISSUE, "--all").stdout.partition("Decided")[2]
    assert digest_json(project, "history") == []


def test_json_has_everything_and_the_text_does_not_mix_with_it(project: Path) -> None:
    data = digest_json(project, "select", exit_code=3)
    assert set(data) == {"period", "window", "lead", "sections", "more", "left_out", "notes"}
    assert data["lead"] in {id_ for ids in sections(data).values() for id_ in ids}
    assert {"history"} <= {out["code"] for out in data["left_out"]}


def test_why_tells_the_story_of_one_post(project: Path) -> None:
    data = digest_json(project, "select")
    lead = digest_json(project, "select", "--why", data["lead"])
    best = {pick["id"]: pick["rank"] for section in data["sections"] for pick in section["picks"]}
    assert (lead["in"], lead["rank"], lead["coverage"]) == (True, best[data["lead"]], "sent")
    out = data["left_out"][0]
    told = digest_json(project, "select", "--why", out["path"])
    assert (told["in"], told["decided"], told["remedy"]) == (False, out["code"], out["remedy"])
    text = digest(project, "select", "--why", data["lead"]).stdout
    assert "in: in section" in text
    assert f"in all: rank {lead['rank']} of" in text
    missing = digest(project, "select", "--why", "そんな記事はない")
    assert missing.returncode == 1
    assert "there is no post “そんな記事はない”" in missing.stderr


def test_what_people_say_changes_the_issue_until_it_is_undone(project: Path) -> None:
    before = digest_json(project, "select")
    news, practice, *_ = sections(before).values()
    words = ("--title", f"{news[0]}=別の見出し=副題", "--excerpt", f"{news[0]}=別の要約")
    say = ("--pin", practice[-1], "--exclude", news[1], "--move", f"{news[2]}=events", *words, "--by", "kay")
    after = digest_json(project, "select", *say)
    assert after["lead"] == practice[-1]
    shown = [id_ for ids in sections(after).values() for id_ in ids]
    assert news[1] not in shown
    assert news[2] in sections(after)["events"]
    assert {pick["title"] for each in after["sections"] for pick in each["picks"]} >= {"別の見出し=副題"}
    told = digest_json(project, "select", "--why", news[1])
    assert told["decided"] == "excluded"
    assert "by kay on 2026-01-19" in told["reason"]
    text = digest(project, "select").stdout
    assert "Said by people (undo with --undo NUMBER):" in text
    assert f"exclude {news[1]}  (kay, 2026-01-19)" in text
    for _ in range(5):
        undone = digest(project, "select", "--undo", "last")
        assert "undone: " in undone.stdout
    assert digest_json(project, "select") == before
    nothing = digest(project, "select", "--undo", "last")
    assert nothing.returncode == 1
    assert "nothing can be undone" in nothing.stderr


def test_a_place_in_a_section_is_taken_and_undone_by_its_number(project: Path) -> None:
    before = digest_json(project, "select")
    news = sections(before)["news"]
    after = digest_json(project, "select", "--order", f"{news[-1]}=1", "--order", f"{news[0]}=2")
    assert sections(after)["news"][:2] == [news[-1], news[0]]
    digest(project, "select", "--undo", "2")
    assert sections(digest_json(project, "select"))["news"][0] == news[-1]


def test_a_version_that_waits_is_built_again(project: Path) -> None:
    weekly = project / "config/newsletters/weekly.toml"
    weekly.write_text(weekly.read_text("utf-8").replace('review = "none" ', 'review = "required" '), "utf-8")
    built = digest_json(project, "build")
    lead = digest_json(project, "select")["lead"]
    said = digest(project, "select", "--exclude", lead)
    assert "weekly/2026-W04 is built again (" in said.stdout
    history = digest_json(project, "history", ISSUE)
    assert history["fingerprint"] != built["fingerprint"]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("--move", "aosagi2.md"), 2, "lacks its second half"),
        (("--pin", "2026"), 1, "posts: "),
        (("--order", "1-aosagi2.md=0"), 1, "no place in a section"),
        (("--title", "1-aosagi2.md="), 1, "the title is empty"),
        (("--undo", "²"), 2, "neither a number nor"),
        (("--undo", "9" * 30), 2, "neither a number nor"),
        (("--undo", "7"), 1, "no override 7"),
        (("--exclude", "1-aosagi2.md", "--move", "1-aosagi2.md=nowhere"), 1, "there is no section “nowhere”"),
    ],
)
def test_what_cannot_be_meant_is_refused_and_nothing_of_it_is_kept(
    project: Path, arguments: tuple[str, ...], code: int, words: str
) -> None:
    done = digest(project, "select", *arguments)
    assert (done.returncode, done.stdout) == (code, "")
    # Rich breaks lines of usage errors into a frame.
    assert words in " ".join(done.stderr.replace("│", " ").split())
    assert "Said by people" not in digest(project, "select").stdout


def test_a_bare_folder_is_chosen_from_but_has_no_issue_to_talk_about(project: Path) -> None:
    blog = str(ROOT / "examples/blog")
    data = digest_json(project, "select", "--source", blog)
    assert data["period"] == "2026-W04"
    assert data["sections"]
    said = digest(project, "select", "--source", blog, "--pin", data["lead"])
    assert said.returncode == 2
    wrong = digest(project, "select", "2026-13-99", "--source", blog)
    assert wrong.returncode == 1
    assert "2026-13-99" in wrong.stderr
