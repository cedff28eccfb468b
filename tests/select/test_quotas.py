"""Sections, authors and the issue have limits, kept places, and a policy for what is too few."""

from __future__ import annotations

from dataclasses import replace

import pytest

from digest.models import Post, SectionRule
from tests.factories import make_post
from tests.select.choices import END, HOUR, PLAIN, by_section, chosen, names, out_of, pick_of, says, series, why

A = SectionRule("a", "A", ("A",), maximum=10)
B = SectionRule("b", "B", ("B",), weight=0.2, maximum=10)


def posts(**numbers: int) -> list[Post]:
    """Return so many posts of each category, newest first."""
    return [post for name, number in numbers.items() for post in series(number, name.lower(), categories=(name,))]


def test_a_full_section_and_a_full_issue_leave_the_weaker_posts_out() -> None:
    rules = (replace(A, maximum=2), replace(B, maximum=5))
    selection = chosen(*posts(A=4, B=4), sections=rules, max_posts=4, ranking=PLAIN)
    assert by_section(selection) == {"a": ["a0", "a1"], "b": ["b0", "b1"]}
    assert why(selection) == {"a2": "section-full", "a3": "section-full", "b2": "issue-full", "b3": "issue-full"}


def test_an_author_has_so_many_posts_at_most_and_posts_without_an_author_any_number() -> None:
    kay = list(series(3, "kay", author="Kay"))
    nobody = list(series(3, "nobody", author=""))
    selection = chosen(*kay, *nobody, max_per_author=2, ranking=PLAIN, sections=(replace(A, categories=("*",)),))
    assert set(names(selection)) == {"kay0", "kay1", "nobody0", "nobody1", "nobody2"}
    assert why(selection) == {"kay2": "author-full"}
    assert out_of(selection, "kay2").reason.startswith("Kay already has 2 posts in the issue (")


def test_places_that_a_section_keeps_are_filled_by_its_own_weaker_posts() -> None:
    selection = chosen(*posts(A=5, B=3), sections=(A, replace(B, minimum=2)), max_posts=4, ranking=PLAIN)
    assert by_section(selection) == {"a": ["a0", "a1"], "b": ["b0", "b1"]}


def test_kept_places_that_a_section_cannot_fill_go_to_others() -> None:
    few = chosen(*posts(A=5, B=1), sections=(A, replace(B, minimum=3)), max_posts=4, ranking=PLAIN)
    assert by_section(few) == {"a": ["a0", "a1", "a2"], "b": ["b0"]}
    one_author = [replace(post, author="Kay") for post in posts(B=3)]
    others = [replace(post, author=post.id) for post in posts(A=5)]
    rules = (A, replace(B, minimum=3))
    quota = chosen(*others, *one_author, sections=rules, max_posts=4, max_per_author=1, ranking=PLAIN)
    assert by_section(quota) == {"a": ["a0", "a1", "a2"], "b": ["b0"]}


def test_kept_places_that_broken_posts_could_fill_go_to_others() -> None:
    broken = [replace(post, title="I'm sorry, but I can't assist with that.") for post in posts(B=3)]
    rules = (A, replace(B, minimum=3))
    assert by_section(chosen(*posts(A=5), *broken, sections=rules, max_posts=4)) == {"a": ["a0", "a1", "a2", "a3"]}


def test_a_person_s_pin_passes_every_quota() -> None:
    rules = (replace(A, maximum=1), replace(B, minimum=1))
    everything = [replace(post, author="Kay") for post in posts(A=4, B=2)]
    pins = [says("pin", "a3"), says("pin", "a2")]
    selection = chosen(*everything, sections=rules, max_posts=1, max_per_author=1, overrides=pins)
    assert by_section(selection) == {"a": ["a3", "a2"]}


def test_what_did_not_fit_is_told_by_its_title_best_first() -> None:
    selection = chosen(*posts(A=7), sections=(replace(A, maximum=3),), max_more=2, ranking=PLAIN)
    assert [pick.rank for pick in selection.more] == [4, 5]
    assert [pick.post.id[-5:-3] for pick in selection.more] == ["a3", "a4"]
    assert why(selection) == {"a5": "section-full", "a6": "section-full"}
    assert pick_of(selection, "a3").reason.startswith("section 'A' already has its 3 best posts (")


def test_a_post_that_has_no_place_for_another_reason_is_not_told_by_its_title() -> None:
    selection = chosen(make_post("x", opt_out=True), make_post("y", categories=("料理",)), sections=(A,), max_more=5)
    assert selection.more == ()


@pytest.mark.parametrize(
    ("order", "expected"),
    [("score", ["p2", "p0", "p1"]), ("newest", ["p0", "p1", "p2"]), ("oldest", ["p2", "p1", "p0"])],
)
def test_a_section_shows_its_best_posts_in_the_order_that_it_asks_for(order: str, expected: list[str]) -> None:
    first, second, third, fourth = series(4)
    rules = (SectionRule("all", "All", ("*",), maximum=3, order=order),)
    selection = chosen(first, second, replace(third, pinned=True), fourth, sections=rules, ranking=PLAIN)
    assert names(selection) == expected


def test_an_authors_pin_is_first_in_its_section_but_does_not_open_the_issue() -> None:
    first, second, third = series(3)
    selection = chosen(first, second, replace(third, pinned=True), ranking=PLAIN)
    assert selection.sections[0].picks[0].post.id == third.id
    assert selection.lead == first.id
    assert selection.picks[0].post.id == first.id


def test_the_lead_is_the_best_post_of_the_issue_wherever_its_section_stands() -> None:
    selection = chosen(*posts(A=2, B=2), sections=(B, A), ranking=PLAIN)
    assert selection.picks[0].post.id == selection.lead == "blog:_posts/2026-01-14-a0.md"
    assert selection.sections[0].key == "b"
    assert chosen().lead == ""


THIN = replace(B, minimum=2)


def test_a_thin_section_is_shown_as_it_is_where_it_keeps() -> None:
    selection = chosen(*posts(A=1, B=1), sections=(A, THIN))
    assert by_section(selection) == {"a": ["a0"], "b": ["b0"]}
    assert selection.notes == ()


def test_a_thin_section_is_left_out_where_it_drops_and_its_places_go_to_others() -> None:
    rules = (A, replace(THIN, when_thin="drop"))
    selection = chosen(*posts(A=4, B=1), sections=rules, max_posts=3, ranking=PLAIN)
    assert by_section(selection) == {"a": ["a0", "a1", "a2"]}
    out = out_of(selection, "b0")
    assert (out.code, out.reason) == ("section-thin", "section 'B' has 1 of its 2 posts")
    assert out.remedy == "lower the section's minimum, or pin it"
    assert selection.notes == ("section 'B' has 1 of its 2 posts, so they are left out",)


def test_a_thin_section_s_posts_stand_in_another_and_compete_there() -> None:
    rules = (replace(A, maximum=2), replace(THIN, when_thin="a"))
    newest = make_post("b0", categories=("B",), published_at=END - HOUR / 2, pinned=True)
    selection = chosen(*posts(A=2), newest, sections=rules, ranking=PLAIN)
    assert by_section(selection) == {"a": ["b0", "a0"]}
    assert "here because section 'B' has 1 of its 2 posts" in pick_of(selection, "b0").reason
    assert selection.notes == ("section 'B' has 1 of its 2 posts, so they stand in “A”",)


def test_two_thin_sections_that_point_at_each_other_come_to_an_end() -> None:
    rules = (replace(A, minimum=5, when_thin="b"), replace(B, minimum=5, when_thin="a"))
    selection = chosen(*posts(A=2, B=1), sections=rules)
    assert sorted(names(selection)) == ["a0", "a1", "b0"]
    assert len(selection.sections) == 1
    assert len(selection.notes) == 2


def test_a_thin_section_keeps_what_a_person_pinned_or_moved_there() -> None:
    rules = (A, replace(THIN, when_thin="drop"))
    pinned = chosen(*posts(A=1, B=1), sections=rules, overrides=[says("pin", "b0")])
    assert by_section(pinned) == {"a": ["a0"], "b": ["b0"]}
    for when_thin in ("drop", "a"):
        rules = (A, replace(THIN, when_thin=when_thin))
        moved = chosen(*posts(A=2), sections=rules, overrides=[says("move", "a1", "b")])
        assert by_section(moved) == {"a": ["a0"], "b": ["a1"]}


def test_a_section_without_any_post_is_not_shown_and_not_thin() -> None:
    selection = chosen(*posts(A=1), sections=(A, replace(THIN, when_thin="drop")))
    assert by_section(selection) == {"a": ["a0"]}
    assert selection.notes == ()


def test_a_section_whose_posts_all_lose_to_a_quota_is_empty_not_thin() -> None:
    kay = [replace(post, author="Kay") for post in posts(A=1, B=2)]
    rules = (A, replace(THIN, when_thin="drop"))
    selection = chosen(*kay, sections=rules, max_per_author=1, ranking=PLAIN)
    assert why(selection) == {"b0": "author-full", "b1": "author-full"}
    assert selection.notes == ()
