"""Writing and sending are separate rights, asked for every address and step; pages offer nothing that is refused."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, compile_path

from digest.app import Project
from digest.models import DeliveryState
from digest.studio.acts.steps import STEPS
from digest.studio.people.rights import ACTS, NEEDED, Need, ask_rights
from tests.projects import replace_in
from tests.studio.past_world import PERIOD, World
from tests.studio.people.team import OURS, ROLES, WEEK, Team, form_token, hidden, tree

pytestmark = pytest.mark.anyio
NAMES = sorted(ROLES)
LOOK, DESIGN = "/look/weekly", "/designs/weekly/style.css"


def addresses(app: Starlette) -> list[tuple[str, str]]:
    """Return method and path of all that the studio answers."""
    return [
        (method, route.path)
        for route in app.routes
        if isinstance(route, Route)
        for method in sorted(route.methods or ())
        if method != "HEAD"
    ]


def steps_of(need: Need) -> dict[str, tuple[str, ...]]:
    """Return what each step of a form needs; one without name stands for all."""
    return dict(need.steps) if need.steps is not None else {"": need.rights}


def filled_in(path: str) -> str:
    values = {
        "newsletter": "weekly",
        "period": "2026-W04",
        "design": "weekly",
        "file:path": "style.css",
        "number:int": "1",
    }
    return re.sub(r"\{([^}]+)\}", lambda match: values.get(match[1], "parts.css"), path)


def may(name: str, rights: tuple[str, ...]) -> bool:
    return not rights or any(right in ROLES[name] for right in rights)


# ---------------------------------------------------------------- the declaration is whole


async def test_every_address_says_which_right_it_needs(team: Team) -> None:
    assert sorted(set(addresses(team.app)) - set(NEEDED)) == []
    assert sorted(set(NEEDED) - set(addresses(team.app))) == []


async def test_every_step_says_which_right_it_needs() -> None:
    assert sorted(STEPS) == sorted(ACTS)
    assert all(ACTS.values()), "no step is for those who may only look"


async def test_everything_that_is_sent_needs_a_right_but_to_come_and_to_go() -> None:
    free = {path for (method, path), need in NEEDED.items() if method != "GET" and not (need.rights or need.steps)}
    assert free == {"/sign-in", "/sign-out"}
    assert {path for (_, path), need in NEEDED.items() if need.is_open} == {"/sign-in", "/static/{name}"}


async def test_an_address_that_is_declared_nowhere_begins_closed(team: Team) -> None:
    async def new(_: Request) -> Response:
        return PlainTextResponse("new")

    fresh = Starlette(routes=[Route("/issues/new/thing/here", new), Route("/issues/new", new, methods=["POST"])])
    ask_rights(fresh)
    team.app.router.routes[:0] = fresh.routes
    client = await team.signed_in("花子")
    token = await form_token(client)
    assert (await client.get("/issues/new/thing/here")).status_code == 403
    assert (await client.post("/issues/new", data={"form_token": token}, headers=OURS)).status_code == 403


async def test_a_step_that_is_declared_nowhere_is_refused(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(ACTS, "pin")  # type: ignore[arg-type]  # a dictionary below
    client = await team.signed_in("花子")
    answer = await client.post(WEEK, data={"form_token": await form_token(client), "step": "pin"}, headers=OURS)
    assert answer.status_code == 403


# ---------------------------------------------------------------- and the server holds to it


@pytest.mark.parametrize("name", NAMES)
async def test_the_wrong_role_is_refused_at_every_address_and_step(team: Team, name: str) -> None:
    client = await team.signed_in(name)
    token = await form_token(client)
    before = everything_kept(team)
    for (method, path), need in NEEDED.items():
        for step, rights in steps_of(need).items():
            if may(name, rights):
                continue
            data = {"form_token": token, "step": step or "send", "who": "花子", "began": "{}"}
            sent: dict[str, Any] = {"data": data, "headers": OURS} if method == "POST" else {}
            answer = await client.request(method, filled_in(path), **sent)
            assert answer.status_code == 403, (method, path, step)
            assert tree(answer).cssselect("h1")[0].text == "You may not do this"
    assert everything_kept(team) == before


def everything_kept(team: Team) -> object:
    """Return what the store and the files hold."""
    with Project(team.project) as project:
        issues = [(each.name, each.state, each.fingerprint) for each in project.store.issues.latest(limit=100)]
        said = project.store.overrides.so_far()
    files = {
        file.relative_to(team.project): file.read_bytes()
        for folder in ("config", "templates")
        for file in (team.project / folder).rglob("*")
        if file.is_file()
    }
    return issues, said, files


@pytest.mark.parametrize(("name", "status"), [("writer", 303), ("boss", 303), ("guest", 403)])
async def test_both_roles_freeze_a_draft_and_nobody_else(team: Team, name: str, status: int) -> None:
    client = await team.signed_in(name)
    answer = await client.post(WEEK, data={"form_token": await form_token(client), "step": "build"}, headers=OURS)
    assert answer.status_code == status


async def test_who_writes_cannot_approve_what_they_wrote(team: Team) -> None:
    writer, boss = await team.signed_in("writer"), await team.signed_in("boss")
    token = await form_token(writer)
    await writer.post(WEEK, data={"form_token": token, "step": "build"}, headers=OURS)
    fields = hidden(await boss.get(WEEK), "#act-approve")
    theirs = fields | {"form_token": token}
    assert (await writer.post(WEEK, data=theirs, headers=OURS)).status_code == 403
    assert (await writer.post(WEEK, data=fields, headers=OURS)).status_code == 403
    assert (await boss.post(WEEK, data=fields, headers=OURS)).status_code == 303
    with Project(team.project) as project:
        issue = project.store.issues.find("weekly", "2026-W04")
    assert issue is not None
    assert issue.approved_by == "boss"


async def test_everybody_may_look_at_everything(team: Team) -> None:
    client = await team.signed_in("guest")
    for path in ("/", WEEK, "/calendar", "/history", DESIGN, LOOK, "/trying", "/static/parts.css"):
        assert (await client.get(path)).status_code == 200, path


@pytest.mark.parametrize("name", NAMES)
async def test_readers_addresses_are_shown_to_who_may_send_to_them(team: Team, name: str) -> None:
    world = World(team.project)
    world.sent(PERIOD, {"gone@example.jp": (DeliveryState.REJECTED, "no such user gone@example.jp")})
    world.close()
    client, sees = await team.signed_in(name), "approve" in ROLES[name]
    page = await client.get(f"/history/weekly/{PERIOD}")
    assert page.status_code == 200
    assert ("gone@example.jp" in page.text) is sees
    assert bool(tree(page).cssselect("#as-csv")) is sees
    copies = await client.get(f"/history/weekly/{PERIOD}/copies.csv")
    assert copies.status_code == (200 if sees else 403)
    assert ("gone@example.jp" in copies.text) is sees


# ---------------------------------------------------------------- what pages offer


def need_of(method: str, path: str, step: str) -> tuple[str, ...]:
    for (asked, known), need in NEEDED.items():
        if asked == method and compile_path(known)[0].match(path):
            return steps_of(need).get(step, steps_of(need).get("", ()))
    raise AssertionError(f"{method} {path} leads nowhere")


def offered(answer: httpx.Response) -> list[tuple[str, str, str]]:
    """Return what the forms and links of a page ask for: method, path, step."""
    found = []
    for form in tree(answer).cssselect("form"):
        if form.cssselect("fieldset[disabled]"):
            assert not [each for each in form.cssselect("button[type=submit]") if not each.xpath("ancestor::fieldset")]
            continue
        path = urlsplit(form.get("action") or str(answer.url)).path
        fields = {each.get("name"): each.get("value") for each in form.cssselect("input")}
        found.append((form.get("method", "get").upper(), path, fields.get("step") or ""))
    links = (urlsplit(each.get("href")).path for each in tree(answer).cssselect("a[href^='/']"))
    return found + [("GET", path, "") for path in links]


@pytest.mark.parametrize("name", NAMES)
async def test_no_page_offers_what_would_be_refused_in_any_state(team: Team, name: str) -> None:
    replace_in(team.project / "config/newsletters/weekly.toml", 'review = "none"', 'review = "required"')
    chief, client = await team.signed_in("花子"), await team.signed_in(name)
    token = await form_token(chief)
    post = hidden(await chief.get(WEEK), ".pick form")["post"]
    seen: dict[str, set[str]] = {}
    for step in ("", "pin", "build", "approve", "hold", "skip"):
        if step:
            shown = await chief.get(WEEK)
            fields = hidden(shown, "#act-approve") if step == "approve" else {"form_token": token, "step": step}
            done = await chief.post(WEEK, data=fields | ({"post": post} if step == "pin" else {}), headers=OURS)
            assert done.status_code == 303
        for page in (WEEK, DESIGN, LOOK, "/calendar", "/history", "/history/weekly/2026-W04", f"{WEEK}/send"):
            answer = await client.get(page)
            if answer.status_code != 200:
                continue
            for method, path, named in offered(answer):
                assert may(name, need_of(method, path, named)), (step, page, method, path, named)
                if method == "POST":
                    seen.setdefault(page, set()).add(named)
    wanted = {step for step, rights in ACTS.items() if may(name, rights)} - {"settle"}
    assert wanted <= seen[WEEK], "and what is allowed is offered"


@pytest.mark.parametrize("name", NAMES)
async def test_a_page_says_what_is_missing_and_why(team: Team, name: str) -> None:
    edit, approve = not may(name, ("edit",)), not may(name, ("approve",))
    client = await team.signed_in(name)
    week = (await client.get(WEEK)).text
    assert ("needs the right <code>approve</code>" in week) is approve
    assert ("needs the right <code>edit</code>" in week) is edit
    for page in (DESIGN, LOOK):
        answer = await client.get(page)
        assert ("needs the right <code>edit</code>" in answer.text) is edit
        assert bool(tree(answer).cssselect("form#edit")) is not edit
    assert ("readonly" in (await client.get(DESIGN)).text) is edit


# ---------------------------------------------------------------- who did it


async def test_the_name_is_who_signed_in_and_nothing_that_is_typed(team: Team) -> None:
    client = await team.signed_in("花子")
    client.cookies.set("digest-studio-name", "Mallory", domain="studio.example.com", path="/")
    token = await form_token(client)
    post = hidden(await client.get(WEEK), ".pick form")["post"]
    for fields in ({"step": "pin", "post": post}, {"step": "build"}):
        await client.post(WEEK, data=fields | {"form_token": token, "who": "Mallory"}, headers=OURS)
    fields = hidden(await client.get(WEEK), "#act-approve") | {"who": "Mallory"}
    await client.post(WEEK, data=fields, headers=OURS)
    answer = await client.get(DESIGN)
    edit = hidden(answer, "form#edit") | {"text": tree(answer).get_element_by_id("text").text + "\n/* new */\n"}
    saved = await client.post(DESIGN, data=edit | {"step": "save", "who": "Mallory"}, headers=OURS)
    assert 'data-outcome="saved"' in saved.text
    answer = await client.get(LOOK)
    look = every_field(answer) | {"greeting": "こんにちは。", "step": "save", "who": "Mallory"}
    saved = await client.post(LOOK, data=look, headers=OURS)
    assert 'data-outcome="saved"' in saved.text, saved.text
    names = {file.name.partition("--")[2] for file in (team.project / "var/studio/history").rglob("*.txt")}
    assert names == {"花子.txt"}
    with Project(team.project) as project:
        issue = project.store.issues.find("weekly", "2026-W04")
        assert issue is not None
        assert issue.approved_by == "花子"
        assert {each.who for each in project.store.overrides.history("weekly", "2026-W04")} == {"花子"}
    walked = [(await client.get(page)).text for page in (WEEK, DESIGN, LOOK, "/history/weekly/2026-W04")]
    assert "Mallory" not in "".join(walked)


def every_field(answer: httpx.Response) -> dict[str, str]:
    """Return the fields of the look's form as a browser would send them."""
    (form,) = tree(answer).cssselect("form#edit")
    return {name: value or "" for name, value in form.form_values()}


async def test_where_one_signs_in_no_name_is_asked_for(team: Team) -> None:
    client = await team.signed_in("花子")
    token = await form_token(client)
    await client.post(WEEK, data={"form_token": token, "step": "build"}, headers=OURS)
    for page in (WEEK, LOOK, DESIGN):
        answer = await client.get(page)
        assert tree(answer).cssselect("[name=who]") == []
        assert "digest-studio-name" not in answer.headers.get("set-cookie", "")
