"""A person freezes, approves, holds and skips on the page: what was done is said, and what cannot be done is, too."""

from __future__ import annotations

import httpx
import pytest

from tests.studio.acting import OURS, WEEK, act, look

pytestmark = pytest.mark.anyio


async def test_a_draft_is_frozen_approved_and_held(client: httpx.AsyncClient) -> None:
    shown = await act(client, await look(client), "build")
    assert "The draft is frozen as no. 1" in shown.notice
    assert shown.state == "frozen"
    shown = await act(client, shown, "approve", who="Kay 花子")
    assert "Kay 花子 approved this very version" in shown.notice
    assert shown.state == "approved"
    shown = await act(client, shown, "hold")
    assert shown.state == "held"


async def test_a_name_is_remembered(client: httpx.AsyncClient) -> None:
    shown = await act(client, await look(client), "build", who="花子")
    shown = await act(client, shown, "approve")
    assert "花子 approved" in shown.notice


async def test_only_the_version_that_was_looked_at_can_be_approved(client: httpx.AsyncClient) -> None:
    shown = await act(client, await look(client), "build")
    shown = await act(client, shown, "approve", fingerprint="0" * 64)
    assert "changed since you looked at it" in shown.notice
    assert shown.state == "frozen"


async def test_a_coming_issue_is_skipped(client: httpx.AsyncClient) -> None:
    shown = await look(client, "/issues/weekly/2026-W06")
    shown = await act(client, shown, "skip", reason="holidays")
    assert shown.state == "skipped"
    assert "holidays" in shown.answer.text


async def test_looking_at_an_answer_again_does_nothing_again(client: httpx.AsyncClient) -> None:
    shown = await act(client, await look(client), "build")
    again = await client.get(str(shown.answer.url))
    assert again.status_code == 200
    assert "no. 1" in again.text


@pytest.mark.parametrize(
    ("changes", "headers", "status"),
    [
        ({"form_token": "guessed"}, OURS, 403),
        ({"step": "send-to-everybody"}, OURS, 400),
        ({}, {"origin": "https://evil.example"}, 403),
        ({}, {}, 403),
    ],
)
async def test_what_is_no_form_of_ours_is_refused(
    client: httpx.AsyncClient, changes: dict[str, str], headers: dict[str, str], status: int
) -> None:
    fields = (await look(client)).form("build")
    answer = await client.post(WEEK, data={**fields, **changes}, headers=headers)
    assert answer.status_code == status
    assert (await look(client)).state != "frozen"


async def test_a_week_that_there_is_not_is_missing(client: httpx.AsyncClient) -> None:
    fields = (await look(client)).form("build")
    assert (await client.post("/issues/weekly/2026-W99", data=fields, headers=OURS)).status_code == 404
    assert (await client.post("/issues/daily/2026-W04", data=fields, headers=OURS)).status_code == 404
