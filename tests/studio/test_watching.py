"""Whatever changes what is shown is announced; nobody waits for what has happened already."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import anyio
import pytest
from watchfiles import awatch

from digest import pipeline
from digest.app import Project
from digest.select import slot_of_period
from digest.studio import watching
from digest.studio.desk import Desk
from digest.studio.watching import News, watch
from tests.projects import replace_in

pytestmark = pytest.mark.anyio
PATIENCE = 20
"""Seconds; changes are seen at once, but a busy machine may be slow to start watching."""


@asynccontextmanager
async def watched(desk: Desk) -> AsyncIterator[News]:
    news = News()
    async with anyio.create_task_group() as tasks:
        await tasks.start(watch, desk, news, anyio.CapacityLimiter(1))
        yield news
        tasks.cancel_scope.cancel()


async def announced(news: News, change: Callable[[], object]) -> None:
    """Make a change, and wait until it is announced."""
    seen = news.version
    change()
    with anyio.fail_after(PATIENCE):
        await news.after(seen)


def append(file: Path) -> None:
    """Make the file longer, or make it."""
    with file.open("a", encoding="utf-8") as opened:
        opened.write("\n")


@pytest.mark.parametrize(
    "file",
    [
        "templates/weekly/style.css",
        "templates/_macros/masthead.html",
        "config/newsletters/weekly.toml",
        "config/copy/ja.toml",
        "config/digest.toml",
        "examples/blog/_posts/2026-01-18-1-naoshita-ato.md",
        "examples/blog/_posts/2026-01-18-9-new.md",
        "examples/blog/_config.yml",
    ],
)
async def test_a_change_of_any_of_these_is_announced(desk: Desk, project: Path, file: str) -> None:
    async with watched(desk) as news:
        await announced(news, lambda: append(project / file))


async def test_a_changed_template_is_shown(desk: Desk, project: Path) -> None:
    before = desk.view().draft
    file = project / "templates/weekly/email.html"
    async with watched(desk) as news:
        await announced(news, lambda: replace_in(file, "{{ masthead() }}", "{{ masthead() }}<!-- new -->"))
        assert desk.view().draft != before


async def test_a_folder_that_is_replaced_is_watched_again(desk: Desk, project: Path) -> None:
    templates, kept = project / "templates", project / "kept"
    async with watched(desk) as news:
        shutil.copytree(templates, kept)
        with anyio.fail_after(PATIENCE):
            shutil.rmtree(templates)
            while desk.view().trouble is None:
                await news.after(news.version)
            kept.rename(templates)
            while desk.view().trouble is not None:
                await news.after(news.version)
        await announced(news, (templates / "weekly/style.css").touch)


async def test_where_the_system_grants_no_more_watches_files_are_polled(
    desk: Desk, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def greedy(*paths: Path, **options: Any) -> Any:
        if not options["force_polling"]:
            raise OSError("OS file watch limit reached")
        return awatch(*paths, **options)

    monkeypatch.setattr(watching, "awatch", greedy)
    async with watched(desk) as news:
        await announced(news, lambda: append(project / "templates/weekly/style.css"))
        await announced(news, lambda: append(project / "templates/weekly/style.css"))


async def test_a_decision_made_in_the_terminal_is_announced(desk: Desk, project: Path, now: datetime) -> None:
    async with watched(desk) as news:
        with Project(project) as opened:
            press = opened.press("weekly")
            slot = slot_of_period(press.newsletter.schedule, "2026-W04")
            await announced(news, lambda: pipeline.build(press, slot, now))


async def test_news_wake_everyone_who_waits_and_nobody_twice() -> None:
    news, woken = News(), []

    async def wait(name: str) -> None:
        await news.after(1)
        woken.append(name)

    with anyio.fail_after(PATIENCE):
        async with anyio.create_task_group() as tasks:
            for name in ("a", "b", "c"):
                tasks.start_soon(wait, name)
            await anyio.wait_all_tasks_blocked()
            assert woken == []
            news.announce()
    assert sorted(woken) == ["a", "b", "c"]


async def test_the_end_lets_everyone_go() -> None:
    news = News()
    news.end()
    with anyio.fail_after(PATIENCE):
        await news.after(news.version)
    assert news.over
