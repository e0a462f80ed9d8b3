"""Whom a message in the team's chats names, so that it goes when that person is erased."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "named_on_screens",
        sa.Column("outbox_seq", number, autoincrement=False, nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_named_on_screens_person_id_people")),
        sa.PrimaryKeyConstraint("outbox_seq", "person_id", name=op.f("pk_named_on_screens")),
    )
    op.add_column("inbox", sa.Column("message_id", sa.BigInteger(), nullable=True))
    op.create_index("ix_named_on_screens_person_id", "named_on_screens", ["person_id"])
