"""Answers and messages get numbers of the database's own, and readings tell up to which of them was read."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
SEQUENCE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

# By when they were given; but no revision comes before an earlier one of its path: a clock may have been put back.
ANSWERS = """
    SELECT id, run_id, moment, row_number() OVER (ORDER BY moment, revision, id) AS place
    FROM (
        SELECT id, run_id, revision,
            max(answered_at) OVER (PARTITION BY run_id, path ORDER BY revision) AS moment
        FROM answers
    ) AS dated
"""
MESSAGES = "SELECT id, row_number() OVER (ORDER BY at, id) AS place FROM messages"
# What was read by the old rule stays read, and nothing else is: all of a run its person was not in since, and else
# whatever is not younger than the reading.
READ = """
    UPDATE readings SET seq = coalesce((
        SELECT max(numbered.place) FROM numbered JOIN runs ON runs.id = numbered.run_id
        WHERE numbered.run_id = readings.run_id
            AND (runs.active_at <= readings.read_at OR numbered.moment <= readings.read_at)
    ), 0)
"""
BROUGHT = """
    UPDATE media SET answer_seq = (
        SELECT min(answers.seq) FROM answers
        WHERE answers.run_id = media.run_id AND answers.path = media.path AND answers.answered_at >= media.received_at
    )
    WHERE run_id IS NOT NULL AND path IS NOT NULL
"""
# Who was shown a conversation, and when, is on the trail alone.
HEARD = """
    INSERT INTO message_readings (reader_id, conversation_id, person_id, seq, read_at)
    SELECT {reader}, first.id, first.person_id, max(messages.seq), shown.at
    FROM (
        SELECT actor, subject, max(at) AS at FROM audit
        WHERE action = 'messages.read' AND length(actor) = 36 GROUP BY actor, subject
    ) AS shown
    JOIN messages AS first ON replace(CAST(first.id AS VARCHAR(36)), '-', '') = replace(shown.subject, '-', '')
    JOIN messages ON coalesce(messages.reply_to, messages.id) = first.id
    WHERE messages.at <= shown.at AND messages.direction <> 'held'
    GROUP BY shown.actor, first.id, first.person_id, shown.at
"""
READER = {"sqlite": "replace(shown.actor, '-', '')", "postgresql": "CAST(shown.actor AS uuid)"}
# A reply answered whatever came before it.
REPLIES = "UPDATE messages SET answers_seq = seq WHERE direction = 'from_team'"


def upgrade() -> None:
    op.execute(f"CREATE TEMPORARY TABLE numbered AS {ANSWERS}")
    op.execute("CREATE INDEX ix_numbered ON numbered (run_id)")
    op.execute(f"CREATE TEMPORARY TABLE placed AS {MESSAGES}")
    op.add_column("messages", sa.Column("answers_seq", SEQUENCE))
    op.add_column("media", sa.Column("answer_seq", SEQUENCE))
    if op.get_bind().dialect.name == "sqlite":
        _rebuild_answers()
        _rebuild_messages()
    else:
        _number("answers", "numbered")
        _number("messages", "placed")
    op.execute(REPLIES)
    op.execute(BROUGHT)
    _change_readings()
    op.execute("DROP TABLE numbered")
    op.execute("DROP TABLE placed")


def _change_readings() -> None:
    op.add_column("readings", sa.Column("seq", SEQUENCE))
    op.execute(READ)
    with op.batch_alter_table("readings") as batch:
        batch.alter_column("seq", existing_type=SEQUENCE, nullable=False)
    op.create_table(
        "readings_begun",
        sa.Column("reader_id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("path", sa.String(255), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("seq", SEQUENCE, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_readings_begun_person_id_people"),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_readings_begun_run_id_runs"),
        sa.PrimaryKeyConstraint("reader_id", "run_id", "path", name="pk_readings_begun"),
    )
    op.create_index("ix_readings_begun_person_id", "readings_begun", ["person_id"])
    op.create_table(
        "message_readings",
        sa.Column("reader_id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("seq", SEQUENCE, nullable=False),
        sa.Column("read_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_message_readings_person_id_people"),
        sa.PrimaryKeyConstraint("reader_id", "conversation_id", name="pk_message_readings"),
    )
    op.create_index("ix_message_readings_person_id", "message_readings", ["person_id"])
    op.create_index("ix_message_readings_read_at", "message_readings", ["read_at"])
    op.execute(HEARD.format(reader=READER[op.get_bind().dialect.name]))


def _number(table: str, places: str) -> None:
    """Give a table of PostgreSQL's a number as its primary key, in the order that was found."""
    op.execute(f"CREATE SEQUENCE {table}_seq_seq")
    op.add_column(table, sa.Column("seq", sa.BigInteger()))
    op.execute(
        f"UPDATE {table} SET seq = {places}.place FROM {places} WHERE {places}.id = {table}.id"  # noqa: S608 -- our own names
    )
    op.execute(f"ALTER TABLE {table} ALTER COLUMN seq SET DEFAULT nextval('{table}_seq_seq'), ALTER seq SET NOT NULL")
    op.execute(f"ALTER SEQUENCE {table}_seq_seq OWNED BY {table}.seq")
    op.execute(f"SELECT setval('{table}_seq_seq', max(seq)) FROM {table} HAVING count(*) > 0")  # noqa: S608 -- our own names
    op.drop_constraint(f"pk_{table}", table, type_="primary")
    op.create_primary_key(f"pk_{table}", table, ["seq"])
    op.create_unique_constraint(f"uq_{table}_id", table, ["id"])


def _rebuild_answers() -> None:
    op.create_table(
        "new_answers",
        sa.Column("seq", SEQUENCE, autoincrement=True, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("path", sa.String(length=255), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.Column("answered_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_answers_person_id_people"),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_answers_run_id_runs"),
        sa.PrimaryKeyConstraint("seq", name="pk_answers"),
        sa.UniqueConstraint("id", name="uq_answers_id"),
        sa.UniqueConstraint("run_id", "path", "revision", name="uq_answers_run_id_path_revision"),
        sqlite_autoincrement=True,
    )
    _move("answers", "numbered", "id, run_id, path, revision, person_id, value, answered_at")
    op.create_index("ix_answers_person_id", "answers", ["person_id"])


def _rebuild_messages() -> None:
    op.create_table(
        "new_messages",
        sa.Column("seq", SEQUENCE, autoincrement=True, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("cohort_id", sa.Uuid()),
        sa.Column("direction", sa.String(length=16), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("written_by", sa.Uuid()),
        sa.Column("taken_by", sa.Uuid()),
        sa.Column("taken_at", MOMENT),
        sa.Column("closed_at", MOMENT),
        sa.Column("media_id", sa.Uuid()),
        sa.Column("reply_to", sa.Uuid()),
        sa.Column("answers_seq", SEQUENCE),
        sa.CheckConstraint("direction IN ('held', 'to_team', 'from_team')", name=op.f("ck_messages_direction")),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohorts.id"], name="fk_messages_cohort_id_cohorts"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_messages_person_id_people"),
        sa.PrimaryKeyConstraint("seq", name="pk_messages"),
        sa.UniqueConstraint("id", name="uq_messages_id"),
        sqlite_autoincrement=True,
    )
    columns = (
        "id, person_id, cohort_id, direction, body, at, written_by, taken_by, taken_at, closed_at, media_id, reply_to"
    )
    _move("messages", "placed", columns)
    op.create_index("ix_messages_cohort_id", "messages", ["cohort_id"])
    op.create_index("ix_messages_person_id", "messages", ["person_id"])


def _move(table: str, places: str, columns: str) -> None:
    """Put the rows of one of SQLite's tables, numbered in the order that was found, into what takes its place."""
    old = ", ".join(f"old.{name}" for name in columns.split(", "))
    ordered = f"{table} AS old JOIN {places} AS places ON places.id = old.id ORDER BY places.place"
    op.execute(f"INSERT INTO new_{table} (seq, {columns}) SELECT places.place, {old} FROM {ordered}")  # noqa: S608 -- our own names
    op.drop_table(table)
    op.rename_table(f"new_{table}", table)
