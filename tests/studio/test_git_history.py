"""In a project that is a git repository the history on the page is git's, and each save is a commit."""

from __future__ import annotations

import subprocess
from pathlib import Path

import httpx
import pytest
from lxml import html as lxml_html

from tests.projects import make_project
from tests.studio.conftest import HOST
from tests.studio.test_designs import opened, outcome, said, send
from tests.studio.test_look import form_of

pytestmark = pytest.mark.anyio
STYLE = "/designs/weekly/style.css"
LOOK = "/look/weekly"
OURS = {"origin": f"http://{HOST}"}
HOSTILE = "<img src=x onerror=alert(1)>"


def git(project: Path, *arguments: str) -> str:
    command = ["git", "-c", "user.name=開発 太郎", "-c", "user.email=taro@example.jp", *arguments]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    project = make_project(tmp_path)
    git(project, "init", "--quiet", "--initial-branch=main")
    git(project, "add", ".")
    git(project, "commit", "--quiet", "-m", HOSTILE)
    return project


def rows(answer: httpx.Response) -> list[str]:
    tree = lxml_html.document_fromstring(answer.text)
    return [" ".join(each.text_content().split()) for each in tree.cssselect(".saves li")]


def bringing_back(answer: httpx.Response) -> dict[str, str]:
    """Return what the newest change's button would send."""
    tree = lxml_html.document_fromstring(answer.text)
    hidden = {each.get("name"): each.get("value") for each in tree.get_element_by_id("bring-back").cssselect("input")}
    button = tree.cssselect(".saves button")[0]
    return {**hidden, button.get("name"): button.get("value")}


async def test_a_save_is_a_commit_and_a_row_of_the_page(client: httpx.AsyncClient, project: Path) -> None:
    before = (project / "templates/weekly/style.css").read_bytes()
    form = await opened(client, STYLE)
    answer = await send(client, STYLE, form, text=form["text"] + "/* neu */\n", who="花子")
    assert outcome(answer) == "saved", said(answer)
    commit = git(project, "rev-parse", "HEAD")
    assert f"It is in git, as a commit of this file alone: {commit[:10]}" in said(answer)
    assert git(project, "show", "-s", "--format=%an|%s") == "花子|weekly/style.css: 1 line added"
    assert git(project, "status", "--porcelain", "--untracked-files=no") == ""
    newest, first = rows(answer)
    assert "by 花子" in newest
    assert "weekly/style.css: 1 line added" in newest
    assert "Bring back" in newest
    assert HOSTILE in first
    assert "Bring back" not in first
    assert "<img src=x" not in answer.text
    changed = await client.get(STYLE, params={"before": commit})
    assert "Added: /* neu */" in " ".join(
        lxml_html.document_fromstring(changed.text).get_element_by_id("changed").text_content().split()
    )
    back = await client.post(STYLE, data={**bringing_back(changed), "who": "太郎"}, headers=OURS)
    assert outcome(back) == "saved"
    assert (project / "templates/weekly/style.css").read_bytes() == before
    assert git(project, "show", "-s", "--format=%an") == "太郎"
    assert "bring back what it said before" in rows(back)[0]
    assert not list((project / "var/studio/history/weekly/style.css").glob("*"))


async def test_the_form_of_a_newsletter_says_which_values_changed(client: httpx.AsyncClient, project: Path) -> None:
    form = form_of(await client.get(LOOK))
    answer = await client.post(
        LOOK, data={**form, "design.accent": "#0b5cad", "who": "花子", "step": "save"}, headers=OURS
    )
    assert outcome(answer) == "saved", said(answer)
    assert git(project, "show", "-s", "--format=%an|%B") == (
        "花子|newsletters/weekly.toml: change design.accent\n\ndesign.accent: (none) -> #0b5cad"
    )
    assert "newsletters/weekly.toml: change design.accent" in rows(answer)[0]


@pytest.mark.parametrize(("language", "words"), [("en", "Saved, but not in git."), ("ja", "Git には記録していません")])
async def test_a_save_that_git_does_not_take_is_told_in_words(
    client: httpx.AsyncClient, project: Path, language: str, words: str
) -> None:
    (project / ".git/index.lock").touch()
    await client.get("/", params={"language": language})
    form = await opened(client, STYLE)
    answer = await send(client, STYLE, form, text=form["text"] + "/* neu */\n", who="花子")
    assert outcome(answer) == "saved"
    assert words in said(answer)
    assert (project / "templates/weekly/style.css").read_text(encoding="utf-8").endswith("/* neu */\n")
    assert len(list((project / "var/studio/history/weekly/style.css").glob("*花子.txt"))) == 1
    assert len(rows(answer)) == 2


@pytest.mark.parametrize("name", ["HEAD", "HEAD~0", "--help", "../../etc/passwd"])
async def test_only_a_change_of_the_list_can_be_named(client: httpx.AsyncClient, name: str) -> None:
    assert (await client.get(STYLE, params={"before": name})).status_code == 404
    form = await opened(client, STYLE)
    answer = await send(client, STYLE, form, step="bring-back", former=name)
    assert answer.status_code == 404


async def test_the_first_commit_cannot_be_taken_back(client: httpx.AsyncClient, project: Path) -> None:
    form = await opened(client, STYLE)
    first = git(project, "rev-parse", "HEAD")
    assert (await send(client, STYLE, form, step="bring-back", former=first)).status_code == 404
