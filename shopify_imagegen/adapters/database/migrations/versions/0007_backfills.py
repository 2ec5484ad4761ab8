"""Plans of the whole catalogue, and how far each has come."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("jobs", sa.Column("backfill_id", sa.Text(), nullable=True))
    op.create_index(op.f("ix_jobs_backfill_id_state"), "jobs", ["backfill_id", "state"], unique=False)
    op.create_index(op.f("ix_purchases_job_id"), "purchases", ["job_id"], unique=False)
    _backfills()
    _items()


def _backfills() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "backfills",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("shop", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("query", sa.Text(), server_default="", nullable=False),
        sa.Column("most", sa.Integer(), nullable=True),
        sa.Column("restyle", sa.Boolean(), nullable=False),
        sa.Column("products", sa.Integer(), server_default="0", nullable=False),
        sa.Column("pictures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("skipped", sa.Integer(), server_default="0", nullable=False),
        sa.Column("worst_microusd", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("outdated", sa.Integer(), server_default="0", nullable=False),
        sa.Column("outdated_microusd", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("ceiling_microusd", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("on_change", sa.Text(), server_default="replan", nullable=False),
        sa.Column("sample", sa.Integer(), nullable=True),
        sa.Column("hours", sa.Text(), server_default="", nullable=False),
        sa.Column("time_zone", sa.Text(), server_default="UTC", nullable=False),
        sa.Column("keep_candidates", sa.Boolean(), nullable=False),
        sa.Column("created_by", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("updated_at", moment, nullable=False),
        sa.Column("planned_at", moment, nullable=True),
        sa.Column("started_at", moment, nullable=True),
        sa.Column("ended_at", moment, nullable=True),
        sa.Column("planner", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_backfills")),
    )
    op.create_index(op.f("ix_backfills_shop_created_at"), "backfills", ["shop", "created_at"], unique=False)
    op.create_index(op.f("ix_backfills_state"), "backfills", ["state"], unique=False)


def _items() -> None:
    op.create_table(
        "backfill_items",
        sa.Column("backfill_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("product_id", sa.Text(), nullable=False),
        sa.Column("product_title", sa.Text(), nullable=False),
        sa.Column("handle", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), server_default="", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("recipe", sa.Text(), server_default="", nullable=False),
        sa.Column("pictures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("price_microusd", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("plan", sa.LargeBinary(), nullable=True),
        sa.Column("job_id", sa.Text(), nullable=True),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("backfill_id", "number", name=op.f("pk_backfill_items")),
    )
    columns = ["backfill_id", "state", "number"]
    op.create_index(op.f("ix_backfill_items_backfill_id_state_number"), "backfill_items", columns, unique=False)
    name = op.f("ix_backfill_items_backfill_id_product_id")
    op.create_index(name, "backfill_items", ["backfill_id", "product_id"], unique=False)
