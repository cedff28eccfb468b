"""An issue is overdue when it should have left by itself; one that waits for a person is not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from digest.app import Project
from digest.models import IssueState
from digest.pipeline.overdue import overdue
from digest.select import latest_slot
from tests.factories import TOKYO
from tests.projects import make_project

FRIDAY = datetime(2026, 1, 16, 15, 0, tzinfo=TOKYO)
DUE = datetime(2026, 1, 19, 8, 0, tzinfo=TOKYO)
LATE = DUE + timedelta(hours=1)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project(make_project(tmp_path / "p")) as opened:
        opened.store.issues.first_seen("weekly", FRIDAY)
        yield opened


def told(project: Project, now: datetime = LATE, review: str = "none") -> str:
    return overdue(replace(project.newsletter(), review=review), project.store, now)


def in_state(project: Project, state: IssueState) -> None:
    issue = project.store.issues.plan("weekly", latest_slot(project.newsletter().schedule, LATE), DUE)
    project.store.issues.move(issue, state, allowed=(issue.state,), now=DUE)


def test_what_nobody_has_begun_an_hour_after_its_time_is_overdue(project: Project) -> None:
    assert told(project) == "weekly/2026-W04 was due 2026-01-19 08:00 +0900 and is still planned"
    assert told(project, LATE - timedelta(seconds=1)) == ""


def test_what_was_due_before_the_newsletter_was_known_is_not(project: Project) -> None:
    assert told(project, FRIDAY) == ""


@pytest.mark.parametrize("state", [IssueState.DRAFT, IssueState.APPROVED])
def test_what_stands_still_on_its_way_is_overdue(project: Project, state: IssueState) -> None:
    in_state(project, state)
    assert str(state) in told(project)


@pytest.mark.parametrize(
    "state",
    [
        IssueState.HELD,
        IssueState.SENDING,
        IssueState.PAUSED,
        IssueState.SENT,
        IssueState.SKIPPED,
        IssueState.NEEDS_REVIEW,
    ],
)
def test_what_leaves_has_left_or_waits_for_a_person_is_not(project: Project, state: IssueState) -> None:
    in_state(project, state)
    assert told(project) == ""


def test_a_frozen_issue_is_overdue_unless_a_person_must_approve_it(project: Project) -> None:
    in_state(project, IssueState.FROZEN)
    assert "frozen" in told(project)
    assert told(project, review="required") == ""
