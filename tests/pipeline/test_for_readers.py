"""What readers see of a chosen post: words and a picture, each its author's own where there are any."""

from __future__ import annotations

from digest.models import Pick, Post
from digest.pipeline.drafting import for_readers
from tests.factories import make_pick, make_post, make_selection

BODY = "最初の段落です。次の文もあります。\n\n![](/img/a.jpg)\n"


def seen(**changes: object) -> Pick:
    post: Post = make_post(body=BODY, **changes)
    (pick,) = for_readers(make_selection(Pick(post, 1.0, {}, "")), 160).picks
    return pick


def test_the_words_and_the_picture_of_the_text_are_taken() -> None:
    pick = seen()
    assert pick.excerpt == "最初の段落です。次の文もあります。"
    assert pick.post.image == "https://blog.example.com/img/a.jpg"


def test_what_the_author_gave_wins() -> None:
    pick = seen(blurb="**編集部**の言葉。", summary="概要です。", image="https://e.com/own.jpg")
    assert pick.excerpt == "編集部の言葉。"
    assert pick.post.image == "https://e.com/own.jpg"


def test_nothing_else_about_the_selection_changes() -> None:
    before = make_selection(
        make_pick("a"), make_pick("b", also=(make_post("c"),)), more=(make_pick("d"),), lead=make_post("b").id
    )
    after = for_readers(before, 160)
    assert [pick.post.id for pick in after.picks] == [pick.post.id for pick in before.picks]
    assert [pick.also for pick in after.picks] == [pick.also for pick in before.picks]
    assert (after.slot, after.left_out, after.more, after.lead, after.notes) == (
        before.slot,
        before.left_out,
        before.more,
        before.lead,
        before.notes,
    )
