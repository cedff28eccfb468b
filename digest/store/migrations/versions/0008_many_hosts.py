"""What several hosts tell each other: how fast mail may leave, who is at work, and that a backup was restored."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from digest.store.instant import Instant

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.add_column("attempt", sa.Column("asked", sa.Integer, nullable=False, server_default=sa.text("0")))
    op.create_index("ix_attempt_started_at", "attempt", ["started_at"], unique=False)
    # Until now only the last request of a batch had a number; what counts against the day's limit is of that kind.
    op.execute("UPDATE attempt SET asked = (SELECT batch.asked FROM batch WHERE batch.id = attempt.batch_id)")
    op.create_table(
        "pace",
        sa.Column("provider", sa.String(200), primary_key=True),
        sa.Column("free_at", Instant, nullable=False),
    )
    op.create_table(
        "process",
        sa.Column("name", sa.String(200), primary_key=True),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("started_at", Instant, nullable=False),
        sa.Column("seen_at", Instant, nullable=False),
        sa.Column("detail", sa.Text, nullable=False, server_default=sa.text("''")),
    )
    op.create_table(
        "restoration",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("taken_at", Instant, nullable=False),
        sa.Column("restored_at", Instant, nullable=False),
        sa.Column("who", sa.String(200), nullable=False),
    )
