"""A year of weekly runs over a blog that lives, with weeks that fail: what readers have of every post in the end."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from email import message_from_bytes, policy
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from digest import pipeline
from digest.errors import SourceError, TemplateError
from digest.models import (
    READER_TOKEN,
    Collection,
    Coverage,
    IssueState,
    Newsletter,
    Out,
    OverrideKind,
    Recipient,
    Schedule,
    SectionRule,
    Slot,
    Weekly,
)
from digest.pipeline import Press
from digest.render import Links, Renderer
from digest.select import next_slot, select, slot_of_period
from digest.send.audience import Audience
from digest.send.edge import Edge
from digest.send.ownership import Owner
from digest.send.providers.file import Provider
from digest.store import Store
from tests.conftest import ROOT
from tests.factories import make_newsletter
from tests.pipeline.blog_of_a_year import Blog, Entry

NEW_YORK = ZoneInfo("America/New_York")
WEEKS = 52
FIRST = "2025-W37"
BROKEN_BLOG, BROKEN_TEMPLATE, OFF, SKIPPED, FORGOTTEN = "blog", "template", "off", "skipped", "forgotten"
TROUBLE = {
    3: BROKEN_BLOG,
    8: OFF,
    9: OFF,
    13: BROKEN_TEMPLATE,
    17: SKIPPED,
    24: FORGOTTEN,
    31: BROKEN_BLOG,
    40: SKIPPED,
}
"""Number of the week -> what goes wrong in it; the clocks change in weeks 8 and 26."""


@dataclass
class Year:
    """What is left of a year."""

    blog: Blog
    store: Store
    newsletter: Newsletter
    outbox: Path
    slots: list[Slot] = field(default_factory=list)

    def mails(self) -> dict[str, str]:
        """Return what each issue's only reader got, by period."""
        found = {}
        for slot in self.slots:
            for file in (self.outbox / "weekly" / slot.period).glob("*.eml"):
                mail = message_from_bytes(file.read_bytes(), policy=policy.default)
                body = mail.get_body(("plain",))
                assert body is not None
                found[slot.period] = body.get_content()
        return found

    def brought(self) -> dict[int, list[str]]:
        """Return the periods whose mail names each entry."""
        places: dict[int, list[str]] = defaultdict(list)
        for period, text in self.mails().items():
            lines = set(text.split())
            for entry in self.blog.entries:
                if lines.intersection(entry.marks):
                    places[entry.number].append(period)
        return places


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Year]:
    folder = tmp_path_factory.mktemp("year")
    newsletter = make_newsletter(
        schedule=Schedule(Weekly(weekday=0), at=time(8), time_zone=NEW_YORK),
        subject="{{ lead.title }}",
        sections=(
            SectionRule("news", "ニュース", ("AI最新ニュース",), maximum=5),
            SectionRule("practice", "現場", ("業界別AI活用", "導入事例"), weight=0.9, minimum=2),
            SectionRule("rest", "そのほか", ("*",), weight=0.7, maximum=3),
        ),
        max_more=6,
        max_per_author=4,
    )
    first = slot_of_period(newsletter.schedule, FIRST)
    blog = Blog(first.window.start - timedelta(weeks=6), first.window.end + timedelta(weeks=WEEKS))
    with_store = Store("sqlite:///year.sqlite3", folder)
    made = Year(blog, with_store, newsletter, folder / "outbox")
    slot = first
    for week in range(WEEKS):
        made.slots.append(slot)
        _live_through(made, folder, slot, TROUBLE.get(week, ""))
        slot = next_slot(newsletter.schedule, slot.due_at)
    yield made
    with_store.close()


def _live_through(year: Year, folder: Path, slot: Slot, trouble: str) -> None:
    """Do what happens in one week: a person's say, the run, and the run again."""
    if trouble == OFF:
        return
    press = _press(year, folder, broken_blog=trouble == BROKEN_BLOG, broken_template=trouble == BROKEN_TEMPLATE)
    now = slot.due_at + timedelta(minutes=1)
    issue = year.store.issues.plan("weekly", slot, slot.due_at - timedelta(days=1))
    if trouble == SKIPPED:
        pipeline.skip(year.store, issue, "編集長", "休刊", slot.due_at - timedelta(hours=1))
    if trouble == FORGOTTEN:
        issue, _ = pipeline.build(press, slot, now)
        pipeline.hold(year.store, issue, "編集長", "確認中", now)
    elif not trouble:
        newest = [post for post in year.blog.read(now).shown if post.published_at in slot.window]
        pipeline.say(press, slot, newest[0], OverrideKind.EXCLUDE, "", "編集長", slot.due_at - timedelta(hours=2))
    for moment in (now, now + timedelta(hours=5)):
        try:
            asyncio.run(pipeline.run(press, Edge(lambda moment=moment: moment), max_delay=timedelta(hours=48)))
        except (SourceError, TemplateError):
            assert trouble in {BROKEN_BLOG, BROKEN_TEMPLATE}


def _press(year: Year, folder: Path, *, broken_blog: bool, broken_template: bool) -> Press:
    def read(now: datetime) -> Collection:
        if broken_blog:
            raise SourceError("the blog's server does not answer")
        return year.blog.read(now)

    return Press(
        newsletter=replace(year.newsletter, subject="{{ nobody }}") if broken_template else year.newsletter,
        read_posts=read,
        read_audience=lambda: Audience((Recipient("reader@example.com"),), ()),
        renderer=Renderer(ROOT / "templates", ROOT / "config/copy"),
        links=lambda _: Links(f"https://news.example.com/u/{READER_TOKEN}"),
        store=year.store,
        provider=Provider(year.outbox),
        owner=Owner(folder / "senders"),
    )


def test_every_week_but_the_troubled_ones_has_one_issue(year: Year) -> None:
    states = {slot.period: year.store.issues.find("weekly", slot.period) for slot in year.slots}
    sent = [period for period, issue in states.items() if issue and issue.state is IssueState.SENT]
    assert len(sent) == WEEKS - len(TROUBLE)
    assert sorted(year.mails()) == sorted(sent)


def test_no_post_is_in_two_mails(year: Year) -> None:
    assert {number: periods for number, periods in year.brought().items() if len(periods) > 1} == {}


def test_nothing_from_before_the_newsletter_is_mailed(year: Year) -> None:
    begin = year.slots[0].window.start
    old = {entry.number for entry in year.blog.entries if entry.dated_at < begin and not _came_late(entry, begin)}
    assert old.isdisjoint(year.brought())


def _came_late(entry: Entry, begin: datetime) -> bool:
    moments = (entry.seen_from, entry.draft_until, entry.hold_until)
    return any(moment is not None and moment >= begin for moment in moments)


def test_posts_of_weeks_without_an_issue_are_offered_again(year: Year) -> None:
    for week in TROUBLE:
        following = next(each for each in range(week + 1, WEEKS) if each not in TROUBLE)
        ranked = _ranked(year, year.slots[following])
        missed = [entry for entry in year.blog.entries if entry.dated_at in year.slots[week].window]
        offered = [entry for entry in missed if any(mark in ranked for mark in entry.marks)]
        assert len(offered) > len(missed) / 2, f"week {week} is not offered in week {following}"


def test_leftovers_of_earlier_weeks_are_brought_where_there_is_room(year: Year) -> None:
    windows = {slot.period: slot.window for slot in year.slots}
    brought = year.brought()
    dated = {entry.number: entry.dated_at for entry in year.blog.entries}
    assert any(dated[number] < windows[periods[0]].start for number, periods in brought.items())


def _ranked(year: Year, slot: Slot) -> set[str]:
    """Return the addresses of all posts that competed for a place in an issue, or told the story of one that did."""
    issue = year.store.issues.find("weekly", slot.period)
    frozen = year.store.issues.frozen(issue) if issue else None
    assert frozen is not None
    selection = frozen.selection
    picks = [pick for section in selection["sections"] for pick in section["picks"]] + selection["more"]
    also = [each for pick in picks for each in pick["also"]]
    out = [each for each in selection["left_out"] if each["rank"] or each["code"] == Out.RETOLD]
    return {each["url"] for each in (*picks, *also, *out)}


def test_late_posts_are_brought_by_a_later_issue(year: Year) -> None:
    brought, windows = year.brought(), {slot.period: slot.window for slot in year.slots}
    late = [entry for entry in year.blog.entries if entry.seen_from > entry.dated_at and entry.number in brought]
    assert any(entry.dated_at < windows[brought[entry.number][0]].start for entry in late)
    for entry in late:
        assert entry.seen_from < windows[brought[entry.number][0]].end + timedelta(days=1)


def test_nothing_leaves_before_its_time_or_after_it(year: Year) -> None:
    brought, due = year.brought(), {slot.period: slot for slot in year.slots}
    for entry in year.blog.entries:
        for period in brought.get(entry.number, ()):
            slot = due[period]
            assert not entry.hold_until or entry.hold_until < slot.window.end
            assert not entry.expires or entry.expires > slot.due_at
            assert not entry.draft_until or entry.draft_until <= slot.due_at + timedelta(hours=6)


def test_every_post_ends_in_exactly_one_state(year: Year) -> None:
    last = year.slots[-1]
    coming = next_slot(year.newsletter.schedule, last.due_at)
    posts = year.blog.read(coming.due_at).posts
    ledger = year.store.posts.ledger("weekly", coming.due_at)
    selection = select(year.newsletter, coming, posts, ledger)
    in_ = Counter(selection.shown.keys())
    out = Counter(each.post.id for each in selection.left_out)
    assert set((in_ + out).values()) == {1}
    assert set(in_ + out) == {post.id for post in posts}
    assert in_.keys().isdisjoint(out)
    oldest = coming.window.end - timedelta(days=year.newsletter.max_age_days)
    for each in selection.left_out:
        if each.code.coverage is Coverage.OPEN:
            assert oldest <= each.post.offered_at
    brought = year.brought()
    covered = {each.post.id for each in selection.left_out if each.code.coverage is Coverage.SENT}
    by_number = {
        post.id: int(post.path.removesuffix(".md").rpartition("/")[2].removeprefix("renamed-")) for post in posts
    }
    told = {number for id_, number in by_number.items() if id_ in covered}
    assert {number for number in brought if number in by_number.values()} <= told
