"""The other ends of the line, for every kind that keeps the list."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from digest.send import providers
from digest.send.opening import kinds
from tests.servers.list_peer import ListPeer
from tests.servers.list_peers import LIST_PEERS

KINDS = [kind for kind in kinds() if pkgutil.resolve_name(f"{providers.__name__}.{kind}:Provider").keeps_list]


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    if found not in LIST_PEERS:
        pytest.fail(f"the provider {found} has no peer in tests/servers/list_peers.py")
    return found


@pytest.fixture
def peer(kind: str, tmp_path: Path) -> Iterator[ListPeer]:
    with LIST_PEERS[kind](tmp_path) as made:
        yield made
