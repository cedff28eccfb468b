"""That a request is under way is written on its batch alone: the readers' rows wait for its answer as `pending`."""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.execute("UPDATE recipient SET state = 'pending' WHERE state = 'sending'")
