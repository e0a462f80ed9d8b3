"""Dialogs on paper: each sheet has a code, by which what was said on it is typed in and taken back."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sheets",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("lookup", sa.LargeBinary(32), nullable=False),
        sa.Column("cohort_id", sa.Uuid(), nullable=False),
        sa.Column("dialog_hash", sa.String(64), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("seal", sa.LargeBinary(21), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sheets")),
        sa.UniqueConstraint("lookup", name=op.f("uq_sheets_lookup")),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohorts.id"], name=op.f("fk_sheets_cohort_id_cohorts")),
        sa.ForeignKeyConstraint(
            ["dialog_hash"], ["dialog_versions.hash"], name=op.f("fk_sheets_dialog_hash_dialog_versions")
        ),
        sa.CheckConstraint("state IN ('printed', 'said', 'refused', 'withdrawn')", name=op.f("ck_sheets_state")),
    )
    op.create_index(op.f("ix_sheets_cohort_id"), "sheets", ["cohort_id"])
    op.create_index(op.f("ix_sheets_made_at"), "sheets", ["made_at"])
