"""The calendar and an issue's page tell when it is made, until when people may look, and when it leaves."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from tests.projects import replace_in
from tests.studio.acting import WEEK, Shown, act, look

pytestmark = pytest.mark.anyio
NEXT = WEEK.replace("W04", "W05")


def reviewed(project: Path, review: str) -> None:
    file = project / "config/newsletters/weekly.toml"
    replace_in(file, 'schedule = "mon 08:00"', 'schedule = "mon 08:00"\ncut_off = "fri 18:00"\nbuild = "sat 09:00"')
    replace_in(file, 'review = "none"', f'review = "{review}"')


def waits(shown: Shown) -> str:
    return " ".join(each.text_content() for each in shown.tree.cssselect("#waits"))


async def row(client: httpx.AsyncClient, name: str) -> tuple[list[str | None], str]:
    """Return the moments of an issue in the calendar, and all that is said of it."""
    (found,) = (await look(client, "/calendar")).tree.cssselect(f'tr[data-issue="{name}"]')
    return [each.get("datetime") for each in found.cssselect("time")], " ".join(found.text_content().split())


async def test_a_window_is_told_from_the_build_until_it_leaves(client: httpx.AsyncClient, project: Path) -> None:
    reviewed(project, "window")
    times, said = await row(client, "weekly/2026-W05")
    assert times == ["2026-01-23T18:00:00+09:00", "2026-01-24T09:00:00+09:00", "2026-01-26T08:00:00+09:00"]
    assert "until Mon, 26 Jan 2026, 08:00" in said
    assert "then it leaves by itself, unless it is held" in said
    assert "once" not in said


async def test_an_issue_says_that_it_leaves_by_itself_and_once_held_no_more(
    client: httpx.AsyncClient, project: Path
) -> None:
    reviewed(project, "window")
    shown = await act(client, await look(client, NEXT), "build")
    assert "It leaves by itself on Mon, 26 Jan 2026, 08:00, unless somebody holds it." in waits(shown)
    approved = await act(client, shown, "approve")
    assert "It is approved, and leaves on Mon, 26 Jan 2026, 08:00." in waits(approved)
    held = await act(client, approved, "hold")
    assert waits(held) == ""
    _, said = await row(client, "weekly/2026-W05")
    assert "leaves by itself" not in said


async def test_an_issue_that_was_made_late_says_when_people_have_had_their_time(
    client: httpx.AsyncClient, project: Path
) -> None:
    reviewed(project, "window")
    shown = await act(client, await look(client), "build")
    assert "It leaves by itself on Mon, 19 Jan 2026, 10:" in waits(shown)


async def test_an_issue_that_needs_an_approval_says_that_it_waits(client: httpx.AsyncClient, project: Path) -> None:
    reviewed(project, "required")
    shown = await act(client, await look(client, NEXT), "build")
    assert "It waits for an approval and does not leave without one." in waits(shown)
    _, said = await row(client, "weekly/2026-W05")
    assert "or as soon as it is approved" in said
