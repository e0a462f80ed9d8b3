"""How strong an alert is, what raised it, to which one it was added, and when the person said that it was not so."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # What is there already has rung, for words that the organisation listed.
    op.add_column("alerts", sa.Column("strength", sa.String(8), nullable=False, server_default="rings"))
    op.add_column("alerts", sa.Column("source", sa.String(8), nullable=False, server_default="words"))
    op.add_column("alerts", sa.Column("added_to", sa.Uuid()))
    op.add_column("alerts", sa.Column("lowered_at", sa.DateTime(timezone=True)))
