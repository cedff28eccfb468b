"""Another week, template or language is picked: any day leads to its issue, and nothing is written by trying on."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from digest.pipeline import build
from tests.projects import replace_in
from tests.studio.acting import WEEK, look
from tests.studio.past_world import NOW, PERIOD, World


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("day", "period"),
    [
        ("2026-01-19", "2026-W04"),
        ("2026-01-25", "2026-W04"),
        ("2026-01-18", "2026-W03"),
        ("2019-02-27", "2019-W09"),
        ("2031-07-02", "2031-W27"),
    ],
)
async def test_any_day_that_was_or_comes_leads_to_its_issue(client: httpx.AsyncClient, day: str, period: str) -> None:
    answer = await client.get(WEEK, params={"day": day, "design": "", "spoken": "", "dark": "1"})
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/issues/weekly/{period}?dark=1"
    assert (await client.get(answer.headers["location"])).status_code == 200


@pytest.mark.anyio
@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "yesterday", "2026-02-30", "<b>"])
async def test_a_day_that_no_issue_has_leads_nowhere(client: httpx.AsyncClient, day: str) -> None:
    answer = await client.get(WEEK, params={"day": day})
    assert answer.status_code in {200, 303}


@pytest.mark.anyio
async def test_a_draft_is_seen_in_another_template_and_language_with_the_same_posts(client: httpx.AsyncClient) -> None:
    own = await look(client)
    form = own.tree.cssselect("form[data-pick]")[0]
    assert [each.get("value") for each in form.cssselect("#pick-design option")] == ["briefing", "magazine", ""]
    tried = await look(client, f"{WEEK}?design=briefing&spoken=en")
    mail, before = (each.tree.cssselect("iframe")[0].get("srcdoc") for each in (tried, own))
    assert mail != before
    assert 'lang="en"' in mail
    assert "メモリー6GB" in mail
    assert "only tried on" in tried.tree.get_element_by_id("tried-on").text_content()
    assert tried.tree.get_element_by_id("dark").get("data-go") == f"{WEEK}?dark=1&design=briefing&spoken=en"
    back = tried.tree.cssselect("#tried-on a")[0].get("href")
    assert (await look(client, back)).tree.cssselect("iframe")[0].get("srcdoc") == before


@pytest.mark.anyio
async def test_trying_on_leaves_a_frozen_version_and_the_store_alone(client: httpx.AsyncClient, project: Path) -> None:
    world = World(project)
    build(world.opened.press("weekly"), world.slot(PERIOD), NOW)
    before = world.opened.store.issues.latest("weekly")
    shown = await look(client, f"{WEEK}?design=magazine")
    assert "Draft" in shown.tree.get_element_by_id("version").text_content()
    assert world.opened.store.issues.latest("weekly") == before
    world.close()
    frozen = await look(client, shown.tree.get_element_by_id("show-frozen").get("href"))
    assert "Frozen" in frozen.tree.get_element_by_id("version").text_content()
    assert not frozen.tree.cssselect("#tried-on")


@pytest.mark.anyio
async def test_what_does_not_exist_is_not_tried_on_and_what_is_broken_is_told(
    client: httpx.AsyncClient, project: Path
) -> None:
    assert not (await look(client, f"{WEEK}?design=../secrets&spoken=tlh")).tree.cssselect("#tried-on")
    replace_in(project / "templates/briefing/email.html", "{{ masthead() }}", "{{ masthead( }}")
    shown = await look(client, f"{WEEK}?design=briefing")
    assert "templates/briefing/email.html" in shown.tree.get_element_by_id("trouble").text_content()
    assert shown.tree.cssselect("iframe")
    assert not (await look(client)).tree.cssselect("#trouble section")


@pytest.mark.anyio
async def test_a_picture_of_a_tried_on_draft_is_left_to_the_whole_page(client: httpx.AsyncClient) -> None:
    assert (await client.get(f"{WEEK}/picture?design=briefing")).json() == {}
    assert "frame" in (await client.get(f"{WEEK}/picture")).json()
