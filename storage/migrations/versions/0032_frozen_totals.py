"""What left the team of a question, in bands of five, as it was when it left."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "frozen_totals",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cohort_id", sa.Uuid(), nullable=False),
        sa.Column("broadcast_id", sa.Uuid(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("frozen_by", sa.Uuid(), nullable=True),
        sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seal", sa.LargeBinary(21), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_frozen_totals")),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohorts.id"], name=op.f("fk_frozen_totals_cohort_id_cohorts")),
        sa.ForeignKeyConstraint(
            ["broadcast_id"], ["broadcasts.id"], name=op.f("fk_frozen_totals_broadcast_id_broadcasts")
        ),
    )
    op.create_index(op.f("ix_frozen_totals_cohort_id"), "frozen_totals", ["cohort_id"])
    op.create_index(op.f("ix_frozen_totals_broadcast_id"), "frozen_totals", ["broadcast_id"])
