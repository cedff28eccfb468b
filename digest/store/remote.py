"""How soon a connection to PostgreSQL on another host notices that nobody is there any more, on both of its ends."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

PATIENCE: Mapping[str, int] = {
    "connect_timeout": 10,  # seconds
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,  # milliseconds
}
"""libpq's parameters (https://www.postgresql.org/docs/current/libpq-connect.html): by default a quarter of an hour or
more goes by, in which a sender could write nothing down. What the store's url says wins."""

# And the server: what a host that is gone has locked must not keep the others waiting.
_SESSION = "SET idle_in_transaction_session_timeout = '60s'"


def prepare(connection: Any, _record: Any) -> None:
    """Set up a new connection of the driver's."""
    connection.execute(_SESSION)
    connection.commit()
