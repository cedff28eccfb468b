"""Who knows a password gets a session, for a while; everybody else the same answer."""

from __future__ import annotations

import logging
import os

import pytest
from argon2 import PasswordHasher
from starlette.requests import Request

from digest.studio.people import signing
from digest.studio.people.doors import _POLLED
from digest.studio.people.inside import inside
from digest.studio.people.passwords import FILE, write_password
from digest.studio.people.patience import BROWSER, NETWORK, USER, network_of
from tests.studio.people.team import (
    OURS,
    PASSWORDS,
    SESSION,
    WEEK,
    Team,
    form_token,
    give_users,
    hidden,
    kept,
    sign_in,
    tree,
)

pytestmark = pytest.mark.anyio


async def test_a_stranger_is_led_to_the_sign_in_and_from_there_to_where_they_wanted(team: Team) -> None:
    client = await team.browser()
    answer = await client.get(f"{WEEK}?dark=1")
    assert answer.status_code == 303
    assert "ことのは" not in answer.text
    shown = await client.get(answer.headers["location"])
    assert tree(shown).cssselect("h1")[0].text == "Sign in to the studio"
    fields = hidden(shown) | {"name": "花子", "password": PASSWORDS["花子"]}
    done = await client.post("/sign-in", data=fields, headers=OURS)
    assert (done.status_code, done.headers["location"]) == (303, f"{WEEK}?dark=1")
    page = await client.get(done.headers["location"])
    assert page.status_code == 200
    assert tree(page).get_element_by_id("person").text == "花子"


async def test_a_script_is_told_and_not_led(team: Team) -> None:
    client = await team.browser()
    for path in ("/events", "/trying", WEEK):
        answer = await client.get(path, headers={"sec-fetch-mode": "cors", "sec-fetch-site": "same-origin"})
        assert answer.status_code == 401
        assert "ことのは" not in answer.text
    assert (await client.post(WEEK, data={"step": "approve"}, headers=OURS)).status_code == 401


async def test_the_session_s_cookie_is_bound_to_this_very_host_and_to_no_script(team: Team) -> None:
    client = await team.browser()
    answer = await sign_in(client, "花子")
    cookies = {each.partition("=")[0]: each.lower() for each in answer.headers.get_list("set-cookie")}
    assert set(cookies) == {SESSION, "__Host-digest-studio-browser", "__Host-digest-studio-before"}
    for said in cookies.values():
        assert "; secure" in said
        assert "; httponly" in said
        assert "; path=/" in said
        assert "domain" not in said
        assert "samesite=lax" in said or "samesite=strict" in said
    assert "max-age" not in cookies[SESSION]
    assert "expires" not in cookies[SESSION]


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("花子", "wrong"),
        ("花子", ""),
        ("花子", "x" * 1001),
        ("花子", PASSWORDS["花子"] + " "),
        ("花子", PASSWORDS["boss"]),
        ("nobody", PASSWORDS["花子"]),
        ("", ""),
        ("花子\n", PASSWORDS["花子"] + "\x00"),
        ("unset", "correct horse 花子"),
    ],
)
async def test_whatever_does_not_fit_gets_the_same_answer(team: Team, name: str, password: str) -> None:
    config = team.project / "config/digest.toml"
    config.write_text(config.read_text(encoding="utf-8") + '[[studio.users]]\nname = "unset"\n', encoding="utf-8")
    client = await team.browser()
    answer = await sign_in(client, name, password)
    assert answer.status_code == 401
    assert tree(answer).get_element_by_id("refused").text == "Name and password do not fit together."
    assert SESSION not in client.cookies
    assert password == "" or password not in answer.text


async def test_an_unknown_name_costs_a_hash_too(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    checked: list[str] = []
    verify = PasswordHasher.verify

    def counted(self: PasswordHasher, hash: str, password: str) -> bool:  # noqa: A002 - argon2's own name
        checked.append(hash)
        return verify(self, hash, password)

    monkeypatch.setattr(PasswordHasher, "verify", counted)
    client = await team.browser()
    for name in ("花子", "nobody"):
        await sign_in(client, name, "wrong password")
    known, unknown = (each.rsplit("$", 2)[0] for each in checked)
    assert known == unknown, "the same parameters, so the same time"


async def test_a_name_has_one_user_whatever_its_case_or_form(team: Team) -> None:
    client = await team.browser()
    assert (await sign_in(client, "BOSS", PASSWORDS["boss"])).status_code == 303
    assert tree(await client.get(WEEK)).get_element_by_id("person").text == "boss"


# ---------------------------------------------------------------- fixation, forgery


async def test_a_session_that_somebody_planted_is_never_signed_in(team: Team) -> None:
    attacker, victim = await team.signed_in("guest"), await team.browser()
    planted = attacker.cookies[SESSION]
    victim.cookies.set(SESSION, planted, domain="studio.example.com", path="/")
    victim.cookies.set("__Host-digest-studio-before", "x" * 43, domain="studio.example.com", path="/")
    shown = await victim.get("/sign-in")
    assert shown.status_code == 303, "it is a guest's session: shown as such, and nobody else's"
    await victim.post("/sign-out", data={"form_token": await form_token(victim)}, headers=OURS)
    await sign_in(victim, "花子")
    assert victim.cookies[SESSION] != planted
    assert (await attacker.get(WEEK)).status_code == 303, "the planted one leads nowhere any more"


async def test_each_sign_in_makes_a_new_session_and_ends_the_browser_s_former_one(team: Team) -> None:
    client = await team.browser()
    await sign_in(client, "花子")
    first = client.cookies[SESSION]
    fields = {"name": "花子", "password": PASSWORDS["花子"]}
    fresh = await team.browser()
    token = hidden(await fresh.get("/sign-in"))["form_token"]
    cookie = fresh.cookies["__Host-digest-studio-before"]
    client.cookies.set("__Host-digest-studio-before", cookie, domain="studio.example.com", path="/")
    assert (await client.post("/sign-in", data=fields | {"form_token": token}, headers=OURS)).status_code == 303
    assert client.cookies[SESSION] != first
    other = await team.browser()
    other.cookies.set(SESSION, first, domain="studio.example.com", path="/")
    assert (await other.get(WEEK)).status_code == 303


@pytest.mark.parametrize("forged", ["", "x", "花子", "花子:edit", "A" * 43, "null", "../x", "a" * 5000, "%00", '";'])
async def test_a_forged_session_is_nobody_s(team: Team, forged: str) -> None:
    await team.signed_in("花子")
    client = await team.browser()
    answer = await client.get(WEEK, headers={"cookie": f"{SESSION}={forged}".encode()})
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in")


async def test_no_part_of_a_session_s_cookie_is_kept_or_shown(team: Team) -> None:
    client = await team.signed_in("花子")
    secret = client.cookies[SESSION]
    assert secret not in (await client.get(WEEK)).text
    assert secret not in repr(vars(team.door._sessions))


async def test_the_sign_in_form_is_one_browser_s(team: Team) -> None:
    attacker, victim = await team.browser(), await team.browser()
    token = hidden(await attacker.get("/sign-in"))["form_token"]
    await victim.get("/sign-in")
    fields = {"name": "guest", "password": PASSWORDS["guest"], "form_token": token}
    assert (await victim.post("/sign-in", data=fields, headers=OURS)).status_code == 403
    fresh = await team.browser()
    assert (await fresh.post("/sign-in", data=fields, headers=OURS)).status_code == 403


# ---------------------------------------------------------------- the end of sessions


async def test_a_session_ends_after_idling(team: Team) -> None:
    client = await team.signed_in("花子")
    for _ in range(3):
        team.clock.forward(minutes=119)
        assert (await client.get(WEEK)).status_code == 200
    team.clock.forward(hours=2)
    assert (await client.get(WEEK)).status_code == 303


async def test_what_pages_ask_for_by_themselves_keeps_no_session_alive(team: Team) -> None:
    client = await team.signed_in("花子")
    team.clock.forward(minutes=119)
    for path in ("/trying", "/static/parts.css", f"{WEEK}/progress"):
        assert (await client.get(path)).status_code in {200, 404}
    assert "/events" in _POLLED
    team.clock.forward(minutes=2)
    assert (await client.get(WEEK)).status_code == 303


async def test_a_session_ends_in_the_end_however_busy(team: Team) -> None:
    client = await team.signed_in("花子")
    for _ in range(11):
        team.clock.forward(hours=1)
        assert (await client.get("/calendar")).status_code == 200
    team.clock.forward(hours=1)
    assert (await client.get("/calendar")).status_code == 303


async def test_signing_out_ends_this_session_and_leaves_the_others(team: Team) -> None:
    here, there = await team.signed_in("花子"), await team.signed_in("花子")
    secret = here.cookies[SESSION]
    assert (await here.post("/sign-out", data={"form_token": "wrong"}, headers=OURS)).status_code == 403
    assert (await here.get(WEEK)).status_code == 200
    token = await form_token(here)
    answer = await here.post("/sign-out", data={"form_token": token}, headers=OURS)
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    assert SESSION not in here.cookies
    thief = await team.browser()
    thief.cookies.set(SESSION, secret, domain="studio.example.com", path="/")
    assert (await thief.get(WEEK)).status_code == 303
    assert (await there.get(WEEK)).status_code == 200


async def test_a_new_password_ends_all_sessions_of_its_user_and_of_nobody_else(team: Team) -> None:
    here, there, other = [await team.signed_in(name) for name in ("花子", "花子", "boss")]
    write_password(team.project / FILE, "花子", kept("another password"))
    assert [(await each.get(WEEK)).status_code for each in (here, there, other)] == [303, 303, 200]
    assert (await sign_in(await team.browser(), "花子")).status_code == 401
    assert (await sign_in(await team.browser(), "花子", "another password")).status_code == 303


async def test_a_role_that_is_taken_away_is_gone_at_once_and_so_is_a_user(team: Team) -> None:
    client, boss = await team.signed_in("花子"), await team.signed_in("boss")
    give_users(team.project, {"花子": [], "guest": []})
    answer = await client.post(WEEK, data={"form_token": await form_token(client), "step": "build"}, headers=OURS)
    assert answer.status_code == 403
    assert (await boss.get(WEEK)).status_code == 303


async def test_a_configuration_that_is_half_written_changes_nobody(team: Team) -> None:
    client = await team.signed_in("花子")
    (team.project / "config/digest.toml").write_text("[studio\n", encoding="utf-8")
    assert (await client.get("/sign-in")).status_code == 303
    assert (await sign_in(await team.browser(), "花子")).status_code == 303


async def test_passwords_that_others_can_read_let_nobody_in(team: Team) -> None:
    client = await team.signed_in("花子")
    os.chmod(team.project / FILE, 0o640)  # noqa: PTH101 - as a person does it
    assert (await client.get(WEEK)).status_code == 303
    assert (await sign_in(client, "花子")).status_code == 401


async def test_an_event_stream_ends_with_its_session(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("digest.studio.routes._HEARTBEAT", 0.01)
    client = await team.signed_in("花子")
    seen: list[str] = []

    def still(person: object) -> bool:
        seen.append("asked")
        assert len(seen) < 50, "it goes on without a session"
        if len(seen) == 3:
            team.clock.forward(hours=3)
        return was(person)

    was = team.door.still
    monkeypatch.setattr(team.door, "still", still)
    answer = await client.get("/events")
    assert answer.status_code == 200
    assert answer.text.startswith("retry: 500")
    assert len(seen) == 3


# ---------------------------------------------------------------- patience


async def test_guessing_from_one_network_is_slowed_and_comes_back(team: Team) -> None:
    client = await team.browser()
    for _ in range(USER.size):
        assert (await sign_in(client, "花子", "a wrong guess")).status_code == 401
    refused = await sign_in(client, "花子")
    assert refused.status_code == 429
    assert 0 < int(refused.headers["retry-after"]) <= USER.refill.total_seconds()
    assert "3 minutes" in tree(refused).get_element_by_id("refused").text
    assert SESSION not in client.cookies
    team.clock.forward(minutes=3)
    assert (await sign_in(client, "花子")).status_code == 303


async def test_a_person_is_not_locked_out_of_a_browser_they_have_used(team: Team) -> None:
    client = await team.signed_in("花子", "198.51.100.7")
    await client.post("/sign-out", data={"form_token": await form_token(client)}, headers=OURS)
    attacker = await team.browser()
    for _ in range(USER.size + 5):
        await sign_in(attacker, "花子", "a wrong guess")
    assert (await sign_in(attacker, "花子")).status_code == 429
    assert (await sign_in(client, "花子")).status_code == 303


async def test_a_known_browser_does_not_guess_without_end_either(team: Team) -> None:
    client = await team.signed_in("花子")
    await client.post("/sign-out", data={"form_token": await form_token(client)}, headers=OURS)
    answers = [(await sign_in(client, "花子", "a wrong guess")).status_code for _ in range(BROWSER.size + 1)]
    assert answers == [401] * BROWSER.size + [429]


async def test_a_known_browser_is_known_for_its_user_only_and_until_the_password_changes(team: Team) -> None:
    client = await team.signed_in("花子")
    name = "__Host-digest-studio-browser"
    request = Request({"type": "http", "headers": [(b"cookie", f"{name}={client.cookies[name]}".encode())]})
    desk = signing.Signing(
        team.door.directory,
        team.door._sessions,
        None,
        signing.Cookies(secure=True, port=0),  # type: ignore[arg-type]  # it waits for nothing here
    )
    assert desk._known_browser(request, team.door.directory.find("花子"))
    assert not desk._known_browser(request, team.door.directory.find("boss"))
    assert not desk._known_browser(request, None)
    write_password(team.project / FILE, "花子", kept("another password"))
    assert not desk._known_browser(request, team.door.directory.find("花子"))


async def test_many_names_from_one_network_are_slowed_too(team: Team) -> None:
    client = await team.browser()
    answers = [(await sign_in(client, f"name{n}", "a wrong guess")).status_code for n in range(NETWORK.size + 1)]
    assert answers == [401] * NETWORK.size + [429]
    assert (await sign_in(await team.browser("198.51.100.7"), "花子")).status_code == 303


async def test_the_time_to_wait_tells_nothing_about_a_name(team: Team) -> None:
    told = []
    for name, network in (("花子", "203.0.113.5"), ("nobody", "198.51.100.7")):
        client = await team.browser(network)
        for _ in range(USER.size):
            await sign_in(client, name, "a wrong guess")
        answer = await sign_in(client, name, "a wrong guess")
        told.append((answer.status_code, answer.headers["retry-after"], tree(answer).get_element_by_id("refused").text))
    assert told[0] == told[1]


def test_a_network_is_an_address_or_what_one_connection_has() -> None:
    assert network_of("203.0.113.5") == network_of("::ffff:203.0.113.5") == "203.0.113.5/32"
    assert network_of("2001:db8::1") == network_of("2001:db8::ffff:1%eth0") == "2001:db8::/64"
    assert network_of("2001:db8:0:1::1") != network_of("2001:db8::1")
    assert network_of("") == network_of("not an address") == "unknown"


# ---------------------------------------------------------------- what is told, and where one is led


async def test_an_old_hash_lets_in_and_is_told_of(team: Team, caplog: pytest.LogCaptureFixture) -> None:
    old = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(PASSWORDS["boss"])
    write_password(team.project / FILE, "boss", old)
    await team.signed_in("boss")
    assert "the password of 'boss' is hashed in an old way" in caplog.text


async def test_the_log_has_no_password_and_no_unknown_name(team: Team, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "digest.studio")
    client = await team.browser()
    await sign_in(client, "my secret typed as a name", "a wrong guess")
    await sign_in(client, "花子", "a wrong guess")
    await sign_in(client, "花子")
    ours = "\n".join(each.getMessage() for each in caplog.records if each.name == "digest.studio")
    assert "an unknown name, from 203.0.113.5/32" in ours
    assert "'花子' signed in" in ours
    for secret in ("my secret", "a wrong guess", PASSWORDS["花子"], "$argon2", client.cookies[SESSION]):
        assert secret not in ours


@pytest.mark.parametrize(
    "outside",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/%5cevil.example",
        "/%2f/evil.example",
        "///evil.example",
        "/issues//evil.example",
        "javascript:alert(1)",
        "/issues/x\nSet-Cookie: a=b",
        "/issues/../sign-out",
        "/issues/%2e%2e/sign-out",
        "/sign-in?next=/",
        "/events",
        "/static/studio.js",
        "http:/issues/weekly",
        "/[",
        "/issues/" + "x" * 2000,
        "issues/weekly",
    ],
)
async def test_nobody_is_led_out_of_the_studio(team: Team, outside: str) -> None:
    assert inside(outside) == "/"
    client = await team.browser()
    assert (await sign_in(client, "花子", next=outside)).headers["location"] == "/"
    assert (await client.get("/sign-in", params={"next": outside})).headers["location"] == "/"


@pytest.mark.parametrize(
    "page", ["/", "/calendar", f"{WEEK}?dark=1", "/designs/weekly/shared/a.html", "/look/weekly", "/stress/weekly"]
)
def test_pages_of_the_studio_are_led_to(page: str) -> None:
    assert inside(page) == page


async def test_the_page_speaks_both_languages_and_keeps_where_one_goes(team: Team) -> None:
    client = await team.browser()
    answer = await client.get("/sign-in", params={"next": WEEK, "language": "ja"}, follow_redirects=True)
    assert tree(answer).cssselect("h1")[0].text == "スタジオにサインイン"
    assert hidden(answer)["next"] == WEEK


async def test_a_large_form_is_refused_before_anything_is_hashed(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signing, "fits", lambda *_: pytest.fail("nothing is hashed"))
    client = await team.browser()
    assert (await sign_in(client, "花子", "x" * 30_000)).status_code == 413
    more = {f"field{number}": "" for number in range(20)}
    assert (await sign_in(client, "花子", "x", **more)).status_code == 400
