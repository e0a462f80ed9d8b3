"""Tries of a PIN are counted for each way in; sessions in browsers know which token they had before."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
SHUT = sa.text("shut_at IS NOT NULL")
WAYS = ("phone", "link", "nickname")
MOST = 9  # one try is left to whoever had more


def upgrade() -> None:
    op.add_column("web_sessions", sa.Column("prefixed", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("web_sessions", sa.Column("former", sa.LargeBinary(32)))
    op.add_column("web_sessions", sa.Column("former_until", MOMENT))
    op.create_table(
        "pin_tries",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("way", sa.String(16), nullable=False),
        sa.Column("wrong", sa.Integer(), nullable=False),
        sa.Column("wait_until", MOMENT),
        sa.Column("shut_at", MOMENT),
        sa.CheckConstraint("way IN ('phone', 'link', 'nickname')", name="way"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_pin_tries_person_id_people"),
        sa.PrimaryKeyConstraint("person_id", "way", name="pk_pin_tries"),
    )
    op.create_index("ix_pin_tries_shut", "pin_tries", ["shut_at"], sqlite_where=SHUT, postgresql_where=SHUT)
    for way in WAYS:
        op.execute(
            f"INSERT INTO pin_tries (person_id, way, wrong, wait_until) SELECT person_id, '{way}', "  # noqa: S608  names of our own
            f"CASE WHEN wrong > {MOST} THEN {MOST} ELSE wrong END, wait_until FROM web_pins WHERE wrong > 0"
        )
