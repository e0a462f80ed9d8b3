"""Which group an own dialog was made for, whether it was kept to be used again, and which come first."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    with op.batch_alter_table("own_dialogs") as table:
        table.add_column(sa.Column("cohort_id", sa.Uuid(), nullable=True))
        table.add_column(sa.Column("kept_at", moment, nullable=True))
        table.add_column(sa.Column("first_at", moment, nullable=True))
        table.create_foreign_key(op.f("fk_own_dialogs_cohort_id_cohorts"), "cohorts", ["cohort_id"], ["id"])
    # Copies were made to be used again; a question of somebody's own that was sent several times is kept by that.
    op.execute("UPDATE own_dialogs SET kept_at = changed_at WHERE base IS NOT NULL")
