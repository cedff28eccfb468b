"""The tables: what happened, and nothing that can be computed again.

This is what the newest migration leads to; `tests/store/test_migrations.py` compares the two. A released migration
is never edited: a change here comes with a new file in `migrations/versions/` and a new `HEAD`.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

from digest.store.instant import Instant

HEAD = "0008"
"""The schema that this code reads and writes."""


metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)

# One row: which ledger this is. A file beside the project names the same one, so that a lost ledger is noticed.
ledger = Table("ledger", metadata, Column("id", String(40), primary_key=True))

newsletter = Table(
    "newsletter",
    metadata,
    Column("slug", String(100), primary_key=True),
    # The scheduler never catches up on slots from before it knew the newsletter.
    Column("first_seen_at", Instant, nullable=False),
)

issue = Table(
    "issue",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("newsletter", String(100), ForeignKey("newsletter.slug"), nullable=False),
    Column("period", String(40), nullable=False),
    Column("number", Integer, nullable=False, default=0),
    Column("due_at", Instant, nullable=False),
    # Which days it is about; NULL for issues from before this was written down.
    Column("window_start", Instant),
    Column("window_end", Instant),
    Column("state", String(20), nullable=False),
    Column("subject", Text, nullable=False, default=""),
    Column("fingerprint", String(64), nullable=False, default=""),
    Column("reason", Text, nullable=False, default=""),
    Column("approved_by", String(200), nullable=False, default=""),
    Column("updated_at", Instant, nullable=False),
    # The batches of this wave, and of those before it, may leave.
    Column("wave", Integer, nullable=False, server_default=text("0")),
    UniqueConstraint("newsletter", "period"),
)

# Every version of an issue that was ever stored; the bytes are never changed, so an approval can be proved.
content = Table(
    "content",
    metadata,
    Column("issue_id", Integer, ForeignKey("issue.id"), primary_key=True),
    Column("fingerprint", String(64), primary_key=True),
    Column("email", Text, nullable=False),
    Column("selection", Text, nullable=False),
    Column("findings", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
)

# Which post went out in which issue: written in the transaction that starts the sending.
covered_post = Table(
    "covered_post",
    metadata,
    Column("newsletter", String(100), ForeignKey("newsletter.slug"), primary_key=True),
    Column("post_id", Text, primary_key=True),
    Column("issue_id", Integer, ForeignKey("issue.id"), nullable=False),
    # "pick", "more" (told by its title) or "also" (named below the pick that tells its story).
    Column("role", String(10), nullable=False, server_default="pick"),
)

# Every post that a source ever showed, so that what is late or did not fit is told apart from what is old.
post_seen = Table(
    "post_seen",
    metadata,
    Column("newsletter", String(100), ForeignKey("newsletter.slug"), primary_key=True),
    Column("post_id", Text, primary_key=True),
    Column("url", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("published_at", Instant, nullable=False),
    Column("first_seen_at", Instant, nullable=False),
    # It was there before the newsletter began: never offered.
    Column("history", Boolean, nullable=False),
)

# What people said about the posts of one issue, which may not be planned yet. Rows are undone, never deleted.
override = Table(
    "override",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("newsletter", String(100), ForeignKey("newsletter.slug"), nullable=False),
    Column("period", String(40), nullable=False),
    Column("post_id", Text, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("value", Text, nullable=False),
    Column("who", String(200), nullable=False),
    Column("at", Instant, nullable=False),
    Column("undone_at", Instant),
    Column("undone_by", String(200), nullable=False, default=""),
    Index("ix_override_newsletter_period", "newsletter", "period"),
)

event = Table(
    "event",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("issue_id", Integer, ForeignKey("issue.id"), nullable=False, index=True),
    Column("at", Instant, nullable=False),
    Column("who", String(200), nullable=False),
    Column("what", String(40), nullable=False),
    Column("detail", Text, nullable=False),
)

reader = Table(
    "reader",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("newsletter", String(100), ForeignKey("newsletter.slug"), nullable=False),
    Column("address", String(320), nullable=False),
    Column("token", String(64), nullable=False, unique=True),
    # Unsubscribed, bounced, complained or removed by hand: why this reader gets nothing any more.
    Column("suppressed_because", String(40), nullable=False, default=""),
    Column("suppressed_at", Instant),
    # What follows is known of readers whose list is kept here; `address` is the form that is compared.
    Column("listed", Boolean, nullable=False, server_default=false()),
    Column("written", String(320), nullable=False, server_default=text("''")),
    Column("name", Text, nullable=False, server_default=text("''")),
    Column("language", String(35), nullable=False, server_default=text("''")),
    # Keys of the sections that the reader wants, between blanks; empty for all.
    Column("sections", Text, nullable=False, server_default=text("''")),
    Column("created_at", Instant),
    # Without it the reader has not agreed yet, and gets nothing.
    Column("confirmed_at", Instant),
    # How and where the reader agreed, for the law.
    Column("consent", Text, nullable=False, server_default=text("''")),
    # Names the last import that had the reader.
    Column("imported_in", String(40), nullable=False, server_default=text("''")),
    UniqueConstraint("newsletter", "address"),
    Index("ix_reader_newsletter_listed", "newsletter", "listed"),
)

# Addresses that get nothing from any newsletter: bounced, complained, or kept out by hand.
suppression = Table(
    "suppression",
    metadata,
    Column("address", String(320), primary_key=True),
    Column("because", String(40), nullable=False),
    Column("detail", Text, nullable=False),
    Column("who", String(200), nullable=False),
    Column("at", Instant, nullable=False),
)

batch = Table(
    "batch",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("issue_id", Integer, ForeignKey("issue.id"), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("state", String(20), nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("owner", String(200), nullable=False, default=""),
    Column("lease_until", Instant),
    Column("not_before", Instant),
    # Which provider was asked, and whether it may have the batch: then a repeat must be the very same request.
    Column("provider", String(200), nullable=False, default=""),
    Column("may_be_sent", Boolean, nullable=False, default=False),
    Column("first_attempt_at", Instant),
    # How many readers the last request was for: with fewer it would not be the same again.
    Column("asked", Integer, nullable=False, server_default=text("0")),
    Column("wave", Integer, nullable=False, server_default=text("0")),
    # The draft at a provider that keeps the list: sent by this id, and so never twice.
    Column("draft_id", String(200), nullable=False, server_default=text("''")),
    UniqueConstraint("issue_id", "seq"),
    Index("ix_batch_issue_id_state", "issue_id", "state"),
)

recipient = Table(
    "recipient",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("issue_id", Integer, ForeignKey("issue.id"), nullable=False),
    Column("batch_id", Integer, ForeignKey("batch.id"), nullable=False, index=True),
    Column("reader_id", Integer, ForeignKey("reader.id"), nullable=False),
    Column("address", String(320), nullable=False),
    Column("name", Text, nullable=False),
    Column("state", String(20), nullable=False),
    Column("message_id", String(500), nullable=False, default=""),
    Column("error", Text, nullable=False, default=""),
    Column("updated_at", Instant, nullable=False),
    # What the provider told later, the first time of each. It never moves the state back.
    Column("delivered_at", Instant),
    Column("bounced_at", Instant),
    Column("complained_at", Instant),
    Column("opened_at", Instant),
    Column("clicked_at", Instant),
    UniqueConstraint("issue_id", "reader_id"),
    Index("ix_recipient_reader_id", "reader_id"),
)

# Append-only: no request leaves without a row here that was committed before it.
attempt = Table(
    "attempt",
    metadata,
    Column("batch_id", Integer, ForeignKey("batch.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("owner", String(200), nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("outcome", String(20), nullable=False, default=""),
    Column("http_status", Integer),
    Column("detail", Text, nullable=False, default=""),
    # How many readers the request was for.
    Column("asked", Integer, nullable=False, server_default=text("0")),
    Index("ix_attempt_started_at", "started_at"),
)

# What providers told later: each thing once, however often it is told.
provider_event = Table(
    "provider_event",
    metadata,
    Column("provider", String(40), primary_key=True),
    Column("event_id", String(200), primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("address", String(320), nullable=False),
    # NULL when it is about no issue that is known here.
    Column("issue_id", Integer, ForeignKey("issue.id")),
    Column("at", Instant, nullable=False),
    Column("told_at", Instant, nullable=False),
    Column("detail", Text, nullable=False),
    Index("ix_provider_event_issue_id", "issue_id"),
)

# What sources keep from one reading to the next. It can be deleted at any time: the next reading takes longer.
remembered = Table(
    "remembered",
    metadata,
    Column("source", String(200), primary_key=True),
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

# From which moment on a provider may be asked again, for whoever sends: how fast mail leaves is counted here.
pace = Table(
    "pace",
    metadata,
    Column("provider", String(200), primary_key=True),
    Column("free_at", Instant, nullable=False),
)

# Who is at work on any host, and was when: a scheduler or worker writes it whenever it looks around.
process = Table(
    "process",
    metadata,
    Column("name", String(200), primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("detail", Text, nullable=False, server_default=text("''")),
)

# Each time a backup became the store: what happened between its two moments is known to nobody here.
restoration = Table(
    "restoration",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("taken_at", Instant, nullable=False),
    Column("restored_at", Instant, nullable=False),
    Column("who", String(200), nullable=False),
)
