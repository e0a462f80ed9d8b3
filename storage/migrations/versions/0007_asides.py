"""What was said to a question and is no answer to it, kept beside it; since when a message's number is in doubt."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
SEQUENCE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "asides",
        sa.Column("seq", SEQUENCE, autoincrement=True, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("path", sa.String(255), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.Column("message", sa.BigInteger()),
        sa.Column("said_at", MOMENT, nullable=False),
        sa.Column("offered_to", sa.String(255)),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_asides_run_id_runs"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_asides_person_id_people"),
        sa.PrimaryKeyConstraint("seq", name="pk_asides"),
        sa.UniqueConstraint("id", name="uq_asides_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_asides_run_id", "asides", ["run_id"])
    op.create_index("ix_asides_person_id", "asides", ["person_id"])
    op.create_index("ix_asides_said_at", "asides", ["said_at"])
    op.add_column("outbox", sa.Column("doubted_at", MOMENT))
    # Of what is in doubt already it is not known since when: the last try is the nearest there is.
    op.execute(
        "UPDATE outbox SET doubted_at = sent_at"
        " WHERE kind = 'message' AND (state = 'unknown' OR reason = 'answer_lost')"
    )
