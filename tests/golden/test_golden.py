"""One issue, recorded whole: what a change does to the mail is seen before it is committed.

`make golden` records it again; the difference is for a person to read.
"""

from __future__ import annotations

import json
import os
from datetime import datetime
from pathlib import Path

import pytest

from digest import pipeline
from digest.app import Project
from digest.models import Out
from digest.pipeline import Draft
from digest.select import as_json, latest_slot
from tests.projects import make_project

HERE = Path(__file__).parent / "weekly"


@pytest.fixture(scope="module")
def draft(tmp_path_factory: pytest.TempPathFactory) -> Draft:
    now = datetime.fromisoformat("2026-01-19T09:00:00+09:00")
    with Project(make_project(tmp_path_factory.mktemp("golden") / "p")) as project:
        press = project.press()
        slot = latest_slot(press.newsletter.schedule, now)
        return pipeline.draft(press, slot, now)


@pytest.mark.parametrize("name", ["issue.html", "issue.txt", "issue.json"])
def test_the_example_issue_is_the_one_that_was_recorded(draft: Draft, name: str) -> None:
    selection = as_json(draft.selection, without={Out.HISTORY})
    head = {"subject": draft.email.subject, "preheader": draft.email.preheader, "headers": draft.email.headers}
    made = {
        "issue.html": draft.email.html,
        "issue.txt": draft.email.text,
        "issue.json": json.dumps({**head, "selection": selection}, ensure_ascii=False, indent=2) + "\n",
    }[name]
    file = HERE / name
    if os.environ.get("DIGEST_RECORD_GOLDEN"):
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(made.encode())
    assert made == file.read_bytes().decode(), "run `make golden` and read the difference"


def test_the_example_issue_is_clean(draft: Draft) -> None:
    assert not draft.blocked
