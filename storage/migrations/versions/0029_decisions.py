"""What the team decided because of answers, and what ties people to it."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    number = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    op.create_table(
        "decisions",
        sa.Column("seq", number, autoincrement=True, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("cohort_id", sa.Uuid(), nullable=False),
        sa.Column("broadcast_id", sa.Uuid(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.Column("made_at", moment, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("seal", sa.LargeBinary(21), nullable=True),
        sa.Column("share_back_id", sa.Uuid(), nullable=True),
        sa.Column("told_at", moment, nullable=True),
        sa.Column("moved", sa.Integer(), nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_decisions")),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohorts.id"], name=op.f("fk_decisions_cohort_id_cohorts")),
        sa.ForeignKeyConstraint(["broadcast_id"], ["broadcasts.id"], name=op.f("fk_decisions_broadcast_id_broadcasts")),
        sa.ForeignKeyConstraint(
            ["share_back_id"], ["broadcasts.id"], name=op.f("fk_decisions_share_back_id_broadcasts")
        ),
        sa.UniqueConstraint("id", name=op.f("uq_decisions_id")),
        sa.UniqueConstraint("share_back_id", name=op.f("uq_decisions_share_back_id")),
        sa.CheckConstraint("kind IN ('decision', 'understood')", name=op.f("ck_decisions_kind")),
        sa.CheckConstraint("state IN ('draft', 'told', 'dropped')", name=op.f("ck_decisions_state")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_decisions_cohort_id"), "decisions", ["cohort_id"])
    op.create_index(op.f("ix_decisions_broadcast_id"), "decisions", ["broadcast_id"])
    op.create_table(
        "decision_links",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("decision_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=True),
        sa.Column("message_id", sa.Uuid(), nullable=True),
        sa.Column("seal", sa.LargeBinary(21), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision_links")),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decisions.id"], name=op.f("fk_decision_links_decision_id_decisions")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_decision_links_person_id_people")),
        sa.CheckConstraint("kind IN ('moved', 'fine', 'said')", name=op.f("ck_decision_links_kind")),
    )
    for name in ("decision_id", "person_id", "at"):
        op.create_index(op.f(f"ix_decision_links_{name}"), "decision_links", [name])
