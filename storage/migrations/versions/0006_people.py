"""What finds people without reading through all of them, and rows that are past their time."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def partial_index(name: str, table: str, columns: list[str], where: str) -> None:
    condition = sa.text(where)
    op.create_index(name, table, columns, sqlite_where=condition, postgresql_where=condition)


def upgrade() -> None:
    op.add_column("people", sa.Column("look_at", MOMENT))
    op.add_column("addresses", sa.Column("forgotten", sa.BigInteger()))
    op.add_column("memberships", sa.Column("nickname_lookup", sa.LargeBinary(length=32)))
    op.add_column("invites", sa.Column("used", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("alerts", sa.Column("repeated_at", MOMENT))

    # Nobody has been looked at yet. Only the bot has the key: it looks at each once, and knows then when to again.
    people = sa.table("people", sa.column("look_at", MOMENT))
    long_ago = "1970-01-01 00:00:00.000000" if op.get_bind().dialect.name == "sqlite" else "1970-01-01 00:00:00+00"
    op.execute(people.update().values(look_at=sa.literal_column(f"'{long_ago}'")))
    op.execute("UPDATE invites SET used = (SELECT count(*) FROM invite_uses WHERE invite_id = invites.id)")
    op.execute(
        "UPDATE alerts SET repeated_at = raised_at WHERE replace(CAST(id AS VARCHAR(36)), '-', '') IN "
        "(SELECT replace(subject, '-', '') FROM audit WHERE action = 'alerts.repeated')"
    )

    partial_index("ix_people_look_at", "people", ["look_at"], "look_at IS NOT NULL")
    outside = "participation IN ('left', 'declined', 'invited', 'consenting')"
    partial_index("ix_people_outside", "people", ["created_at"], outside)
    partial_index("ix_memberships_nickname", "memberships", ["cohort_id", "nickname_lookup"], "left_at IS NULL")
    unfinished = "status IN ('offered', 'open', 'postponed', 'stopped')"
    partial_index("ix_runs_unfinished", "runs", ["started_at"], unfinished)
    partial_index("ix_runs_asking", "runs", ["broadcast_id"], "status IN ('offered', 'open', 'postponed')")
    partial_index("ix_alerts_open", "alerts", ["raised_at"], "seen_at IS NULL")
    partial_index("ix_outbox_words", "outbox", ["created_at"], "body IS NOT NULL AND state IN ('sent', 'unknown')")
    op.create_index("ix_answers_answered_at", "answers", ["answered_at"])
    op.create_index("ix_readings_read_at", "readings", ["read_at"])
    op.create_index("ix_alerts_raised_at", "alerts", ["raised_at"])
    op.create_index("ix_messages_at", "messages", ["at"])
    op.create_index("ix_media_received_at", "media", ["received_at"])
