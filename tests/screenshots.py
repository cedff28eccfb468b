"""Takes the pictures of the README anew, so that they stay true: `make screenshots`."""

from __future__ import annotations

import shutil
import tempfile
from datetime import datetime
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from digest import pipeline
from digest.app import Project
from digest.select import latest_slot
from tests.conftest import ROOT
from tests.projects import AS_OF, make_project
from tests.studio.starting import started

IMAGES = ROOT / "docs/images"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


def main() -> None:
    """Take every picture."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        project = make_project(Path(name) / "project")
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        _issue(browser, project, Path(name) / "mail.html")
        _studio(browser, project)
        browser.close()


def _issue(browser: Browser, root: Path, page_file: Path) -> None:
    now = datetime.fromisoformat(AS_OF)
    with Project(root) as project:
        press = project.press()
        issue, _ = pipeline.build(press, latest_slot(press.newsletter.schedule, now), now)
        frozen = press.store.issues.frozen(issue)
        assert frozen
    page_file.write_text(frozen.email.html, encoding="utf-8")
    page = browser.new_page(viewport={"width": 640, "height": 1000}, device_scale_factor=1.5)
    page.goto(page_file.as_uri())
    page.screenshot(path=IMAGES / "issue.png")


def _studio(browser: Browser, root: Path) -> None:
    with started(root) as studio:
        page = browser.new_page(viewport={"width": 1280, "height": 860})
        page.goto(studio.url)
        page.get_by_role("tab", name="Reasons").click()
        page.frame_locator("iframe").first.locator("h1, h2").first.wait_for()
        page.screenshot(path=IMAGES / "studio.png")


if __name__ == "__main__":
    main()
