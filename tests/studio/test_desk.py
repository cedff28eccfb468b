"""What is shown is what would be frozen, what is frozen, or the last good version, and never anything else."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from digest import pipeline
from digest.app import Project
from digest.models import Email, Level
from digest.select import slot_of_period
from digest.studio import drafts as drafts_room
from digest.studio.desk import Desk, NoSuchWeekError
from digest.studio.weeks import COMING, PAST
from tests.projects import replace_in

WEEKLY = "config/newsletters/weekly.toml"
EMAIL = "templates/weekly/email.html"


def drafted(project: Path, now: datetime, period: str = "2026-W04") -> Email:
    with Project(project) as opened:
        press = opened.press("weekly")
        return pipeline.draft(press, slot_of_period(press.newsletter.schedule, period), now).email


def freeze(project: Path, now: datetime) -> Email:
    with Project(project) as opened:
        press = opened.press("weekly")
        return pipeline.build(press, slot_of_period(press.newsletter.schedule, "2026-W04"), now)[1].email


def counted(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str) -> list[object]:
    """Count the calls of a real part."""
    calls: list[object] = []
    real = getattr(owner, name)

    def call(*arguments: Any) -> Any:
        calls.append(arguments)
        return real(*arguments)

    monkeypatch.setattr(owner, name, call)
    return calls


def test_the_draft_is_byte_for_byte_what_the_pipeline_drafts(desk: Desk, project: Path, now: datetime) -> None:
    for period in ("2026-W02", "2026-W03", "2026-W04", "2026-W05"):
        shown = desk.view("weekly", period).draft
        assert shown is not None
        assert shown.email == drafted(project, now, period)


def test_looking_writes_nothing_to_the_store(desk: Desk, project: Path, now: datetime) -> None:
    freeze(project, now)
    database = project / "var/digest.sqlite3"
    before = list(sqlite3.connect(database).iterdump())
    desk.view("weekly", "2026-W04")
    desk.view("weekly", "2026-W05")
    desk.decisions()
    assert list(sqlite3.connect(database).iterdump()) == before


def test_the_frozen_version_is_shown_and_told_from_a_draft_that_differs(
    desk: Desk, project: Path, now: datetime
) -> None:
    frozen = freeze(project, now)
    view = desk.view("weekly", "2026-W04")
    assert view.frozen is not None
    assert view.frozen.email == frozen
    assert not view.differs
    replace_in(project / WEEKLY, "おはようございます。", "こんにちは。")
    desk.forget([project / WEEKLY])
    view = desk.view("weekly", "2026-W04")
    assert view.frozen is not None
    assert view.frozen.email == frozen
    assert view.differs


def test_a_blocked_draft_in_the_store_is_not_taken_for_a_frozen_version(
    desk: Desk, project: Path, now: datetime
) -> None:
    replace_in(project / WEEKLY, 'preheader = "', 'preheader = "" #')
    freeze(project, now)
    view = desk.view("weekly", "2026-W04")
    assert view.frozen is None
    assert view.draft is not None
    assert view.draft.count(Level.ERROR)


def test_a_mistake_keeps_the_last_good_version_and_goes_away_when_mended(desk: Desk, project: Path) -> None:
    good = desk.view().draft
    assert good is not None
    replace_in(project / EMAIL, "{{ masthead() }}", "{{ masthead( }}")
    desk.forget([project / EMAIL])
    broken = desk.view()
    assert broken.trouble is not None
    assert broken.trouble.file == EMAIL
    assert any(line.guilty and "masthead(" in line.text for line in broken.trouble.source)
    assert broken.draft == good
    replace_in(project / EMAIL, "{{ masthead( }}", "{{ masthead() }}")
    desk.forget([project / EMAIL])
    mended = desk.view()
    assert mended.trouble is None
    assert mended.draft == good


def test_a_mistake_in_the_configuration_keeps_the_last_good_version_too(desk: Desk, project: Path) -> None:
    good = desk.view().draft
    replace_in(project / WEEKLY, "max_posts = 12", "max_posts = many")
    desk.forget([project / WEEKLY])
    broken = desk.view()
    assert broken.trouble is not None
    assert broken.trouble.kind == "ConfigError"
    assert broken.trouble.line
    assert broken.draft == good
    assert project / "config" in desk.watched()


def test_with_a_mistake_from_the_start_there_is_only_the_mistake(desk: Desk, project: Path) -> None:
    replace_in(project / "config/digest.toml", "[site]", "[sight]")
    view = desk.view()
    assert view.trouble is not None
    assert (view.draft, view.frozen, view.newsletter) == (None, None, None)
    replace_in(project / "config/digest.toml", "[sight]", "[site]")
    desk.forget([project / "config/digest.toml"])
    assert desk.view().trouble is None


def test_a_blog_that_is_gone_is_a_trouble_and_is_watched_for_its_return(desk: Desk, project: Path) -> None:
    desk.view()
    (project / "examples/blog").rename(project / "examples/moved")
    desk.forget([project / "examples/blog/_posts"])
    view = desk.view()
    assert view.trouble is not None
    assert view.trouble.kind == "SourceError"
    assert view.draft is not None
    assert project / "examples/blog" in desk.watched()


def test_many_looks_share_one_rendering(desk: Desk, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drafts = counted(monkeypatch, drafts_room, "drafted")
    for _ in range(5):
        desk.view("weekly", "2026-W04")
    assert len(drafts) == 1
    desk.forget([project / EMAIL])
    desk.view("weekly", "2026-W04")
    assert len(drafts) == 2


def test_a_mistake_is_met_once_for_all_who_look(desk: Desk, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drafts = counted(monkeypatch, drafts_room, "sketched")
    replace_in(project / EMAIL, "{{ masthead() }}", "{{ masthead( }}")
    assert [desk.view().trouble is None for _ in range(3)] == [False] * 3
    assert len(drafts) == 1


def test_posts_are_read_again_only_when_a_blog_may_have_changed(
    desk: Desk, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads = counted(monkeypatch, Project, "read_posts")
    desk.view()
    for file in (EMAIL, WEEKLY, "config/copy/ja.toml"):
        desk.forget([project / file])
        desk.view()
    assert len(reads) == 1
    desk.forget([project / "examples/blog/_posts/2026-01-18-1-naoshita-ato.md"])
    desk.view()
    assert len(reads) == 2
    replace_in(project / "config/digest.toml", 'path = "examples/blog"', 'path = "examples/blog/"')
    desk.forget([project / "config/digest.toml"])
    desk.view()
    assert len(reads) == 3


def test_a_post_whose_time_has_come_is_seen_without_any_change_of_files(project: Path, now: datetime) -> None:
    moment = [now]
    desk = Desk(project, lambda: moment[0], None)
    first = desk.view("weekly", "2026-W07").draft
    moment[0] = now + timedelta(days=21)
    later = desk.view("weekly", "2026-W07").draft
    assert first is not None
    assert later is not None
    assert later.email == drafted(project, moment[0], "2026-W07")
    assert later.email != first.email


def test_a_decision_in_the_store_is_noticed(desk: Desk, project: Path, now: datetime) -> None:
    before = desk.decisions()
    assert desk.decisions() == before
    freeze(project, now)
    frozen = desk.decisions()
    assert frozen != before
    with Project(project) as opened:
        issue = opened.store.issues.find("weekly", "2026-W04")
        assert issue is not None
        pipeline.approve(opened.store, issue, "someone", now)
    assert desk.decisions() != frozen
    calendar = desk.view().calendar
    assert calendar is not None
    assert calendar.shown.state == "approved"


def test_the_watched_folders_follow_the_configuration(desk: Desk, project: Path) -> None:
    assert project / "examples/blog/_posts" in desk.watched()
    (project / "examples/blog").rename(project / "elsewhere")
    replace_in(project / "config/digest.toml", 'path = "examples/blog"', 'path = "elsewhere"')
    desk.forget([project / "config/digest.toml"])
    assert project / "elsewhere/_posts" in desk.watched()
    assert project / "examples/blog/_posts" not in desk.watched()


def test_a_store_that_cannot_be_opened_is_a_trouble(desk: Desk, project: Path) -> None:
    replace_in(project / "config/digest.toml", "sqlite:///var/digest.sqlite3", "mysql://nowhere/x")
    view = desk.view()
    assert view.trouble is not None
    assert view.trouble.kind == "StoreError"
    assert desk.decisions() is None


@pytest.mark.parametrize("period", ["2026-W60", "2026-04", "0001-W01", "9999-W53", "x"])
def test_a_week_that_does_not_exist_is_none(desk: Desk, period: str) -> None:
    with pytest.raises(NoSuchWeekError):
        desk.view("weekly", period)


def test_a_newsletter_that_does_not_exist_is_none(desk: Desk) -> None:
    with pytest.raises(NoSuchWeekError):
        desk.view("daily", "2026-W04")


def test_the_named_newsletter_is_shown_first(project: Path, now: datetime) -> None:
    text = (project / WEEKLY).read_text(encoding="utf-8")
    (project / "config/newsletters/another.toml").write_text(text.replace("ことのは週報", "別便"), encoding="utf-8")
    named = Desk(project, lambda: now, "weekly").view()
    assert named.newsletter is not None
    assert named.newsletter.slug == "weekly"
    assert [each.slug for each in named.newsletters] == ["another", "weekly"]
    unnamed = Desk(project, lambda: now, None).view().newsletter
    assert unnamed is not None
    assert unnamed.slug == "another"


def test_past_and_coming_weeks_can_be_chosen(desk: Desk) -> None:
    calendar = desk.view().calendar
    assert calendar is not None
    assert len(calendar.weeks) == COMING + 1 + PAST


def test_an_edit_of_looks_chooses_no_posts_again(desk: Desk, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    choices = counted(monkeypatch, drafts_room, "choose")
    subject = desk.view().draft
    for file in (EMAIL, "templates/weekly/style.css", "config/copy/ja.toml", WEEKLY):
        replace_in(project / file, "\n", "\n\n")
        desk.forget([project / file])
        desk.view()
    replace_in(project / WEEKLY, 'subject = "', 'subject = "新しい')
    desk.forget([project / WEEKLY])
    changed = desk.view().draft
    assert len(choices) == 1
    assert subject
    assert changed
    assert changed.email.subject == f"新しい{subject.email.subject}"
    replace_in(project / WEEKLY, "max_posts = 12", "max_posts = 3")
    desk.forget([project / WEEKLY])
    fewer = desk.view().draft
    assert len(choices) == 2
    assert fewer
    assert sum(len(section["picks"]) for section in fewer.selection["sections"]) == 3


def test_the_picture_is_the_mail_of_the_draft_and_is_made_once(
    desk: Desk, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mails, checked = counted(monkeypatch, drafts_room, "sketched"), counted(monkeypatch, drafts_room, "drafted")
    picture = desk.picture("weekly", "2026-W04", wants_draft=False)
    assert (len(mails), len(checked)) == (1, 0)
    shown = desk.view("weekly", "2026-W04").draft
    assert (len(mails), len(checked)) == (1, 1)
    assert shown
    assert shown.email == picture
    replace_in(project / EMAIL, "{{ masthead() }}", "{{ masthead( }}")
    desk.forget([project / EMAIL])
    assert desk.picture("weekly", "2026-W04", wants_draft=False) is None
    view = desk.view("weekly", "2026-W04")
    assert len(mails) == 2, "a mistake is met once"
    assert view.trouble
    assert view.draft == shown


def test_there_is_no_picture_beside_a_frozen_version_that_is_looked_at(
    desk: Desk, project: Path, now: datetime
) -> None:
    with Project(project) as opened:
        press = opened.press("weekly")
        pipeline.build(press, slot_of_period(press.newsletter.schedule, "2026-W04"), now)
    assert desk.picture("weekly", "2026-W04", wants_draft=False) is None
    assert desk.picture("weekly", "2026-W04", wants_draft=True) is not None
