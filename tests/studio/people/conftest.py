"""The team of every test here."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import datetime
from pathlib import Path

import pytest

from tests.studio.people.team import Team, give_users


@pytest.fixture
async def team(project: Path, now: datetime) -> AsyncIterator[Team]:
    give_users(project)
    async with AsyncExitStack() as stack:
        yield Team.of(project, now, stack)
