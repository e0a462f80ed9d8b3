"""How far the clock of each process's machine is from the database's."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("processes", sa.Column("off", sa.BigInteger(), nullable=False, server_default="0"))
