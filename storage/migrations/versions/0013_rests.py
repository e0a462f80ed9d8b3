"""Roles can rest: who asked for it, and what was decided."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
OPEN = sa.text("ended_at IS NULL")


def upgrade() -> None:
    op.add_column("roles", sa.Column("rested_at", MOMENT))
    op.create_table(
        "role_rests",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("asked_by", sa.Uuid()),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("decided_by", sa.Uuid()),
        sa.Column("decided_at", MOMENT),
        sa.Column("ended_at", MOMENT),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_role_rests_person_id_people"),
        sa.PrimaryKeyConstraint("id", name="pk_role_rests"),
    )
    op.create_index("ix_role_rests_person_id", "role_rests", ["person_id"])
    op.create_index("ix_role_rests_open", "role_rests", ["asked_at"], sqlite_where=OPEN, postgresql_where=OPEN)
