"""How a mail looks elsewhere: with its colours turned round, as a line in inboxes, and cut off by Gmail."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from digest.check.colors import color_of, inverted, written
from digest.check.inboxes import INBOXES
from digest.check.size import LIMIT
from digest.pipeline import build, draft
from digest.render import Part
from digest.studio.framing import Looks, framed
from digest.studio.inbox_lines import inbox_lines
from digest.studio.turning import turned
from digest.studio.weight import weights
from tests.factories import make_email
from tests.projects import replace_in
from tests.studio.acting import WEEK, Shown, act, look
from tests.studio.past_world import NOW, PERIOD, World

MAIL = """<!doctype html><html><head><style>.a { color: #112233; background: url(#ffffff) rgb(255, 255, 255) }
@media (prefers-color-scheme: dark) { .a { color: #010203 !important } }
#header:hover { padding: 0 }</style></head><body bgcolor="#ffffff" style='color:black'>
<p style="color:#333;border:1px solid #EEEEEE;font-family:'Red Hat',serif">a style="color:#333" is #333, color: #333
</p><font color="red">x</font><div style="background-color:rgba(0, 0, 0, .5)"><img src="https://a.example/#fff.png"></div>"""


def turn(color: str) -> str:
    known = color_of(color)
    assert known
    return written(inverted(known))


def test_every_colour_that_a_mail_says_is_turned_by_the_rule_of_the_checks() -> None:
    shown = turned(MAIL)
    assert f".a {{ color: {turn('#112233')}; background: url(#ffffff) {turn('#ffffff')} }}" in shown
    assert f"<body bgcolor=\"{turn('#ffffff')}\" style='color:{turn('black')}'>" in shown
    assert f"color:{turn('#333')};border:1px solid {turn('#eee')};font-family:'Red Hat',serif" in shown
    assert f'<font color="{turn("red")}">' in shown
    assert f"rgba({', '.join(map(str, inverted((0, 0, 0))))}, .5)" in shown


def test_words_pictures_and_names_are_left_alone() -> None:
    shown = turned(MAIL)
    assert '>a style="color:#333" is #333, color: #333' in shown
    assert "https://a.example/#fff.png" in shown
    assert "#header:hover { padding: 0 }" in shown


def test_the_mails_own_dark_colours_are_not_asked_for() -> None:
    shown = framed(MAIL, Looks(turned=True, dark=True))
    assert "prefers-color-scheme" not in shown
    assert "@media (max-width: 0)" in shown
    assert "color-scheme:light!important" in shown
    assert shown.index(f"html{{background:{turn('white')}") < shown.index("<html")
    assert "html{background" not in framed(MAIL, Looks())


def test_turning_an_endless_tag_takes_no_time_that_grows_with_its_square() -> None:
    # With backtracking this would not come to an end.
    hostile = "<a " + "x='\"" * 20_000 + ' style="color:#fff' + " color:" * 20_000
    assert turned(hostile)


# ---------------------------------------------------------------- the line in inboxes


def test_each_inbox_cuts_where_it_is_known_to_cut() -> None:
    email = make_email(subject="あ" * 20, preheader="い" * 60)
    lines = {line.name: line for line in inbox_lines(email, ())}
    assert list(lines) == list(INBOXES)
    phone = lines["gmail-phone"]
    assert phone.subject.text == "あ" * 16 + "…"
    assert not phone.subject.whole
    assert lines["gmail"].subject.whole
    assert lines["gmail"].preheader.whole
    assert not lines["apple-mail-phone"].preheader.whole


def test_who_chose_inboxes_sees_only_these() -> None:
    assert [line.name for line in inbox_lines(make_email(), ("gmail", "outlook"))] == ["outlook", "gmail"]


# ---------------------------------------------------------------- what a mail weighs


def test_the_part_in_which_gmail_cuts_is_marked_and_what_follows_is_not_seen() -> None:
    parts = [
        Part("head", "", 40_000),
        Part("section:ai", "AI", 59_999),
        Part("more", "More", 2),
        Part("foot", "", 1_000),
    ]
    found = weights(parts, LIMIT)
    assert found
    assert [(part.kind, part.cut) for part in found.parts] == [
        ("head", ""),
        ("section", ""),
        ("more", "within"),
        ("foot", "after"),
    ]
    assert found.line == pytest.approx(100 / 1.06)


def test_a_mail_that_ends_at_the_limit_is_seen_whole() -> None:
    found = weights([Part("head", "", LIMIT)], LIMIT)
    assert found
    assert found.parts[0].cut == ""
    assert found.line < 100


def test_parts_stand_side_by_side_without_gaps() -> None:
    found = weights([Part("head", "", 30), Part("lead", "", 60), Part("foot", "", 90)], 60)
    assert found
    assert [part.across for part in found.parts] == pytest.approx([0, 100 / 6, 50])
    assert sum(part.width for part in found.parts) == pytest.approx(100)


# ---------------------------------------------------------------- on the page


def weighed(shown: Shown) -> list[tuple[str, str]]:
    rows = shown.tree.cssselect("table.weighed tbody tr")
    return [(row.find("th").text_content(), row.find("td").text_content()) for row in rows]


@pytest.mark.anyio
async def test_the_page_shows_all_of_it(client: httpx.AsyncClient, project: Path) -> None:
    page = (await look(client)).tree
    assert len(page.cssselect("#inbox-cuts li")) == len(INBOXES)
    parts = [row.text_content() for row in page.cssselect("table.weighed tbody th")]
    assert len(parts) > 4
    assert "Head and styles" in parts[0]
    total = sum(float(cell.text_content().removesuffix(" kB")) for cell in page.cssselect("table.weighed td"))
    assert total == pytest.approx(float(page.get_element_by_id("size").text_content().removesuffix(" kB")), abs=0.6)


@pytest.mark.anyio
async def test_a_frozen_mail_that_todays_files_make_has_its_parts_too(client: httpx.AsyncClient) -> None:
    shown = await act(client, await look(client), "build")
    assert "Frozen version" in shown.tree.get_element_by_id("version").text_content()
    assert shown.tree.cssselect("table.weighed")


@pytest.mark.anyio
async def test_a_frozen_mail_that_todays_files_do_not_make_has_its_own_parts(
    client: httpx.AsyncClient, project: Path
) -> None:
    world = World(project)
    build(world.opened.press("weekly"), world.slot(PERIOD), NOW)
    own = [f"{part.size / 1000:.1f} kB" for part in draft(world.opened.press("weekly"), world.slot(PERIOD), NOW).parts]
    world.close()
    replace_in(project / "config/newsletters/weekly.toml", 'template = "weekly"', 'template = "briefing"')
    shown = await look(client)
    assert [size for _, size in weighed(shown)] == own
    assert "AI最新ニュース" in [label for label, _ in weighed(shown)]
    assert "this very version" in shown.tree.get_element_by_id("weighed-stored").text_content()
    todays = await look(client, f"{WEEK}?shown=draft")
    assert [size for _, size in weighed(todays)] != own
    assert not todays.tree.cssselect("#weighed-stored")


@pytest.mark.anyio
async def test_a_stored_mail_whose_posts_are_not_in_it_says_that_nobody_can_tell(
    client: httpx.AsyncClient, project: Path
) -> None:
    world = World(project)
    world.approved(world.slot("2026-W03"))
    world.close()
    page = (await look(client, "/issues/weekly/2026-W03?shown=frozen")).tree
    assert page.cssselect("table.weighed") == []
    assert "cannot be told" in page.get_element_by_id("shown-source").text_content()


@pytest.mark.anyio
async def test_gmails_dark_is_a_look_of_its_own_that_stays_after_a_step(client: httpx.AsyncClient) -> None:
    shown = await look(client, f"{WEEK}?gmail=1")
    assert shown.tree.get_element_by_id("gmail").get("aria-checked") == "true"
    assert shown.tree.get_element_by_id("dark").get("aria-checked") == "false"
    assert "not exact" in shown.tree.get_element_by_id("gmail-like").text_content()
    frames = {frame.get("srcdoc") for frame in shown.tree.cssselect("iframe")}
    assert len(frames) == 1
    assert f"html{{background:{turn('white')}" in frames.pop()
    assert shown.tree.get_element_by_id("gmail").get("data-go") == WEEK
    answer = await client.post(f"{WEEK}?gmail=1", data=shown.form("build"), headers={"origin": "http://127.0.0.1:8025"})
    assert "gmail=1" in answer.headers["location"]


@pytest.mark.anyio
async def test_both_kinds_of_dark_are_seen_beside_each_other(client: httpx.AsyncClient) -> None:
    one = await look(client, f"{WEEK}?gmail=1")
    both = await look(client, one.tree.get_element_by_id("dark").get("data-go"))
    for name in ("dark", "gmail"):
        assert both.tree.get_element_by_id(name).get("aria-checked") == "true"
    frames = [(each.get("title"), each.get("srcdoc")) for each in both.tree.cssselect("iframe")]
    assert len({title for title, _ in frames}) == len(frames) == 4
    own, turned_round = frames[0][1], frames[2][1]
    assert [html for _, html in frames] == [own, own, turned_round, turned_round]
    assert "color-scheme:dark!important" in own
    assert "@media (min-width: 0)" in own
    assert f"html{{background:{turn('white')}" in turned_round
    assert turned_round == one.tree.cssselect("iframe")[0].get("srcdoc")
    back = await look(client, both.tree.get_element_by_id("gmail").get("data-go"))
    assert [each.get("srcdoc") for each in back.tree.cssselect("iframe")] == [own, own]


@pytest.mark.anyio
async def test_the_inboxes_that_the_project_chose_are_shown(client: httpx.AsyncClient, project: Path) -> None:
    file = project / "config/digest.toml"
    file.write_text(file.read_text(encoding="utf-8") + '\n[check]\ninboxes = ["gmail-phone"]\n', encoding="utf-8")
    lines = (await look(client)).tree.cssselect("#inbox-cuts li .where")
    assert [each.text_content() for each in lines] == ["Gmail on a phone"]
