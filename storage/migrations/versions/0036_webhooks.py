"""Where messengers bring updates, and how that goes."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "webhooks",
        sa.Column("messenger", sa.String(16), nullable=False),
        sa.Column("url", sa.String(255), nullable=True),
        sa.Column("failed_at", moment, nullable=True),
        sa.Column("problem", sa.String(255), nullable=True),
        sa.Column("waiting", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("refused", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("refused_at", moment, nullable=True),
        sa.Column("repeated", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("repeated_at", moment, nullable=True),
        sa.PrimaryKeyConstraint("messenger", name=op.f("pk_webhooks")),
    )
