"""Lines of the text part: never wider than the screen, never breaking the rules of Japanese typesetting."""

from __future__ import annotations

import re
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from wcwidth import wcswidth

from digest.render.text import COLUMNS, paragraphs, wrap
from digest.typography import NEVER_FIRST, NEVER_LAST

_CLOSING = "、。」』）！？ーっャ"
_OPENING = "「『（"
_ORDINARY = st.sampled_from([*"あいうえおアイウ漢字仮名交𠮷野家", "葛󠄀", "👨‍👩‍👧", " ", "AI", "GPT-5", "2026", "word "])
_PUNCTUATED = st.tuples(st.sampled_from([*_OPENING, ""]), _ORDINARY, st.sampled_from([*_CLOSING, ""])).map("".join)
_ADDRESS = st.sampled_from(["https://example.com/a", "https://example.com/" + "very-long/" * 12])
_PROSE = st.lists(st.one_of(_ORDINARY, _PUNCTUATED, _ADDRESS), max_size=120).map("".join)


@given(_PROSE, st.integers(24, 80))
def test_no_line_is_wider_than_asked_for_but_one_with_an_address(text: str, columns: int) -> None:
    for line in wrap(text, columns).splitlines():
        assert wcswidth(line) <= columns or "https://" in line


@given(_PROSE, st.integers(24, 80))
def test_no_line_starts_with_closing_punctuation_or_ends_with_an_opening_bracket(text: str, columns: int) -> None:
    lines = wrap(text, columns).splitlines()
    for before, after in pairwise(lines):
        assert after[:1] not in NEVER_FIRST
        assert before[-1:] not in NEVER_LAST


@given(_PROSE, st.integers(24, 80))
def test_wrapping_loses_nothing_but_blanks(text: str, columns: int) -> None:
    assert re.sub(r"\s", "", wrap(text, columns)) == re.sub(r"\s", "", text)


@given(st.text(max_size=200), st.integers(12, 80))
def test_any_text_at_all_can_be_wrapped(text: str, columns: int) -> None:
    assert re.sub(r"\s", "", wrap(text, columns)) == re.sub(r"\s", "", text)


def test_an_address_is_never_broken_and_what_follows_starts_a_new_line_when_there_is_no_room() -> None:
    address = "https://example.com/" + "a" * 90
    assert wrap(f"詳しくは{address}をご覧ください。").splitlines() == ["詳しくは", address, "をご覧ください。"]


def test_english_breaks_at_blanks_only() -> None:
    text = "The rules reach further than most product teams expect, and the paperwork is worth starting now."
    assert wrap(text, 40).splitlines() == [
        "The rules reach further than most",
        "product teams expect, and the paperwork",
        "is worth starting now.",
    ]


def test_a_full_width_line_holds_half_as_many_characters() -> None:
    assert [len(line) for line in wrap("あ" * 80).splitlines()] == [COLUMNS // 2, COLUMNS // 2, 8]


def test_closing_punctuation_takes_its_neighbour_along() -> None:
    assert wrap("あ" * 36 + "。" + "い").splitlines() == ["あ" * 35, "あ。い"]


def test_the_first_line_can_start_differently() -> None:
    assert wrap("あ" * 20, 24, indent="  ", first="* ").splitlines() == ["* " + "あ" * 11, "  " + "あ" * 9]


def test_what_no_line_can_hold_is_cut_between_characters() -> None:
    assert wrap("a" * 30, 12).splitlines() == ["a" * 12, "a" * 12, "a" * 6]
    assert wrap("。" * 10, 12).splitlines() == ["。" * 6, "。" * 4]


def test_empty_lines_part_no_paragraphs_twice() -> None:
    assert paragraphs("一つ目\n\n 二つ目 \n") == ("一つ目", "二つ目")
