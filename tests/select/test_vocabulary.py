"""A category that nobody writes is most often a misspelt one."""

from __future__ import annotations

from digest.models import Level, SectionRule
from digest.select import unused_categories
from tests.factories import make_newsletter, make_post


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
