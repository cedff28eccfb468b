"""Which posts were seen, in which role an issue brought them, which days it is about, and what people said."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from digest.store.instant import Instant

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "post_seen",
        sa.Column("newsletter", sa.String(length=100), nullable=False),
        sa.Column("post_id", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("published_at", Instant(), nullable=False),
        sa.Column("first_seen_at", Instant(), nullable=False),
        sa.Column("history", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["newsletter"], ["newsletter.slug"], name=op.f("fk_post_seen_newsletter")),
        sa.PrimaryKeyConstraint("newsletter", "post_id", name=op.f("pk_post_seen")),
    )
    op.create_table(
        "override",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("newsletter", sa.String(length=100), nullable=False),
        sa.Column("period", sa.String(length=40), nullable=False),
        sa.Column("post_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("who", sa.String(length=200), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("undone_at", Instant(), nullable=True),
        sa.Column("undone_by", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["newsletter"], ["newsletter.slug"], name=op.f("fk_override_newsletter")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_override")),
    )
    op.create_index("ix_override_newsletter_period", "override", ["newsletter", "period"], unique=False)
    op.add_column("issue", sa.Column("window_start", Instant(), nullable=True))
    op.add_column("issue", sa.Column("window_end", Instant(), nullable=True))
    # Until now, only picks were covered.
    op.add_column("covered_post", sa.Column("role", sa.String(length=10), nullable=False, server_default="pick"))
