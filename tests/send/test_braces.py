"""Braces of a post pass through languages that have no sign for them, and look to readers as they were."""

from __future__ import annotations

import html
import re

import pytest

from digest.models import READER_TOKEN
from digest.send.braces import WORD_JOINER, with_words
from tests.factories import make_email
from tests.send.asked_lists import to_list

WORDS = "{{{unsubscribe}}}"
URL = f"https://news.example.com/u/{READER_TOKEN}"


@pytest.mark.parametrize(
    "post", ["{{ x }}", "{{{ x }}}", "{{{{raw}}}}", "${{ secrets.KEY }}", "\\{{ x }}", "{{", "{{{{{{{", "a{{b{{{c"]
)
def test_nothing_in_a_post_is_a_variable_and_all_of_it_is_seen(post: str) -> None:
    email = make_email(subject=post, html=f"<p title='{post}'>{post}</p>", text=post)
    made = with_words(to_list("7", email=email), WORDS)
    for written in (made.subject, made.html, made.text):
        assert "{{" not in written
    assert html.unescape(made.html) == email.html
    assert made.text.replace(WORD_JOINER, "") == made.subject.replace(WORD_JOINER, "") == post


@pytest.mark.parametrize("around", [("{", "}"), ("{{", "}}"), ("\\", ""), ("\\\\{", "}"), ("", "")])
def test_the_providers_own_words_stay_what_they_are_whatever_stands_beside_them(around: tuple[str, str]) -> None:
    before, after = around
    email = make_email(subject="x", html=f"<p>{before}{URL}{after}</p>", text=f"{before}{URL} {after}\n")
    made = with_words(to_list("7", email=email), WORDS)
    for written in (made.html, made.text):
        assert re.findall(r"\\?\{{2,}[^{}]*\}+", written) == [WORDS]
    assert html.unescape(made.html.replace(WORDS, URL)) == email.html
    assert made.text.replace(WORDS, URL).replace(WORD_JOINER, "") == email.text


def test_a_style_sheet_and_json_are_left_alone() -> None:
    source = '<style>@media x{a{b:c}}</style><script type="application/ld+json">{"a": {"b": {}}}</script>'
    assert with_words(to_list("7", email=make_email(html=source)), WORDS).html == source
