"""What somebody remembers who asks for the way back without a nickname, and who was told by hand of one message."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = sa.DateTime(timezone=op.get_bind().dialect.name != "sqlite")
    op.create_table(
        "recollections",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("invite_id", sa.Uuid(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("asked_at", moment, nullable=False),
        sa.ForeignKeyConstraint(["invite_id"], ["invites.id"], name="fk_recollections_invite_id_invites"),
        sa.PrimaryKeyConstraint("id", name="pk_recollections"),
    )
    op.create_index("ix_recollections_invite_id", "recollections", ["invite_id"])
    op.create_table(
        "message_notices",
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("way", sa.String(16), nullable=False),
        sa.Column("told_by", sa.Uuid(), nullable=False),
        sa.Column("told_at", moment, nullable=False),
        sa.CheckConstraint("way IN ('message', 'in_person')", name="way"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_message_notices_person_id_people"),
        sa.PrimaryKeyConstraint("message_id", name="pk_message_notices"),
    )
    op.create_index("ix_message_notices_person_id", "message_notices", ["person_id"])
    op.create_index("ix_message_notices_told_at", "message_notices", ["told_at"])
