"""By what groups tell that something gets better or does harm, how it stands, and what was told beside it."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "signs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cohort_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("former_id", sa.Uuid(), nullable=True),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.Column("made_at", moment, nullable=False),
        sa.Column("ended_at", moment, nullable=True),
        sa.Column("seal", sa.LargeBinary(21), nullable=True),
        sa.Column("look_on", sa.String(10), nullable=True),
        sa.Column("look_every", sa.Integer(), nullable=True),
        sa.Column("laid", sa.Integer(), nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signs")),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohorts.id"], name=op.f("fk_signs_cohort_id_cohorts")),
        sa.CheckConstraint("kind IN ('better', 'harm')", name=op.f("ck_signs_kind")),
    )
    op.create_index(op.f("ix_signs_cohort_id"), "signs", ["cohort_id"])
    op.create_table(
        "judgements",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sign_id", sa.Uuid(), nullable=False),
        sa.Column("said_by", sa.String(16), nullable=False),
        sa.Column("value", sa.String(16), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("present", sa.Integer(), nullable=True),
        sa.Column("said_on", sa.String(10), nullable=False),
        sa.Column("beside_id", sa.Uuid(), nullable=True),
        sa.Column("written_by", sa.Uuid(), nullable=True),
        sa.Column("written_at", moment, nullable=False),
        sa.Column("taken_back_at", moment, nullable=True),
        sa.Column("seal", sa.LargeBinary(21), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_judgements")),
        sa.ForeignKeyConstraint(["sign_id"], ["signs.id"], name=op.f("fk_judgements_sign_id_signs")),
        sa.CheckConstraint("said_by IN ('group', 'team')", name=op.f("ck_judgements_said_by")),
    )
    op.create_index(op.f("ix_judgements_sign_id"), "judgements", ["sign_id"])
    op.create_table(
        "evidence",
        sa.Column("seq", number, autoincrement=True, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sign_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("path", sa.String(255), nullable=False),
        sa.Column("laid_by", sa.Uuid(), nullable=True),
        sa.Column("laid_at", moment, nullable=False),
        sa.Column("seal", sa.LargeBinary(21), nullable=True),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_evidence")),
        sa.UniqueConstraint("id", name=op.f("uq_evidence_id")),
        sa.UniqueConstraint("sign_id", "run_id", "path", name=op.f("uq_evidence_sign_id_run_id_path")),
        sa.ForeignKeyConstraint(["sign_id"], ["signs.id"], name=op.f("fk_evidence_sign_id_signs")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_evidence_person_id_people")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_evidence_run_id_runs")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_evidence_person_id"), "evidence", ["person_id"])
    op.create_index(op.f("ix_evidence_laid_at"), "evidence", ["laid_at"])
