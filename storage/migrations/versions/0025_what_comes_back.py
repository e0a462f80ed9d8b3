"""Schedules, and of which one a broadcast is an occurrence; until when a delivery may be answered."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "schedules",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(128), nullable=False),
        sa.Column("cohort_id", sa.Uuid(), nullable=False),
        sa.Column("purpose_id", sa.Uuid(), nullable=False),
        sa.Column("dialogs", sa.String(1000), nullable=False),
        sa.Column("rule", sa.String(400), nullable=False),
        sa.Column("window_minutes", sa.Integer(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.Column("made_at", moment, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("reason", sa.String(32), nullable=True),
        sa.Column("seal", sa.LargeBinary(21), nullable=True),
        sa.Column("made", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("next_on", sa.String(16), nullable=True),
        sa.Column("next_at", moment, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schedules")),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohorts.id"], name=op.f("fk_schedules_cohort_id_cohorts")),
        sa.ForeignKeyConstraint(["purpose_id"], ["purposes.id"], name=op.f("fk_schedules_purpose_id_purposes")),
        sa.UniqueConstraint("key", name=op.f("uq_schedules_key")),
        sa.CheckConstraint("state IN ('active', 'paused', 'ended')", name=op.f("ck_schedules_state")),
    )
    op.create_index(op.f("ix_schedules_cohort_id"), "schedules", ["cohort_id"])
    active = sa.text("state = 'active'")
    op.create_index("ix_schedules_next_at", "schedules", ["next_at"], sqlite_where=active, postgresql_where=active)
    with op.batch_alter_table("broadcasts") as table:
        table.add_column(sa.Column("schedule_id", sa.Uuid(), nullable=True))
        table.add_column(sa.Column("occurs_on", sa.String(16), nullable=True))
        table.add_column(sa.Column("closes_at", moment, nullable=True))
        table.create_foreign_key(op.f("fk_broadcasts_schedule_id_schedules"), "schedules", ["schedule_id"], ["id"])
    op.create_index("ix_broadcasts_schedule_id_occurs_on", "broadcasts", ["schedule_id", "occurs_on"], unique=True)
    closing = sa.text("closes_at IS NOT NULL AND closed_at IS NULL")
    op.create_index(
        "ix_broadcasts_closes_at", "broadcasts", ["closes_at"], sqlite_where=closing, postgresql_where=closing
    )
    op.add_column("deliveries", sa.Column("closes_at", moment, nullable=True))
    due = sa.text("state = 'due'")
    op.create_index("ix_deliveries_person_waiting", "deliveries", ["person_id"], sqlite_where=due, postgresql_where=due)
