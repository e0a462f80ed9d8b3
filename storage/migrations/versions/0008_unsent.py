"""What was not sent, or nobody knows, is found without reading through all that was ever said."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

UNSENT = sa.text("state IN ('failed', 'unknown') AND body IS NOT NULL")


def upgrade() -> None:
    op.create_index("ix_outbox_unsent", "outbox", ["seq"], sqlite_where=UNSENT, postgresql_where=UNSENT)
