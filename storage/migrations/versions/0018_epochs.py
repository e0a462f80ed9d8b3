"""Keys are wrapped by epochs, and erasures are remembered by keyed hashes."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = sa.DateTime(timezone=op.get_bind().dialect.name != "sqlite")
    op.create_table(
        "epoch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(32), nullable=False),
        sa.Column("begun_at", moment, nullable=False),
        sa.Column("owed_at", moment, nullable=True),
        sa.Column("settled_at", moment, nullable=True),
        sa.Column("swept_at", moment, nullable=True),
        sa.CheckConstraint("id = 1", name=op.f("ck_epoch_only_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_epoch")),
    )
    op.create_table(
        "erasures",
        sa.Column("lookup", sa.LargeBinary(32), nullable=False),
        sa.Column("erased_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("lookup", name=op.f("pk_erasures")),
    )
