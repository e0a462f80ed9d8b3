"""Whoever has only the page: who was told by hand, who asked for their link, and for whom an invite was made."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
OPEN = sa.text("closed_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "hand_notices",
        sa.Column("broadcast_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("way", sa.String(16), nullable=False),
        sa.Column("told_by", sa.Uuid(), nullable=False),
        sa.Column("told_at", MOMENT, nullable=False),
        sa.CheckConstraint("way IN ('message', 'in_person')", name="way"),
        sa.ForeignKeyConstraint(["broadcast_id"], ["broadcasts.id"], name="fk_hand_notices_broadcast_id_broadcasts"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_hand_notices_person_id_people"),
        sa.PrimaryKeyConstraint("broadcast_id", "person_id", name="pk_hand_notices"),
    )
    op.create_index("ix_hand_notices_person_id", "hand_notices", ["person_id"])
    op.create_index("ix_hand_notices_told_at", "hand_notices", ["told_at"])
    op.create_table(
        "link_requests",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("closed_at", MOMENT),
        sa.Column("closed_by", sa.Uuid()),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_link_requests_person_id_people"),
        sa.PrimaryKeyConstraint("id", name="pk_link_requests"),
    )
    op.create_index("ix_link_requests_person_id", "link_requests", ["person_id"])
    op.create_index("ix_link_requests_asked_at", "link_requests", ["asked_at"])
    op.create_index("ix_link_requests_open", "link_requests", ["asked_at"], sqlite_where=OPEN, postgresql_where=OPEN)
    op.add_column("invites", sa.Column("nickname", sa.LargeBinary()))
