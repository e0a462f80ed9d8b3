"""A nickname on an invite is sealed with a key of the invite's own; answers are found by their number alone.

Nicknames that are there get theirs within the hour. An answer's id is what it is sealed for; nothing looked it up, and
the index on it took 44 bytes an answer.
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

_LAST = "SELECT seq FROM sqlite_sequence WHERE name = 'answers'"


def upgrade() -> None:
    op.create_table(
        "invite_keys",
        sa.Column("invite_id", sa.Uuid(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("invite_id", name=op.f("pk_invite_keys")),
    )
    connection = op.get_bind()
    sqlite = connection.dialect.name == "sqlite"
    last = connection.exec_driver_sql(_LAST).scalar() if sqlite else None
    with op.batch_alter_table("answers", table_kwargs={"sqlite_autoincrement": True}) as answers:
        answers.drop_constraint("uq_answers_id", type_="unique")
    if last:
        # A number is never given twice, even where the newest rows are gone: it would count as read.
        connection.execute(sa.text("DELETE FROM sqlite_sequence WHERE name = 'answers'"))
        connection.execute(sa.text("INSERT INTO sqlite_sequence (name, seq) VALUES ('answers', :last)"), {"last": last})
