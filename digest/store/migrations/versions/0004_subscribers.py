"""Readers whose list is kept in the store, and addresses that get nothing at all."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from digest.store.instant import Instant

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("reader", sa.Column("listed", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("reader", sa.Column("written", sa.String(length=320), nullable=False, server_default=sa.text("''")))
    op.add_column("reader", sa.Column("name", sa.Text(), nullable=False, server_default=sa.text("''")))
    op.add_column("reader", sa.Column("language", sa.String(length=35), nullable=False, server_default=sa.text("''")))
    op.add_column("reader", sa.Column("sections", sa.Text(), nullable=False, server_default=sa.text("''")))
    op.add_column("reader", sa.Column("created_at", Instant(), nullable=True))
    op.add_column("reader", sa.Column("confirmed_at", Instant(), nullable=True))
    op.add_column("reader", sa.Column("consent", sa.Text(), nullable=False, server_default=sa.text("''")))
    op.add_column(
        "reader", sa.Column("imported_in", sa.String(length=40), nullable=False, server_default=sa.text("''"))
    )
    op.create_index("ix_reader_newsletter_listed", "reader", ["newsletter", "listed"], unique=False)
    op.create_table(
        "suppression",
        sa.Column("address", sa.String(length=320), nullable=False),
        sa.Column("because", sa.String(length=40), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("who", sa.String(length=200), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("address", name=op.f("pk_suppression")),
    )
