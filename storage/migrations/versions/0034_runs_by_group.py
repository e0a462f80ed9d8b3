"""A group's runs are found by the group: what waits to be read there is counted without reading the runs' rows."""

from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_runs_cohort_id_person_id", "runs", ["cohort_id", "person_id", "active_at", "id"])
