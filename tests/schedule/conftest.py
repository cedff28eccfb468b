"""Workers need PostgreSQL: the server of the store's tests."""

from __future__ import annotations

import uuid

import psycopg
import pytest

from tests.store.conftest import postgres_server

__all__ = ["postgres_server"]


@pytest.fixture
def database(postgres_server: str) -> str:
    """An empty database of the test's own."""
    name = f"d{uuid.uuid4().hex}"
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return postgres_server.replace("/postgres?", f"/{name}?")
