"""The choice is fair, total and explained."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from digest.models import Post, Ranking, SectionRule, Selection
from digest.select import as_json, select
from tests.factories import make_newsletter, make_post, make_slot

SLOT = make_slot()


def chosen(*posts: Post, covered: dict[str, str] | None = None, **newsletter: object) -> Selection:
    return select(make_newsletter(**newsletter), SLOT, posts, covered or {})


def names(selection: Selection) -> list[str]:
    return [pick.post.path.removeprefix("_posts/2026-01-14-").removesuffix(".md") for pick in selection.picks]


def why(selection: Selection) -> dict[str, str]:
    return {
        out.post.id.removeprefix("blog:_posts/2026-01-14-").removesuffix(".md"): out.code for out in selection.left_out
    }


def test_the_newer_of_two_equal_posts_stands_first() -> None:
    old = make_post("old", published_at=SLOT.window.start)
    new = make_post("new", published_at=SLOT.window.end - timedelta(minutes=1))
    assert names(chosen(old, new)) == ["new", "old"]


def test_sections_stand_in_the_configured_order_whatever_their_scores() -> None:
    rules = (
        SectionRule("low", "低", ("低",), weight=0.1),
        SectionRule("high", "高", ("高",), weight=1.0),
    )
    selection = chosen(make_post("h", categories=("高",)), make_post("l", categories=("低",)), sections=rules)
    assert [section.key for section in selection.sections] == ["low", "high"]


def test_a_pinned_post_stands_before_everything_else_of_its_section() -> None:
    pinned = make_post("pinned", pinned=True, published_at=SLOT.window.start)
    assert names(chosen(make_post("a"), make_post("b"), pinned))[0] == "pinned"


def test_a_post_at_the_windows_start_is_in_and_one_at_its_end_is_out() -> None:
    selection = chosen(
        make_post("first", published_at=SLOT.window.start),
        make_post("last", published_at=SLOT.window.end),
        make_post("before", published_at=SLOT.window.start - timedelta(seconds=1)),
    )
    assert names(selection) == ["first"]
    assert why(selection) == {"last": "after-window", "before": "before-window"}


def test_a_post_that_an_issue_brought_is_left_out_and_the_issue_named() -> None:
    post = make_post("a")
    selection = chosen(post, covered={post.id: "weekly/2026-W03"})
    assert selection.picks == ()
    assert selection.left_out[0].reason == "already in weekly/2026-W03"


def test_what_the_blog_or_the_author_keeps_back_is_left_out() -> None:
    selection = chosen(make_post("hidden", withheld="draft"), make_post("mine", opt_out=True))
    assert why(selection) == {"hidden": "withheld", "mine": "opted-out"}


def test_an_author_who_keeps_a_post_out_is_quoted() -> None:
    assert "its front matter keeps it out" in chosen(make_post("mine", opt_out=True)).left_out[0].reason


def test_a_held_post_is_offered_when_its_author_lets_it_go() -> None:
    start, end = SLOT.window.start, SLOT.window.end
    selection = chosen(
        make_post("embargo", published_at=start, hold_until=end),
        make_post("old", published_at=start - timedelta(days=30), hold_until=start + timedelta(days=1)),
        make_post("past", published_at=start - timedelta(days=30), hold_until=start - timedelta(days=1)),
        make_post("early", published_at=start + timedelta(days=2), hold_until=start - timedelta(days=1)),
        make_post("next", published_at=end + timedelta(days=1), hold_until=end + timedelta(days=2)),
    )
    assert sorted(names(selection)) == ["early", "old"]
    assert why(selection) == {"embargo": "held", "past": "before-window", "next": "after-window"}
    reasons = {out.code: out.reason for out in selection.left_out}
    assert reasons["held"] == "its author holds it until 2026-01-19 00:00, after the cut-off 2026-01-19 00:00"
    assert reasons["before-window"] == "held until 2026-01-11 00:00, before 2026-01-12 00:00"


def test_a_post_that_was_held_ranks_as_if_it_had_appeared_then() -> None:
    held = make_post("held", published_at=SLOT.window.start, hold_until=SLOT.window.end - timedelta(hours=1))
    other = make_post("other", published_at=SLOT.window.start + timedelta(days=3))
    assert names(chosen(other, held)) == ["held", "other"]
    without_recency = Ranking(weights={"category": 1.0})
    assert names(chosen(other, held, ranking=without_recency)) == ["held", "other"]


def test_a_post_that_expires_before_the_issue_leaves_is_left_out() -> None:
    selection = chosen(
        make_post("over", expires=SLOT.due_at),
        make_post("good", expires=SLOT.due_at + timedelta(seconds=1)),
    )
    assert names(selection) == ["good"]
    assert why(selection) == {"over": "expired"}
    assert selection.left_out[0].reason == "expired 2026-01-19 08:00, and the issue leaves 2026-01-19 08:00"


def test_an_authors_section_wins_over_the_categories() -> None:
    (section,) = chosen(make_post("a", section="ＯＴＨＥＲ")).sections
    assert section.key == "other"
    assert "its author asks for this section" in section.picks[0].reason


def test_a_section_that_does_not_exist_leaves_the_choice_to_the_categories_and_says_so() -> None:
    (section,) = chosen(make_post("a", section="nwes")).sections
    assert section.key == "news"
    assert "there is no section 'nwes', which its author asks for (did you mean 'news'?)" in section.picks[0].reason
    rules = (SectionRule("news", "News", ("News",)),)
    (out,) = chosen(make_post("a", section="deep"), sections=rules).left_out
    assert out.code == "no-section"
    assert out.reason == "there is no section 'deep', which its author asks for; no section takes AI最新ニュース"


def test_a_category_that_no_section_takes_is_told_with_the_nearest_known_word() -> None:
    rules = (SectionRule("news", "News", ("AI最新ニュース",)),)
    (out,) = chosen(make_post("a", categories=("AI最新ニュウス",)), sections=rules).left_out
    assert out.reason == "no section takes AI最新ニュウス (did you mean 'AI最新ニュース'?)"
    (pick,) = chosen(make_post("a", categories=("AI最新ニュウス",))).picks
    assert "no section takes AI最新ニュウス (did you mean 'AI最新ニュース'?)" in pick.reason
    (pick,) = chosen(make_post("a", categories=("料理",))).picks
    assert "no section takes" not in pick.reason


def test_a_full_section_and_a_full_issue_leave_the_weaker_posts_out() -> None:
    rules = (SectionRule("a", "A", ("A",), maximum=2), SectionRule("b", "B", ("B",), weight=0.5, maximum=5))
    posts = [
        make_post(
            f"{category.lower()}{number}",
            categories=(category,),
            published_at=SLOT.window.start + timedelta(hours=number),
        )
        for category in "AB"
        for number in range(4)
    ]
    selection = chosen(*posts, sections=rules, max_posts=4)
    assert names(selection) == ["a3", "a2", "b3", "b2"]
    assert why(selection) == {"a1": "section-full", "a0": "section-full", "b1": "issue-full", "b0": "issue-full"}


def test_categories_are_compared_without_regard_to_width_and_case() -> None:
    selection = chosen(make_post("wide", categories=("ａｉ最新ニュース",)))
    assert selection.sections[0].key == "news"


def test_a_posts_first_known_category_decides_its_section() -> None:
    selection = chosen(make_post("a", categories=("無名", "AI最新ニュース")))
    assert selection.sections[0].key == "news"


def test_without_a_section_for_the_rest_a_post_says_which_category_nobody_takes() -> None:
    rules = (SectionRule("news", "News", ("AI最新ニュース",)),)
    selection = chosen(make_post("a", categories=("料理",)), sections=rules)
    assert selection.left_out[0].code == "no-section"
    assert "料理" in selection.left_out[0].reason


def test_the_parts_of_a_score_add_up_to_it_and_the_reason_names_them() -> None:
    pick = chosen(make_post("a", pinned=True, weight=0.5)).picks[0]
    assert set(pick.parts) == {"author_weight", "category", "pinned", "recency"}
    assert abs(sum(pick.parts.values()) - pick.score) < 1e-6
    assert "pinned by its author" in pick.reason


def test_a_rule_without_a_weight_does_not_count() -> None:
    pick = chosen(make_post("a", pinned=True), ranking=Ranking(weights={"category": 1.0})).picks[0]
    assert pick.parts == {"category": 1.0}


posts = st.lists(
    st.builds(
        make_post,
        st.uuids().map(str),
        categories=st.sampled_from([("AI最新ニュース",), ("その他",), ()]),
        published_at=st.integers(-20, 200).map(lambda hours: SLOT.window.start + timedelta(hours=hours)),
        pinned=st.booleans(),
        opt_out=st.booleans(),
        weight=st.sampled_from([-1.0, 0.0, 0.5]),
        section=st.sampled_from(["", "", "news", "nowhere"]),
        hold_until=st.none() | st.integers(-20, 200).map(lambda hours: SLOT.window.start + timedelta(hours=hours)),
        expires=st.none() | st.integers(-20, 200).map(lambda hours: SLOT.window.start + timedelta(hours=hours)),
    ),
    max_size=25,
    unique_by=lambda post: post.id,
)


@given(posts, st.randoms(use_true_random=False))
def test_the_order_in_which_posts_are_found_changes_nothing(found: list[Post], random: Random) -> None:
    shuffled = list(found)
    random.shuffle(shuffled)
    assert as_json(chosen(*found)) == as_json(chosen(*shuffled))


@given(posts)
def test_every_post_is_in_or_out_exactly_once_and_no_limit_is_passed(found: list[Post]) -> None:
    selection = chosen(*found)
    ids = [pick.post.id for pick in selection.picks] + [out.post.id for out in selection.left_out]
    assert Counter(ids) == Counter(post.id for post in found)
    assert len(selection.picks) <= 12
    assert all(len(section.picks) <= 4 for section in selection.sections)
    assert all(out.reason for out in selection.left_out)
