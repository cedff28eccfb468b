"""What inboxes leave of a subject and a preheader."""

from __future__ import annotations

from dataclasses import replace

import pytest

from digest.check import Demands
from digest.check.inbox_line import check
from digest.check.inboxes import INBOXES, columns_of, seen
from digest.models import Level
from tests.check.mails import GOOD

LONG = "生成AI関連株は割高なのか――三つの指標で見る2026年の出発点"


@pytest.mark.parametrize(
    ("text", "columns", "shown"),
    [
        ("abcdef", 6, "abcdef"),
        ("abcdefg", 6, "abcde…"),
        ("全角の文字", 10, "全角の文字"),
        ("全角の文字", 9, "全角の文…"),
        ("全角の文字", 8, "全角の…"),
        ("家族👨‍👩‍👧と", 6, "家族…"),
        ("家族👨‍👩‍👧と", 8, "家族👨‍👩‍👧と"),
        ("か\u3099き", 3, "か\u3099…"),
        ("", 5, ""),
        ("a\n b", 5, "a b"),
    ],
)
def test_a_line_is_cut_by_display_width_and_never_inside_of_a_character(text: str, columns: int, shown: str) -> None:
    assert seen(text, columns) == shown
    assert columns_of(shown) <= columns


def test_what_remains_is_quoted_for_the_inboxes_that_somebody_asks_about() -> None:
    email = replace(GOOD, subject=LONG)
    (finding,) = check(email, Demands(inboxes=("gmail-phone", "apple-mail-phone")))
    assert finding.level is Level.INFO
    assert finding.code == "mail.subject-cut"
    assert "Gmail on a phone shows “生成AI関連株は割高なのか――三つの…”" in finding.message
    assert "Apple Mail on an iPhone shows “生成AI関連株は割高なのか――三つの指標で見る2026…”" in finding.message
    assert "Outlook" not in finding.message


def test_a_subject_that_fits_everywhere_is_no_news() -> None:
    assert list(check(GOOD, Demands(inboxes=tuple(INBOXES)))) == []
    assert list(check(replace(GOOD, subject=LONG), Demands())) == []


def test_too_long_a_subject_is_quoted_as_the_narrowest_inbox_shows_it() -> None:
    (finding,) = check(replace(GOOD, subject=LONG * 2), Demands())
    assert finding.level is Level.WARNING
    assert "takes 112 columns" in finding.message
    assert "Gmail on a phone shows “生成AI関連株は割高なのか――三つの…”" in finding.message


def test_the_narrowest_inbox_comes_first_and_each_says_where_its_figures_are_from() -> None:
    assert min(INBOXES.values(), key=lambda inbox: inbox.subject) is next(iter(INBOXES.values()))
    assert all(inbox.source for inbox in INBOXES.values())
