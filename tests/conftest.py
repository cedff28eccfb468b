"""What every test can count on: loopback only, no configuration from the machine, and honest skips."""

from __future__ import annotations

import os
import shutil
import socket
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"

# A busy machine is no failure; and where nobody looks for new examples, the same ones are tried each time.
settings.register_profile(
    "digest",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=bool(os.environ.get("CI")),
)
settings.load_profile("digest")

_REQUIRED = {name.strip() for name in os.environ.get("DIGEST_REQUIRE", "").split(",") if name.strip()}


def skip_or_fail(what: str, reason: str) -> None:
    """Skip by name and reason; where `DIGEST_REQUIRE` names it, a skip is a failure."""
    if what in _REQUIRED:
        pytest.fail(f"DIGEST_REQUIRE asks for {what}, but {reason}")
    pytest.skip(f"{what}: {reason}")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Count nothing while a browser is at work: what it meets runs in other processes, and counting slows its tests."""
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker("no_cover")


@pytest.fixture
def now() -> datetime:
    """The Monday on which the example issue is due, an hour later."""
    return datetime(2026, 1, 19, 9, 0, tzinfo=ZoneInfo("Asia/Tokyo"))


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees a key, proxy or project of the machine that it runs on."""
    for name in list(os.environ):
        if name.startswith(("DIGEST_", "SENDGRID_", "SMTP_")) and name not in {
            "DIGEST_REQUIRE",
            "DIGEST_RECORD_GOLDEN",
        }:
            monkeypatch.delenv(name)
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def _loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection to anywhere but this machine is a bug, in the code or in the test."""
    connect, connect_ex = socket.socket.connect, socket.socket.connect_ex

    def checked(address: Any) -> Any:
        host = address[0] if isinstance(address, tuple) else None
        if host is not None and host not in {"127.0.0.1", "::1", "localhost"}:
            raise AssertionError(f"a test tried to reach {host}")
        return address

    monkeypatch.setattr(socket.socket, "connect", lambda self, address: connect(self, checked(address)))
    monkeypatch.setattr(socket.socket, "connect_ex", lambda self, address: connect_ex(self, checked(address)))


@pytest.fixture
def shared_blog() -> Path:
    """Two real posts with the settings of their blog."""
    folder = SHARED / "blog"
    if not folder.is_dir():
        skip_or_fail("shared", "the two real posts are not on this machine")
    return folder


@pytest.fixture(scope="session")
def chromium() -> str:
    """The system's Chromium."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not found:
        skip_or_fail("browser", "no Chromium is installed")
    assert found is not None
    return found


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
