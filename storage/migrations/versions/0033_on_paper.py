"""Of a run: that one of the team typed in what its person said on paper; of a sheet: that one person said it."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("runs", sa.Column("on_paper", sa.String(16), nullable=True))
    with op.batch_alter_table("sheets") as table:
        table.drop_constraint(op.f("ck_sheets_state"), type_="check")
        table.create_check_constraint(
            op.f("ck_sheets_state"), "state IN ('printed', 'said', 'refused', 'withdrawn', 'own')"
        )
