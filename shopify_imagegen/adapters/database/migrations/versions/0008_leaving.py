"""When Shopify has last proven that a store has the app, and news that cannot be judged before some moment."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.add_column("shops", sa.Column("confirmed_at", sa.DateTime(timezone=True)))
    op.add_column("deliveries", sa.Column("retry_at", sa.DateTime(timezone=True)))
