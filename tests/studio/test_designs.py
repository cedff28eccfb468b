"""A person edits the files of a design: what is wrong is refused, what is right is saved, and nobody's work is lost."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest
from lxml import html as lxml_html

from digest.studio.forms import LARGEST
from tests.projects import replace_in
from tests.studio.conftest import HOST

pytestmark = pytest.mark.anyio
STYLE = "/designs/weekly/style.css"
EMAIL = "/designs/weekly/email.html"
OURS = {"origin": f"http://{HOST}"}


@pytest.fixture
def style(project: Path) -> Path:
    return project / "templates/weekly/style.css"


async def opened(client: httpx.AsyncClient, address: str) -> dict[str, str]:
    """Open a file, and return the form that the page would send back."""
    answer = await client.get(address)
    assert answer.status_code == 200, answer.text
    return form_of(answer)


def form_of(answer: httpx.Response) -> dict[str, str]:
    tree = lxml_html.document_fromstring(answer.text)
    form = tree.get_element_by_id("edit")
    fields = {each.get("name"): each.get("value") for each in form.cssselect("input")}
    return {**fields, "text": text_of(answer), "step": "save"}


def text_of(answer: httpx.Response) -> str:
    area = lxml_html.document_fromstring(answer.text).get_element_by_id("text")
    return (area.text or "").removeprefix("\n")  # as a browser does


def outcome(answer: httpx.Response) -> str:
    found = lxml_html.document_fromstring(answer.text).cssselect("[data-outcome]")
    return str(found[0].get("data-outcome")) if found else ""


def said(answer: httpx.Response) -> str:
    return " ".join(lxml_html.document_fromstring(answer.text).get_element_by_id("outcome").text_content().split())


async def send(client: httpx.AsyncClient, address: str, form: Mapping[str, str], **changes: str) -> httpx.Response:
    return await client.post(address, data={**form, **changes}, headers=OURS)


def bytes_of(file: Path) -> bytes:
    return file.read_bytes()


def write_bytes(file: Path, data: bytes, mode: int = 0o644) -> None:
    file.write_bytes(data)
    file.chmod(mode)


def mode_of(file: Path) -> int:
    return file.stat().st_mode & 0o777


def history(project: Path, file: str = "weekly/style.css") -> list[Path]:
    return sorted((project / "var/studio/history" / file).glob("*"))


async def test_the_issue_leads_to_its_design_and_that_to_every_file(client: httpx.AsyncClient) -> None:
    masthead = lxml_html.document_fromstring((await client.get("/")).text).get_element_by_id("design")
    assert masthead.get("href") == "/designs/weekly"
    tree = lxml_html.document_fromstring((await client.get("/designs/weekly")).text)
    links = [each.get("href") for each in tree.cssselect(".files a")]
    assert links[:7] == [
        f"/designs/weekly/{name}"
        for name in ("email.html", "email.txt", "style.css", "phone.css", "dark.css", "clients.css", "tokens.toml")
    ]
    assert "/designs/weekly/_macros/button.html" in links
    for link in links:
        assert (await client.get(link)).status_code == 200


@pytest.mark.parametrize("address", [EMAIL, "/designs/weekly/_macros/footer.html", "/designs/weekly/tokens.toml"])
async def test_a_file_is_shown_as_it_is(client: httpx.AsyncClient, project: Path, address: str) -> None:
    name = address.removeprefix("/designs/weekly/")
    file = project / "templates" / (name if name.startswith("_") else f"weekly/{name}")
    answer = await client.get(address)
    assert text_of(answer) == file.read_text(encoding="utf-8")
    assert ("shared by all designs" in answer.text) == name.startswith("_macros")


async def test_empty_lines_at_the_beginning_are_not_lost(client: httpx.AsyncClient, style: Path) -> None:
    write_bytes(style, b"\n\n" + bytes_of(style))
    assert text_of(await client.get(STYLE)) == bytes_of(style).decode()


async def test_a_save_writes_the_file_and_keeps_what_it_said_before(
    client: httpx.AsyncClient, project: Path, style: Path
) -> None:
    before = bytes_of(style)
    form = await opened(client, STYLE)
    answer = await send(client, STYLE, form, text=form["text"] + "\n.neu { color: #123456; }\n", who="花子")
    assert (answer.status_code, outcome(answer)) == (200, "saved"), said(answer)
    assert bytes_of(style) == before + b"\n.neu { color: #123456; }\n"
    (kept,) = history(project)
    assert kept.read_bytes() == before
    assert re.fullmatch(r"\d{8}T\d{6}\.\d{6}Z--(.+)\.txt", kept.name)[1] == "花子"
    again = await send(client, STYLE, form_of(answer))
    assert outcome(again) == "same"


async def test_a_browser_without_scripts_sends_other_line_ends_and_the_file_keeps_its_own(
    client: httpx.AsyncClient, style: Path
) -> None:
    write_bytes(style, bytes_of(style).replace(b"\n", b"\r\n"), 0o640)
    before = bytes_of(style)
    form = await opened(client, STYLE)
    assert "\r" not in form["text"]
    answer = await send(client, STYLE, form, text=(form["text"] + "/* neu */\n").replace("\n", "\r\n"))
    assert outcome(answer) == "saved"
    assert bytes_of(style) == before + b"/* neu */\r\n"
    assert mode_of(style) == 0o640


async def test_a_save_with_an_error_changes_nothing_and_says_where_it_is(
    client: httpx.AsyncClient, project: Path
) -> None:
    file = project / "templates/weekly/email.html"
    before, mtime = file.read_bytes(), file.stat().st_mtime_ns
    form = await opened(client, EMAIL)
    broken = form["text"].replace("{{ masthead() }}", "{{ masthead( }}<b>")
    line = broken.split("{{ masthead( }}")[0].count("\n") + 1
    answer = await send(client, EMAIL, form, text=broken)
    assert (answer.status_code, outcome(answer)) == (422, "refused")
    assert (file.read_bytes(), file.stat().st_mtime_ns) == (before, mtime)
    assert history(project, "weekly/email.html") == []
    assert text_of(answer) == broken
    tree = lxml_html.document_fromstring(answer.text)
    assert [each.get("data-line") for each in tree.cssselect("[data-guilty] [data-line]")] == [str(line)]
    assert tree.cssselect("#outcome .guilty code")[0].text.strip() == "{{ masthead( }}<b>"
    assert tree.cssselect("iframe")  # the last good page stays
    assert not tree.cssselect("#workbench[hidden]")
    assert [each.name for each in (project / "templates/weekly").iterdir() if each.name.startswith(".")] == []


async def test_a_try_writes_nothing(client: httpx.AsyncClient, project: Path, style: Path) -> None:
    before = bytes_of(style)
    form = await opened(client, STYLE)
    answer = await send(client, STYLE, form, text=form["text"] + "/* neu */\n", step="try")
    assert outcome(answer) == "fine"
    assert text_of(answer).endswith("/* neu */\n")
    assert bytes_of(style) == before
    assert history(project) == []


async def test_the_second_of_two_people_is_told_and_sees_both(client: httpx.AsyncClient, style: Path) -> None:
    first, second = await opened(client, STYLE), await opened(client, STYLE)
    assert outcome(await send(client, STYLE, first, text=first["text"] + "/* die erste */\n")) == "saved"
    answer = await send(client, STYLE, second, text=second["text"] + "/* die zweite */\n")
    assert (answer.status_code, outcome(answer)) == (409, "changed")
    assert bytes_of(style).decode().endswith("/* die erste */\n")
    assert text_of(answer).endswith("/* die zweite */\n")
    theirs = lxml_html.document_fromstring(answer.text).get_element_by_id("theirs")
    assert theirs.text.endswith("/* die erste */\n")
    assert "Removed: /* die erste */" in said(answer)
    assert "Added: /* die zweite */" in said(answer)
    both = form_of(answer)
    assert outcome(await send(client, STYLE, both, text=both["text"] + "/* die erste */\n")) == "saved"
    assert bytes_of(style).decode().endswith("/* die zweite */\n/* die erste */\n")


async def test_what_was_there_before_can_be_looked_at_and_brought_back(
    client: httpx.AsyncClient, project: Path, style: Path
) -> None:
    before = bytes_of(style)
    form = await opened(client, STYLE)
    saved = await send(client, STYLE, form, text=form["text"] + "/* neu */\n")
    tree = lxml_html.document_fromstring(saved.text)
    look = tree.cssselect(".saves a")[0].get("href")
    assert "Added: /* neu */" in " ".join(
        lxml_html.document_fromstring((await client.get(look)).text).get_element_by_id("changed").text_content().split()
    )
    (button,) = tree.cssselect(".saves button")
    hidden = {each.get("name"): each.get("value") for each in tree.get_element_by_id("bring-back").cssselect("input")}
    answer = await client.post(STYLE, data={**hidden, button.get("name"): button.get("value")}, headers=OURS)
    assert outcome(answer) == "saved"
    assert bytes_of(style) == before
    assert len(history(project)) == 2


async def test_what_is_brought_back_is_tried_like_any_other(client: httpx.AsyncClient, project: Path) -> None:
    file = project / "templates/weekly/email.html"
    kept = project / "var/studio/history/weekly/email.html/20260101T000000.000000Z--studio.txt"
    kept.parent.mkdir(parents=True)
    kept.write_text("{% broken", encoding="utf-8")
    before = file.read_bytes()
    form = await opened(client, EMAIL)
    answer = await send(client, EMAIL, form, step="bring-back", former=kept.name)
    assert outcome(answer) == "refused"
    assert text_of(answer) == "{% broken"
    assert file.read_bytes() == before
    for name in ("../../../../../config/digest.toml", "nothing.txt", ""):
        assert (await send(client, EMAIL, form, step="bring-back", former=name)).status_code == 404


@pytest.mark.parametrize("token", ["", "wrong", None])
async def test_a_form_without_this_starts_token_is_refused(
    client: httpx.AsyncClient, style: Path, token: str | None
) -> None:
    before = bytes_of(style)
    form = await opened(client, STYLE) | {"text": "x"}
    (name,) = form.keys() - {"fingerprint", "text", "step", "who"}
    assert len(form[name]) > 20
    sent = {key: value for key, value in form.items() if key != name} | ({} if token is None else {name: token})
    assert (await client.post(STYLE, data=sent, headers=OURS)).status_code == 403
    assert bytes_of(style) == before


@pytest.mark.parametrize("headers", [{}, {"origin": "null"}, {"origin": "https://evil.example"}])
async def test_a_form_of_another_page_is_refused(
    client: httpx.AsyncClient, style: Path, headers: dict[str, str]
) -> None:
    before = bytes_of(style)
    form = await opened(client, STYLE)
    assert (await client.post(STYLE, data={**form, "text": "x"}, headers=headers)).status_code == 403
    assert bytes_of(style) == before


async def test_a_form_without_the_cookie_of_this_start_is_refused(client: httpx.AsyncClient) -> None:
    form = await opened(client, STYLE)
    client.cookies.clear()
    assert (await send(client, STYLE, form)).status_code == 403


async def test_what_is_too_large_is_not_read(client: httpx.AsyncClient, style: Path) -> None:
    before = bytes_of(style)
    form = await opened(client, STYLE)
    assert (await send(client, STYLE, form, more="x" * (LARGEST + 1))).status_code == 413
    assert (await send(client, STYLE, form, text="x" * 200_001)).status_code == 413
    assert bytes_of(style) == before


async def test_what_is_no_form_is_refused(client: httpx.AsyncClient) -> None:
    form = await opened(client, STYLE)
    assert (await client.post(STYLE, json=form, headers=OURS)).status_code == 415
    kind = {**OURS, "content-type": "application/x-www-form-urlencoded"}
    for body in (b"text=%ff", b"\xff", b"&".join([b"a=1"] * 30)):
        assert (await client.post(STYLE, content=body, headers=kind)).status_code == 400


@pytest.mark.parametrize(
    "path",
    [
        "/designs/nowhere",
        "/designs/_macros",
        "/designs/%2e%2e",
        "/designs/%2e%2e/config/digest.toml",
        "/designs/weekly/%2e%2e/%2e%2e/config/digest.toml",
        "/designs/weekly/..%2f..%2fconfig%2fdigest.toml",
        "/designs/weekly/_macros/../weekly/email.html",
        "/designs/weekly/_macros%2f..%2f..%2fconfig%2fdigest.toml",
        "/designs/weekly//etc/passwd",
        "/designs/weekly/%2fetc%2fpasswd",
        "/designs/weekly/README.md",
        "/designs/weekly/new.html",
        "/designs/weekly/email.html/",
        "/designs/weekly/email.html%00",
        "/designs/weekly/linked.css",
        "/designs/linked",
        "/designs/weekly/_macros/linked.html",
        "/designs/weekly/dark.css",
    ],
)
async def test_no_name_leads_anywhere_else(client: httpx.AsyncClient, project: Path, path: str) -> None:
    form = await opened(client, STYLE)
    outside = project / "config/digest.toml"
    templates = project / "templates"
    (templates / "weekly/linked.css").symlink_to(outside)
    (templates / "_macros/linked.html").symlink_to(outside)
    (templates / "linked").symlink_to(project / "templates/weekly", target_is_directory=True)
    (templates / "weekly/dark.css").unlink()
    (templates / "weekly/dark.css").symlink_to(outside)
    before = outside.read_bytes()
    url = httpx.URL(f"http://{HOST}").copy_with(raw_path=path.encode())
    assert (await client.get(url)).status_code == 404
    assert (await client.post(url, data={**form, "text": "x"}, headers=OURS)).status_code == 404
    assert outside.read_bytes() == before
    assert not (templates / "weekly/new.html").exists()


async def test_a_file_that_is_no_text_is_told_and_not_offered(client: httpx.AsyncClient, style: Path) -> None:
    write_bytes(style, b"a { color: red } /* \xff */")
    answer = await client.get(STYLE)
    assert "not UTF-8 text" in said(answer)
    assert 'id="edit"' not in answer.text


async def test_a_hostile_text_stays_text(client: httpx.AsyncClient, style: Path) -> None:
    hostile = "</textarea><script src=x></script><img src=x onerror=alert(1)>"
    form = await opened(client, STYLE)
    answer = await send(client, STYLE, form, text=f"/* {hostile} */", fingerprint="another")
    assert hostile in text_of(answer)
    tree = lxml_html.document_fromstring(answer.text)
    assert [each.get("src") for each in tree.iter("script")] == ["/static/design.js"]
    assert not [name for element in tree.iter() for name in element.attrib if name.startswith("on")]


async def test_forms_may_go_to_the_studio_and_nowhere_else(client: httpx.AsyncClient) -> None:
    for path, allowed in ((STYLE, "'self'"), ("/", "'self'"), ("/static/design.js", "'none'")):
        policy = (await client.get(path)).headers["content-security-policy"]
        assert f"form-action {allowed};" in policy
        assert "script-src 'self';" in policy
    for method in ("PUT", "DELETE", "PATCH"):
        assert (await client.request(method, STYLE, headers=OURS)).status_code == 405


async def test_a_configuration_that_cannot_be_read_refuses_every_save(
    client: httpx.AsyncClient, project: Path, style: Path
) -> None:
    before = bytes_of(style)
    form = await opened(client, STYLE)
    (project / "config/digest.toml").write_text("[", encoding="utf-8")
    answer = await send(client, STYLE, form, text="/* neu */")
    assert answer.status_code == 422
    assert "config/digest.toml" in said(answer)
    assert text_of(answer) == "/* neu */"
    assert bytes_of(style) == before


async def test_a_design_can_be_looked_at_though_the_configuration_is_broken_from_the_start(
    client: httpx.AsyncClient, project: Path
) -> None:
    (project / "config/digest.toml").write_text("[", encoding="utf-8")
    answer = await client.get(STYLE)
    assert answer.status_code == 200
    assert "The configuration has a mistake" in answer.text
    assert text_of(answer)


async def test_an_edit_of_a_shared_file_is_tried_with_every_design(client: httpx.AsyncClient, project: Path) -> None:
    address = "/designs/weekly/_macros/button.html"
    shared = project / "templates/_macros/button.html"
    before = bytes_of(shared)
    form = await opened(client, address)
    magazine = project / "templates/magazine/email.html"
    replace_in(magazine, "<head>", '<head>{% from "_macros/button.html" import only_here %}{{ only_here() }}')
    first = await send(client, address, form, text=form["text"] + "{% macro only_here() %}{% endmacro %}\n")
    assert outcome(first) == "saved", said(first)
    second = await send(client, address, form_of(first), text=form["text"])
    assert outcome(second) == "refused"
    assert "templates/magazine/email.html" in said(second)
    assert bytes_of(shared) == before + b"{% macro only_here() %}{% endmacro %}\n"


async def test_a_design_that_no_newsletter_wears_is_edited_without_a_mail(
    client: httpx.AsyncClient, project: Path
) -> None:
    address = "/designs/magazine/style.css"
    form = await opened(client, address)
    answer = await send(client, address, form, text=form["text"] + "/* neu */\n")
    assert outcome(answer) == "saved"
    assert "No newsletter wears this design" in answer.text
    assert (project / "templates/magazine/style.css").read_text(encoding="utf-8").endswith("/* neu */\n")
