"""A marketer chooses a newsletter's look in a form: it is seen before it is saved, tried, kept, and brought back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from lxml import html as lxml_html

from tests.projects import replace_in
from tests.studio.acting import OURS

pytestmark = pytest.mark.anyio
LOOK = "/look/weekly"


@pytest.fixture
def file(project: Path) -> Path:
    return project / "config/newsletters/weekly.toml"


def bytes_of(file: Path) -> bytes:
    return file.read_bytes()


def text_in(file: Path) -> str:
    return bytes_of(file).decode()


def write(file: Path, data: bytes) -> None:
    file.write_bytes(data)


def tree_of(answer: httpx.Response) -> Any:
    return lxml_html.document_fromstring(answer.text)


def form_of(answer: httpx.Response) -> dict[str, str]:
    """Return the fields as a browser would send them."""
    fields: dict[str, str] = {}
    for each in tree_of(answer).get_element_by_id("edit").cssselect("[name]"):
        if each.tag == "textarea":
            fields[each.get("name")] = (each.text or "").removeprefix("\n")
        elif each.tag == "select":
            fields[each.get("name")] = each.cssselect("option[selected]")[0].get("value")
        elif each.tag == "input" and (each.get("type") != "checkbox" or each.get("checked") is not None):
            fields[each.get("name")] = each.get("value", "")
    return fields


async def opened(client: httpx.AsyncClient) -> dict[str, str]:
    answer = await client.get(LOOK)
    assert answer.status_code == 200, answer.text
    return form_of(answer)


async def send(client: httpx.AsyncClient, fields: dict[str, str], step: str, **changes: str) -> httpx.Response:
    changed = {name.replace("__", "."): value for name, value in changes.items()}
    return await client.post(LOOK, data={**fields, **changed, "step": step}, headers=OURS)


def outcome(answer: httpx.Response) -> str:
    found = tree_of(answer).cssselect("[data-outcome]")
    return str(found[0].get("data-outcome")) if found else ""


def text_of(answer: httpx.Response, name: str) -> str:
    return " ".join(tree_of(answer).get_element_by_id(name).text_content().split())


def mail_of(answer: httpx.Response) -> str:
    return str(tree_of(answer).cssselect("iframe")[0].get("srcdoc"))


async def test_the_issue_leads_to_a_form_of_every_token_word_and_line(client: httpx.AsyncClient) -> None:
    masthead = tree_of(await client.get("/")).get_element_by_id("look")
    assert masthead.get("href") == LOOK
    fields = await opened(client)
    assert fields["design.accent"] == "#124e78"
    assert fields["design.show_author"] == "false"
    assert fields["design.body_font"] == "gothic"
    assert fields["words.read_more"] == ""
    assert fields["subject"].startswith("{{ lead.title|shorten(40) }}")


async def test_what_is_typed_is_seen_at_once_and_nothing_is_saved(client: httpx.AsyncClient, file: Path) -> None:
    before = bytes_of(file)
    fields = await opened(client)
    changes = {"design__accent": "#7a1f4d", "words__read_more": "もっと読む", "subject": "新しい件名"}
    answer = await send(client, fields, "show", **changes)
    assert "#7a1f4d" in mail_of(answer)
    assert "もっと読む" in mail_of(answer)
    assert text_of(answer, "told-subject") == "新しい件名"
    assert bytes_of(file) == before
    assert "#7a1f4d" not in mail_of(await client.get(LOOK))


async def test_each_colour_tells_its_contrast_and_the_nearest_that_can_be_read(client: httpx.AsyncClient) -> None:
    fields = await opened(client)
    assert "8.7 can be read" in text_of(await client.get(LOOK), "note-accent")
    answer = await send(client, fields, "show", design__ink="#888888")
    told = text_of(answer, "note-ink")
    assert "Titles of posts 3.5 cannot be read: 4.5 is needed" in told
    assert tree_of(answer).cssselect("#note-ink [data-set='design.ink']")[0].get("data-value") == "#767676"
    answer = await send(client, fields, "show", design__accent="#ffee00")
    assert "readers see #807700" in text_of(answer, "note-accent")


async def test_limits_are_told_at_the_field(client: httpx.AsyncClient) -> None:
    fields = await opened(client)
    answer = await send(client, fields, "show", design__logo_width="1000", design__accent="blue")
    assert "80 to 520" in text_of(answer, "note-logo_width")
    assert "not allowed. Nearest that fits: 520" in text_of(answer, "note-logo_width")
    assert "#0000ff" in text_of(answer, "note-accent")
    assert "design.logo_width" in text_of(answer, "trouble")
    assert form_of(answer)["design.logo_width"] == "1000"
    answer = await send(client, fields, "show", words__minutes="{hours}時間")
    assert "{hours}" in text_of(answer, "note-words.minutes")


async def test_a_save_keeps_comments_order_and_what_the_form_does_not_know(
    client: httpx.AsyncClient, file: Path
) -> None:
    replace_in(file, "[publisher] ", '[design]\naccent = "#123456" # ours since May\n\n[publisher] ')
    before = text_in(file)
    changes = {"design__accent": "#7a1f4d", "design__show_author": "true", "words__read_more": "もっと", "who": "花子"}
    answer = await send(client, await opened(client), "save", **changes)
    assert outcome(answer) == "saved", answer.text
    after = text_in(file)
    wanted = before.replace('"#123456" # ours since May\n', '"#7a1f4d" # ours since May\nshow_author = true\n')
    assert after.startswith(wanted.rstrip("\n"))
    assert after.removeprefix(wanted.rstrip("\n")).split() == ["[words]", "read_more", "=", '"もっと"']
    assert "花子" in text_of(answer, "history")
    assert "#7a1f4d" in mail_of(await client.get("/"))


async def test_windows_line_endings_stay(client: httpx.AsyncClient, file: Path) -> None:
    write(file, bytes_of(file).replace(b"\n", b"\r\n"))
    assert outcome(await send(client, await opened(client), "save", greeting="やあ\r\n皆さん")) == "saved"
    data = bytes_of(file)
    assert data.count(b"\n") == data.count(b"\r\n") > 50
    assert (await opened(client))["greeting"] == "やあ\n皆さん"


async def test_a_save_that_would_break_a_mail_is_refused(client: httpx.AsyncClient, file: Path) -> None:
    before = bytes_of(file)
    fields = await opened(client)
    for changes in ({"design__logo_width": "1000"}, {"design__ink": "#bbbbbb"}, {"subject": "{{ lead.titel }}"}):
        answer = await send(client, fields, "save", **changes)
        assert outcome(answer) == "refused", changes
        assert answer.status_code == 422
        places = {each.get("href") for each in tree_of(answer).cssselect("#outcome .finding.error .place a")}
        assert "#" + next(iter(changes)).replace("__", ".") in places
        assert bytes_of(file) == before
    answer = await send(client, fields, "save", subject="")
    assert "subject" in text_of(answer, "outcome")
    assert bytes_of(file) == before


async def test_an_error_from_before_refuses_nothing(client: httpx.AsyncClient, file: Path) -> None:
    replace_in(file, "[publisher] ", '[design]\nink = "#bbbbbb"\n\n[publisher] ')
    answer = await send(client, await opened(client), "save", words__read_more="もっと")
    assert outcome(answer) == "saved", answer.text
    assert "もっと" in text_in(file)


async def test_the_second_of_two_people_is_told_and_overwrites_nothing(client: httpx.AsyncClient, file: Path) -> None:
    mine = await opened(client)
    theirs = await send(client, mine, "save", design__accent="#7a1f4d", who="Kay")
    assert outcome(theirs) == "saved"
    saved = bytes_of(file)
    answer = await send(client, mine, "save", words__read_more="もっと")
    assert outcome(answer) == "changed"
    assert answer.status_code == 409
    assert bytes_of(file) == saved
    # What the form holds now is theirs, with what this person changed; saved again, it loses neither.
    again = form_of(answer)
    assert (again["design.accent"], again["words.read_more"]) == ("#7a1f4d", "もっと")
    assert outcome(await send(client, again, "save")) == "saved"
    text = text_in(file)
    assert '"#7a1f4d"' in text
    assert '"もっと"' in text


async def test_a_save_can_be_looked_at_and_brought_back(client: httpx.AsyncClient, file: Path) -> None:
    before = bytes_of(file)
    answer = await send(client, await opened(client), "save", design__accent="#7a1f4d", who="花子")
    former = tree_of(answer).cssselect("button[name=former]")[0].get("value")
    shown = await client.get(LOOK, params={"before": former})
    assert 'accent = "#7a1f4d"' in text_of(shown, "changed")
    fields = form_of(answer)
    answer = await send(client, fields, "bring-back", former=former)
    assert outcome(answer) == "saved"
    assert bytes_of(file) == before
    assert (await client.get(LOOK, params={"before": "../../x"})).status_code == 404


async def test_an_emptied_word_is_the_usual_one_again(client: httpx.AsyncClient, file: Path) -> None:
    await send(client, await opened(client), "save", words__read_more="もっと")
    assert outcome(await send(client, await opened(client), "save", words__read_more="")) == "saved"
    assert "もっと" not in text_in(file)


async def test_a_file_that_cannot_be_read_is_told_and_can_be_brought_back(
    client: httpx.AsyncClient, file: Path
) -> None:
    await send(client, await opened(client), "save", words__read_more="もっと")
    good = bytes_of(file)
    await send(client, await opened(client), "save", words__read_more="もう少し")
    write(file, b"title = \n")
    answer = await client.get(LOOK)
    assert answer.status_code == 200
    assert "not TOML" in text_of(answer, "trouble")
    tree = tree_of(answer)
    fields = {each.get("name"): each.get("value") for each in tree.get_element_by_id("bring-back").cssselect("input")}
    former = tree.cssselect("button[name=former]")[0].get("value")
    assert outcome(await send(client, fields, "bring-back", former=former)) == "saved"
    assert bytes_of(file) == good


@pytest.mark.parametrize("began", ["", "[]", '{"subject": 1}', "[" * 100_000])
async def test_what_no_page_of_ours_sends_is_refused(client: httpx.AsyncClient, file: Path, began: str) -> None:
    before = bytes_of(file)
    answer = await send(client, await opened(client), "save", began=began, subject="x")
    assert answer.status_code == 400
    assert (await client.post(LOOK, data={"step": "save"}, headers=OURS)).status_code == 403
    assert bytes_of(file) == before


async def test_hostile_values_stay_text(client: httpx.AsyncClient) -> None:
    evil = '"><script>alert(1)</script>'
    answer = await send(client, await opened(client), "show", design__accent=evil, words__read_more=evil, who=evil)
    assert "<script>alert" not in answer.text.replace("&lt;", "")
    assert form_of(answer)["design.accent"] == evil.lower()
    assert json.loads(form_of(answer)["began"])["design.accent"] == "#124e78"


async def test_there_is_no_page_for_a_newsletter_that_there_is_not(client: httpx.AsyncClient, project: Path) -> None:
    assert (await client.get("/look/daily")).status_code == 404
    (project / "elsewhere.toml").write_text("x", encoding="utf-8")
    (project / "config/newsletters/led.toml").symlink_to(project / "elsewhere.toml")
    assert (await client.get("/look/led")).status_code == 404
