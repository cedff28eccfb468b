"""Where a Japanese phrase ends."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.typography import phrases_of


@pytest.mark.parametrize(
    "title",
    [
        "三つの指標で見る2026年の出発点",
        "Amazon Inferentia3の2.5倍の性能",
        "GPT-5.5とExynos3500が1,000億円の市場を変える",
    ],
)
def test_no_number_and_no_latin_word_is_split(title: str) -> None:
    parts = phrases_of(title)
    assert len(parts) > 1
    assert not any(
        before[-1].isascii() and before[-1].isalnum() and after[0].isascii() and after[0].isalnum()
        for before, after in pairwise(parts)
    )


@pytest.mark.parametrize("title", ["第1回：「生成AI」とは", "第２０２６回の集い", "次は第12号です"])
def test_an_ordinal_stays_with_its_number(title: str) -> None:
    assert not any(part.endswith("第") for part in phrases_of(title))


@given(st.text(alphabet="あアー漢字2026.,: AIx年の", max_size=40))
def test_joined_they_are_the_text(text: str) -> None:
    assert "".join(phrases_of(text)) == text
