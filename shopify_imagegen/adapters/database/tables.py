"""Our tables. The migrations make them; a test holds the two together."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa


class Utc(sa.TypeDecorator[datetime]):
    """A moment with a time zone, in UTC on every database (SQLite keeps none by itself)."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone would be taken for local time")
        return value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


class Words(sa.TypeDecorator[str]):
    """Somebody else's words. No database keeps half of an emoji, and PostgreSQL no NUL."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: sa.Dialect) -> str | None:
        return value.replace("\0", "").encode(errors="replace").decode() if value else value


metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    }
)

shops = sa.Table(
    "shops",
    metadata,
    sa.Column("domain", sa.Text, primary_key=True),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("reason", Words, nullable=False, server_default=""),
    sa.Column("grant", sa.Text, nullable=False),
    sa.Column("scopes", sa.JSON, nullable=False),
    sa.Column("token_sealed", sa.LargeBinary),
    sa.Column("token_expires_at", Utc),
    sa.Column("refresh_sealed", sa.LargeBinary),
    sa.Column("refresh_expires_at", Utc),
    sa.Column("token_version", sa.Integer, nullable=False, server_default="0"),  # of the token, with each change
    sa.Column("renewing_until", Utc),  # somebody asks for the next one, for so long at most
    sa.Column("installed_at", Utc, nullable=False),
    sa.Column("confirmed_at", Utc),  # Shopify's clock: it has proven then that the store has the app
)

deliveries = sa.Table(
    "deliveries",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("event_id", sa.Text, nullable=False, server_default=""),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("topic", sa.Text, nullable=False, server_default=""),
    sa.Column("shop", sa.Text, nullable=False),
    sa.Column("triggered_at", Utc),
    sa.Column("received_at", Utc, nullable=False),
    sa.Column("intent", sa.JSON(none_as_null=True)),
    sa.Column("done_at", Utc),
    sa.Column("outcome", Words),
    sa.Column("job_id", sa.Text),
    sa.Column("reason", Words, nullable=False, server_default=""),
    sa.Column("retry_at", Utc),  # it cannot be acted on before
    sa.Index(None, "done_at", "received_at"),
)

watched = sa.Table(
    "watched_products",
    metadata,
    sa.Column("shop", sa.Text, primary_key=True),
    sa.Column("product_id", sa.Text, primary_key=True),
    sa.Column("created_seen", sa.Boolean, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("due_at", Utc),
    sa.Column("open", sa.Boolean, nullable=False),
    sa.Column("state", sa.Text, nullable=False, server_default=""),
    sa.Column("reason", Words, nullable=False, server_default=""),
    sa.Column("rechecks", sa.Integer, nullable=False, server_default="0"),
    sa.Column("created_heard_at", Utc),  # when we first heard that it is new: storms are counted by it
    sa.Column("hold_id", sa.Text, index=True),  # of the storm that it is part of
    sa.Column("state_before_hold", sa.Text),
    sa.Index(None, "due_at"),
    sa.Index(None, "shop", "created_heard_at"),
)

jobs = sa.Table(
    "jobs",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("shop", sa.Text, nullable=False),
    sa.Column("product_id", sa.Text, nullable=False),
    sa.Column("product_title", Words, nullable=False),
    sa.Column("recipe", sa.Text, nullable=False),
    sa.Column("trigger", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("reason", Words, nullable=False, server_default=""),
    sa.Column("created_at", Utc, nullable=False),
    sa.Column("updated_at", Utc, nullable=False),
    sa.Column("backfill_id", sa.Text),
    sa.Index(None, "shop", "product_id"),
    sa.Index(None, "shop", "created_at"),
    sa.Index(None, "created_at"),
    sa.Index(None, "backfill_id", "state"),
)

images = sa.Table(
    "images",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("job_id", sa.Text, nullable=False, index=True),
    sa.Column("shop", sa.Text, nullable=False),
    sa.Column("product_id", sa.Text, nullable=False),
    sa.Column("slot", sa.Integer, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("reason", Words, nullable=False, server_default=""),
    sa.Column("brief", sa.JSON, nullable=False),
    sa.Column("file_id", sa.Text),
    sa.Column("sha256", sa.Text),
    sa.Column("width_px", sa.Integer),
    sa.Column("height_px", sa.Integer),
    sa.Column("created_at", Utc, nullable=False),
    sa.Column("updated_at", Utc, nullable=False),
    sa.Index(None, "shop", "product_id"),
    sa.Index(None, "state"),
)

our_media = sa.Table(
    "our_media",
    metadata,
    sa.Column("shop", sa.Text, primary_key=True),
    sa.Column("media_id", sa.Text, primary_key=True),
    sa.Column("product_id", sa.Text, nullable=False),
    sa.Column("image_id", sa.Text, nullable=False),
    sa.Index(None, "shop", "product_id"),
)

purchases = sa.Table(
    "purchases",
    metadata,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("shop", sa.Text, nullable=False),
    sa.Column("product_id", sa.Text, nullable=False),
    sa.Column("job_id", sa.Text, nullable=False),
    sa.Column("recipe", sa.Text, nullable=False),
    sa.Column("slot", sa.Integer, nullable=False),
    sa.Column("trigger", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("reserved_microusd", sa.BigInteger, nullable=False),
    sa.Column("cost_microusd", sa.BigInteger),
    sa.Column("request_id", sa.Text),
    sa.Column("receipt", sa.JSON(none_as_null=True)),
    sa.Column("reason", Words),
    sa.Column("day", sa.Text, nullable=False),
    sa.Column("counted", sa.JSON, nullable=False),  # [[scope, period], …] of the budgets it counts against
    sa.Column("created_at", Utc, nullable=False),
    sa.Column("settled_at", Utc),
    sa.Column("decision", sa.Text),  # of an unknown one: see decisions.py
    sa.Column("decided_by", Words),
    sa.Column("decided_at", Utc),
    sa.Index(None, "shop", "day"),
    sa.Index(None, "shop", "product_id"),
    sa.Index(None, "day"),
    sa.Index(None, "state"),
    sa.Index(None, "job_id"),
)

budgets = sa.Table(
    "budgets",
    metadata,
    sa.Column("scope", sa.Text, primary_key=True),
    sa.Column("period", sa.Text, primary_key=True),
    sa.Column("committed_microusd", sa.BigInteger, nullable=False),
)

spool = sa.Table(
    "spool",
    metadata,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("image", sa.LargeBinary, nullable=False),
    sa.Column("created_at", Utc, nullable=False),
)

audit = sa.Table(
    "audit",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("at", Utc, nullable=False),
    sa.Column("shop", sa.Text, nullable=False),
    sa.Column("product_id", sa.Text, nullable=False),
    sa.Column("job_id", sa.Text),
    sa.Column("image_id", sa.Text, index=True),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("detail", sa.JSON, nullable=False),
    sa.Index(None, "shop", "at"),
)

workers = sa.Table(
    "workers",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("started_at", Utc, nullable=False),
    sa.Column("seen_at", Utc, nullable=False),
)

pauses = sa.Table(  # work that waits until something is mended
    "pauses",
    metadata,
    sa.Column("scope", sa.Text, primary_key=True),  # "provider:getimg", "shop:nice-lamps.myshopify.com"
    sa.Column("reason", Words, nullable=False),
    sa.Column("since", Utc, nullable=False),
    sa.Column("tried_at", Utc, nullable=False),
)

IS_OPEN = sa.text("state = 'open'")
holds = sa.Table(  # storms of new products: one decision each
    "holds",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("shop", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("created_at", Utc, nullable=False),
    sa.Column("decided_at", Utc),
    sa.Column("decided_by", Words, nullable=False, server_default=""),
    sa.Index(None, "shop", "state"),
    sa.Index("uq_holds_open", "shop", unique=True, sqlite_where=IS_OPEN, postgresql_where=IS_OPEN),
)

cursors = sa.Table(  # how far a sweep has read
    "cursors",
    metadata,
    sa.Column("shop", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
    sa.Column("updated_at", Utc, nullable=False),
)

meters = sa.Table(  # counts and durations of all workers, summed
    "meters",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("labels", sa.Text, primary_key=True),
    sa.Column("value", sa.Float, nullable=False),
)

shop_settings = sa.Table(  # what each shop sets for itself; the highest version is in use
    "shop_settings",
    metadata,
    sa.Column("shop", sa.Text, primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("document", sa.JSON, nullable=False),
    sa.Column("saved_by", Words, nullable=False, server_default=""),
    sa.Column("saved_at", Utc, nullable=False),
)

backfills = sa.Table(
    "backfills",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("shop", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("reason", Words, nullable=False, server_default=""),
    sa.Column("query", Words, nullable=False, server_default=""),
    sa.Column("most", sa.Integer),
    sa.Column("restyle", sa.Boolean, nullable=False),
    sa.Column("products", sa.Integer, nullable=False, server_default="0"),
    sa.Column("pictures", sa.Integer, nullable=False, server_default="0"),
    sa.Column("skipped", sa.Integer, nullable=False, server_default="0"),
    sa.Column("worst_microusd", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("outdated", sa.Integer, nullable=False, server_default="0"),
    sa.Column("outdated_microusd", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("ceiling_microusd", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("on_change", sa.Text, nullable=False, server_default="replan"),
    sa.Column("sample", sa.Integer),
    sa.Column("hours", sa.Text, nullable=False, server_default=""),
    sa.Column("time_zone", sa.Text, nullable=False, server_default="UTC"),
    sa.Column("keep_candidates", sa.Boolean, nullable=False),
    sa.Column("created_by", Words, nullable=False, server_default=""),
    sa.Column("created_at", Utc, nullable=False),
    sa.Column("updated_at", Utc, nullable=False),
    sa.Column("planned_at", Utc),
    sa.Column("started_at", Utc),
    sa.Column("ended_at", Utc),
    sa.Column("planner", sa.Text, nullable=False, server_default=""),  # or takes it back; another may take over
    sa.Index(None, "shop", "created_at"),
    sa.Index(None, "state"),
)

backfill_items = sa.Table(
    "backfill_items",
    metadata,
    sa.Column("backfill_id", sa.Text, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("product_id", sa.Text, nullable=False),
    sa.Column("product_title", Words, nullable=False),
    sa.Column("handle", Words, nullable=False, server_default=""),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("why", sa.Text, nullable=False, server_default=""),
    sa.Column("reason", Words, nullable=False, server_default=""),
    sa.Column("recipe", sa.Text, nullable=False, server_default=""),
    sa.Column("pictures", sa.Integer, nullable=False, server_default="0"),
    sa.Column("price_microusd", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("plan", sa.LargeBinary),  # its words, packed
    sa.Column("job_id", sa.Text),
    sa.Column("claimed_at", Utc),
    sa.Index(None, "backfill_id", "state", "number"),
    sa.Index(None, "backfill_id", "product_id"),
)

galleries = sa.Table(  # what was on a product before a job's first picture was
    "galleries",
    metadata,
    sa.Column("job_id", sa.Text, primary_key=True),
    sa.Column("shop", sa.Text, nullable=False),
    sa.Column("product_id", sa.Text, nullable=False),
    sa.Column("media", sa.JSON, nullable=False),  # [[id, kind, alt], …] in order
    sa.Column("seen_at", Utc, nullable=False),
    sa.Index(None, "shop", "product_id"),
)

variant_links = sa.Table(  # variants that show a picture because we said so
    "variant_links",
    metadata,
    sa.Column("image_id", sa.Text, primary_key=True),
    sa.Column("variant_id", sa.Text, primary_key=True),
    sa.Column("shop", sa.Text, nullable=False),
    sa.Column("product_id", sa.Text, nullable=False),
    sa.Column("before_media_id", sa.Text),  # what the variant showed before
    sa.Column("linked_at", Utc, nullable=False),
    sa.Index(None, "shop", "product_id"),
)
