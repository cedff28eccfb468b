"""What providers tell later about the mail they took."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from digest.store.instant import Instant

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    for name in ("delivered_at", "bounced_at", "complained_at", "opened_at", "clicked_at"):
        op.add_column("recipient", sa.Column(name, Instant(), nullable=True))
    op.create_index("ix_recipient_reader_id", "recipient", ["reader_id"], unique=False)
    op.create_table(
        "provider_event",
        sa.Column("provider", sa.String(length=40), nullable=False),
        sa.Column("event_id", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("address", sa.String(length=320), nullable=False),
        sa.Column("issue_id", sa.Integer(), nullable=True),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("told_at", Instant(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["issue_id"], ["issue.id"], name=op.f("fk_provider_event_issue_id")),
        sa.PrimaryKeyConstraint("provider", "event_id", name=op.f("pk_provider_event")),
    )
    op.create_index("ix_provider_event_issue_id", "provider_event", ["issue_id"], unique=False)
