"""What holds of every choice, whatever the blog, the newsletter, its past and its people are."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from random import Random
from unittest import mock

from hypothesis import given, settings
from hypothesis import strategies as st

from digest.models import Coverage, KnownPost, Ledger, Out, OverrideKind, Post, Selection, Slot, Window
from digest.select import as_json, choosing, select
from digest.select.placing import Placing
from tests.factories import make_newsletter
from tests.select.choices import PLAIN, SLOT
from tests.select.strategies import Week, blogs, newsletters, weeks


def chosen(week: Week, **changes: object) -> Selection:
    return select(replace(week.newsletter, **changes), SLOT, week.posts, week.ledger, week.overrides)


def ids(week: Week, *kinds: OverrideKind) -> set[str]:
    return {each.post_id for each in week.overrides if each.kind in kinds}


@given(weeks(), st.randoms(use_true_random=False))
def test_the_order_in_which_posts_are_found_changes_nothing(week: Week, random: Random) -> None:
    posts, known = list(week.posts), list(week.ledger.known.items())
    random.shuffle(posts)
    random.shuffle(known)
    shuffled = replace(week, posts=tuple(posts), ledger=replace(week.ledger, known=dict(known)))
    assert as_json(chosen(week)) == as_json(chosen(shuffled))


@given(weeks())
def test_every_post_is_in_exactly_one_place(week: Week) -> None:
    selection = chosen(week)
    shown = [*selection.picks, *selection.more]
    places = [pick.post.id for pick in shown] + [post.id for pick in shown for post in pick.also]
    places += [out.post.id for out in selection.left_out]
    assert Counter(places) == Counter(post.id for post in week.posts)
    assert all(out.reason and out.remedy for out in selection.left_out)


@given(weeks())
def test_no_limit_is_passed_except_for_what_people_pinned(week: Week) -> None:
    newsletter, selection = week.newsletter, chosen(week)
    pinned = ids(week, OverrideKind.PIN)
    counted = [pick for pick in selection.picks if pick.post.id not in pinned]
    assert len(counted) <= newsletter.max_posts
    assert len(selection.more) <= newsletter.max_more
    maxima = {rule.key: rule.maximum for rule in newsletter.sections}
    for section in selection.sections:
        assert len([pick for pick in section.picks if pick in counted]) <= maxima[section.key]
    if newsletter.max_per_author:
        authors = Counter(pick.post.author for pick in counted if pick.post.author)
        assert all(number <= newsletter.max_per_author for number in authors.values())


@given(weeks())
def test_places_are_kept_for_sections_that_have_posts_enough(week: Week) -> None:
    sections = tuple(replace(rule, when_thin="keep") for rule in week.newsletter.sections)
    newsletter = replace(week.newsletter, sections=sections, max_per_author=0, group_stories=False)
    selection = chosen(replace(week, newsletter=newsletter, overrides=()))
    candidates = [pick.post for pick in (*selection.picks, *selection.more)]
    candidates += [out.post for out in selection.left_out if out.code in choosing.ROOM]
    placing = Placing(sections, newsletter.language)
    there = Counter(section.key for post in candidates if (section := placing.of(post)[0]))
    have = {section.key: len(section.picks) for section in selection.sections}
    for rule in sections:
        assert have.get(rule.key, 0) >= min(rule.minimum, there[rule.key])


@given(weeks())
def test_ranks_are_a_total_order_by_what_posts_are_worth(week: Week) -> None:
    selection = chosen(week)
    picks = [*selection.picks, *selection.more]
    turns = [(pick.rank, pick.score, pick.post.id) for pick in picks]
    turns += [(out.rank, out.score or 0.0, out.post.id) for out in selection.left_out if out.rank]
    assert sorted(rank for rank, _, _ in turns) == list(range(1, len(turns) + 1))
    pinned = ids(week, OverrideKind.PIN)
    scores = [score for _, score, id_ in sorted(turns) if id_ not in pinned]
    assert scores == sorted(scores, reverse=True)


@given(weeks())
def test_what_people_pin_is_in_and_what_they_exclude_is_out(week: Week) -> None:
    selection = chosen(week)
    picks = {pick.post.id for pick in selection.picks}
    codes = {out.post.id: out.code for out in selection.left_out}
    there = {post.id for post in week.posts}
    for id_ in ids(week, OverrideKind.PIN) & there:
        assert id_ in picks or codes[id_] in {Out.COVERED, Out.WITHHELD, Out.AFTER_WINDOW}
    for id_ in ids(week, OverrideKind.EXCLUDE) & there:
        assert id_ in codes


@given(weeks(), st.data())
def test_another_post_takes_no_place_from_a_better_one_of_its_section(week: Week, data: st.DataObject) -> None:
    """Of rules that look at one post alone; with variety, another author may well make room for others."""
    sections = tuple(replace(rule, when_thin="keep", order="score") for rule in week.newsletter.sections)
    newsletter = replace(week.newsletter, sections=sections, ranking=PLAIN, max_per_author=0, group_stories=False)
    week = replace(week, overrides=(), newsletter=newsletter)
    if not week.posts:
        return
    added = data.draw(st.sampled_from(week.posts))
    before = chosen(replace(week, posts=tuple(post for post in week.posts if post.id != added.id)))
    after = chosen(week)
    turn = {pick.post.id: pick.rank for pick in (*after.picks, *after.more)}
    turn |= {out.post.id: out.rank for out in after.left_out if out.rank}
    for section in before.sections:
        now = next((each for each in after.sections if each.key == section.key), None)
        kept = {pick.post.id for pick in now.picks} if now else set()
        for pick in section.picks:
            better = pick.post.id in turn and turn[pick.post.id] < turn.get(added.id, 0)
            assert not better or pick.post.id in kept


@given(weeks())
def test_to_read_fewer_texts_changes_no_choice(week: Week) -> None:
    exact = chosen(week)
    with mock.patch.object(choosing, "READ_AT_LEAST", 0):
        quick = chosen(week)
    assert _told(quick) == _told(exact)
    assert [pick.post.id for pick in quick.more] == [pick.post.id for pick in exact.more]


def _told(selection: Selection) -> object:
    picks = [
        (
            section.key,
            pick.post.id,
            pick.score,
            dict(pick.parts),
            pick.rank,
            pick.reason,
            pick.origin,
            [also.id for also in pick.also],
        )
        for section in selection.sections
        for pick in section.picks
    ]
    return picks, selection.lead, selection.notes


@given(blogs(), newsletters(), st.data())
@settings(max_examples=40)
def test_nothing_is_lost_and_nothing_is_sent_twice_from_week_to_week(
    blog: tuple[Post, ...], newsletter: object, data: st.DataObject
) -> None:
    """Posts come late, weeks fail, and the ledger is kept as the store keeps it; in the end each has one state."""
    letter = make_newsletter(
        sections=newsletter.sections, max_posts=2, max_more=1, max_age_days=10, group_stories=newsletter.group_stories
    )
    shown_from = {post.id: data.draw(st.integers(0, 2), label=post.id) for post in blog}
    known: dict[str, KnownPost] = {}
    sent: Counter[str] = Counter()
    state: dict[str, Coverage] = {}
    for week in range(8):
        slot = _later(week)
        there = [post for post in blog if shown_from[post.id] <= week]
        ledger = Ledger(dict(sorted(known.items())), SLOT.window.start)
        selection = select(letter, slot, there, ledger)
        left = data.draw(st.booleans(), label=f"week {week} leaves") or week == 7
        sources = {id_.partition(":")[0] for id_ in known}
        for post in there:
            if not post.withheld:
                is_new = post.id.partition(":")[0] in sources or post.offered_at >= SLOT.window.start
                fact = KnownPost(post.id, post.url, post.title, post.published_at, slot.due_at, not is_new, "", "")
                known.setdefault(post.id, fact)
        state = {out.post.id: out.code.coverage for out in selection.left_out}
        assert set(state) | set(selection.shown) == {post.id for post in there}
        for id_, role in selection.shown.items():
            if left:
                sent[id_] += 1
                known[id_] = replace(known[id_], issue=f"weekly/{slot.period}", role=role)
    assert max(sent.values(), default=1) == 1
    assert Coverage.OPEN not in state.values(), "all are too old by now, if they are nothing else"
    at_the_same_address = {post.id for post in blog if post.url.endswith("/same/")}
    assert {id_ for id_, each in state.items() if each is Coverage.SENT} <= set(sent) | at_the_same_address
    assert set(sent) <= {id_ for id_, each in state.items() if each is Coverage.SENT} | set(selection.shown)


def _later(weeks: int) -> Slot:
    by = timedelta(weeks=weeks)
    window = Window(SLOT.window.start + by, SLOT.window.end + by)
    return Slot(f"2026-W{4 + weeks:02d}", SLOT.due_at + by, window, SLOT.due_at + by)
