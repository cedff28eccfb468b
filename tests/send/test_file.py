"""Mail as files: harmless names, whole files, honest answers when a disk says no."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.models import DeliveryState
from digest.send.providers import Verdict
from digest.send.providers.file import Provider, file_name
from tests.factories import make_recipient
from tests.servers.mailings import make_mailing
from tests.servers.peers import send_once


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


@pytest.mark.anyio
async def test_a_copy_lies_under_newsletter_period_and_address(tmp_path: Path) -> None:
    await send_once(Provider(tmp_path), make_mailing(1))
    await send_once(Provider(tmp_path), make_mailing(1, proof=True))
    found = [path.relative_to(tmp_path).as_posix() for path in files(tmp_path)]
    assert found == ["weekly/2026-W04/proofs/reader1@example.com.eml", "weekly/2026-W04/reader1@example.com.eml"]


@given(st.text(max_size=400))
def test_no_address_leaves_the_folder_or_is_too_long_for_it(address: str) -> None:
    name = file_name(address)
    assert Path(name).name == name
    assert name.isascii()
    assert "\\" not in name
    assert not name.startswith(".")
    assert len(name) < 200


@given(st.lists(st.text("aA.~@_%é/", max_size=6), unique=True, max_size=20))
def test_no_two_addresses_share_a_file_even_where_case_does_not_count(addresses: list[str]) -> None:
    assert len({file_name(address).casefold() for address in addresses}) == len(addresses)


def test_nobody_can_choose_an_address_that_is_another_readers_file() -> None:
    name = file_name("a b@example.com")
    assert file_name(name.removesuffix(".eml")) != name


@pytest.mark.parametrize("issue", ["../../etc/passwd", "weekly/..", "/weekly", "weekly\\..\\..", "", "weekly/\x00"])
@pytest.mark.anyio
async def test_no_issue_name_leaves_the_outbox(issue: str, tmp_path: Path) -> None:
    outbox = tmp_path / "deep" / "outbox"
    await send_once(Provider(outbox), make_mailing(1, issue=issue))
    (written,) = files(tmp_path)
    assert written.resolve().is_relative_to(outbox.resolve())


@pytest.mark.anyio
async def test_a_full_disk_leaves_no_half_file_and_the_rest_pending(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced = os.fsync
    calls = 0

    def full_at_the_second_reader(handle: int) -> None:
        nonlocal calls
        calls += 1
        if calls == 3:  # each reader's file and then its folder are synced
            raise OSError(errno.ENOSPC, "No space left on device")
        synced(handle)

    monkeypatch.setattr(os, "fsync", full_at_the_second_reader)
    answer = await send_once(Provider(tmp_path), make_mailing(3))
    assert answer.verdict is Verdict.ANSWERED
    assert [delivery.state for delivery in answer.deliveries] == [
        DeliveryState.ACCEPTED,
        DeliveryState.PENDING,
        DeliveryState.PENDING,
    ]
    assert "No space left" in answer.detail
    assert [path.name for path in files(tmp_path)] == ["reader1@example.com.eml"]


@pytest.mark.anyio
async def test_an_outbox_that_is_a_file_is_a_problem_and_refused(tmp_path: Path) -> None:
    (tmp_path / "outbox").write_text("not a folder")
    provider = Provider(tmp_path / "outbox")
    (problem,) = provider.problems()
    assert "must be a folder" in problem
    answer = await send_once(provider, make_mailing(2))
    assert (answer.verdict, answer.deliveries) == (Verdict.REFUSED, ())


@pytest.mark.anyio
async def test_files_are_for_their_owner_only_because_tokens_stand_in_them(tmp_path: Path) -> None:
    await send_once(Provider(tmp_path), make_mailing(recipients=(make_recipient(1),)))
    (written,) = files(tmp_path)
    assert written.stat().st_mode & 0o077 == 0
