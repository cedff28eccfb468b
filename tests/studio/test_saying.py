"""What a person says about posts on the page holds at once, is kept with who and when, and can be taken back."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import httpx
import pytest

from digest.app import Project
from digest.models import IssueState, Override, OverrideKind
from digest.studio.sayings import anchor, places_to_say
from tests.projects import replace_in
from tests.studio.acting import OURS, WEEK, Shown, act, look

pytestmark = pytest.mark.anyio


def titles(shown: Shown, section: str) -> list[str]:
    return [
        " ".join(each.cssselect("h3")[0].text_content().replace("Lead", "").split())
        for each in shown.tree.cssselect(f"#section-{section} .pick")
    ]


def posts(shown: Shown, section: str) -> list[str]:
    return [each.get("data-post") for each in shown.tree.cssselect(f"#section-{section} .pick")]


def mail(shown: Shown) -> str:
    """Return the text part of the mail in one line."""
    return "".join(shown.tree.get_element_by_id("shown-text").text_content().split())


async def say(client: httpx.AsyncClient, step: str, post: str, /, **fields: str) -> Shown:
    """Send what a button of a post sends."""
    fields = {"post": post, **fields} if post else fields
    token = (await look(client)).form("pin")["form_token"]
    sent = {"form_token": token, "step": step, **fields}
    answer = await client.post(WEEK, data=sent, headers=OURS, follow_redirects=True)
    assert answer.status_code == 200, answer.text
    return Shown(answer)


def kept(project: Path) -> tuple[Override, ...]:
    with Project(project) as opened:
        return opened.store.overrides.history("weekly", "2026-W04")


async def test_a_post_is_left_out_and_comes_back_with_one_click(client: httpx.AsyncClient, project: Path) -> None:
    shown = await look(client)
    first, before = posts(shown, "news")[0], posts(shown, "news")
    title = titles(shown, "news")[0]
    assert title[:12] in mail(shown)
    shown = await say(client, "exclude", first, who="花子")
    assert f"“{title}” is left out" in shown.notice
    assert first not in posts(shown, "news")
    assert title[:12] not in mail(shown)
    (said,) = kept(project)
    assert (said.kind, said.who) == (OverrideKind.EXCLUDE, "花子")
    out = shown.tree.cssselect(f"#include-{anchor(first)}")[0]
    shown = await say(client, out.get("form").removeprefix("say-"), "", number=out.get("value"), who="Ken")
    assert posts(shown, "news") == before
    undone = shown.tree.cssselect(".said .undone")
    assert "花子" in undone[0].text_content()
    assert "undone by Ken" in " ".join(undone[0].text_content().split())
    assert undone[0].cssselect("del")
    assert not undone[0].cssselect("button")


async def test_a_post_that_was_left_out_is_pinned_and_is_in(client: httpx.AsyncClient) -> None:
    shown = await look(client)
    pins = shown.tree.cssselect(".outs button[form=say-pin]")
    assert pins
    post = pins[0].get("value")
    shown = await say(client, "pin", post)
    assert post in [each.get("data-post") for each in shown.tree.cssselect("[data-section] .pick")]
    unpin = shown.tree.cssselect(f"#pin-{anchor(post)}")[0]
    assert unpin.get("form") == "say-undo"
    shown = await say(client, "undo", "", number=unpin.get("value"))
    assert post not in [each.get("data-post") for each in shown.tree.cssselect("[data-section] .pick")]


async def test_what_a_pin_cannot_bring_offers_none(client: httpx.AsyncClient, app: object) -> None:
    shown = await look(client, "/issues/weekly/2026-W02")
    late = shown.tree.cssselect("#out-of-window li")
    assert late
    codes = [each for each in late if "published after" in each.text_content() or "next issue" in each.text_content()]
    assert codes
    assert not [each for each in codes if each.cssselect("button")]


async def test_posts_go_up_down_and_to_a_place(client: httpx.AsyncClient) -> None:
    first, second, *rest = posts(await look(client), "news")
    assert posts(await say(client, "order", second, by="-1"), "news") == [second, first, *rest]
    assert posts(await say(client, "order", second, by="1"), "news") == [first, second, *rest]
    assert posts(await say(client, "order", first, place="100"), "news") == [second, *rest, first]
    last = posts(await say(client, "order", first, by="1"), "news")
    assert last[-1] == first


async def test_a_post_is_moved_to_another_section_and_to_a_place_of_it(client: httpx.AsyncClient) -> None:
    shown = await look(client)
    there, post = posts(shown, "practice"), posts(shown, "news")[-1]
    shown = await say(client, "move", post, section="practice", place="1")
    assert posts(shown, "practice")[:2] == [post, there[0]]
    assert post not in posts(shown, "news")
    assert "現場のAI活用" in shown.tree.cssselect(".said")[0].text_content()


async def test_half_of_a_move_is_none(client: httpx.AsyncClient, project: Path) -> None:
    post = posts(await look(client), "news")[0]
    for wrong in ({"section": "practice", "place": "0"}, {"section": "nowhere"}, {"section": "nowhere", "place": "1"}):
        shown = await say(client, "move", post, **wrong)
        assert "That was not done." in shown.notice
    assert kept(project) == ()


async def test_words_are_changed_for_this_issue_and_stay_text(client: httpx.AsyncClient) -> None:
    post = posts(await look(client), "news")[0]
    hostile = "<script>alert(1)</script> \"ほんもの\" & '題'"
    shown = await act(client, await look(client), "title", {"post": post}, title=hostile)
    assert titles(shown, "news")[0] == " ".join(hostile.split())
    assert "<script>alert" not in shown.answer.text
    assert "<script>alert(1)</script>" in mail(shown)
    shown = await act(client, shown, "excerpt", {"post": post}, excerpt="一行目\r\n二行目")
    assert "一行目" in mail(shown)
    assert shown.tree.get_element_by_id(f"excerpt-of-{anchor(post)}").value.strip() == "一行目二行目"
    assert "\r" not in kept_words(shown)


def kept_words(shown: Shown) -> str:
    return str(shown.tree.cssselect(".said .words")[0].text_content())


async def test_an_approved_issue_is_built_anew_and_loses_its_approval(client: httpx.AsyncClient) -> None:
    shown = await look(client)
    assert not shown.tree.cssselect(".anew")
    shown = await act(client, shown, "build")
    assert "needs an approval" in shown.tree.cssselect(".anew")[0].text_content()
    shown = await act(client, shown, "approve")
    assert "voids the approval" in shown.tree.cssselect(".anew")[0].text_content()
    before = shown.tree.cssselect(".fingerprint")[0].text_content()
    shown = await say(client, "exclude", posts(shown, "news")[0])
    assert "waits for an approval" in shown.notice
    assert shown.state == "frozen"
    assert shown.tree.cssselect(".fingerprint")[0].text_content() != before
    shown = await act(client, shown, "approve")
    assert shown.state == "approved"


async def test_what_changes_no_byte_keeps_the_approval(client: httpx.AsyncClient) -> None:
    shown = await act(client, await act(client, await look(client), "build"), "approve")
    shown = await say(client, "order", posts(shown, "news")[0], place="1")
    assert "the very same mail" in shown.notice
    assert shown.state == "approved"


async def test_a_held_issue_stays_held(client: httpx.AsyncClient) -> None:
    shown = await act(client, await act(client, await look(client), "build"), "hold")
    shown = await say(client, "exclude", posts(shown, "news")[0])
    assert "stays held" in shown.notice
    assert shown.state == "held"


async def test_an_approved_issue_that_cannot_be_built_anew_is_held(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, project: Path
) -> None:
    shown = await act(client, await act(client, await look(client), "build"), "approve")
    replace_in(project / "templates/weekly/email.html", "{{ masthead() }}", "{{ masthead( }}")
    shown = await say(client, "exclude", posts(shown, "news")[0])
    assert "cannot be built again" in shown.notice
    assert shown.state == "held"
    assert len(kept(project)) == 1


async def test_an_issue_that_is_on_its_way_has_no_such_forms(
    client: httpx.AsyncClient, project: Path, now: datetime
) -> None:
    shown = await act(client, await act(client, await look(client), "build"), "approve")
    form, post = shown.form("exclude"), posts(shown, "news") or [""]
    post = [each.get("data-post") for each in shown.tree.cssselect(".pick")]
    with Project(project) as opened:
        issue = opened.store.issues.find("weekly", "2026-W04")
        assert issue
        opened.store.issues.move(issue, IssueState.SENDING, allowed=(IssueState.APPROVED,), now=now)
    shown = await look(client)
    assert not shown.tree.cssselect("[id^=say-], .tools")
    assert "can no longer be changed" in shown.tree.cssselect(".anew")[0].text_content()
    answer = await client.post(WEEK, data={**form, "post": post[0]}, headers=OURS, follow_redirects=True)
    assert "can no longer be changed" in Shown(answer).notice
    assert kept(project) == ()


@pytest.mark.parametrize(
    ("step", "fields", "words"),
    [
        ("pin", {"post": "kotonoha:nothing"}, "there is no post"),
        ("undo", {"number": "7"}, "no override 7"),
        ("undo", {"number": "²"}, "no number"),
        ("undo", {"number": "9" * 10}, "no number"),
        ("undo", {"number": ""}, "no number"),
    ],
)
async def test_what_makes_no_sense_is_refused_in_words(
    client: httpx.AsyncClient, project: Path, step: str, fields: dict[str, str], words: str
) -> None:
    shown = await say(client, step, "", **fields)
    assert words in shown.notice
    assert kept(project) == ()


@pytest.mark.parametrize(
    ("step", "field"), [("order", {"place": "0"}), ("order", {"place": ""}), ("title", {"title": " "})]
)
async def test_a_value_that_makes_no_sense_is_refused(
    client: httpx.AsyncClient, project: Path, step: str, field: dict[str, str]
) -> None:
    shown = await say(client, step, posts(await look(client), "news")[0], **field)
    assert "That was not done." in shown.notice
    assert kept(project) == ()


async def test_what_is_said_in_a_terminal_shows_with_the_next_look(
    client: httpx.AsyncClient, project: Path, now: datetime
) -> None:
    post = posts(await look(client), "news")[0]
    with Project(project) as opened:
        opened.store.overrides.add("weekly", "2026-W04", post, OverrideKind.EXCLUDE, "", "Kay", now)
    assert post not in posts(await look(client), "news")


# ---------------------------------------------------------------- places


@pytest.mark.parametrize(
    ("shown", "said", "post", "place", "wanted"),
    [
        ("abcd", {}, "c", 1, [("c", 1)]),
        ("abcd", {"a": 1}, "c", 1, [("c", 1)]),  # of two in one place, the last said comes first
        ("abcd", {"a": 1, "c": 3}, "b", 3, [("c", 2), ("b", 3)]),  # c would be pushed behind
        ("abcd", {"d": 50}, "a", 99, [("a", 99)]),
        ("abcd", {"c": 50, "d": 60}, "a", 3, [("c", 2), ("d", 4), ("a", 3)]),
        ("abcd", {"b": 2}, "b", 4, [("b", 4)]),
        ("ab", {}, "z", 1, [("z", 1)]),  # comes from another section
    ],
)
def test_the_fewest_places_are_said_that_bring_a_post_where_it_is_to_be(
    shown: str, said: dict[str, int], post: str, place: int, wanted: list[tuple[str, int]]
) -> None:
    assert places_to_say(list(shown), said, post, place) == wanted
