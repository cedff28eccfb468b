"""The archive and its feed: what has left, newest first, with nobody's token and nothing that has not."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import feedparser
import pytest

from digest import pipeline
from digest.app import Project
from digest.models import READER_TOKEN, IssueState
from digest.send.edge import Edge
from digest.store import Frozen
from tests.factories import make_email, make_slot
from tests.web.conftest import PUBLIC, Visitor, shown

ALMOST = [state for state in IssueState if state not in {"settling", "sent", "needs_review"}]


def left(project: Project, now: datetime, weeks: int = 0, subject: str = "", to: IssueState = IssueState.SENT) -> str:
    """Put an issue of so many weeks later in a state; return its period."""
    slot = make_slot()
    due = slot.due_at + timedelta(weeks=weeks)
    year, week, _ = due.isocalendar()
    slot = replace(slot, due_at=due, period=f"{year}-W{week:02}")
    planned = project.store.issues.plan("weekly", slot, now)
    email = make_email(subject=subject or f"第{weeks + 1}号の件名")
    issue = project.store.issues.save(
        planned, weeks + 1, Frozen(email, {"sections": []}, (), ()), IssueState.FROZEN, now
    )
    project.store.issues.move(issue, to, allowed=[issue.state], now=now)
    return slot.period


def test_issues_that_have_left_are_listed_newest_first(visitor: Visitor, project: Project, now: datetime) -> None:
    periods = [left(project, now, weeks) for weeks in range(3)]
    page = visitor.client.get("/archive/weekly")
    places = [page.text.index(f"{PUBLIC}/issues/weekly/{period}") for period in periods]
    assert places == sorted(places, reverse=True)
    assert "第3号 · 2026年2月2日" in " ".join(shown(page).split())
    assert "第3号の件名" in shown(page)
    assert f'type="application/atom+xml" href="{PUBLIC}/archive/weekly/feed.xml"' in page.text
    assert f"{PUBLIC}/subscribe/weekly" in page.text
    assert visitor.client.get(f"/issues/weekly/{periods[0]}").status_code == 200, "a link of the archive is dead"


@pytest.mark.parametrize("state", ALMOST)
def test_what_has_not_left_is_in_neither(visitor: Visitor, project: Project, now: datetime, state: IssueState) -> None:
    left(project, now, subject="ひみつの号", to=state)
    assert "ひみつの号" not in visitor.client.get("/archive/weekly").text
    assert "ひみつの号" not in visitor.client.get("/archive/weekly/feed.xml").text


def test_a_week_from_form_to_archive_shows_nobodys_token(visitor: Visitor, project: Project, now: datetime) -> None:
    token = visitor.put()
    (outcome,) = asyncio.run(pipeline.run(project.press(), Edge(lambda: now)))
    assert outcome.issue.state == IssueState.SENT
    for path in ("/archive/weekly", "/archive/weekly/feed.xml", f"/issues/{outcome.issue.name}"):
        text = visitor.client.get(path).text
        assert token not in text
        assert READER_TOKEN not in text
        assert "hanako" not in text


def test_a_feed_reader_understands_the_feed(visitor: Visitor, project: Project, now: datetime) -> None:
    left(project, now, 0, '<b>"AI" & 人</b>')
    left(project, now, 1)
    answer = visitor.client.get("/archive/weekly/feed.xml")
    assert answer.headers["content-type"].startswith("application/atom+xml")
    feed = feedparser.parse(answer.content, response_headers={"content-type": answer.headers["content-type"]})
    assert not feed.bozo
    assert feed.version == "atom10"
    assert (feed.feed.title, feed.feed.id, feed.feed.link) == (
        "ことのは週報",
        f"{PUBLIC}/archive/weekly",
        f"{PUBLIC}/archive/weekly",
    )
    assert feed.feed.author == "株式会社ことのは"
    assert feed.feed.updated == "2026-01-25T23:00:00Z"
    assert [entry.link for entry in feed.entries] == [f"{PUBLIC}/issues/weekly/2026-W0{week}" for week in (5, 4)]
    assert [entry.id for entry in feed.entries] == [entry.link for entry in feed.entries]
    assert feed.entries[1].title == '&lt;b&gt;"AI" &amp; 人&lt;/b&gt;' or feed.entries[1].title == '<b>"AI" & 人</b>'
    assert feed.entries[1].updated == "2026-01-18T23:00:00Z"


def test_characters_that_no_xml_can_hold_do_not_break_the_feed(
    visitor: Visitor, project: Project, now: datetime
) -> None:
    left(project, now, 0, "件\x0b名\ufffe")
    feed = feedparser.parse(visitor.client.get("/archive/weekly/feed.xml").content)
    assert not feed.bozo
    assert feed.entries[0].title == "件名"


def test_a_feed_without_issues_is_a_feed(visitor: Visitor) -> None:
    feed = feedparser.parse(visitor.client.get("/archive/weekly/feed.xml").content)
    assert (feed.bozo, feed.entries, feed.feed.updated) == (False, [], "1970-01-01T00:00:00Z")
    assert "配信した号はまだありません" in shown(visitor.client.get("/archive/weekly"))


def test_who_has_the_feed_is_told_so(visitor: Visitor, project: Project, now: datetime) -> None:
    left(project, now)
    path = "/archive/weekly/feed.xml"
    tag = visitor.client.get(path).headers["etag"]
    for condition in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = visitor.client.get(path, headers={"If-None-Match": condition})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert visitor.client.get(path, headers={"If-None-Match": '"other"'}).status_code == 200
    left(project, now, 1)
    changed = visitor.client.get(path, headers={"If-None-Match": tag})
    assert changed.status_code == 200
    assert changed.headers["etag"] != tag


def test_the_feed_has_the_newest_twenty(visitor: Visitor, project: Project, now: datetime) -> None:
    periods = [left(project, now, weeks) for weeks in range(22)]
    entries = feedparser.parse(visitor.client.get("/archive/weekly/feed.xml").content).entries
    assert [entry.link.rpartition("/")[2] for entry in entries] == periods[:1:-1]


def test_there_is_no_archive_of_what_is_no_newsletter(visitor: Visitor) -> None:
    for path in ("/archive/monthly", "/archive/monthly/feed.xml", "/archive", "/archive/", "/archive/weekly/"):
        assert visitor.client.get(path).status_code == 404
