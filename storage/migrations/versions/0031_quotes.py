"""Words of an answer that may be told further than the team, once whoever said them agrees."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    number = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    op.create_table(
        "quotes",
        sa.Column("seq", number, autoincrement=True, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("cohort_id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("path", sa.String(255), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=True),
        sa.Column("asked_at", moment, nullable=False),
        sa.Column("answered_at", moment, nullable=True),
        sa.Column("broadcast_id", sa.Uuid(), nullable=True),
        sa.Column("seal", sa.LargeBinary(21), nullable=True),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_quotes")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_quotes_person_id_people")),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohorts.id"], name=op.f("fk_quotes_cohort_id_cohorts")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_quotes_run_id_runs")),
        sa.ForeignKeyConstraint(["broadcast_id"], ["broadcasts.id"], name=op.f("fk_quotes_broadcast_id_broadcasts")),
        sa.UniqueConstraint("id", name=op.f("uq_quotes_id")),
        sa.UniqueConstraint("broadcast_id", name=op.f("uq_quotes_broadcast_id")),
        sa.CheckConstraint("state IN ('draft', 'asked', 'yes', 'no', 'back')", name=op.f("ck_quotes_state")),
        sqlite_autoincrement=True,
    )
    for name in ("person_id", "cohort_id", "run_id", "asked_at"):
        op.create_index(op.f(f"ix_quotes_{name}"), "quotes", [name])
