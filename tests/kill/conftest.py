"""The kill test runs on both databases, as the tests of the store do."""

from __future__ import annotations

from tests.store.conftest import postgres_server, store_url

__all__ = ["postgres_server", "store_url"]
