"""The picture that an edit is seen by first: the very mail of the page, or nothing where only the page can tell."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.projects import replace_in
from tests.studio.acting import WEEK, act, look
from tests.studio.acting import Shown as Page
from tests.studio.test_look import opened, send

pytestmark = pytest.mark.anyio


async def picture(client: httpx.AsyncClient, query: str = "", week: str = WEEK) -> dict[str, Any]:
    answer = await client.get(f"{week}/picture{query}")
    assert answer.status_code == 200
    told: dict[str, Any] = answer.json()
    return told


def frames(page: Page) -> list[str]:
    return [each.get("srcdoc") for each in page.tree.cssselect("iframe[data-mail]")]


@pytest.mark.parametrize("query", ["", "?dark=1", "?gmail=1", "?images=0"])
async def test_it_is_what_the_frames_of_the_page_show(client: httpx.AsyncClient, query: str) -> None:
    assert (await picture(client, query))["frame"] == frames(await look(client, WEEK + query))[0]


async def test_there_is_none_of_what_only_the_page_can_tell(client: httpx.AsyncClient, project: Path) -> None:
    assert await picture(client, "?design=magazine") == {}
    assert await picture(client, week="/issues/weekly/2026-W99") == {}
    assert await picture(client, week="/issues/none/2026-W04") == {}
    await act(client, await look(client), "build")
    assert await picture(client) == {}
    assert (await picture(client, "?shown=draft"))["frame"]
    replace_in(project / "templates/weekly/email.html", "{{ masthead() }}", "{{ masthead( }}")
    other = await look(client, "/issues/weekly/2026-W03")
    assert other.answer.status_code == 200
    assert await picture(client, week="/issues/weekly/2026-W02") == {}


async def test_what_is_typed_into_the_look_form_is_seen_and_not_saved(client: httpx.AsyncClient, project: Path) -> None:
    file = project / "config/newsletters/weekly.toml"
    before = file.read_bytes()
    fields = await opened(client)
    assert "#7a1f4d" not in (await send(client, fields, "picture")).json()["frame"]
    changed = {**fields, "design.accent": "#7a1f4d"}
    assert "#7a1f4d" in (await send(client, changed, "picture")).json()["frame"]
    half = await send(client, {**fields, "design.accent": "#7a"}, "picture")
    assert (half.status_code, half.json()) == (200, {})
    assert file.read_bytes() == before
