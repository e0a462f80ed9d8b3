"""Alerts say nothing in the clear but their day; those that are there are sealed by whoever opens the database next."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

COLUMNS = (
    "id, person_id, cohort_id, run_id, path, message_id, raised_at, seen_by, seen_at, repeated_at, strength, source, "
    "added_to, lowered_at"
)


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "alerts_before",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        *(sa.Column(name, sa.Uuid()) for name in ("cohort_id", "run_id")),
        sa.Column("path", sa.String(255)),
        sa.Column("message_id", sa.Uuid()),
        sa.Column("raised_at", moment, nullable=False),
        sa.Column("seen_by", sa.Uuid()),
        *(sa.Column(name, moment) for name in ("seen_at", "repeated_at")),
        *(sa.Column(name, sa.String(8), nullable=False) for name in ("strength", "source")),
        sa.Column("added_to", sa.Uuid()),
        sa.Column("lowered_at", moment),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_alerts_before_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alerts_before")),
    )
    op.execute(f"INSERT INTO alerts_before ({COLUMNS}) SELECT {COLUMNS} FROM alerts")  # noqa: S608 -- our own names
    op.drop_table("alerts")
    op.create_table(
        "alerts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("place", sa.LargeBinary(32), nullable=False),
        sa.Column("raised_at", moment, nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alerts")),
    )
    op.create_index("ix_alerts_place", "alerts", ["place"])
    op.create_index("ix_alerts_raised_at", "alerts", ["raised_at"])
    op.create_index(
        "ix_alerts_open",
        "alerts",
        ["raised_at"],
        sqlite_where=sa.text("open IS 1"),
        postgresql_where=sa.text("open IS true"),
    )
