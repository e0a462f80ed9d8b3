"""The team's side: own dialogs, who read what, words of danger, messages that change in place."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
SEQUENCE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("memberships", sa.Column("waiting", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("broadcasts", sa.Column("reminded_at", MOMENT))
    op.add_column("messages", sa.Column("media_id", sa.Uuid()))
    op.add_column("messages", sa.Column("reply_to", sa.Uuid()))
    op.create_table(
        "own_dialogs",
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("base", sa.String(64)),
        sa.Column("changed_by", sa.Uuid()),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("retired_at", MOMENT),
        sa.ForeignKeyConstraint(["hash"], ["dialog_versions.hash"], name="fk_own_dialogs_hash_dialog_versions"),
        sa.PrimaryKeyConstraint("name", name="pk_own_dialogs"),
    )
    op.create_table(
        "readings",
        sa.Column("reader_id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("read_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_readings_run_id_runs"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_readings_person_id_people"),
        sa.PrimaryKeyConstraint("reader_id", "run_id", name="pk_readings"),
    )
    op.create_index("ix_readings_person_id", "readings", ["person_id"])
    op.create_table(
        "alerts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("cohort_id", sa.Uuid()),
        sa.Column("run_id", sa.Uuid()),
        sa.Column("path", sa.String(255)),
        sa.Column("message_id", sa.Uuid()),
        sa.Column("raised_at", MOMENT, nullable=False),
        sa.Column("seen_by", sa.Uuid()),
        sa.Column("seen_at", MOMENT),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_alerts_person_id_people"),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohorts.id"], name="fk_alerts_cohort_id_cohorts"),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_alerts_run_id_runs"),
        sa.PrimaryKeyConstraint("id", name="pk_alerts"),
    )
    op.create_index("ix_alerts_person_id", "alerts", ["person_id"])
    op.create_index("ix_alerts_cohort_id", "alerts", ["cohort_id"])
    op.create_table(
        "panels",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("subject", sa.Uuid()),
        sa.Column("outbox_seq", SEQUENCE, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("until", MOMENT),
        sa.CheckConstraint("kind IN ('progress', 'page', 'media')", name="kind"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_panels_person_id_people"),
        sa.PrimaryKeyConstraint("id", name="pk_panels"),
    )
    op.create_index("ix_panels_person_id_kind", "panels", ["person_id", "kind"])
    op.create_index(
        "ix_panels_until",
        "panels",
        ["until"],
        sqlite_where=sa.text("until IS NOT NULL"),
        postgresql_where=sa.text("until IS NOT NULL"),
    )
