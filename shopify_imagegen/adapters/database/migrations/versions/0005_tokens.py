"""Tokens that are refreshed: the half that buys the next one, and whose turn it is to ask."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("shops", sa.Column("refresh_sealed", sa.LargeBinary()))
    op.add_column("shops", sa.Column("refresh_expires_at", sa.DateTime(timezone=True)))
    op.add_column("shops", sa.Column("token_version", sa.Integer(), server_default="0", nullable=False))
    op.add_column("shops", sa.Column("renewing_until", sa.DateTime(timezone=True)))
