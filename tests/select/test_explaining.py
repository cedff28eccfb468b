"""For every post: in or out, what decided, what it was worth, and what would have changed it."""

from __future__ import annotations

import re
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from digest.cli.choice import why
from digest.models import Newsletter, Post, Ranking, SectionRule, Selection
from digest.select import choosing, select
from tests.factories import make_newsletter, make_post
from tests.select.choices import END, HOUR, PLAIN, SLOT, chosen, out_of, pick_of, says, series

ALL = SectionRule("all", "All", ("*",), maximum=2)


def test_the_parts_of_a_score_add_up_to_it_and_the_reason_tells_them() -> None:
    pick = pick_of(chosen(make_post("a", pinned=True, weight=0.5, featured=True)), "a")
    assert sum(pick.parts.values()) == pytest.approx(pick.score)
    assert {"author_weight", "category", "featured", "pinned", "recency", "soundness"} <= set(pick.parts)
    for words in ("pinned by its author", "gave it weight +0.5", "featured on the blog", "min to read"):
        assert words in pick.reason


def test_a_rank_is_the_place_among_all_candidates() -> None:
    selection = chosen(*series(4), sections=(ALL,), max_more=1, ranking=PLAIN)
    ranks = {pick.rank for pick in (*selection.picks, *selection.more)} | {out.rank for out in selection.left_out}
    assert ranks == {1, 2, 3, 4}
    assert out_of(chosen(make_post("a", opt_out=True)), "a").rank == 0


def test_a_full_section_names_the_points_that_are_missing_and_no_fewer_would_do() -> None:
    first, second, third = series(3)
    ranking = Ranking(weights={"recency": 0.6, "author_weight": 1.0})
    out = out_of(chosen(first, second, third, sections=(ALL,), ranking=ranking), "p2")
    assert out.reason.startswith("section 'All' already has its 2 best posts (")
    found = re.match(r"(\d\.\d\d) more points, pin it, or maximum = 3 in section 'all'$", out.remedy)
    assert found
    points = float(found[1])
    assert "p2" in shown(chosen(first, second, replace(third, weight=points), sections=(ALL,), ranking=ranking))
    too_few = replace(third, weight=points - 0.011)
    assert "p2" not in shown(chosen(first, second, too_few, sections=(ALL,), ranking=ranking))


def test_what_a_person_pinned_is_no_measure_of_points() -> None:
    pins = [says("pin", "p1"), says("pin", "p2")]
    out = out_of(chosen(*series(3), sections=(ALL,), overrides=pins, ranking=PLAIN), "p0")
    assert out.remedy == "pin it, or maximum = 3 in section 'all'"


def test_a_place_that_another_section_keeps_is_no_measure_of_points() -> None:
    rules = (replace(ALL, maximum=9), SectionRule("b", "B", ("B",), weight=0.1, minimum=1))
    low = make_post("low", categories=("B",), published_at=END - 100 * HOUR)
    first, second, third = series(3)
    third = replace(third, published_at=END - 60 * HOUR)
    selection = chosen(first, second, third, low, sections=rules, max_posts=3, ranking=PLAIN)
    out = out_of(selection, "p2")
    last = pick_of(selection, "p1").score
    assert out.score is not None
    points = float(out.remedy.partition(" more points")[0])
    assert 0.1 < last - out.score < points <= last - out.score + 0.01
    assert out.remedy.endswith(", pin it, or max_posts = 4")


LIMIT = re.compile(r"(max_posts|max_per_author|maximum) = (\d+)(?: in section '(\w+)')?")


def raised(newsletter: Newsletter, remedy: str) -> Newsletter:
    """Do what a remedy says about limits."""
    for name, number, key in LIMIT.findall(remedy):
        if key:
            sections = tuple(
                replace(each, maximum=int(number)) if each.key == key else each for each in newsletter.sections
            )
            newsletter = replace(newsletter, sections=sections)
        else:
            newsletter = replace(newsletter, **{name: int(number)})
    return newsletter


@pytest.mark.parametrize("seed", range(60))
def test_the_limits_that_are_named_would_have_brought_the_post_in(seed: int) -> None:
    chance = Random(seed)
    newsletter = make_newsletter(
        group_stories=False,
        ranking=PLAIN,
        max_posts=chance.randint(3, 6),
        max_per_author=chance.choice([0, 1, 2]),
        sections=tuple(
            SectionRule(
                key, key, (key,), weight=chance.random(), minimum=chance.choice([0, 0, 1]), maximum=chance.randint(1, 4)
            )
            for key in "abc"
        ),
    )
    posts: list[Post] = [
        make_post(
            f"p{number}",
            categories=(chance.choice("abc"),),
            author=chance.choice(["Kay", "Ann", "Bo", ""]),
            published_at=END - chance.randint(1, 160) * HOUR,
        )
        for number in range(18)
    ]
    selection = select(newsletter, SLOT, posts)
    tried = 0
    for out in selection.left_out:
        if LIMIT.search(out.remedy):
            tried += 1
            assert out.post.id in select(raised(newsletter, out.remedy), SLOT, posts).shown, out.remedy
    assert tried


def test_of_very_many_posts_those_that_could_not_get_a_place_are_not_read_and_it_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    posts = list(series(30))
    exact = chosen(*posts, sections=(ALL,), max_more=2)
    monkeypatch.setattr(choosing, "READ_AT_LEAST", 3)
    quick = chosen(*posts, sections=(ALL,), max_more=2)
    assert quick.picks == exact.picks
    assert [pick.post.id for pick in quick.more] == [pick.post.id for pick in exact.more]
    last = out_of(quick, "p29")
    assert last.reason.endswith("; its text was not read)")
    assert set(last.parts) == {"author_variety", "category", "category_variety", "recency"}
    assert last.score == pytest.approx(sum(last.parts.values()))
    assert "not read" not in out_of(exact, "p29").reason


def story(selection: Selection, post: Post) -> dict[str, Any]:
    return why(selection, post)


def test_why_tells_the_story_of_a_pick_a_title_line_and_a_post_that_is_out() -> None:
    first, second, third, fourth = series(4)
    selection = chosen(first, second, third, fourth, sections=(ALL,), max_more=1, ranking=PLAIN)
    pick, more, out = (story(selection, post) for post in (first, third, fourth))
    assert (pick["in"], pick["decided"], pick["coverage"]) == (True, "in section 'All'", "sent")
    assert (pick["rank"], pick["candidates"], pick["score"]) == (1, 4, selection.picks[0].score)
    assert (more["in"], more["decided"]) == (True, "named by its title below the sections")
    assert "section 'All' already has its 2 best posts" in more["reason"]
    assert more["remedy"]
    assert (out["in"], out["decided"], out["coverage"], out["rank"]) == (False, "section-full", "not yet covered", 4)
    assert "more points" in out["remedy"]
    assert set(pick) == set(more) == set(out)


def test_why_knows_a_post_that_is_named_below_another_and_one_that_no_source_shows() -> None:
    pick = chosen(make_post("a"))
    first = replace(pick.sections[0].picks[0], also=(make_post("b"),))
    selection = replace(pick, sections=(replace(pick.sections[0], picks=(first,)),))
    also = story(selection, make_post("b"))
    assert (also["in"], also["decided"], also["coverage"]) == (True, "retold", "sent")
    assert f"“{first.post.title}”" in also["reason"]
    nowhere = story(selection, make_post("gone"))
    assert (nowhere["in"], nowhere["decided"], nowhere["reason"]) == (False, "unknown", "no source shows it")
    assert set(also) == set(nowhere) == set(story(selection, make_post("a")))


def shown(selection: Selection) -> str:
    return " ".join(pick.post.id[-5:-3] for pick in selection.picks)
