"""Pictures made anew, put back, and tied to variants."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "galleries",
        sa.Column("job_id", sa.Text(), nullable=False),
        sa.Column("shop", sa.Text(), nullable=False),
        sa.Column("product_id", sa.Text(), nullable=False),
        sa.Column("media", sa.JSON(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("job_id", name=op.f("pk_galleries")),
    )
    op.create_index(op.f("ix_galleries_shop_product_id"), "galleries", ["shop", "product_id"])
    op.create_table(
        "variant_links",
        sa.Column("image_id", sa.Text(), nullable=False),
        sa.Column("variant_id", sa.Text(), nullable=False),
        sa.Column("shop", sa.Text(), nullable=False),
        sa.Column("product_id", sa.Text(), nullable=False),
        sa.Column("before_media_id", sa.Text(), nullable=True),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("image_id", "variant_id", name=op.f("pk_variant_links")),
    )
    op.create_index(op.f("ix_variant_links_shop_product_id"), "variant_links", ["shop", "product_id"])
