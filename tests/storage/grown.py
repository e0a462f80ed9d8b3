"""A PostgreSQL database that has grown: enough rows, and spread as in use, that its planner chooses as it will later.

Rows are made by the server alone and open with no key: they are for plans. Each of twenty groups has fifty people, who
were asked once a week for twelve weeks; a fifth of the last week's questions are open.
"""

from string import Template
from typing import Any, Final

COHORTS, PEOPLE, ORDERS = 20, 1_000, 240
ASKED: Final = ORDERS * PEOPLE // COHORTS
# Numbers in what follows: all begin with 0; from `OPEN` on some do not answer, up to `READ` all is read.
_AMOUNTS: Final = {
    "COHORTS": COHORTS,
    "LAST_COHORT": COHORTS - 1,
    "LAST_PERSON": PEOPLE - 1,
    "LAST_ORDER": ORDERS - 1,
    "CLOSED": ORDERS - COHORTS,
    "LAST_ASKED": ASKED - 1,
    "OPEN": ASKED - PEOPLE,
    "READ": ASKED - 2 * PEOPLE,
    "WAITING": ASKED - 10,
}

_NUMBERED: Final = """
CREATE FUNCTION pg_temp.id(kind text, number bigint) RETURNS uuid LANGUAGE sql IMMUTABLE
  AS $$ SELECT md5(kind || number)::uuid $$;
CREATE FUNCTION pg_temp.hash(kind text, number bigint) RETURNS bytea LANGUAGE sql IMMUTABLE
  AS $$ SELECT sha256((kind || number)::bytea) $$;
CREATE FUNCTION pg_temp.week(number bigint) RETURNS timestamptz LANGUAGE sql IMMUTABLE
  AS $$ SELECT timestamptz '2026-01-05 15:00+00' + number * interval '7 days' $$;
"""
# Of the asking numbered n: its order is n / 50, that one's group is its remainder by 20.
_ASKED: Final = """
CREATE TEMP VIEW asked AS SELECT n, n / 50 AS broadcast, n / 50 % $COHORTS AS cohort,
  n / 50 % $COHORTS * 50 + n % 50 AS person, pg_temp.week(n / 1000) AS at,
  n >= $OPEN AND n % 5 = 0 AS open, n % 11 = 0 AS silent FROM generate_series(0, $LAST_ASKED) AS n;
"""
# By table: its columns, and the SELECT that makes its rows.
_ROWS: Final = {
    "cohorts (id, name, lookup, languages, created_at)": """
        SELECT pg_temp.id('cohort', n), '', pg_temp.hash('cohort', n), 'es', now()
        FROM generate_series(0, $LAST_COHORT) AS n""",
    "dialog_versions (hash, name, kind, source, created_at)": """
        SELECT md5('version' || n), 'dialog' || n, 'check_in', '{}', now() FROM generate_series(0, 7) AS n""",
    "people (id, participation, created_at)": """
        SELECT pg_temp.id('person', n), 'active', now() FROM generate_series(0, $LAST_PERSON) AS n""",
    "addresses (id, messenger, lookup, created_at)": """
        SELECT id, 'telegram', sha256(id::text::bytea), now() FROM people""",
    "person_addresses (person_id, address_id, target, linked_at)": "SELECT id, id, '', now() FROM people",
    "person_keys (person_id, wrapped, created_at)": "SELECT id, '', now() FROM people",
    "memberships (id, person_id, cohort_id, joined_at)": """
        SELECT pg_temp.id('person', n), pg_temp.id('person', n), pg_temp.id('cohort', n / 50), now()
        FROM generate_series(0, $LAST_PERSON) AS n""",
    "broadcasts (id, key, dialog_hash, cohort_id, purpose_id, ordered_at, due_at, closed_at)": """
        SELECT pg_temp.id('order', n), n, md5('version' || n % 8), pg_temp.id('cohort', n % $COHORTS),
          pg_temp.id('card', n), pg_temp.week(n / $COHORTS), pg_temp.week(n / $COHORTS),
          CASE WHEN n < $CLOSED THEN pg_temp.week(n / $COHORTS + 1) END
        FROM generate_series(0, $LAST_ORDER) AS n""",
    "deliveries (id, broadcast_id, person_id, due_at, state)": """
        SELECT pg_temp.id('delivery', n), pg_temp.id('order', broadcast), pg_temp.id('person', person), at,
          CASE WHEN open AND n % 50 = 0 THEN 'due' ELSE 'started' END FROM asked""",
    """runs (id, person_id, dialog_hash, cohort_id, broadcast_id, delivery_id, started_by, status, state, prompt,
        language, started_at, active_at, ended_at, seq)""": """
        SELECT pg_temp.id('run', n), pg_temp.id('person', person), md5('version' || broadcast % 8),
          pg_temp.id('cohort', cohort), pg_temp.id('order', broadcast), pg_temp.id('delivery', n), 'broadcast',
          CASE WHEN open THEN 'open' WHEN silent THEN 'expired' ELSE 'completed' END, '', 5, 'es', at, at,
          CASE WHEN open THEN NULL ELSE at END, n / 1000 FROM asked""",
    "answers (id, run_id, path, revision, person_id, value, answered_at)": """
        SELECT pg_temp.id('answer', n * 4 + each), pg_temp.id('run', n), md5('path' || n * 4 + each), 1,
          pg_temp.id('person', person), '', at FROM asked, generate_series(0, 3) AS each
        WHERE NOT (open OR silent) ORDER BY n""",
    "asides (id, run_id, path, person_id, value, said_at)": """
        SELECT pg_temp.id('aside', n), pg_temp.id('run', n), md5('path' || n * 4), pg_temp.id('person', person), '', at
        FROM asked WHERE n % 20 = 0""",
    "media (id, person_id, run_id, path, kind, mime, size, file, received_at)": """
        SELECT pg_temp.id('file', n), pg_temp.id('person', person), pg_temp.id('run', n), md5('path' || n * 4), 'voice',
          'audio/ogg', 1000, md5('file' || n), at FROM asked WHERE n % 20 = 0""",
    "readings (reader_id, run_id, person_id, read_at, seq)": """
        SELECT pg_temp.id('person', cohort * 50), pg_temp.id('run', n), pg_temp.id('person', person), at, n * 4
        FROM asked WHERE NOT (open OR silent) AND n < $READ""",
    "readings_begun (reader_id, run_id, path, person_id, seq)": """
        SELECT pg_temp.id('person', cohort * 50), pg_temp.id('run', n), md5('path' || n * 4),
          pg_temp.id('person', person), n * 4 FROM asked WHERE n % 10 = 0""",
    """outbox (id, person_id, messenger, lookup, kind, lane, run_id, prompt, state, due_at, created_at, sent_at,
        message_id, turn)""": """
        SELECT pg_temp.id('message', n * 2 + each), pg_temp.id('person', person), 'telegram',
          sha256(pg_temp.id('person', person)::text::bytea), 'message', 1 - each, pg_temp.id('run', n), each + 1,
          CASE WHEN n >= $WAITING THEN 'queued' ELSE 'sent' END, at, at, at, n * 2 + each,
          CASE WHEN each > 0 THEN n END
        FROM asked, generate_series(0, 1) AS each ORDER BY n""",
    "inbox (id, messenger, update_key, lookup, day, state, next_at, received_at, message_id)": """
        SELECT pg_temp.id('update', n), 'telegram', n, sha256(pg_temp.id('person', person)::text::bytea), at::date,
          CASE WHEN n >= $WAITING THEN 'pending' ELSE 'done' END, at, at, n FROM asked ORDER BY n""",
    "audit (at, actor, action, subject, detail, previous, hash)": """
        SELECT at, 'console', 'action.' || n % 40, pg_temp.id('person', person), '', '', '' FROM asked ORDER BY n""",
    "messages (id, person_id, cohort_id, direction, body, at, closed_at, reply_to)": """
        SELECT pg_temp.id('mail', n), pg_temp.id('person', person), pg_temp.id('cohort', cohort),
          CASE WHEN n % 2 = 0 THEN 'to_team' ELSE 'from_team' END, '', at,
          CASE WHEN n < $WAITING AND n % 2 = 0 THEN at END, CASE WHEN n % 2 = 1 THEN pg_temp.id('mail', n - 1) END
        FROM asked WHERE n % 10 < 2""",
}


def grow(connection: Any) -> None:
    """Fill an empty database of our schema, and let its planner know."""
    # Rows come in no order that suits their references, and nothing here is looked up by them.
    connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
    connection.exec_driver_sql(_NUMBERED)
    connection.exec_driver_sql(_with_amounts(_ASKED))
    for into, rows in _ROWS.items():
        connection.exec_driver_sql(_with_amounts(f"INSERT INTO {into} {rows}"))
    connection.exec_driver_sql("ANALYZE")


def _with_amounts(sql: str) -> str:
    return Template(sql).substitute(_AMOUNTS).replace("%", "%%")
