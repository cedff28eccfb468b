"""A category or a section that nobody knows is most often a misspelt one."""

from __future__ import annotations

from digest.models import Level, SectionRule
from digest.select import select, unknown_sections, unused_categories
from tests.factories import make_newsletter, make_post, make_slot


def test_a_misspelt_category_is_named_with_the_nearest_right_one() -> None:
    newsletter = make_newsletter(sections=(SectionRule("n", "N", ("AI最新ニュウス",)),), file="weekly.toml")
    (finding,) = unused_categories(newsletter, [make_post("a")])
    assert "AI最新ニュウス" in finding.message
    assert finding.fix == "did you mean 'AI最新ニュース'?"
    assert (finding.level, finding.file) == (Level.WARNING, "weekly.toml")


def test_a_category_like_no_other_may_just_be_unused_so_far() -> None:
    newsletter = make_newsletter(sections=(SectionRule("n", "N", ("料理",)),))
    (finding,) = unused_categories(newsletter, [make_post("a")])
    assert finding.level is Level.INFO
    assert "AI最新ニュース" in finding.fix


def test_categories_in_use_and_the_rest_are_no_finding() -> None:
    assert unused_categories(make_newsletter(), [make_post("a")]) == ()


def test_a_section_that_the_newsletter_does_not_have_is_told_for_posts_that_are_in() -> None:
    newsletter = make_newsletter(group_stories=False)
    posts = [
        make_post("near", section="nwes"),
        make_post("far", section="deep-dives"),
        make_post("right", section="news"),
        make_post("out", section="nwes", opt_out=True),
    ]
    near, far = sorted(
        unknown_sections(newsletter, select(newsletter, make_slot(), posts)), key=lambda each: each.level.value
    )[::-1]
    assert (near.level, near.code, near.file) == (Level.WARNING, "post.section", posts[0].path)
    assert near.fix == "did you mean 'news'?"
    assert (far.level, far.fix) == (Level.INFO, "sections: news, other")
