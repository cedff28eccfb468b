"""Every post finds the section that its author, its names or nobody else asked for."""

from __future__ import annotations

from typing import Any

import pytest

from digest.models import Post, SectionRule
from digest.select.placing import Placing
from tests.factories import make_post
from tests.select.choices import chosen, out_of

NEWS = SectionRule("news", "News", ("AI最新ニュース",))
REST = SectionRule("rest", "Rest", ("*",))


def section_of(post: Post, *rules: SectionRule, language: str = "ja") -> str:
    section, _ = Placing(rules, language).of(post)
    return section.key if section else ""


def remarks_of(post: Post, *rules: SectionRule) -> str:
    return "; ".join(Placing(rules, "ja").of(post)[1])


@pytest.mark.parametrize(
    ("asks", "fits", "fits_not"),
    [
        ({"categories": ("ＡＩ ニュース",)}, {"categories": ("その他", "ai ニュース")}, {"categories": ("ai",)}),
        ({"tags": ("LLM",)}, {"tags": ("x", "ｌｌｍ")}, {"tags": ()}),
        ({"authors": ("Kay",)}, {"author": "Ann, kay"}, {"author": "Kayo"}),
        ({"sources": ("Tech",)}, {"id": "tech:a"}, {"id": "blog:tech"}),
        ({"languages": ("en",)}, {"language": "en-GB"}, {"language": "eno"}),
        ({"languages": ("en-GB",)}, {"language": "en-gb"}, {"language": "en"}),
    ],
)
def test_a_section_goes_by_categories_tags_authors_sources_or_languages(
    asks: dict[str, Any], fits: dict[str, Any], fits_not: dict[str, Any]
) -> None:
    rule = SectionRule("it", "It", **asks)
    assert section_of(make_post(**fits), rule) == "it"
    assert section_of(make_post(**fits_not), rule) == ""


def test_a_post_without_a_language_has_the_newsletters() -> None:
    rule = SectionRule("it", "It", languages=("ja",))
    assert section_of(make_post(language=""), rule, language="ja") == "it"
    assert section_of(make_post(language=""), rule, language="en") == ""


def test_all_kinds_of_names_that_are_given_must_fit() -> None:
    rule = SectionRule("it", "It", categories=("A",), tags=("T",), authors=("Kay",))
    fitting: dict[str, Any] = {"categories": ("A",), "tags": ("T",), "author": "Kay"}
    assert section_of(make_post(**fitting), rule) == "it"
    for name, other in (("categories", ("B",)), ("tags", ("U",)), ("author", "Ann")):
        assert section_of(make_post(**{**fitting, name: other}), rule) == ""


def test_the_post_s_first_category_that_a_section_takes_decides_wherever_the_section_stands() -> None:
    rules = (SectionRule("b", "B", ("B",)), SectionRule("a", "A", ("A",)))
    assert section_of(make_post(categories=("A", "B")), *rules) == "a"
    assert section_of(make_post(categories=("X", "B", "A")), *rules) == "b"


def test_of_sections_by_other_names_the_first_that_fits_takes_the_post() -> None:
    rules = (SectionRule("tag", "T", tags=("T",)), SectionRule("cat", "C", ("A",)))
    both = make_post(tags=("T",), categories=("A",))
    assert section_of(both, *rules) == "tag"
    assert section_of(both, *reversed(rules)) == "cat"


def test_a_section_for_the_rest_comes_last_wherever_it_stands_and_keeps_its_other_conditions() -> None:
    assert section_of(make_post(), REST, NEWS) == "news"
    assert section_of(make_post(categories=("料理",)), REST, NEWS) == "rest"
    assert section_of(make_post(categories=()), REST) == "rest"
    english = SectionRule("rest", "Rest", ("*",), languages=("en",))
    assert section_of(make_post(categories=("料理",)), english) == ""
    assert section_of(make_post(categories=("料理",), language="en"), english) == "rest"


def test_an_authors_section_wins_over_the_categories_and_is_told() -> None:
    post = make_post(section="ＲＥＳＴ")
    assert section_of(post, NEWS, REST) == "rest"
    assert remarks_of(post, NEWS, REST) == "its author asks for this section"


def test_a_section_that_does_not_exist_leaves_the_choice_to_the_categories_and_is_told() -> None:
    post = make_post(section="nwes")
    assert section_of(post, NEWS) == "news"
    said = "there is no section 'nwes', which its author asks for (did you mean 'news'?)"
    assert remarks_of(post, NEWS) == said


def test_a_category_that_no_section_takes_is_told_with_the_nearest_known_word() -> None:
    misspelt, strange = make_post(categories=("AI最新ニュウス",)), make_post(categories=("料理",))
    said = "no section takes AI最新ニュウス (did you mean 'AI最新ニュース'?)"
    assert remarks_of(misspelt, NEWS) == said
    assert remarks_of(misspelt, NEWS, REST) == said
    assert remarks_of(strange, NEWS) == "no section takes 料理"
    assert remarks_of(strange, NEWS, REST) == ""
    assert remarks_of(make_post(categories=()), NEWS) == "no section takes a post without a category"


def test_a_post_that_no_section_takes_is_out_with_all_that_is_known_about_it() -> None:
    selection = chosen(make_post("a", section="deep", categories=("料理",)), sections=(NEWS,))
    out = out_of(selection, "a")
    assert out.code == "no-section"
    assert out.reason == "there is no section 'deep', which its author asks for; no section takes 料理"
    assert "add a section that takes" in out.remedy
