"""Rows by which what is asked and said reaches somebody have a seal, made by whoever opens the database next."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_TABLES = (
    "dialog_versions",
    "own_dialogs",
    "broadcasts",
    "deliveries",
    "runs",
    "answers",
    "asides",
    "support_requests",
    "messages",
    "media",
    "panels",
    "web_sessions",
    "recollections",
)


def upgrade() -> None:
    for name in _TABLES:
        op.add_column(name, sa.Column("seal", sa.LargeBinary(21), nullable=True))
