"""Each part of a mail that is looked at leads to the line that wrote it, and each finding to where it is mended."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from lxml import html as lxml_html

from digest.render.tag_offsets import OFFSET, numbered, tag_at, tags_of
from digest.studio.ways import way_to
from tests.projects import replace_in
from tests.studio.acting import WEEK, act, look

pytestmark = pytest.mark.anyio


def line_with(file: Path, words: str) -> int:
    lines = file.read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if words in line)


async def mail_of(client: httpx.AsyncClient, address: str = WEEK) -> Any:
    page = lxml_html.document_fromstring((await client.get(address)).text)
    return lxml_html.document_fromstring(page.cssselect("iframe")[0].get("srcdoc"))


async def place(client: httpx.AsyncClient, part: Any, **query: str) -> dict[str, Any]:
    answer = await client.get(f"{WEEK}/place", params={"offset": part.get(OFFSET), **query})
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


async def test_a_part_leads_to_its_line(client: httpx.AsyncClient, project: Path) -> None:
    file = project / "templates/weekly/email.html"
    replace_in(file, "{{ masthead() }}", '{{ masthead() }}\n<tr><td class="mine">とれたて</td></tr>')
    line = line_with(file, 'class="mine"')
    (mine,) = (each for each in (await mail_of(client)).iter("td") if each.text == "とれたて")
    found = await place(client, mine)
    assert found == {
        "file": "templates/weekly/email.html",
        "line": line,
        "address": f"/designs/weekly/email.html#L{line}",
    }


async def test_what_a_shared_macro_wrote_leads_to_that(client: httpx.AsyncClient, project: Path) -> None:
    file = project / "templates/_macros/footer.html"
    text = file.read_text(encoding="utf-8")
    links = [each for each in (await mail_of(client)).cssselect("a") if "配信を停止" in each.text_content()]
    found = await place(client, links[0])
    assert found["file"] == "templates/_macros/footer.html"
    assert found["address"] == f"/designs/weekly/_macros/footer.html#L{found['line']}"
    assert "<a" in text.splitlines()[found["line"] - 1]


async def test_a_frozen_version_that_the_files_still_make_leads_there_too(client: httpx.AsyncClient) -> None:
    await act(client, await look(client), "build")
    heading = (await mail_of(client)).cssselect("h1, h2")[0]
    assert (await place(client, heading))["line"] > 0
    assert (await place(client, heading, shown="draft"))["line"] > 0


@pytest.mark.parametrize("offset", ["", "x", "-1", "99999999999", "٣"])
async def test_what_is_no_place_is_refused(client: httpx.AsyncClient, offset: str) -> None:
    assert (await client.get(f"{WEEK}/place", params={"offset": offset})).status_code == 400


async def test_where_no_tag_begins_nothing_is_told(client: httpx.AsyncClient) -> None:
    assert (await client.get(f"{WEEK}/place", params={"offset": "3"})).json() == {}
    assert (await client.get("/issues/weekly/2026-W99/place", params={"offset": "3"})).status_code == 404


async def test_a_finding_leads_to_where_it_is_mended(client: httpx.AsyncClient, project: Path) -> None:
    newsletter = project / "config/newsletters/weekly.toml"
    replace_in(newsletter, "[publisher] ", '[design]\naccent = "#ffee00"\n\n[publisher] ')
    replace_in(
        project / "templates/weekly/email.html",
        "{{ masthead() }}",
        '{{ masthead() }}<tr><td><img src="x.png"></td></tr>',
    )
    page = lxml_html.document_fromstring((await client.get(WEEK)).text)
    ways = {each.get("href") for each in page.cssselect("#shown-findings .place a")}
    assert f"/look/weekly#L{line_with(newsletter, 'accent')}" in ways
    template = project / "templates/weekly/email.html"
    assert f"/designs/weekly/email.html#L{line_with(template, 'x.png')}" in ways
    form = lxml_html.document_fromstring((await client.get("/look/weekly")).text)
    (field,) = form.cssselect(f"[data-at='{line_with(newsletter, 'accent')}']")
    assert field.get("name") == "design.accent"


def test_a_place_leads_only_to_what_is_edited_here() -> None:
    assert way_to("templates/weekly/style.css", 3, "weekly", "weekly") == "/designs/weekly/style.css#L3"
    assert way_to("templates/_macros/a b.html", 0, "weekly", "weekly") == "/designs/weekly/_macros/a%20b.html"
    assert way_to("config/newsletters/weekly.toml", 9, "weekly", "weekly") == "/look/weekly#L9"
    for elsewhere in (
        "",
        "config/newsletters/daily.toml",
        "templates/magazine/email.html",
        "examples/blog/_posts/a.md",
    ):
        assert way_to(elsewhere, 1, "weekly", "weekly") == "", elsewhere
    assert way_to("templates/weekly/../x", 1, "weekly", "weekly") == ""


def test_numbers_change_nothing_else_of_a_mail() -> None:
    html = "<!doctype html><html><!-- <b> --><style>a<b{}</style><table><tr><td>1 < 2<br></td></tr></table></html>"
    assert re.sub(rf' {OFFSET}="\d+"', "", numbered(html)) == html
    offset = html.index("<td>")
    assert tags_of(html)[tag_at(html, offset)].tag == "td"
    assert tag_at(html, html.index("<b>")) == -1
