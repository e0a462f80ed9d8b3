"""What a person asked of the team, until it is done; and how somebody wants to be reached."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
OPEN = sa.text("done_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "support_requests",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("cohort_id", sa.Uuid()),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("run_id", sa.Uuid()),
        sa.Column("message_id", sa.Uuid()),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("done_at", MOMENT),
        sa.Column("done_by", sa.Uuid()),
        sa.CheckConstraint("kind IN ('support', 'call', 'information', 'in_person')", name="kind"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_support_requests_person_id_people"),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohorts.id"], name="fk_support_requests_cohort_id_cohorts"),
        sa.PrimaryKeyConstraint("id", name="pk_support_requests"),
    )
    op.create_index("ix_support_requests_person_id", "support_requests", ["person_id"])
    op.create_index("ix_support_requests_asked_at", "support_requests", ["asked_at"])
    op.create_index(
        "ix_support_requests_open", "support_requests", ["asked_at"], sqlite_where=OPEN, postgresql_where=OPEN
    )
    op.create_table(
        "reach_notes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_reach_notes_person_id_people"),
        sa.PrimaryKeyConstraint("id", name="pk_reach_notes"),
        sa.UniqueConstraint("person_id", name="uq_reach_notes_person_id"),
    )
