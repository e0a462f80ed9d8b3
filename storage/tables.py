"""The whole schema.

What names or describes a person is `Sealed`: ciphertext made by `storage.vault`, never words in the clear. Look-ups go
by keyed hash (`lookup`, 32 bytes). Moments are UTC. Ids are random, and made before the insert, so that they can be
part of the associated data; `seq` columns tell the order. Nothing cascades: erasure names its tables.
"""

from collections import abc
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ColumnElement,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    Uuid,
    and_,
    false,
    true,
)
from sqlalchemy.ext.compiler import compiles

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
metadata = MetaData(naming_convention=NAMING)
# Partial indexes state their condition here for SQLite only: PostgreSQL's option would load its dialect and drivers at
# every start. Migrations state it for both, and a test compares.


def _utc(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("a moment needs its zone: this one is naive")
    return value.astimezone(UTC)


def _to_sqlite(value: datetime | None) -> str | None:
    if value is None:
        return None
    return _written(value if value.tzinfo is UTC else _utc(value))


@lru_cache(maxsize=32)  # a turn writes the same few moments again and again
def _written(value: datetime) -> str:
    return value.isoformat(" ", "microseconds")[:26]


def utc_text(value: datetime | None) -> str | None:
    """Return a moment as it is written in a SQLite file: in UTC, to the microsecond."""
    return _to_sqlite(value)


def _from_sqlite(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text + "+00:00")


class Moment(TypeDecorator[datetime]):
    """An instant, stored as UTC.

    SQLite returns `DateTime(timezone=True)` naive and hours wrong, so a naive value is refused on the way in and the
    zone is set on the way out.
    """

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        """Use TIMESTAMP WITH TIME ZONE where the database has one."""
        return dialect.type_descriptor(DateTime(timezone=dialect.name != "sqlite"))

    def bind_processor(self, dialect: Dialect) -> Any:
        """Return the function that converts an aware moment to UTC, for SQLite straight to text."""
        return _to_sqlite if dialect.name == "sqlite" else super().bind_processor(dialect)

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        """Return the function that makes an aware moment in UTC from what is stored."""
        return _from_sqlite if dialect.name == "sqlite" else super().result_processor(dialect, coltype)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 -- the hook's signature
        """Convert an aware moment to UTC; raise ValueError on a naive one."""
        return None if value is None else _utc(value)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 -- the hook's signature
        """Return the moment in UTC."""
        return None if value is None else value.astimezone(UTC)


def to_minute(value: datetime) -> datetime:
    """Return the whole minute of a moment, in UTC."""
    return (value if value.tzinfo is UTC else _utc(value)).replace(second=0, microsecond=0)


def _minute_to_sqlite(value: datetime | None) -> str | None:
    if value is None:
        return None
    return _written_minute(value if value.tzinfo is UTC else _utc(value))


@lru_cache(maxsize=32)
def _written_minute(value: datetime) -> str:
    return value.isoformat(" ", "minutes")[:16] + ":00.000000"


class WholeMinute(Moment):
    """An instant, stored as its whole minute: a messenger's or a provider's clock then leads to nobody's row.

    What it is compared with is cut to its minute, too. Order is told by numbers, never by such a moment.
    """

    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Any:
        """Return the function that cuts an aware moment to its minute in UTC."""
        return _minute_to_sqlite if dialect.name == "sqlite" else super().bind_processor(dialect)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 -- the hook's signature
        """Cut an aware moment to its minute in UTC; raise ValueError on a naive one."""
        return None if value is None else to_minute(value)


class Sealed(LargeBinary):
    """Ciphertext, bound to its table, column and row; `storage.damage_scan` opens every column of this type."""

    cache_ok = True


class Wrapped(LargeBinary):
    """A data key, sealed for its owner."""

    cache_ok = True


def _seal() -> Column[bytes]:
    """Return the column of a row's seal (`storage.seals`); NULL: the row has none, and counts for nothing."""
    return Column("seal", LargeBinary(21))


Sequence = BigInteger().with_variant(Integer, "sqlite")


class _OneOf(ColumnElement[bool]):
    """What a column may hold.

    SQLite makes a table of a longer list, whenever it writes a row, to look for the one value in it: on SQLite each
    value is asked about by itself.
    """

    inherit_cache = False

    def __init__(self, column: str, values: abc.Sequence[str]) -> None:
        self.column, self.values = column, [f"'{value}'" for value in values]


@compiles(_OneOf)
def _listed(given: _OneOf, *_: object, **__: object) -> str:
    return f"{given.column} IN ({', '.join(given.values)})"


@compiles(_OneOf, "sqlite")
def _one_by_one(given: _OneOf, *_: object, **__: object) -> str:
    return " OR ".join(f"{given.column} = {value}" for value in given.values)


def _one_of(column: str, *values: str) -> CheckConstraint:
    return CheckConstraint(_OneOf(column, values), name=column)


organisation = Table(
    "organisation",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("record", Sealed, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("key_confirmed_at", Moment),
    Column("backup_verified_at", Moment),
    _seal(),
    CheckConstraint("id = 1", name="only_one"),
)

people = Table(
    "people",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("nickname", Sealed),
    Column("preferences", Sealed),
    Column("language", String(35)),
    # Neither written nor read: a zone of one's own is a preference, sealed, as it says where somebody lives. The column
    # stays: SQLite before 3.35 takes none off without building this table anew, on which nearly all others depend.
    Column("zone", String(64)),
    Column("participation", String(16), nullable=False),
    Column("practice", Boolean, nullable=False, server_default=false()),
    Column("created_at", WholeMinute, nullable=False),
    # When to check again what is due for the person; NULL: nothing is.
    Column("look_at", WholeMinute),
    # Whether the person has chosen a PIN: without its row the chat stays shut.
    Column("locked", Boolean, nullable=False, server_default=false()),
    _seal(),
    _one_of(
        "participation",
        "invited",
        "consenting",
        "naming",
        "active",
        "declined",
        "paused",
        "left",
        "unreachable",
    ),
)

Index(
    "ix_people_look_at",
    people.c.look_at,
    sqlite_where=people.c.look_at.is_not(None),
)
# The people retention checks: they are few beside those who take part.
Index(
    "ix_people_outside",
    people.c.created_at,
    sqlite_where=people.c.participation.in_(("left", "declined", "invited", "consenting")),
)

# Separate from the rows they open: a backup leaves this table out of the data file, and no foreign key refers to it.
person_keys = Table(
    "person_keys",
    metadata,
    Column("person_id", Uuid, primary_key=True),
    Column("wrapped", Wrapped, nullable=False),
    Column("created_at", WholeMinute, nullable=False),
)

inbox_keys = Table(
    "inbox_keys",
    metadata,
    Column("day", Date, primary_key=True),
    Column("wrapped", Wrapped, nullable=False),
)

# A key for each invite with a nickname on it, as whoever it is for has none yet. It stays while the invite may be used,
# and then as long as whoever came in by it.
invite_keys = Table(
    "invite_keys",
    metadata,
    Column("invite_id", Uuid, primary_key=True),
    Column("wrapped", Wrapped, nullable=False),
)

# The organisation's master keys before the present one, which wraps them: by them older buttons, hashes and rows of the
# trail are known.
former_keys = Table(
    "former_keys",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("wrapped", Wrapped, nullable=False),
    Column("replaced_at", Moment, nullable=False),
    # When nothing was left that it had sealed, and no backup's keys within reach.
    Column("finished_at", Moment),
)

# The epoch whose key wraps keys now; the key itself is in a file, and never here.
epoch = Table(
    "epoch",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(32), nullable=False),
    Column("begun_at", Moment, nullable=False),
    # Since when another one is due, because somebody was erased within a minute of the last one.
    Column("owed_at", Moment),
    # When keys files were written again and the files of earlier epochs deleted; NULL: that is still to do.
    Column("settled_at", Moment),
    # When nothing was left on the disk of what the organisation's key itself had wrapped; NULL: that is still to do.
    Column("swept_at", Moment),
    CheckConstraint("id = 1", name="only_one"),
)

# Keyed hashes of the ids of people who were erased: by them an older backup is known to bring somebody back.
erasures = Table(
    "erasures",
    metadata,
    Column("lookup", LargeBinary(32), primary_key=True),
    Column("erased_at", WholeMinute, nullable=False),
)

addresses = Table(
    "addresses",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("messenger", String(16), nullable=False),
    Column("lookup", LargeBinary(32), nullable=False),
    Column("unreachable_since", WholeMinute),
    Column("created_at", WholeMinute, nullable=False),
    # Rows of messages up to this id of the messenger were deleted: nobody knows any more what was said there.
    Column("forgotten", BigInteger),
    _seal(),
    UniqueConstraint("messenger", "lookup"),
)

person_addresses = Table(
    "person_addresses",
    metadata,
    Column("person_id", Uuid, ForeignKey("people.id"), primary_key=True),
    Column("address_id", Uuid, ForeignKey("addresses.id"), primary_key=True),
    Column("target", Sealed, nullable=False),
    # The person who speaks at an address that several people share.
    Column("current", Boolean, nullable=False, server_default=true()),
    Column("linked_at", WholeMinute, nullable=False),
    _seal(),
    # Counts a person's addresses in the order in which they were linked.
    Column("seq", Sequence, nullable=False, server_default="0"),
)
Index(
    "uq_person_addresses_current",
    person_addresses.c.address_id,
    unique=True,
    sqlite_where=person_addresses.c.current.is_(True),
)
# Who else shares it, where somebody is erased.
Index("ix_person_addresses_address_id", person_addresses.c.address_id)

cohorts = Table(
    "cohorts",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("name", Sealed, nullable=False),
    Column("lookup", LargeBinary(32), nullable=False, unique=True),
    Column("languages", String(255), nullable=False),
    Column("zone", String(64)),
    Column("context", Sealed),
    Column("practice", Boolean, nullable=False, server_default=false()),
    Column("created_at", Moment, nullable=False),
    _seal(),
)

memberships = Table(
    "memberships",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("person_id", Uuid, ForeignKey("people.id"), nullable=False),
    Column("cohort_id", Uuid, ForeignKey("cohorts.id"), nullable=False),
    Column("joined_at", WholeMinute, nullable=False),
    Column("left_at", WholeMinute),
    # Until a facilitator approves, where the cohort asks for that.
    Column("waiting", Boolean, nullable=False, server_default=false()),
    # Keyed hash of the nickname, different in every cohort; that of the empty name where there is none. NULL: not
    # computed yet (the person came before this column existed).
    Column("nickname_lookup", LargeBinary(32)),
    _seal(),
    # Counts a person's memberships in the order in which they began.
    Column("seq", Sequence, nullable=False, server_default="0"),
    Index("ix_memberships_cohort_id", "cohort_id"),
)
Index(
    "ix_memberships_nickname",
    memberships.c.cohort_id,
    memberships.c.nickname_lookup,
    sqlite_where=memberships.c.left_at.is_(None),
)
Index(
    "uq_memberships_present",
    memberships.c.person_id,
    memberships.c.cohort_id,
    unique=True,
    sqlite_where=memberships.c.left_at.is_(None),
)

roles = Table(
    "roles",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("person_id", Uuid, ForeignKey("people.id"), nullable=False, index=True),
    Column("role", String(16), nullable=False),
    # NULL: every cohort (an admin).
    Column("cohort_id", Uuid, ForeignKey("cohorts.id")),
    Column("granted_by", Uuid),
    Column("granted_at", Moment, nullable=False),
    Column("expires_at", Moment),
    Column("revoked_at", Moment),
    # From when it rests; until it is taken up again it allows nothing.
    Column("rested_at", Moment),
    _seal(),
    _one_of("role", "facilitator", "translator", "admin"),
)

role_rests = Table(
    "role_rests",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("person_id", Uuid, ForeignKey("people.id"), nullable=False, index=True),
    # NULL: the console.
    Column("asked_by", Uuid),
    Column("asked_at", Moment, nullable=False),
    # An admin said that it goes on, or that it is over.
    Column("decided_by", Uuid),
    Column("decided_at", Moment),
    Column("ended_at", Moment),
)
Index("ix_role_rests_open", role_rests.c.asked_at, sqlite_where=role_rests.c.ended_at.is_(None))

invites = Table(
    "invites",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("lookup", LargeBinary(32), nullable=False, unique=True),
    Column("role", String(16), nullable=False),
    Column("cohort_id", Uuid, ForeignKey("cohorts.id")),
    Column("uses", Integer, nullable=False),
    Column("created_by", Uuid),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment),
    Column("revoked_at", Moment),
    # How many rows `invite_uses` has for it.
    Column("used", Integer, nullable=False, server_default="0"),
    # What whoever it is for is called by the team, until it is used or over.
    Column("nickname", Sealed),
    _seal(),
    _one_of("role", "leader", "facilitator", "translator", "admin"),
    CheckConstraint("uses > 0", name="uses"),
)

invite_uses = Table(
    "invite_uses",
    metadata,
    Column("invite_id", Uuid, ForeignKey("invites.id"), primary_key=True),
    Column("person_id", Uuid, ForeignKey("people.id"), primary_key=True),
    Column("used_at", WholeMinute, nullable=False),
    _seal(),
)

consents = Table(
    "consents",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("person_id", Uuid, ForeignKey("people.id"), nullable=False, index=True),
    Column("action", String(16), nullable=False),
    Column("text_version", String(64), nullable=False),
    Column("language", String(35), nullable=False),
    # The exact words that were shown.
    Column("text", Sealed, nullable=False),
    Column("at", WholeMinute, nullable=False),
    _seal(),
    # Counts a person's decisions: of two in one minute the later one holds.
    Column("seq", Sequence, nullable=False, server_default="0"),
    _one_of("action", "given", "declined", "withdrawn"),
)

dialog_versions = Table(
    "dialog_versions",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("name", String(64), nullable=False, index=True),
    Column("kind", String(16), nullable=False),
    Column("source", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    _seal(),
)

# The organisation's own dialogs, written or copied in chat, each in its present version.
own_dialogs = Table(
    "own_dialogs",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("hash", String(64), ForeignKey("dialog_versions.hash"), nullable=False),
    # The dialog it was copied from.
    Column("base", String(64)),
    Column("changed_by", Uuid),
    Column("changed_at", Moment, nullable=False),
    Column("retired_at", Moment),
    _seal(),
    # The group it was made for; none: it is the house's.
    Column("cohort_id", Uuid, ForeignKey("cohorts.id")),
    # Whether it is to be used again, and since when it stands before others.
    Column("kept_at", Moment),
    Column("first_at", Moment),
)

purposes = Table(
    "purposes",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("card", Sealed, nullable=False),
    Column("created_by", Uuid),
    Column("created_at", Moment, nullable=False),
)

# What is asked again and again: each time makes a broadcast.
schedules = Table(
    "schedules",
    metadata,
    Column("id", Uuid, primary_key=True),
    # The same schedule begun twice has the same key.
    Column("key", String(128), nullable=False, unique=True),
    Column("cohort_id", Uuid, ForeignKey("cohorts.id"), nullable=False, index=True),
    Column("purpose_id", Uuid, ForeignKey("purposes.id"), nullable=False),
    # In turn: each a name, of which the newest version is asked, or the hash of one version.
    Column("dialogs", String(1000), nullable=False),
    # Closed fields, as JSON.
    Column("rule", String(400), nullable=False),
    Column("window_minutes", Integer, nullable=False),
    Column("made_by", Uuid),
    Column("made_at", Moment, nullable=False),
    Column("state", String(16), nullable=False),
    # Why it rests by itself.
    Column("reason", String(32)),
    _seal(),
    # How many occurrences were made: it says whose turn it is.
    Column("made", Integer, nullable=False, server_default="0"),
    # The next occurrence, as local day and time, and the moment at which it is made.
    Column("next_on", String(16)),
    Column("next_at", Moment),
    # The last one that the team left out.
    Column("skipped_on", String(16)),
    # How many occurrences it may have though nothing was given back.
    Column("untold_until", Integer),
    # When the team was last asked whether one of its own reasons to stop holds.
    Column("reviewed_at", Moment),
    _one_of("state", "active", "paused", "ended"),
)
Index(
    "ix_schedules_next_at",
    schedules.c.next_at,
    sqlite_where=schedules.c.state == "active",
)

SHARE_BACK = "share-back:"
"""How the key of a broadcast begins that gives something back, and asks nothing."""
QUOTE_ASKED = f"{SHARE_BACK}quote:"
"""How the key of one begins that asks somebody for a quote: it goes as what is given back does."""
ALOUD = f"{SHARE_BACK}aloud:"
"""How the key of one begins that gives something back by reading it aloud to a circle: it is closed once it was."""
ON_PAPER = "paper:"
"""How the key of one begins that was asked on paper, and went to nobody's phone."""

broadcasts = Table(
    "broadcasts",
    metadata,
    Column("id", Uuid, primary_key=True),
    # The same order given twice has the same key.
    Column("key", String(128), nullable=False, unique=True),
    Column("dialog_hash", String(64), ForeignKey("dialog_versions.hash"), nullable=False),
    Column("cohort_id", Uuid, ForeignKey("cohorts.id"), nullable=False, index=True),
    Column("purpose_id", Uuid, ForeignKey("purposes.id"), nullable=False),
    Column("ordered_by", Uuid),
    Column("ordered_at", Moment, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("cancelled_at", Moment),
    Column("closed_at", Moment),
    # When those who had not finished were reminded, once.
    Column("reminded_at", Moment),
    _seal(),
    # Of which schedule it is an occurrence, and for which local day and time.
    Column("schedule_id", Uuid, ForeignKey("schedules.id")),
    Column("occurs_on", String(16)),
    # When the next window in it closes.
    Column("closes_at", Moment),
    # Which dialog of a way in it is, counted from 0; of anything else 0.
    Column("step", Integer, nullable=False, server_default="0"),
)
Index(
    "ix_broadcasts_occurrence",
    broadcasts.c.schedule_id,
    broadcasts.c.occurs_on,
    broadcasts.c.step,
    unique=True,
)
Index(
    "ix_broadcasts_closes_at",
    broadcasts.c.closes_at,
    sqlite_where=and_(broadcasts.c.closes_at.is_not(None), broadcasts.c.closed_at.is_(None)),
)

# What the team understood or decided because of what a broadcast brought, and told those it had asked.
decisions = Table(
    "decisions",
    metadata,
    Column("seq", Sequence, primary_key=True, autoincrement=True),
    Column("id", Uuid, nullable=False, unique=True),
    Column("kind", String(16), nullable=False),
    Column("cohort_id", Uuid, ForeignKey("cohorts.id"), nullable=False, index=True),
    # What was asked.
    Column("broadcast_id", Uuid, ForeignKey("broadcasts.id"), nullable=False, index=True),
    # The words in each language.
    Column("body", Sealed, nullable=False),
    Column("made_by", Uuid),
    Column("made_at", Moment, nullable=False),
    Column("state", String(16), nullable=False),
    _seal(),
    # The broadcast that gave it back, and since when.
    Column("share_back_id", Uuid, ForeignKey("broadcasts.id"), unique=True),
    Column("told_at", Moment),
    # How many answers moved it: fewer links than that, and some of it is there no more.
    Column("moved", Integer, nullable=False, server_default="0"),
    _one_of("kind", "decision", "understood"),
    _one_of("state", "draft", "told", "dropped"),
    sqlite_autoincrement=True,
)

# What ties a person to a decision: an answer that moved it, a yes to it, a message that was said back.
decision_links = Table(
    "decision_links",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("decision_id", Uuid, ForeignKey("decisions.id"), nullable=False, index=True),
    Column("person_id", Uuid, ForeignKey("people.id"), nullable=False, index=True),
    Column("kind", String(16), nullable=False),
    Column("at", WholeMinute, nullable=False, index=True),
    # Whose answers they are that moved it; the message.
    Column("run_id", Uuid),
    Column("message_id", Uuid),
    _seal(),
    _one_of("kind", "moved", "fine", "said"),
)

# What left the team of a question that a broadcast asked: bands of five, as they were when they left, for good.
frozen_totals = Table(
    "frozen_totals",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("cohort_id", Uuid, ForeignKey("cohorts.id"), nullable=False, index=True),
    Column("broadcast_id", Uuid, ForeignKey("broadcasts.id"), nullable=False, index=True),
    # Which question, how many were asked, and each figure's band.
    Column("body", Sealed, nullable=False),
    Column("frozen_by", Uuid),
    Column("frozen_at", WholeMinute, nullable=False),
    _seal(),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("broadcast_id", Uuid, ForeignKey("broadcasts.id"), nullable=False),
    Column("person_id", Uuid, ForeignKey("people.id"), nullable=False),
    Column("due_at", WholeMinute, nullable=False),
    Column("state", String(16), nullable=False),
    Column("reason", String(32)),
    _seal(),
    # Until when it may be answered.
    Column("closes_at", WholeMinute),
    _one_of("state", "due", "started", "skipped"),
    UniqueConstraint("broadcast_id", "person_id"),
    # What waits for somebody, at every look; and all of theirs, where they are erased.
    Index("ix_deliveries_person_id_state", "person_id", "state"),
)
Index(
    "ix_deliveries_waiting",
    deliveries.c.due_at,
    sqlite_where=deliveries.c.state == "due",
)

runs = Table(
    "runs",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("person_id", Uuid, ForeignKey("people.id"), nullable=False),
    Column("dialog_hash", String(64), ForeignKey("dialog_versions.hash"), nullable=False),
    Column("cohort_id", Uuid, ForeignKey("cohorts.id")),
    Column("broadcast_id", Uuid, ForeignKey("broadcasts.id"), index=True),
    Column("delivery_id", Uuid, ForeignKey("deliveries.id"), unique=True),
    Column("started_by", String(16), nullable=False),
    Column("status", String(16), nullable=False),
    Column("state", Sealed, nullable=False),
    Column("prompt", Integer, nullable=False),
    Column("language", String(35), nullable=False),
    Column("started_at", WholeMinute, nullable=False),
    Column("active_at", WholeMinute, nullable=False),
    Column("resume_at", WholeMinute),
    Column("ended_at", WholeMinute),
    _seal(),
    # Counts a person's runs in the order in which they began.
    Column("seq", Sequence, nullable=False, server_default="0"),
    # Where one of the team typed in what its person said on paper: unseen, until its person says that it is so: agreed.
    Column("on_paper", String(16)),
    _one_of("status", "offered", "open", "postponed", "stopped", "completed", "expired"),
    _one_of("started_by", "broadcast", "person", "staff"),
    Index("ix_runs_person_id_status", "person_id", "status"),
    # As an export goes through them: group by group, each in the order in which its runs began.
    Index("ix_runs_dialog_hash_cohort_id", "dialog_hash", "cohort_id", "started_at", "seq", "id"),
    # With the person in it, so that a look for one person's runs in a group never goes through all of the group's.
    Index("ix_runs_cohort_id_person_id", "cohort_id", "person_id", "active_at", "id"),
)
Index(
    "ix_runs_resume",
    runs.c.resume_at,
    sqlite_where=runs.c.resume_at.is_not(None),
)
Index(
    "ix_runs_unfinished",
    runs.c.started_at,
    sqlite_where=runs.c.status.in_(("offered", "open", "postponed", "stopped")),
)
Index(
    "ix_runs_asking",
    runs.c.broadcast_id,
    sqlite_where=runs.c.status.in_(("offered", "open", "postponed")),
)

# An edit adds a revision; nothing is overwritten. A number is given once, and rises with a path's revisions.
answers = Table(
    "answers",
    metadata,
    Column("seq", Sequence, primary_key=True, autoincrement=True),
    # What it is sealed for. Nothing looks it up, so that there is no index on it: one would take 44 bytes an answer.
    Column("id", Uuid, nullable=False),
    Column("run_id", Uuid, ForeignKey("runs.id"), nullable=False),
    # The keyed hash of the question's path, another one in every run; here and wherever else a path is named.
    Column("path", String(255), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("person_id", Uuid, ForeignKey("people.id"), nullable=False),
    Column("value", Sealed, nullable=False),
    Column("answered_at", WholeMinute, nullable=False, index=True),
    _seal(),
    UniqueConstraint("run_id", "path", "revision"),
    # What one person said lies in one place, run by run: see `storage.readings.of_run`.
    Index("ix_answers_person_id_run_id", "person_id", "run_id"),
    sqlite_autoincrement=True,
)

# What was said to a question and could not be its answer; it stays beside it. `seq` is the order.
asides = Table(
    "asides",
    metadata,
    Column("seq", Sequence, primary_key=True, autoincrement=True),
    Column("id", Uuid, nullable=False, unique=True),
    Column("run_id", Uuid, ForeignKey("runs.id"), nullable=False, index=True),
    Column("path", String(255), nullable=False),
    Column("person_id", Uuid, ForeignKey("people.id"), nullable=False, index=True),
    Column("value", Sealed, nullable=False),
    # The id of the participant's message, by which an edit of it is recognised.
    Column("message", BigInteger),
    Column("said_at", WholeMinute, nullable=False, index=True),
    # The other question to which it was offered as an answer.
    Column("offered_to", String(255)),
    _seal(),
    sqlite_autoincrement=True,
)

# How a group can tell that something gets better, or does harm. Another wording is another row, so that what was said
# by the old one stays with it.
signs = Table(
    "signs",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("cohort_id", Uuid, ForeignKey("cohorts.id"), nullable=False, index=True),
    Column("kind", String(16), nullable=False),
    Column("words", Sealed, nullable=False),
    # The sign of which this is another wording.
    Column("former_id", Uuid),
    Column("made_by", Uuid),
    Column("made_at", Moment, nullable=False),
    # When it was worded anew, or given up.
    Column("ended_at", Moment),
    _seal(),
    # The day on which a sign of harm is looked at again, and after how many days once more.
    Column("look_on", String(10)),
    Column("look_every", Integer),
    # How many answers were laid beside it and not lifted: those that are not there any more count, too.
    Column("laid", Integer, nullable=False, server_default="0"),
    _one_of("kind", "better", "harm"),
)

# How a sign stands, said by the group or by the team. It is only ever added to; a slip is taken back and stays.
judgements = Table(
    "judgements",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("sign_id", Uuid, ForeignKey("signs.id"), nullable=False, index=True),
    Column("said_by", String(16), nullable=False),
    Column("value", String(16), nullable=False),
    # Words and reasons, and what was said against.
    Column("body", Sealed, nullable=False),
    # How many were there when the group said it.
    Column("present", Integer),
    # The day on which it was said, where the group lives.
    Column("said_on", String(10), nullable=False),
    # The group's own word beside which the team put this: a judgement, or the broadcast that asked.
    Column("beside_id", Uuid),
    Column("written_by", Uuid),
    Column("written_at", Moment, nullable=False),
    Column("taken_back_at", Moment),
    _seal(),
    _one_of("said_by", "group", "team"),
)

# What was told, laid beside a sign. `seq` is the order.
evidence = Table(
    "evidence",
    metadata,
    Column("seq", Sequence, primary_key=True, autoincrement=True),
    Column("id", Uuid, nullable=False, unique=True),
    Column("sign_id", Uuid, ForeignKey("signs.id"), nullable=False),
    Column("person_id", Uuid, ForeignKey("people.id"), nullable=False, index=True),
    Column("run_id", Uuid, ForeignKey("runs.id"), nullable=False, index=True),
    Column("path", String(255), nullable=False),
    Column("laid_by", Uuid),
    Column("laid_at", WholeMinute, nullable=False, index=True),
    _seal(),
    UniqueConstraint("sign_id", "run_id", "path"),
    sqlite_autoincrement=True,
)

# Words of an answer that may be told further than the team once whoever said them agrees to exactly these.
quotes = Table(
    "quotes",
    metadata,
    Column("seq", Sequence, primary_key=True, autoincrement=True),
    Column("id", Uuid, nullable=False, unique=True),
    Column("person_id", Uuid, ForeignKey("people.id"), nullable=False, index=True),
    Column("cohort_id", Uuid, ForeignKey("cohorts.id"), nullable=False, index=True),
    # The answer they are of.
    Column("run_id", Uuid, ForeignKey("runs.id"), nullable=False, index=True),
    Column("path", String(255), nullable=False),
    # The words, and their language.
    Column("body", Sealed, nullable=False),
    Column("state", String(16), nullable=False),
    Column("asked_by", Uuid),
    Column("asked_at", WholeMinute, nullable=False, index=True),
    Column("answered_at", WholeMinute),
    # The broadcast that asks for them.
    Column("broadcast_id", Uuid, ForeignKey("broadcasts.id"), unique=True),
    _seal(),
    _one_of("state", "draft", "asked", "yes", "no", "back"),
    sqlite_autoincrement=True,
)

# One sheet of paper with a dialog to print, and what was typed in from it.
sheets = Table(
    "sheets",
    metadata,
    Column("id", Uuid, primary_key=True),
    # The keyed hash of the code that stands on it.
    Column("lookup", LargeBinary(32), nullable=False, unique=True),
    Column("cohort_id", Uuid, ForeignKey("cohorts.id"), nullable=False, index=True),
    Column("dialog_hash", String(64), ForeignKey("dialog_versions.hash"), nullable=False),
    # Its code, what it was for, and what was typed in from it.
    Column("body", Sealed, nullable=False),
    Column("made_by", Uuid),
    Column("made_at", WholeMinute, nullable=False, index=True),
    Column("state", String(16), nullable=False),
    _seal(),
    # own: one person said it, and it went to that person's own answers.
    _one_of("state", "printed", "said", "refused", "withdrawn", "own"),
)

# Who of the team has read a run, and up to which answer: any later one is new to that reader.
readings = Table(
    "readings",
    metadata,
    Column("reader_id", Uuid, primary_key=True),
    Column("run_id", Uuid, ForeignKey("runs.id"), primary_key=True),
    # Whose run it is.
    Column("person_id", Uuid, ForeignKey("people.id"), nullable=False, index=True),
    Column("read_at", WholeMinute, nullable=False, index=True),
    Column("seq", Sequence, nullable=False),
    # Whether anybody read a run; and a run that goes is looked for here, as wherever one is named.
    Index("ix_readings_run_id_seq", "run_id", "seq"),
    # Up to where one reader has read, for all runs of a group at once, without their rows.
    Index("ix_readings_reader_id_run_id_seq", "reader_id", "run_id", "seq"),
)

# Single answers a reader was shown of a run not read up to them, because others are on other pages.
readings_begun = Table(
    "readings_begun",
    metadata,
    Column("reader_id", Uuid, primary_key=True),
    Column("run_id", Uuid, ForeignKey("runs.id"), primary_key=True, index=True),
    Column("path", String(255), primary_key=True),
    Column("person_id", Uuid, ForeignKey("people.id"), nullable=False, index=True),
    Column("seq", Sequence, nullable=False),
)

# That somebody asked for help or said words of danger. Whose it is, where the words are, how it rang, and who has seen
# to it is sealed with the organisation's key: whatever stands beside it here, a query needs.
alerts = Table(
    "alerts",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("body", Sealed, nullable=False),
    # The keyed hash of the run or message that it is about; of its own id where it is about nothing that is kept.
    Column("place", LargeBinary(32), nullable=False, index=True),
    # The day, for the months; the moment is sealed.
    Column("raised_at", WholeMinute, nullable=False, index=True),
    # Until one of the team has seen to it.
    Column("open", Boolean, nullable=False),
)
Index(
    "ix_alerts_open",
    alerts.c.raised_at,
    sqlite_where=alerts.c.open.is_(True),
)

# Alerts as versions before 0.2.0 wrote them: whoever opens the database next seals each, and takes it from here
# (`storage.resealing`).
alerts_before = Table(
    "alerts_before",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("person_id", Uuid, ForeignKey("people.id"), nullable=False),
    Column("cohort_id", Uuid),
    Column("run_id", Uuid),
    Column("path", String(255)),
    Column("message_id", Uuid),
    Column("raised_at", WholeMinute, nullable=False),
    Column("seen_by", Uuid),
    Column("seen_at", WholeMinute),
    Column("repeated_at", WholeMinute),
    Column("strength", String(8), nullable=False),
    Column("source", String(8), nullable=False),
    Column("added_to", Uuid),
    Column("lowered_at", WholeMinute),
)

# What a person asked of the team, until one of the team notes that it was done.
support_requests = Table(
    "support_requests",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("person_id", Uuid, ForeignKey("people.id"), nullable=False, index=True),
    Column("cohort_id", Uuid, ForeignKey("cohorts.id")),
    # Not written any more: which it is would tell what was chosen.
    Column("kind", String(16), nullable=False),
    # In which run or by which message it was asked for.
    Column("run_id", Uuid),
    Column("message_id", Uuid),
    Column("asked_at", WholeMinute, nullable=False, index=True),
    Column("done_at", WholeMinute),
    Column("done_by", Uuid),
    # The keyed hash of what was asked for, another one in every row; NULL: not hidden yet (`storage.resealing`).
    Column("asked_for", String(32)),
    _seal(),
    _one_of("kind", "support", "call", "information", "in_person"),
)
Index(
    "ix_support_requests_open",
    support_requests.c.asked_at,
    sqlite_where=support_requests.c.done_at.is_(None),
)

# How a person wants to be reached: the only note about a person there is, written by that person alone.
reach_notes = Table(
    "reach_notes",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("person_id", Uuid, ForeignKey("people.id"), nullable=False, unique=True),
    Column("body", Sealed, nullable=False),
    Column("changed_at", WholeMinute, nullable=False),
)

messages = Table(
    "messages",
    metadata,
    # Given anew when a held message is passed on: its place in the order is where the team gets it.
    Column("seq", Sequence, primary_key=True, autoincrement=True),
    Column("id", Uuid, nullable=False, unique=True),
    Column("person_id", Uuid, ForeignKey("people.id"), nullable=False, index=True),
    Column("cohort_id", Uuid, ForeignKey("cohorts.id"), index=True),
    Column("direction", String(16), nullable=False),
    Column("body", Sealed, nullable=False),
    Column("at", WholeMinute, nullable=False, index=True),
    Column("written_by", Uuid),
    Column("taken_by", Uuid),
    Column("taken_at", WholeMinute),
    Column("closed_at", WholeMinute),
    # Its voice note or photo.
    Column("media_id", Uuid),
    # The first message of its conversation.
    Column("reply_to", Uuid),
    # For one from the team, the last message its writer had been shown. It answers no later one.
    Column("answers_seq", Sequence),
    _seal(),
    # held: said when no question was open, until the leader says whether it goes to the team.
    _one_of("direction", "held", "to_team", "from_team"),
    sqlite_autoincrement=True,
)
# What one of the team wrote to others, which goes with them.
Index("ix_messages_written_by", messages.c.written_by, sqlite_where=messages.c.written_by.is_not(None))

# The last message of a conversation that one of the team was shown.
message_readings = Table(
    "message_readings",
    metadata,
    Column("reader_id", Uuid, primary_key=True),
    # The first message of the conversation.
    Column("conversation_id", Uuid, primary_key=True),
    # Whose conversation it is.
    Column("person_id", Uuid, ForeignKey("people.id"), nullable=False, index=True),
    Column("seq", Sequence, nullable=False),
    Column("read_at", WholeMinute, nullable=False, index=True),
)

media = Table(
    "media",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("person_id", Uuid, ForeignKey("people.id"), nullable=False, index=True),
    Column("run_id", Uuid, ForeignKey("runs.id"), index=True),
    Column("path", String(255)),
    Column("kind", String(16), nullable=False),
    Column("mime", String(64), nullable=False),
    Column("size", Integer, nullable=False),
    Column("seconds", Integer),
    # Name of the sealed file under the media folder; NULL once erased.
    Column("file", String(64)),
    Column("received_at", WholeMinute, nullable=False, index=True),
    # The answer that brought it.
    Column("answer_seq", Sequence),
    _seal(),
    _one_of("kind", "voice", "photo"),
)

inbox = Table(
    "inbox",
    metadata,
    Column("seq", Sequence, primary_key=True, autoincrement=True),
    # What it is sealed for. As with an answer's, nothing looks it up.
    Column("id", Uuid, nullable=False),
    Column("messenger", String(16), nullable=False),
    Column("update_key", String(64), nullable=False),
    Column("lookup", LargeBinary(32), nullable=False),
    Column("day", Date, nullable=False),
    # Blanked when its turn commits.
    Column("body", Sealed),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("next_at", Moment, nullable=False),
    Column("error", String(64)),
    Column("received_at", WholeMinute, nullable=False),
    # The messenger's own number of the message, so that it can be deleted with its author.
    Column("message_id", BigInteger),
    _one_of("state", "pending", "done", "poison"),
    UniqueConstraint("messenger", "update_key"),
    # What came in a chat lately.
    Index("ix_inbox_messenger_lookup_received_at", "messenger", "lookup", "received_at"),
    sqlite_autoincrement=True,
)
Index(
    "ix_inbox_pending",
    inbox.c.seq,
    sqlite_where=inbox.c.state == "pending",
)
# The first one of each chat is asked for at every turn.
Index(
    "ix_inbox_chat",
    inbox.c.messenger,
    inbox.c.lookup,
    inbox.c.seq,
    sqlite_where=inbox.c.state == "pending",
)

# Updates that still have their words, which go with their day's key; and those that were given up.
Index("ix_inbox_words", inbox.c.day, sqlite_where=inbox.c.body.is_not(None))
Index("ix_inbox_aside", inbox.c.error, sqlite_where=inbox.c.state == "poison")

outbox = Table(
    "outbox",
    metadata,
    Column("seq", Sequence, primary_key=True, autoincrement=True),
    # As in the inbox: a random id with an index would write to another page of all there are with every message.
    Column("id", Uuid, nullable=False),
    # NULL: someone who is not (yet) a person here; the body is then sealed with the day's inbox key.
    Column("person_id", Uuid, ForeignKey("people.id"), index=True),
    Column("day", Date),
    Column("messenger", String(16), nullable=False),
    Column("lookup", LargeBinary(32), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("lane", Integer, nullable=False),
    Column("body", Sealed),
    Column("run_id", Uuid, ForeignKey("runs.id")),
    Column("prompt", Integer),
    Column("repeatable", Boolean, nullable=False, server_default=false()),
    Column("edits", Sequence),
    Column("state", String(16), nullable=False),
    Column("reason", String(64)),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("due_at", Moment, nullable=False),
    Column("lease_until", Moment),
    Column("created_at", WholeMinute, nullable=False),
    Column("sent_at", Moment),
    # The messenger's own id, rising within a chat.
    Column("message_id", BigInteger),
    # The inbox row in whose turn it was added; NULL: nobody had said anything.
    Column("turn", Sequence),
    # When sending began, if nobody knows whether it was sent: a message may be in the chat under an id that Hilo never
    # got.
    Column("doubted_at", Moment),
    # delete: deletes messages from the chat; its body names them.
    _one_of("kind", "message", "edit", "echo", "delete"),
    _one_of("state", "queued", "sending", "sent", "unknown", "gone", "failed", "dropped"),
    Index("ix_outbox_messenger_lookup_message_id", "messenger", "lookup", "message_id"),
    Index("ix_outbox_run_id_prompt", "run_id", "prompt"),
    sqlite_autoincrement=True,
)
Index(
    "ix_outbox_waiting",
    outbox.c.lane,
    outbox.c.seq,
    sqlite_where=outbox.c.state.in_(("queued", "sending")),
)
# Sent rows that still have their words: the web chat's, and what may have been sent.
Index(
    "ix_outbox_words",
    outbox.c.created_at,
    sqlite_where=and_(outbox.c.body.is_not(None), outbox.c.state.in_(("sent", "unknown"))),
)
# What the team has still to decide about: few among all rows.
Index(
    "ix_outbox_unsent",
    outbox.c.seq,
    sqlite_where=and_(outbox.c.state.in_(("failed", "unknown")), outbox.c.body.is_not(None)),
)
Index(
    "ix_outbox_chat",
    outbox.c.messenger,
    outbox.c.lookup,
    outbox.c.seq,
    sqlite_where=outbox.c.state.in_(("queued", "sending")),
)

# Who of a broadcast's participants was told by one of the team that something is there, and how.
hand_notices = Table(
    "hand_notices",
    metadata,
    Column("broadcast_id", Uuid, ForeignKey("broadcasts.id"), primary_key=True),
    Column("person_id", Uuid, ForeignKey("people.id"), primary_key=True, index=True),
    Column("way", String(16), nullable=False),
    Column("told_by", Uuid, nullable=False),
    Column("told_at", WholeMinute, nullable=False, index=True),
    _one_of("way", "message", "in_person"),
)

# Who was told by one of the team that a message is there, and how: the team's last one, until they come.
message_notices = Table(
    "message_notices",
    metadata,
    Column("message_id", Uuid, primary_key=True),
    Column("person_id", Uuid, ForeignKey("people.id"), nullable=False, index=True),
    Column("way", String(16), nullable=False),
    Column("told_by", Uuid, nullable=False),
    Column("told_at", WholeMinute, nullable=False, index=True),
    _one_of("way", "message", "in_person"),
)

# What somebody remembers who was inside by a shared invite and no longer knows under which nickname.
recollections = Table(
    "recollections",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("invite_id", Uuid, ForeignKey("invites.id"), nullable=False, index=True),
    Column("words", Sealed, nullable=False),
    Column("asked_at", WholeMinute, nullable=False),
    _seal(),
)

# Who asked for their link on a page, where nothing proves who they are.
link_requests = Table(
    "link_requests",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("person_id", Uuid, ForeignKey("people.id"), nullable=False, index=True),
    Column("asked_at", WholeMinute, nullable=False, index=True),
    Column("closed_at", WholeMinute),
    Column("closed_by", Uuid),
)
Index("ix_link_requests_open", link_requests.c.asked_at, sqlite_where=link_requests.c.closed_at.is_(None))

# Messages in the team's chats that change in place, or are removed after a while.
# Whom a message in the team's chats names: it goes when that person is erased.
named_on_screens = Table(
    "named_on_screens",
    metadata,
    Column("outbox_seq", Sequence, primary_key=True, autoincrement=False),
    Column("person_id", Uuid, ForeignKey("people.id"), primary_key=True),
    Index("ix_named_on_screens_person_id", "person_id"),
)

panels = Table(
    "panels",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("person_id", Uuid, ForeignKey("people.id"), nullable=False),
    Column("kind", String(16), nullable=False),
    # What it is about: a broadcast …
    Column("subject", Uuid),
    # The outbox row that put it into the chat.
    Column("outbox_seq", Sequence, nullable=False),
    Column("changed_at", Moment, nullable=False),
    # When it is blanked or removed.
    Column("until", Moment),
    # A keyed hash of what it shows now, so that it is not edited without a change.
    Column("shown", LargeBinary(32)),
    _seal(),
    _one_of("kind", "progress", "page", "media"),
    Index("ix_panels_person_id_kind", "person_id", "kind"),
)
Index(
    "ix_panels_until",
    panels.c.until,
    sqlite_where=panels.c.until.is_not(None),
)

# The web chat in one browser. Its token is only in the browser's cookie, and only the token opens `chat`.
web_sessions = Table(
    "web_sessions",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("token", LargeBinary(32), nullable=False, unique=True),
    # The lookup of its chat's address.
    Column("address", LargeBinary(32), nullable=False, index=True),
    Column("chat", Sealed, nullable=False),
    Column("opened_at", WholeMinute, nullable=False),
    Column("seen_at", WholeMinute, nullable=False),
    # From then on the PIN is asked for, if the person has chosen one.
    Column("open_until", WholeMinute, nullable=False),
    Column("revoked_at", WholeMinute),
    # Whether its token is taken from a cookie that no other site can plant, and from no other.
    Column("prefixed", Boolean, nullable=False, server_default=false()),
    # The hash of the token it was exchanged for, and until when requests that were under way may still bring that.
    Column("former", LargeBinary(32)),
    Column("former_until", WholeMinute),
    _seal(),
)

web_links = Table(
    "web_links",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("person_id", Uuid, ForeignKey("people.id"), nullable=False, index=True),
    Column("lookup", LargeBinary(32), nullable=False, unique=True),
    Column("made_at", WholeMinute, nullable=False),
    # Until then it can be opened for the first time.
    Column("expires_at", WholeMinute, nullable=False),
    Column("opened_at", WholeMinute),
    Column("revoked_at", WholeMinute),
    _seal(),
)

web_pins = Table(
    "web_pins",
    metadata,
    Column("person_id", Uuid, ForeignKey("people.id"), primary_key=True),
    # The kind of PIN, and its salted hash.
    Column("pin", Sealed, nullable=False),
    # Until 0.1.0 tries were counted here, for all ways together; now in `pin_tries`.
    Column("wrong", Integer, nullable=False),
    Column("wait_until", WholeMinute),
    Column("chosen_at", WholeMinute, nullable=False),
)

pin_tries = Table(
    "pin_tries",
    metadata,
    Column("person_id", Uuid, ForeignKey("people.id"), primary_key=True),
    # On which way in the PIN was asked for.
    Column("way", String(16), primary_key=True),
    # Tries since the last right one.
    Column("wrong", Integer, nullable=False),
    Column("wait_until", Moment),
    # From then on no try counts, until one of the team opens it again.
    Column("shut_at", WholeMinute),
    _one_of("way", "phone", "link", "nickname"),
)
Index("ix_pin_tries_shut", pin_tries.c.shut_at, sqlite_where=pin_tries.c.shut_at.is_not(None))

# How far the work is that a migration left to whoever has the key; no row: there was nothing to do.
resealing = Table(
    "resealing",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("stage", String(16), nullable=False),
    CheckConstraint("id = 1", name="only_one"),
    _one_of("stage", "paths", "values", "files", "compact", "done"),
)

# Which process does what one alone may do, until when by the database's clock (PostgreSQL; empty on SQLite). The number
# grows whenever a lease is taken: what was begun under an earlier number is refused (`storage.leases`).
leases = Table(
    "leases",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("holder", String(64), nullable=False),
    Column("until", Moment, nullable=False),
    Column("taking", BigInteger, nullable=False, server_default="0"),
)

# The processes over this database, each with what it did since it began (PostgreSQL; empty on SQLite).
processes = Table(
    "processes",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("part", String(16), nullable=False),
    Column("version", String(32), nullable=False),
    # A random word that lies in the folder of epochs: who reads another one there sees another folder.
    Column("folder", String(64), nullable=False),
    Column("began_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("kept", BigInteger, nullable=False, server_default="0"),
    Column("turns", BigInteger, nullable=False, server_default="0"),
    Column("sent", BigInteger, nullable=False, server_default="0"),
    Column("due", BigInteger, nullable=False, server_default="0"),
    # Seconds that its machine's clock is behind the database's; less than none: ahead of it.
    Column("off", BigInteger, nullable=False, server_default="0"),
)

# Append-only; each row's hash covers the one before it.
# When each messenger's updates were last fetched, and from when to when some may have been missed.
fetches = Table(
    "fetches",
    metadata,
    Column("messenger", String(16), primary_key=True),
    Column("worked_at", Moment, nullable=False),
    Column("missed_since", Moment),
    Column("missed_until", Moment),
)

# Of a messenger that brings updates: where to, how that goes, and what was refused or came again since a day ago.
webhooks = Table(
    "webhooks",
    metadata,
    Column("messenger", String(16), primary_key=True),
    Column("url", String(255)),  # set by us, so that it is known as our own when it is to be removed
    Column("failed_at", WholeMinute),  # by the messenger's clock: the last failure that was looked into
    Column("problem", String(255)),  # while it cannot bring anything
    Column("waiting", Integer, nullable=False, server_default="0"),
    Column("refused", Integer, nullable=False, server_default="0"),
    Column("refused_at", WholeMinute),
    Column("repeated", Integer, nullable=False, server_default="0"),
    Column("repeated_at", WholeMinute),
)

# Backups that were put in place: what was sent since, nobody here knows.
restores = Table(
    "restores",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("backup_at", Moment, nullable=False),
    Column("restored_at", Moment, nullable=False),
    # When what may have been sent was held back, and when an admin had decided about all of it.
    Column("held_at", Moment),
    Column("decided_at", Moment),
)

audit = Table(
    "audit",
    metadata,
    Column("seq", Sequence, primary_key=True, autoincrement=True),
    Column("at", WholeMinute, nullable=False),
    Column("actor", String(64), nullable=False),
    Column("action", String(64), nullable=False),
    Column("subject", String(64), nullable=False),
    Column("detail", Sealed, nullable=False),
    Column("previous", LargeBinary(32), nullable=False),
    Column("hash", LargeBinary(32), nullable=False),
    Index("ix_audit_action_at", "action", "at"),
    sqlite_autoincrement=True,
)

# One row: which row of the trail is its newest.
audit_head = Table(
    "audit_head",
    metadata,
    Column("id", Integer, primary_key=True),
    # {"hash": the newest row's, in hex, "at": its moment}
    Column("head", Sealed, nullable=False),
)
