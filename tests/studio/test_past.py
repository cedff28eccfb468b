"""What was is told with the store's own numbers; addresses stand on one page and in one file only."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from lxml import html as lxml_html

from digest.models import DeliveryState, EventKind
from digest.studio.past.spreadsheet import NAMES, as_csv
from tests.projects import replace_in
from tests.studio.past_world import HOSTILE, PERIOD, World, answers

pytestmark = pytest.mark.anyio
ALL, ONE = "/history?newsletter=weekly", f"/history/weekly/{PERIOD}"


@pytest.fixture
def world(project: Path) -> Iterator[World]:
    world = World(project)
    yield world
    world.close()


def text_of(element: Any) -> str:
    return " ".join(element.text_content().split())


async def tree(client: httpx.AsyncClient, address: str) -> Any:
    answer = await client.get(address)
    assert answer.status_code == 200, answer.text
    return lxml_html.document_fromstring(answer.text)


def rows(page: Any, table: str) -> list[list[str]]:
    return [[text_of(cell) for cell in row] for row in page.cssselect(f"table.{table} tbody tr")]


def cards(page: Any) -> dict[str, str]:
    """Return the sections of an issue's history by their headings."""
    return {text_of(each.cssselect("h2, summary")[0]): text_of(each) for each in page.cssselect("section.card")}


async def test_a_project_without_issues_says_so(client: httpx.AsyncClient) -> None:
    page = await tree(client, "/history")
    assert "There is no issue yet" in text_of(page)
    assert page.cssselect("figure.plot") == []


async def test_the_issues_page_leads_here_and_back(client: httpx.AsyncClient, world: World) -> None:
    world.sent(PERIOD, answers(2))
    studio = await tree(client, f"/issues/weekly/{PERIOD}")
    assert studio.get_element_by_id("past").get("href") == ALL
    page = await tree(client, ALL)
    assert page.cssselect("tbody th a")[0].get("href") == ONE
    one = await tree(client, ONE)
    shown = await tree(client, one.get_element_by_id("as-sent").get("href"))
    assert "Frozen version" in text_of(shown.get_element_by_id("version"))


async def test_every_issue_stands_in_the_table_with_the_numbers_of_the_store(
    client: httpx.AsyncClient, world: World
) -> None:
    world.sent("2026-W03", answers(7, rejected=2, unknown=1, suppressed=3), {EventKind.OPENED: 3, EventKind.CLICKED: 1})
    world.approved(world.slot(PERIOD), "Kay")
    page = await tree(client, ALL)
    newest, older = rows(page, "issues")
    assert older[0] == "2026-W03 No. 1"
    assert older[2:5] == ["needs a look", "12 Jan, 08:00", "花子"]
    assert older[5:] == ["7", "3", "1", "2", "0", "0", "0", "3 42.9 %", "1 14.3 %"]
    assert newest[0] == f"{PERIOD} No. 2"
    assert newest[2:5] == ["approved", "–", "Kay"]
    assert newest[5:9] == ["0", "0", "0", "0"]
    assert newest[9:] == ["–"] * 5  # nothing was told of it
    names = [title.text_content() for title in page.cssselect("figure.plot g title")]
    assert names == ["2026-W03: Accepted 7, Not wanted 3, Unknown 1, Rejected 2"]


async def test_readers_who_wait_still_have_a_column_of_their_own(client: httpx.AsyncClient, world: World) -> None:
    world.sent(PERIOD, {"a@example.jp": (DeliveryState.ACCEPTED, ""), "b@example.jp": (DeliveryState.PENDING, "later")})
    page = await tree(client, ALL)
    assert "Waiting or given up" in [text_of(each) for each in page.cssselect("thead th")]
    assert rows(page, "issues")[0][5:10] == ["1", "0", "0", "0", "1"]


async def test_an_issue_tells_who_did_what_and_what_became_of_its_copies(
    client: httpx.AsyncClient, world: World
) -> None:
    world.sent(PERIOD, answers(7, rejected=2, unknown=1, suppressed=3), {EventKind.OPENED: 3})
    page = await tree(client, ONE)
    events = rows(page, "events")
    assert [each[1:3] for each in events] == [
        ["planned", "digest"],
        ["frozen", "digest"],
        ["approved", "花子"],
        ["sending", "digest"],
        ["needs a look", "digest"],
    ]
    assert events[2][0] == "Mon, 19 Jan 2026, 09:00"  # the newsletter's own time
    found = cards(page)
    assert rows(page, "numbers")[:4] == [
        ["Accepted", "7", "53.8 %"],
        ["Rejected", "2", "15.4 %"],
        ["Unknown", "1", "7.7 %"],
        ["Not wanted", "3", "23.1 %"],
    ]
    assert ["Opened", "3 42.9 %"] in rows(page, "numbers")
    domains = {row[0]: [int(each) for each in row[1:]] for row in rows(page, "domains")}
    assert set(domains) == {"example.jp", "example.com", "docomo.example"}
    assert [sum(column) for column in zip(*domains.values(), strict=True)] == [7, 2, 1, 3, 3]
    assert "123" not in found["The report"]
    assert "読者：13（受理 7、拒否 2、不明 1、対象外 3）" in found["The report"]


async def test_only_rejected_and_unknown_readers_are_named_a_hundred_a_page(
    client: httpx.AsyncClient, world: World
) -> None:
    world.sent(PERIOD, answers(3, rejected=205, unknown=25, suppressed=2))
    named: list[str] = []
    for number, expected in ((1, 100), (2, 100), (3, 30), (9, 30)):
        page = await tree(client, f"{ONE}?page={number}")
        readers = rows(page, "readers")
        assert len(readers) == expected
        named += [each[0] for each in readers] if number < 9 else []
    assert len(set(named)) == 230
    assert "201–230 of 230" in text_of(page.cssselect("nav.pages")[0])
    assert not {f"r{place}@example.jp" for place in (0, 233)} & set(named)
    for wrong in ("-1", "0", "x", "99999999999999", "²"):
        assert len(rows(await tree(client, f"{ONE}?page={wrong}"), "readers")) in {100, 30}


async def test_what_providers_answer_stays_text(client: httpx.AsyncClient, world: World) -> None:
    world.sent(PERIOD, answers(1, rejected=1))
    answer = await client.get(ONE)
    page = lxml_html.document_fromstring(answer.text)
    assert HOSTILE in text_of(page.cssselect("table.readers")[0])
    assert page.cssselect("img, script") == []
    assert "<img src=x" not in re.sub(r'srcdoc="[^"]*"', "", answer.text)


async def test_addresses_stand_nowhere_else(client: httpx.AsyncClient, world: World) -> None:
    world.sent(PERIOD, answers(3, rejected=2))
    assert "r3@example.jp" in (await client.get(ONE)).text
    assert "r0@example.jp" not in (await client.get(ONE)).text
    assert "@example.jp" not in (await client.get(ALL)).text


async def test_the_copies_come_as_a_file_in_which_no_cell_is_a_formula(
    client: httpx.AsyncClient, stranger: httpx.AsyncClient, world: World
) -> None:
    wild = {
        "=1+1@example.jp": (DeliveryState.REJECTED, "=HYPERLINK(1)"),
        "+81@example.jp": (DeliveryState.REJECTED, " \t@SUM(1)"),
        "calm@example.jp": (DeliveryState.ACCEPTED, ""),
        "wide@example.jp": (DeliveryState.UNKNOWN, "＝1+1\n2"),
    }
    world.sent(PERIOD, wild, {EventKind.DELIVERED: 1})
    answer = await client.get(f"{ONE}/copies.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"].startswith('attachment; filename="weekly-2026-W04.csv"')
    assert answer.headers["cache-control"] == "no-store"
    assert answer.content.startswith(b"\xef\xbb\xbfaddress,state,")
    lines = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
    assert [(line["address"], line["state"], line["error"]) for line in lines] == [
        ("'=1+1@example.jp", "rejected", "'=HYPERLINK(1)"),
        ("'+81@example.jp", "rejected", "' \t@SUM(1)"),
        ("calm@example.jp", "accepted", ""),
        ("wide@example.jp", "unknown", "'＝1+1\n2"),
    ]
    assert [bool(line["delivered"]) for line in lines] == [False, False, True, False]


def test_the_file_is_made_piece_by_piece() -> None:
    copy = dict.fromkeys(NAMES) | {"address": "a@example.jp", "updated_at": datetime(2026, 1, 19, tzinfo=UTC)}
    taken = 0

    def copies() -> Iterator[dict[str, object]]:
        nonlocal taken
        for taken in range(1, 5_001):  # noqa: B007 - read outside, by the test
            yield copy

    pieces = as_csv(copies())
    first = next(pieces)
    assert taken < 1_000
    whole = first + b"".join(pieces)
    assert len(whole.decode().splitlines()) == 5_001


async def test_who_came_without_the_token_gets_none_of_it(stranger: httpx.AsyncClient, world: World) -> None:
    world.sent(PERIOD, answers(1, rejected=1))
    for address in (ALL, ONE, f"{ONE}/copies.csv"):
        answer = await stranger.get(address)
        assert answer.status_code == 403
        assert "@example" not in answer.text


@pytest.mark.parametrize(
    "address",
    [
        "/history?newsletter=daily",
        "/history/daily/2026-W04",
        "/history/weekly/2026-W99",
        "/history/weekly/x/copies.csv",
    ],
)
async def test_what_there_is_not_is_missing(client: httpx.AsyncClient, address: str) -> None:
    assert (await client.get(address)).status_code == 404


async def test_an_issue_outlives_the_schedule_that_it_was_made_by(
    client: httpx.AsyncClient, project: Path, world: World
) -> None:
    world.sent(PERIOD, answers(2))
    replace_in(project / "config/newsletters/weekly.toml", 'schedule = "mon 08:00"', 'schedule = "monthly 1 08:00"')
    page = await tree(client, ONE)
    assert page.cssselect("#as-sent") == []  # there is no such week any more
    assert "ことのは週報" in page.cssselect("iframe.mail")[0].get("srcdoc")
    assert [row[0] for row in rows(await tree(client, ALL), "issues")] == [f"{PERIOD} No. 1"]


async def test_a_store_that_cannot_be_read_is_told(client: httpx.AsyncClient, project: Path) -> None:
    (project / "var").mkdir(exist_ok=True)
    (project / "var/digest.sqlite3").write_bytes(b"this is no database, but long enough to be taken for one" * 40)
    answer = await client.get(ALL)
    assert answer.status_code == 500
    page = lxml_html.document_fromstring(answer.text)
    assert "The store cannot be read" in text_of(page.cssselect("[role=alert]")[0])


async def test_it_speaks_japanese(client: httpx.AsyncClient, world: World) -> None:
    world.sent(PERIOD, answers(7, rejected=1), {EventKind.OPENED: 3})
    await client.get("/?language=ja")
    page = await tree(client, ALL)
    assert text_of(page.cssselect("h1")[0]) == "配信履歴"
    assert "開封とクリック" in text_of(page)
    assert "拒否・結果不明の読者" in cards(await tree(client, ONE))
