"""A post keeps its identity when its file is moved, and two posts are not taken for one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from digest.models import KnownPost, Origin, Out, Post, Text
from tests.factories import make_post
from tests.select.choices import DAY, HOUR, START, chosen, known, ledger_of, names, out_of, pick_of, why

FORMER = make_post("former", published_at=START + HOUR)
SENT = known(FORMER, "weekly/2026-W03")
OTHER_URL = "https://blog.example.com/elsewhere/"


def moved(**changes: object) -> Post:
    new = make_post("moved")
    return replace(FORMER, id=new.id, path=new.path, **changes)


def test_a_file_that_was_moved_but_not_its_address_stays_covered() -> None:
    selection = chosen(moved(title="別の見出し"), ledger=ledger_of(SENT))
    assert out_of(selection, "moved").code is Out.COVERED
    assert out_of(selection, "moved").reason == f"already in weekly/2026-W03 (then known as {FORMER.id})"


def test_a_file_that_was_moved_with_its_address_stays_covered_by_title_and_moment() -> None:
    same_words = moved(url=OTHER_URL, title=f"  {FORMER.title} ")
    assert why(chosen(same_words, ledger=ledger_of(SENT))) == {"moved": "covered"}


@pytest.mark.parametrize("changes", [{"title": "別の見出し"}, {"published_at": FORMER.published_at + HOUR}])
def test_another_title_or_moment_at_another_address_is_another_post(changes: dict[str, object]) -> None:
    assert names(chosen(moved(url=OTHER_URL, **changes), ledger=ledger_of(SENT))) == ["moved"]


def test_two_posts_may_share_title_and_moment_while_both_are_there() -> None:
    twin = moved(url=OTHER_URL, text=Text("まったく別の本文がここにあります。" * 20))
    selection = chosen(FORMER, twin, ledger=ledger_of(SENT))
    assert names(selection) == ["moved"]
    assert why(selection) == {"former": "covered"}


def test_what_was_sent_stays_sent_after_the_new_id_was_seen_too() -> None:
    """Every run writes down which posts there are; a moved one is soon known under its new id as well."""
    for new in (moved(title="別の見出し"), moved(url=OTHER_URL)):
        ledger = ledger_of(SENT, known(new, seen=START))
        assert why(chosen(new, ledger=ledger)) == {"moved": "covered"}


def test_history_that_is_moved_stays_history_after_the_new_id_was_seen_too() -> None:
    old = replace(FORMER, published_at=START - DAY)
    new = replace(old, id=moved().id)
    ledger = ledger_of(known(old, history=True), known(new, seen=START))
    assert why(chosen(new, ledger=ledger)) == {"moved": "history"}


def test_a_moved_leftover_is_left_over_not_late() -> None:
    left = replace(FORMER, published_at=START - DAY)
    selection = chosen(replace(left, id=moved().id), ledger=ledger_of(known(left)))
    assert pick_of(selection, "moved").origin is Origin.AGAIN


def test_a_post_without_an_address_is_no_other_post_without_one() -> None:
    feed = known(make_post("feed", url="", published_at=START), "weekly/2026-W03")
    assert names(chosen(make_post("b", url=""), ledger=ledger_of(feed))) == ["b"]


def test_what_went_out_before_titles_were_kept_is_no_post_without_a_title() -> None:
    bare = KnownPost("blog:gone.md", "", "", FORMER.published_at, START, False, "weekly/2026-W03", "pick")
    assert names(chosen(replace(FORMER, title=""), ledger=ledger_of(bare))) == ["former"]
