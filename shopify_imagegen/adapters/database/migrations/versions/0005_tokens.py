"""Tokens that are refreshed, and who installed us how."""

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    pass
