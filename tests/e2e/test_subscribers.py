"""The list of readers in the store, from a file to an issue and back into a file."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tests.e2e.command import digest, digest_json
from tests.projects import ISSUE, make_project

LIST = """email,name,sections
hanako@example.com,花子,
HANAKO@example.com,花子,
taro@example.com,太郎,ai
broken,,
jiro@example.com,次郎,no-such-section
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    made = make_project(tmp_path / "p", weekly={'audience = "examples/audience.csv"': 'audience = "store"'})
    (tmp_path / "list.csv").write_text(LIST, encoding="utf-8")
    return made


def test_a_list_is_brought_once_and_an_issue_goes_to_it(project: Path, tmp_path: Path) -> None:
    sections = digest_json(project, "select")["sections"]
    text = LIST.replace(",ai\n", f",{sections[0]['key']}\n")
    (tmp_path / "list.csv").write_text(text, encoding="utf-8")
    where = (
        "import",
        str(tmp_path / "list.csv"),
        "--consent",
        "店頭の用紙",
        "--refused",
        str(tmp_path / "refused.csv"),
    )
    done = digest_json(project, "subscribers", *where)
    assert {key: done[key] for key in ("new", "known", "refused", "readers")} == {
        "new": 2,
        "known": 0,
        "refused": 3,
        "readers": 2,
    }
    rows = list(csv.reader((tmp_path / "refused.csv").read_text(encoding="utf-8").splitlines()))
    assert [row[0] for row in rows] == ["line", "3", "5", "6"]
    assert digest_json(project, "subscribers", *where)["known"] == 2

    digest(project, "run")
    assert digest_json(project, "history", ISSUE)["counts"]["accepted"] == 2
    assert len(list((project / "var").rglob("*.eml"))) == 2


def test_nobody_to_send_to_is_said(project: Path) -> None:
    done = digest(project, "run")
    assert done.returncode == 1
    assert "nobody to send to" in done.stderr


def test_who_is_kept_out_gets_nothing_until_it_is_lifted(project: Path, tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("email\na@example.com\nb@example.com\n", encoding="utf-8")
    digest(project, "subscribers", "import", str(tmp_path / "list.csv"), "--consent", "form")
    assert digest(project, "subscribers", "suppress", "A@example.com", "--because", "asked by phone").returncode == 0
    (kept_out,) = digest_json(project, "subscribers", "suppressed")
    assert (kept_out["address"], kept_out["because"], kept_out["detail"]) == (
        "a@example.com",
        "by hand",
        "asked by phone",
    )
    (counts,) = digest_json(project, "subscribers", "list")
    assert (counts["subscribed"], counts["suppressed"]) == (1, 1)
    assert digest_json(project, "subscribers", "show", "a@example.com")["standing"] == "suppressed"
    assert digest(project, "subscribers", "lift", "a@example.com").returncode == 0
    assert digest(project, "subscribers", "lift", "a@example.com").returncode == 1
    assert digest_json(project, "subscribers", "list")[0]["subscribed"] == 2


def test_what_is_exported_can_be_brought_to_another_project(project: Path, tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("email,name\na@example.com,あ\nb@example.com,い\n", encoding="utf-8")
    digest(project, "subscribers", "import", str(tmp_path / "list.csv"), "--consent", "form")
    digest(project, "subscribers", "suppress", "b@example.com")
    assert digest(project, "subscribers", "export", str(tmp_path / "out.csv")).returncode == 0
    other = make_project(tmp_path / "q")
    done = digest_json(other, "subscribers", "import", str(tmp_path / "out.csv"))
    assert (done["new"], done["refused"]) == (1, 1)
    assert "by hand" in done["findings"][0]["message"]


def test_somebody_can_ask_what_is_known_and_be_forgotten(project: Path, tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("email,name\na@example.com,花子\n", encoding="utf-8")
    digest(project, "subscribers", "import", str(tmp_path / "list.csv"), "--consent", "form at the fair")
    told = digest_json(project, "subscribers", "show", "a@example.com")
    assert (told["name"], told["consent"], told["standing"]) == ("花子", "form at the fair", "subscribed")
    assert digest(project, "subscribers", "forget", "a@example.com").returncode == 0
    assert digest(project, "subscribers", "show", "a@example.com").returncode == 1
    assert digest(project, "subscribers", "show", "nonsense").returncode == 2
