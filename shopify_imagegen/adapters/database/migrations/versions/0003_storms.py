"""What a storm of new products is counted and undone by."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("watched_products", sa.Column("created_heard_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("watched_products", sa.Column("state_before_hold", sa.Text(), nullable=True))
    name = op.f("ix_watched_products_shop_created_heard_at")
    op.create_index(name, "watched_products", ["shop", "created_heard_at"], unique=False)
    is_open = sa.text("state = 'open'")
    op.create_index("uq_holds_open", "holds", ["shop"], unique=True, sqlite_where=is_open, postgresql_where=is_open)
