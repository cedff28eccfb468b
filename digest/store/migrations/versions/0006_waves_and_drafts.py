"""Waves of an issue, drafts at providers that keep the list, and how many readers a request was for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("issue", sa.Column("wave", sa.Integer(), nullable=False, server_default=sa.text("0")))
    op.add_column("batch", sa.Column("asked", sa.Integer(), nullable=False, server_default=sa.text("0")))
    op.add_column("batch", sa.Column("wave", sa.Integer(), nullable=False, server_default=sa.text("0")))
    op.add_column("batch", sa.Column("draft_id", sa.String(length=200), nullable=False, server_default=sa.text("''")))
    # Rewritten with every change of state, and read only where all readers of an issue are counted anyway.
    op.drop_index("ix_recipient_issue_id_state", "recipient")
