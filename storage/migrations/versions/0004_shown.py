"""What a panel says, so that nothing is edited twice; and which update a message answers, to follow a turn by."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

SEQUENCE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("panels", sa.Column("shown", sa.LargeBinary(32)))
    op.add_column("outbox", sa.Column("turn", SEQUENCE))
