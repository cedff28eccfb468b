"""Somebody saves a file in a project that is a git repository, looks at the commit and takes it back."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.projects import make_project
from tests.studio.browsing import Watched, follow
from tests.studio.test_git_history import git

pytestmark = pytest.mark.browser


@pytest.fixture
def project(tmp_path: Path) -> Path:
    project = make_project(tmp_path)
    git(project, "init", "--quiet", "--initial-branch=main")
    git(project, "add", ".")
    git(project, "commit", "--quiet", "-m", "Begin")
    return project


def test_a_save_is_a_commit_that_can_be_looked_at_and_taken_back(page: Page, watched: Watched, project: Path) -> None:
    style = project / "templates/weekly/style.css"
    before = style.read_bytes()
    page.goto(page.url.split("/issues")[0].rstrip("/") + "/designs/weekly/style.css")
    text = page.get_by_label("Text of style.css")
    text.fill(text.input_value() + "/* neu */\n")
    page.get_by_label("Your name, for the history").fill("花子")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#recorded")).to_contain_text("It is in git", timeout=60_000)
    expect(page.locator("#recorded code")).to_have_text(git(project, "rev-parse", "--short=10", "main"))
    assert git(project, "show", "-s", "--format=%an") == "花子"
    newest = page.locator(".saves li").first
    expect(newest).to_contain_text("weekly/style.css: 1 line added")
    follow(newest.get_by_role("link", name="What changed"))
    expect(page.locator("#changed ins")).to_have_text("/* neu */")
    page.get_by_label("Your name, for the history").fill("太郎")
    page.locator(".saves li").first.get_by_role("button", name="Bring back").click()
    expect(page.locator(".saves li").first).to_contain_text("bring back what it said before", timeout=60_000)
    assert style.read_bytes() == before
    assert git(project, "show", "-s", "--format=%an") == "太郎"
    (project / ".git/index.lock").touch()
    text.fill(text.input_value() + "/* noch */\n")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#recorded")).to_contain_text("Another program is using the repository", timeout=60_000)
    assert watched.console == []
