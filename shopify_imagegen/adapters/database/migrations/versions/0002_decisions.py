"""Decisions on purchases of unknown outcome, and indexes for what is asked often."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("purchases", sa.Column("decision", sa.Text(), nullable=True))
    op.add_column("purchases", sa.Column("decided_by", sa.Text(), nullable=True))
    op.add_column("purchases", sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(op.f("ix_purchases_day"), "purchases", ["day"], unique=False)
    op.create_index(op.f("ix_purchases_shop_product_id"), "purchases", ["shop", "product_id"], unique=False)
    op.create_index(op.f("ix_images_state"), "images", ["state"], unique=False)
    op.create_index(op.f("ix_jobs_created_at"), "jobs", ["created_at"], unique=False)
