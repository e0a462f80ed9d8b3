"""Since when updates may be missed, which backups were put in place; a way in, and what a schedule waits for."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "fetches",
        sa.Column("messenger", sa.String(16), nullable=False),
        sa.Column("worked_at", moment, nullable=False),
        sa.Column("missed_since", moment, nullable=True),
        sa.Column("missed_until", moment, nullable=True),
        sa.PrimaryKeyConstraint("messenger", name=op.f("pk_fetches")),
    )
    op.create_table(
        "restores",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("backup_at", moment, nullable=False),
        sa.Column("restored_at", moment, nullable=False),
        sa.Column("held_at", moment, nullable=True),
        sa.Column("decided_at", moment, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_restores")),
    )
    op.add_column("schedules", sa.Column("skipped_on", sa.String(16), nullable=True))
    op.add_column("schedules", sa.Column("untold_until", sa.Integer(), nullable=True))
    op.add_column("schedules", sa.Column("reviewed_at", moment, nullable=True))
    op.add_column("broadcasts", sa.Column("step", sa.Integer(), nullable=False, server_default="0"))
    op.drop_index("ix_broadcasts_schedule_id_occurs_on", "broadcasts")
    op.create_index("ix_broadcasts_occurrence", "broadcasts", ["schedule_id", "occurs_on", "step"], unique=True)
