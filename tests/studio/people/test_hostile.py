"""What somebody tries who means harm: from another site, with another's session, with paths, sizes and markup."""

from __future__ import annotations

import ast
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import httpx
import pytest

from digest.app import Project
from digest.models import READER_TOKEN
from digest.studio.people.passwords import FILE
from digest.studio.people.rights import NEEDED
from tests.conftest import ROOT
from tests.projects import replace_in
from tests.studio.people.team import (
    ADDRESS,
    HOST,
    OURS,
    PASSWORDS,
    SESSION,
    WEEK,
    Team,
    form_token,
    hidden,
    kept,
    sign_in,
    tree,
)
from tests.studio.people.test_rights import filled_in, steps_of

pytestmark = pytest.mark.anyio
POSTED = [path for (method, path) in NEEDED if method == "POST"]
SHOWN = [path for (method, path) in NEEDED if method == "GET" and path != "/events"]


def raw(path: str) -> httpx.URL:
    return httpx.URL(ADDRESS).copy_with(raw_path=path.encode())


# ---------------------------------------------------------------- DNS rebinding


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1:8025", "localhost", f"{HOST}:8025", f"{HOST}.", f"x.{HOST}", f"{HOST}@evil", ""]
)
async def test_no_address_is_answered_under_another_name(team: Team, host: str) -> None:
    client = await team.signed_in("花子")
    cookie = f"{SESSION}={client.cookies[SESSION]}"
    for path in [*SHOWN, "/events", "/nowhere"]:
        answer = await client.get(filled_in(path), headers={"host": host, "cookie": cookie, "x-forwarded-host": HOST})
        assert answer.status_code == 421, path
        assert "ことのは" not in answer.text


# ---------------------------------------------------------------- other sites


@pytest.mark.parametrize(
    "origin", ["https://evil.example", f"http://{HOST}", f"https://{HOST}:8443", f"https://x.{HOST}", "null", None]
)
@pytest.mark.parametrize("path", POSTED)
async def test_no_form_comes_from_elsewhere(team: Team, path: str, origin: str | None) -> None:
    client = await team.signed_in("花子")
    need = NEEDED["POST", path]
    step = next(iter(steps_of(need)))
    data = {"form_token": await form_token(client), "step": step}
    answer = await client.post(filled_in(path), data=data, headers={"origin": origin} if origin else {})
    assert answer.status_code == 403


@pytest.mark.parametrize("path", [path for path in POSTED if path != "/sign-in"])
async def test_no_form_is_heeded_without_the_token_of_its_very_session(team: Team, path: str) -> None:
    client, other = await team.signed_in("花子"), await team.signed_in("花子")
    need = NEEDED["POST", path]
    for token in ("", "wrong", await form_token(other), (await form_token(client))[:-1], "キー"):
        for step in steps_of(need):
            data = {"form_token": token, "step": step, "began": "{}"}
            answer = await client.post(filled_in(path), data=data, headers=OURS)
            assert answer.status_code == 403, (step, token)
            assert tree(answer).cssselect("h1")[0].text == "This form is not taken"


@pytest.mark.parametrize("path", [*SHOWN, "/events"])
@pytest.mark.parametrize(
    "headers",
    [{"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"}],
)
async def test_no_other_site_reads(team: Team, path: str, headers: dict[str, str]) -> None:
    client = await team.signed_in("花子")
    assert (await client.get(filled_in(path), headers=headers)).status_code == 403


async def test_every_page_forbids_scripts_of_others_and_frames(team: Team) -> None:
    client = await team.signed_in("花子")
    for path in ["/sign-in", *SHOWN]:
        policy = (await client.get(filled_in(path))).headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; script-src 'self';"), path
        assert "frame-ancestors 'none'" in policy
        assert "form-action 'self'" in policy
        assert "unsafe-eval" not in policy


# ---------------------------------------------------------------- paths


OUTSIDE = [
    "../../config/digest.toml",
    "..%2f..%2fconfig%2fdigest.toml",
    "%2e%2e/%2e%2e/config/digest.toml",
    "..%5c..%5cconfig%5cdigest.toml",
    "%2fetc%2fpasswd",
    "/etc/passwd",
    "....//....//config/digest.toml",
    "style.css%00.html",
    "..%252f..%252fconfig%252fdigest.toml",
    "../../var/studio/passwords",
    "..%2f..%2fvar%2fstudio%2fpasswords",
]


@pytest.mark.parametrize("outside", OUTSIDE)
@pytest.mark.parametrize(
    "below", ["/designs/weekly/", "/designs/weekly/shared/", "/designs/", "/look/", "/issues/", "/history/", "/static/"]
)
async def test_no_path_leads_out_of_templates_and_config(team: Team, below: str, outside: str) -> None:
    client = await team.signed_in("花子")
    token = await form_token(client)
    answer = await client.get(raw(below + outside))
    assert answer.status_code in {400, 404, 405}
    fields = {"form_token": token, "step": "save", "text": "mine", "fingerprint": "", "began": "{}"}
    sent = await client.post(raw(below + outside), data=fields, headers=OURS)
    assert sent.status_code in {400, 403, 404, 405}
    for each in (answer, sent):
        assert "$argon2" not in each.text
        assert "[provider]" not in each.text
        assert "root:x:" not in each.text


@pytest.mark.parametrize("former", ["../../../../config/digest.toml", "../../passwords", "/etc/passwd", "..", ""])
@pytest.mark.parametrize("page", ["/designs/weekly/style.css", "/look/weekly"])
async def test_no_former_text_is_one_from_elsewhere(team: Team, page: str, former: str) -> None:
    client = await team.signed_in("花子")
    fields = {"form_token": await form_token(client), "step": "bring-back", "former": former, "fingerprint": "x"}
    assert (await client.post(page, data=fields, headers=OURS)).status_code == 404
    assert (await client.get(page, params={"before": former or "x"})).status_code == 404


async def test_a_link_out_of_the_templates_is_no_file_of_a_design(team: Team) -> None:
    (team.project / "templates/weekly/stolen.css").symlink_to(team.project / FILE)
    client = await team.signed_in("花子")
    answer = await client.get("/designs/weekly/stolen.css")
    assert "$argon2" not in answer.text


# ---------------------------------------------------------------- sizes


@pytest.mark.parametrize("path", POSTED)
async def test_what_is_too_large_is_refused_before_it_is_all_read(team: Team, path: str) -> None:
    client = await team.signed_in("花子")
    token = await form_token(client)
    sent = 0

    async def endless() -> Iterator[bytes]:
        nonlocal sent
        yield f"form_token={token}&step=save&text=".encode()
        while sent < 50_000_000:
            sent += 100_000
            yield b"x" * 100_000

    headers = OURS | {"content-type": "application/x-www-form-urlencoded"}
    answer = await client.post(filled_in(path), content=endless(), headers=headers)
    assert answer.status_code == 413
    assert sent < 3_000_000


@pytest.mark.parametrize("path", POSTED)
@pytest.mark.parametrize("kind", ["application/json", "multipart/form-data; boundary=x", "text/plain", ""])
async def test_what_is_no_form_is_refused(team: Team, path: str, kind: str) -> None:
    client = await team.signed_in("花子")
    content = b'{"form_token": "x"}'
    answer = await client.post(filled_in(path), content=content, headers=OURS | {"content-type": kind})
    assert answer.status_code == 415


async def test_a_form_of_many_fields_is_refused(team: Team) -> None:
    client = await team.signed_in("花子")
    token = await form_token(client)
    data = {"form_token": token, "step": "build"} | {f"field{number}": "" for number in range(600)}
    for path in (WEEK, "/look/weekly", "/designs/weekly/style.css"):
        assert (await client.post(path, data=data, headers=OURS)).status_code == 400


# ---------------------------------------------------------------- markup


async def test_names_stay_text(team: Team) -> None:
    evil = '"><script>alert(1)</script>'
    PASSWORDS[evil] = PASSWORDS["花子"]
    file = team.project / "config/digest.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text + f"[[studio.users]]\nname = '{evil}'\nroles = ['edit', 'approve']\n", encoding="utf-8")
    with (team.project / FILE).open("a", encoding="utf-8") as opened:
        opened.write(f"{evil}:{kept(PASSWORDS[evil])}\n")
    client = await team.browser()
    shown = await sign_in(client, evil, "wrong")
    assert tree(shown).get_element_by_id("name").get("value") == evil
    client = await team.signed_in(evil)
    await client.post(WEEK, data={"form_token": await form_token(client), "step": "build"}, headers=OURS)
    fields = hidden(await client.get(WEEK), "#act-approve")
    page = await client.post(WEEK, data=fields, headers=OURS, follow_redirects=True)
    for each in (shown, page, await client.get("/calendar"), await client.get("/history/weekly/2026-W04")):
        assert "<script>alert" not in each.text
    assert tree(page).get_element_by_id("person").text == evil


async def test_a_hostile_title_and_template_stay_in_a_frame_without_scripts(team: Team) -> None:
    evil = "<script>parent.stolen = 1</script>"
    post = team.project / "examples/blog/_posts/2026-01-15-evil.md"
    title = f'"{evil}\\"><img src=x onerror=alert(1)>"'
    post.write_text(f"---\ntitle: {title}\ncategories: [news]\n---\nWords.\n", encoding="utf-8")
    file = team.project / "templates/weekly/issue.html"
    if not file.is_file():
        (file, *_) = sorted((team.project / "templates/weekly").glob("*.html"))
    file.write_text(file.read_text(encoding="utf-8") + evil, encoding="utf-8")
    client = await team.signed_in("花子")
    for path in (WEEK, "/look/weekly", "/designs/weekly/style.css"):
        answer = await client.get(path)
        outside = re.sub(r'srcdoc="[^"]*"', "", answer.text)
        assert "<script>parent" not in outside
        assert "<img src=x" not in outside
        frames = tree(answer).cssselect("iframe")
        assert frames
        for frame in frames:
            assert "allow-scripts" not in frame.get("sandbox")
            assert "default-src 'none'" in frame.get("srcdoc").split(evil)[0], "the policy comes before the mail"


# ---------------------------------------------------------------- secrets


async def test_no_page_shows_a_secret(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    canary = "canary-of-a-secret-0815"
    monkeypatch.setenv("SMTP_CANARY", canary)
    monkeypatch.setenv("DIGEST_REPORT_WEBHOOK", f"https://hooks.example.com/{canary}")
    file = team.project / "config/digest.toml"
    smtp = 'kind = "smtp"\nhost = "127.0.0.1"\nport = 9\nsecurity = "none"\nusername = "digest"\n'
    replace_in(file, 'kind = "file"          # one .eml a reader; no account needed\n', smtp)
    replace_in(file, 'outbox = "var/outbox"\n', 'password = "env:SMTP_CANARY"\ntimeout = 1\n')
    replace_in(file, "[render]\n", '[reports]\nwebhook = "env:DIGEST_REPORT_WEBHOOK"\n\n[render]\n')
    client = await team.signed_in("花子")
    token = await form_token(client)
    walked = [await client.post(WEEK, data={"form_token": token, "step": "build"}, headers=OURS, follow_redirects=True)]
    fields = hidden(walked[0], "#act-approve")
    proof = {"form_token": token, "step": "proof", "proof_to": "a@example.com"}
    walked += [await client.post(WEEK, data=data, headers=OURS, follow_redirects=True) for data in (fields, proof)]
    assert "That was not done" in walked[-1].text, "nobody listens there"
    walked += [await client.get(filled_in(path)) for path in SHOWN]
    walked += [await client.get(f"{WEEK}/send"), await client.get("/history/weekly/2026-W04")]
    secrets = [canary, "$argon2", client.cookies[SESSION], *PASSWORDS.values()]
    for answer in walked:
        for secret in secrets:
            assert secret not in answer.text, answer.url
            assert secret not in str(answer.headers.get("location", ""))


# ---------------------------------------------------------------- looking changes nothing


def dump(project: Path) -> list[str]:
    """Return all that the store holds, but for what was parsed of posts."""
    with sqlite3.connect(project / "var/digest.sqlite3") as database:
        lines = list(database.iterdump())
    database.close()
    return [line for line in lines if not re.match(r'INSERT INTO "?(?:memory|remembered|parsed)', line)]


async def test_looking_at_everything_changes_nothing_counts_nothing_and_unsubscribes_nobody(team: Team) -> None:
    client = await team.signed_in("花子")
    token = await form_token(client)
    shown = await client.post(WEEK, data={"form_token": token, "step": "build"}, headers=OURS, follow_redirects=True)
    before = dump(team.project)
    pages = [filled_in(path) for path in SHOWN]
    pages += [f"{WEEK}?shown=draft", "/issues/weekly/2026-W10", "/issues/weekly/2025-W50"]
    walked = [shown, *[await client.get(page) for page in pages]]
    assert dump(team.project) == before
    with Project(team.project) as project:
        public = project.operator.site.public_url
    links = {
        unquote(link)
        for answer in walked
        for frame in (tree(answer).cssselect("iframe") if answer.text.startswith("<!doctype") else [])
        for link in re.findall(rf'{re.escape(public)}[^"\s&]*', frame.get("srcdoc") or "")
    }
    personal = {link for link in links if re.search(r"/(?:u|p|unsubscribe|preferences)/", link)}
    assert personal, "there are links to leave in what is shown"
    assert all(READER_TOKEN in link for link in personal), "and they are nobody's"


# ---------------------------------------------------------------- comparisons


def test_secrets_are_compared_in_the_same_time_whatever_is_right_of_them() -> None:
    """No file that lets people in compares a secret as texts are compared."""
    secret = re.compile(r"token|secret|proof|kept|password|digest|cookie|nonce", re.IGNORECASE)
    files = [ROOT / "digest/studio" / name for name in ("forms.py", "guard.py")]
    found = []
    for file in [*files, *sorted((ROOT / "digest/studio/people").glob("*.py"))]:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Compare):
                sides = [node.left, *node.comparators]
                names = [ast.unparse(each) for each in sides if isinstance(each, ast.Name | ast.Attribute)]
                if isinstance(node.ops[0], ast.Eq | ast.NotEq) and any(secret.search(name) for name in names):
                    found.append(f"{file.name}: {ast.unparse(node)}")
    assert sorted(set(found)) == []
    text = "".join(file.read_text(encoding="utf-8") for file in [*files, *(ROOT / "digest/studio/people").glob("*.py")])
    assert text.count("compare_digest(") == 3, "form, start and browser; sessions are found by their digest"
