"""Rows tell minutes, and the order of a person's rows is told by numbers of their own.

The trail's rows of before keep their moments, which its chain covers; ids of before, which tell when they were made,
stay, since what they seal is sealed for them.
"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

SEQUENCE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
# By which the rows of one person were in order until now.
ORDER = {
    "person_addresses": "linked_at, address_id",
    "memberships": "joined_at, id",
    "consents": "at, id",
    "runs": "started_at, id",
}
KEYS = {"person_addresses": ("person_id", "address_id")}
MINUTES = {
    "addresses": "unreachable_since created_at",
    "alerts": "raised_at",
    "erasures": "erased_at",
    "inbox": "received_at",
    "people": "created_at look_at",
    "person_keys": "created_at",
    "web_sessions": "opened_at seen_at open_until revoked_at former_until",
    "alerts_before": "raised_at seen_at repeated_at lowered_at",
    "consents": "at",
    "link_requests": "asked_at closed_at",
    "memberships": "joined_at left_at",
    "message_notices": "told_at",
    "message_readings": "read_at",
    "messages": "at taken_at closed_at",
    "person_addresses": "linked_at",
    "pin_tries": "shut_at",
    "reach_notes": "changed_at",
    "support_requests": "asked_at done_at",
    "web_links": "made_at expires_at opened_at revoked_at",
    "web_pins": "wait_until chosen_at",
    "deliveries": "due_at",
    "hand_notices": "told_at",
    "invite_uses": "used_at",
    "recollections": "asked_at",
    "runs": "started_at active_at resume_at ended_at",
    "answers": "answered_at",
    "asides": "said_at",
    "media": "received_at",
    "outbox": "created_at",
    "readings": "read_at",
}
# What is over needs no seconds.
OVER = """
    UPDATE outbox SET due_at = created_at, sent_at = {sent_at} WHERE state NOT IN ('queued', 'sending')
"""


def upgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for table, order in ORDER.items():
        op.add_column(table, sa.Column("seq", SEQUENCE, nullable=False, server_default="0"))
        same = " AND ".join(f"ordered.{key} = {table}.{key}" for key in KEYS.get(table, ("id",)))
        place = f"SELECT *, row_number() OVER (PARTITION BY person_id ORDER BY {order}) AS place FROM {table}"  # noqa: S608 -- our own names
        op.execute(f"UPDATE {table} SET seq = ordered.place FROM ({place}) AS ordered WHERE {same}")  # noqa: S608 -- our own names
    for table, columns in MINUTES.items():
        cut = ", ".join(f"{column} = {_minute(column, sqlite=sqlite)}" for column in columns.split())
        op.execute(f"UPDATE {table} SET {cut}")  # noqa: S608 -- our own names
    op.execute(OVER.format(sent_at=_minute("sent_at", sqlite=sqlite)))
    op.execute("UPDATE inbox SET next_at = received_at WHERE state <> 'pending'")


def _minute(column: str, *, sqlite: bool) -> str:
    return f"substr({column}, 1, 16) || '\\:00.000000'" if sqlite else f"date_trunc('minute', {column})"
