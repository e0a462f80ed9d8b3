"""Answers are found by their person and run: what is new in a group is then looked for in a few pages of an index."""

from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_answers_person_id_run_id", "answers", ["person_id", "run_id"])
    op.drop_index("ix_answers_person_id", "answers")
