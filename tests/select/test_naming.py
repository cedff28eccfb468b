"""A person names a post by its id, path, address or a part of its title."""

from __future__ import annotations

import pytest

from digest.errors import ConfigError
from digest.select.naming import named
from tests.factories import make_post

POSTS = (
    make_post("alpha", title="ＡＩ の話"),
    make_post("beta", title="別の話"),
    make_post("alphabet", title="文字の話"),
)


@pytest.mark.parametrize("text", [POSTS[0].id, POSTS[0].path, POSTS[0].url, f" {POSTS[0].id} ", "ai の", "ALPHA.MD"])
def test_a_post_is_found_by_what_names_it(text: str) -> None:
    assert named(text, POSTS) is POSTS[0]


def test_a_whole_name_wins_over_parts_of_others() -> None:
    exact = make_post("x", title="2026-01-14-beta を読む", path=POSTS[1].id)
    assert named(POSTS[1].url, (*POSTS, exact)) is POSTS[1]


@pytest.mark.parametrize("text", ["gamma", "", "  "])
def test_a_post_that_is_not_there_is_an_error_with_advice(text: str) -> None:
    with pytest.raises(ConfigError, match="there is no post") as caught:
        named(text, POSTS)
    assert "digest select" in caught.value.fix


def test_a_name_that_means_several_lists_some_of_them() -> None:
    with pytest.raises(ConfigError, match=r"“alpha” may be 2 posts: .*alpha\.md, .*alphabet\.md") as caught:
        named("alpha", POSTS)
    assert caught.value.fix == "name the whole id"
    many = [make_post(f"alpha{number}") for number in range(8)]
    with pytest.raises(ConfigError, match=r"8 posts: .* and 3 more"):
        named("alpha", many)


def test_two_sources_may_have_the_same_path() -> None:
    other = make_post(id="tech:a", path=POSTS[0].path)
    with pytest.raises(ConfigError, match="2 posts"):
        named(POSTS[0].path, (*POSTS, other))
    assert named("tech:a", (*POSTS, other)) is other
