"""What grows with the answers is found by an index: answers of a person's run, readings, the trail, updates."""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_answers_person_id_run_id", "answers", ["person_id", "run_id"])
    op.drop_index("ix_answers_person_id", "answers")
    op.create_index("ix_readings_run_id_seq", "readings", ["run_id", "seq"])
    op.create_index("ix_readings_begun_run_id", "readings_begun", ["run_id"])
    op.create_index("ix_evidence_run_id", "evidence", ["run_id"])
    op.create_index("ix_audit_action_at", "audit", ["action", "at"])
    op.create_index("ix_inbox_messenger_lookup_received_at", "inbox", ["messenger", "lookup", "received_at"])
    words, aside = sa.text("body IS NOT NULL"), sa.text("state = 'poison'")
    op.create_index("ix_inbox_words", "inbox", ["day"], sqlite_where=words, postgresql_where=words)
    op.create_index("ix_inbox_aside", "inbox", ["error"], sqlite_where=aside, postgresql_where=aside)
