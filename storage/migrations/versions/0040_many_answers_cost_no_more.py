"""What many answers made dearer has its index; a message's and an update's id, which nothing looks up, has none.

An export goes through each group's runs in their order; what one reader has read is found without its rows.
"""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

_LAST = "SELECT name, seq FROM sqlite_sequence WHERE name IN ('inbox', 'outbox')"


def upgrade() -> None:
    in_order = ["dialog_hash", "cohort_id", "started_at", "seq", "id"]
    op.create_index("ix_runs_dialog_hash_cohort_id", "runs", in_order)
    op.drop_index("ix_runs_dialog_hash", "runs")
    op.create_index("ix_readings_reader_id_run_id_seq", "readings", ["reader_id", "run_id", "seq"])
    connection = op.get_bind()
    sqlite = connection.dialect.name == "sqlite"
    last = connection.exec_driver_sql(_LAST).all() if sqlite else []
    for name in ("inbox", "outbox"):
        with op.batch_alter_table(name, table_kwargs={"sqlite_autoincrement": True}) as table:
            table.drop_constraint(f"uq_{name}_id", type_="unique")
    for name, seq in last:
        # A number is never given twice, even where the newest rows are gone.
        connection.execute(sa.text("DELETE FROM sqlite_sequence WHERE name = :name"), {"name": name})
        connection.execute(
            sa.text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :seq)"), {"name": name, "seq": seq}
        )
