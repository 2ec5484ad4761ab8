"""Plans of the whole catalogue, and how far each has come."""

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    pass
