"""The stress sheet as small pictures: made in the background, once for each version of the design."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest
from anyio import to_thread
from starlette.applications import Starlette

from digest.app import Project
from digest.models import Finding, Level
from digest.pipeline.stress import Tried
from digest.studio.contact.contact_page import grouped, named
from digest.studio.contact.making import Shot, version_of
from digest.studio.speaking import LANGUAGES, speech
from tests.conftest import ROOT
from tests.projects import replace_in
from tests.studio.acting import look

SHEET = "/stress/weekly"


async def made(app: Starlette, client: httpx.AsyncClient) -> dict[str, Any]:
    """Return how far the sheet is once nothing is made any more."""
    await client.get(f"{SHEET}/state")
    await to_thread.run_sync(app.state.sheets.wait)
    state = dict((await client.get(f"{SHEET}/state")).json())
    assert state["done"]
    return state


def shot(name: str, *levels: Level) -> Shot:
    findings = tuple(Finding(level, f"mail.{number}", "x") for number, level in enumerate(levels))
    return Shot(Tried("weekly", name, "ja", 1, findings), "<p>")


# ---------------------------------------------------------------- names and groups


def test_cases_are_grouped_by_the_worst_that_was_found_and_keep_their_order() -> None:
    groups = grouped(
        [
            shot("no posts"),
            shot("one post", Level.INFO, Level.WARNING),
            shot("full week", Level.ERROR),
            shot("all samples", Level.INFO),
            shot("twelve posts", Level.WARNING, Level.WARNING),
        ]
    )
    assert [(group, [each.number for each in some]) for group, some in groups] == [
        ("error", [3]),
        ("warning", [2, 5]),
        ("info", [4]),
        ("fine", [1]),
    ]
    assert dict(groups[1][1][0].counts) == {"warning": 1, "info": 1}


def test_every_case_and_every_sample_that_is_shipped_has_a_name_in_plain_words() -> None:
    samples = [file.stem for file in (ROOT / "templates/_samples").glob("*.md")]
    assert len(samples) > 10
    for language in LANGUAGES:
        words = speech(language)
        for sample in samples:
            assert words.known(f"samples.{named(shot(f'sample {sample}').tried).key}"), (language, sample)
        for case in ("no posts", "one post", "twelve posts", "sixty posts", "full week", "all samples"):
            assert words.say(f"cases.{named(shot(case).tried).key}")
    assert named(shot("issue 2026-W03").tried).period == "2026-W03"


# ---------------------------------------------------------------- what it is made of


def test_a_version_is_another_when_a_file_says_something_else_and_the_same_again_when_it_is_brought_back(
    project: Path,
) -> None:
    with Project(project) as opened:
        first = version_of(opened, "weekly")
        style = project / "templates/weekly/style.css"
        before = style.read_bytes()
        style.write_bytes(before + b"/* more */")
        second = version_of(opened, "weekly")
        style.write_bytes(before)
        assert version_of(opened, "weekly") == first != second
        replace_in(project / "config/newsletters/weekly.toml", "title =", "title  =")
        assert version_of(opened, "weekly") != first


# ---------------------------------------------------------------- the page


@pytest.mark.anyio
async def test_the_page_comes_at_once_and_says_that_it_is_being_made(app: Starlette, client: httpx.AsyncClient) -> None:
    page = (await look(client, SHEET)).tree
    assert "Being made" in page.get_element_by_id("sheet-state").text_content()
    state = await made(app, client)
    assert state["made"] == state["total"]
    page = (await look(client, SHEET)).tree
    assert len(page.cssselect("li.picture")) == state["total"]
    names = [each.text_content() for each in page.cssselect(".picture .name")]
    assert "Sixty posts" in names
    assert "HTML in a title" in names
    sixty = next(each for each in page.cssselect(".picture") if "Sixty posts" in each.text_content())
    answer = await client.get(sixty.cssselect("[data-mail]")[0].get("data-mail"))
    assert answer.headers["content-type"].startswith("text/plain")
    assert "<table" in answer.text
    whole = (await look(client, sixty.cssselect("a")[0].get("href"))).tree
    assert len(whole.cssselect("iframe[sandbox]")) == 2
    assert whole.findtext(".//h1") == "Sixty posts"
    told = whole.cssselect(".findings .finding")
    counted = sum(int(each.text_content().split()[0]) for each in sixty.cssselect(".told .badge")[1:])
    assert len(told) == counted


@pytest.mark.anyio
async def test_a_sheet_is_made_once_and_anew_only_for_another_version(
    app: Starlette, client: httpx.AsyncClient, project: Path
) -> None:
    first = await made(app, client)
    again = (await client.get(f"{SHEET}/state")).json()
    assert again == first
    replace_in(project / "templates/weekly/email.html", "{{ masthead() }}", "{{ masthead( }}")
    second = (await client.get(f"{SHEET}/state")).json()
    assert second["version"] != first["version"]
    await made(app, client)
    page = (await look(client, SHEET)).tree
    groups = [each.get("id") for each in page.cssselect("#sheet-groups section")]
    assert groups == ["group-error"]
    assert "could not be made" in page.cssselect(".picture")[0].text_content()
    assert page.cssselect("[data-mail]") == []
    whole = (await look(client, f"{SHEET}/1")).tree
    assert "templates/weekly/email.html" in whole.cssselect(".findings")[0].text_content()
    replace_in(project / "templates/weekly/email.html", "{{ masthead( }}", "{{ masthead() }}")
    assert (await client.get(f"{SHEET}/state")).json() == first


@pytest.mark.anyio
async def test_addresses_of_nothing_are_told(client: httpx.AsyncClient) -> None:
    assert (await client.get("/stress/nobody")).status_code == 404
    assert (await client.get(f"{SHEET}/9999")).status_code == 404
    assert (await client.get(f"{SHEET}/9999/mail")).status_code == 404
    assert (await client.post(SHEET)).status_code == 403
