"""Readings: who of the team was shown which answers of a run. A run is unread again with every new answer.

What is new is decided by numbers, never by moments: two things can happen at one moment, and clocks are put back.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    FromClause,
    and_,
    bindparam,
    delete,
    distinct,
    exists,
    func,
    literal,
    literal_column,
    or_,
    select,
    union_all,
    update,
)

from storage.database import insert_new
from storage.people import key_owner
from storage.sealed_statements import Verified
from storage.store import Met, Store
from storage.tables import (
    answers,
    asides,
    cohorts,
    media,
    memberships,
    message_readings,
    people,
    person_keys,
    readings,
    readings_begun,
    runs,
)


@dataclass(frozen=True, slots=True)
class Unread:
    """A run to read: the person, and when they last did something in it.

    `seq` is the number of the first answer in it that is new to the reader, where a reader was given.
    """

    run_id: UUID
    person_id: UUID
    active_at: datetime
    seq: int = 0


@dataclass(frozen=True, slots=True)
class Waiting:
    """How much of a cohort's answers a reader has not read: runs, and the seconds of voice notes in them."""

    runs: int
    seconds: int


_AT_ONCE: Final = 500  # rows asked for in one query
BESIDE: Final = "~"  # put before a question's path, which never begins so, to name its asides
_ADD: Final = insert_new(readings)
_AGAIN: Final = (
    update(readings)
    .where(readings.c.reader_id == bindparam("reader"), readings.c.run_id == bindparam("run"))
    .values(seq=bindparam("upto"), read_at=bindparam("now"))
)
_UPTO: Final = select(readings.c.seq).where(
    readings.c.reader_id == bindparam("reader"), readings.c.run_id == bindparam("run")
)
_OF_READER: Final = readings_begun.c.reader_id == bindparam("reader"), readings_begun.c.run_id == bindparam("run")
_BEGUN: Final = select(readings_begun.c.path, readings_begun.c.seq).where(*_OF_READER)
_BEGIN: Final = insert_new(readings_begun)
_GO_ON: Final = (
    update(readings_begun).where(*_OF_READER, readings_begun.c.path == bindparam("of")).values(seq=bindparam("at"))
)
_DONE: Final = delete(readings_begun).where(*_OF_READER, readings_begun.c.path.not_like(f"{BESIDE}%"))
_OF_WORDS: Final = (
    message_readings.c.reader_id == bindparam("reader"),
    message_readings.c.conversation_id == bindparam("conversation"),
)
_HEARD: Final = insert_new(message_readings)
_HEARD_MORE: Final = (
    update(message_readings)
    .where(*_OF_WORDS, message_readings.c.seq <= bindparam("upto"))
    .values(seq=bindparam("upto"), read_at=bindparam("now"))
)
_HEARD_UPTO: Final = select(message_readings.c.seq).where(*_OF_WORDS)

# Through the cohort's members, past and present, as the index on its runs has the person before the moment.
IN_COHORT: Final = (
    runs.c.cohort_id == bindparam("cohort_id"),
    runs.c.person_id.in_(select(memberships.c.person_id).where(memberships.c.cohort_id == bindparam("cohort_id"))),
)


def of_run(given: FromClause) -> ColumnElement[bool]:
    """Build the condition that an answer is a run's.

    It names the run's person, too, as the index on both has what one person said in one place: runs' ids are random, so
    that by them alone each run of a group is looked for in another page of all the organisation's answers.
    """
    return and_(given.c.run_id == runs.c.id, given.c.person_id == runs.c.person_id)


_ANSWERED: Final = or_(exists().where(of_run(answers)), exists().where(asides.c.run_id == runs.c.id))
# A number is never below 0: that it is said, lets SQLite take the index that has the number, and no row.
_READ: Final = and_(
    readings.c.reader_id == bindparam("reader_id"),
    readings.c.run_id == runs.c.id,
    readings.c.seq >= literal_column("0"),
)
WITH_READING: Final = runs.outerjoin(readings, _READ)


def is_new(given: FromClause) -> ColumnElement[bool]:
    """Build the condition that an answer came after what the reader was shown of its run."""
    shown = exists().where(
        readings_begun.c.reader_id == bindparam("reader_id"),
        readings_begun.c.run_id == given.c.run_id,
        readings_begun.c.path == given.c.path,
        readings_begun.c.seq >= given.c.seq,
    )
    return and_(given.c.seq > func.coalesce(readings.c.seq, literal_column("0")), ~shown)


_UNREAD_BY_ALL: Final = (
    select(func.count(distinct(runs.c.id)))
    .select_from(answers.join(runs, runs.c.id == answers.c.run_id).join(cohorts, cohorts.c.id == runs.c.cohort_id))
    .where(
        answers.c.answered_at < bindparam("before"),
        cohorts.c.practice.is_(False),
        ~exists().where(readings.c.run_id == answers.c.run_id, readings.c.seq >= answers.c.seq),
    )
)
_fresh = answers.alias("fresh")
# Asides have numbers of their own and are few: what was shown is recorded for each question.
_TOLD: Final = (
    asides.c.run_id == runs.c.id,
    ~exists().where(
        readings_begun.c.reader_id == bindparam("reader_id"),
        readings_begun.c.run_id == asides.c.run_id,
        readings_begun.c.path == literal(BESIDE) + asides.c.path,
        readings_begun.c.seq >= asides.c.seq,
    ),
)
_IS_NEW: Final = or_(exists().where(of_run(_fresh), is_new(_fresh)), exists().where(*_TOLD))
_RUN: Final = (runs.c.id, runs.c.person_id, runs.c.active_at)
# Computed only for unread runs, which are few among thousands.
_FIRST: Final = func.coalesce(
    select(func.min(_fresh.c.seq)).where(of_run(_fresh), is_new(_fresh)).scalar_subquery(),
    literal_column("0"),
).label("first")
_ALL_UNREAD: Final = (
    select(*_RUN, _FIRST)
    .select_from(WITH_READING)
    .where(*IN_COHORT, _IS_NEW)
    .order_by(literal_column("first"))
    .limit(bindparam("limit"))
)
_brought = answers.alias("brought")
_VOICE: Final = (
    media.c.run_id == runs.c.id,
    media.c.kind == literal_column("'voice'"),
    media.c.file.is_not(None),
)
_UNREAD: Final = Verified(_ALL_UNREAD, runs)
_UNHEARD: Final = Verified(
    _ALL_UNREAD.where(
        or_(
            exists().where(*_VOICE, _brought.c.seq == media.c.answer_seq, is_new(_brought)),
            exists().where(*_VOICE, media.c.answer_seq.is_(None), asides.c.path == media.c.path, *_TOLD),
        )
    ),
    runs,
)
_COUNT: Final = select(func.count()).select_from(WITH_READING).where(*IN_COHORT, _IS_NEW)
_SECONDS: Final = (
    select(func.coalesce(func.sum(media.c.seconds), 0))
    .select_from(
        # Voice notes first, which few runs have: SQLite looks up readings where it finds them written.
        runs.join(media, media.c.run_id == runs.c.id)
        .join(_fresh, _fresh.c.seq == media.c.answer_seq)
        .outerjoin(readings, _READ)
    )
    .where(*IN_COHORT, media.c.kind == literal_column("'voice'"), media.c.file.is_not(None), is_new(_fresh))
)
# Within one minute the order is that of the answers.
_BY_NUMBER: Final = func.coalesce(
    select(func.min(_fresh.c.seq)).where(of_run(_fresh)).scalar_subquery(), literal_column("0")
)
_MOMENTS: Final = select(runs.c.active_at).where(*IN_COHORT, _ANSWERED)
_BETWEEN: Final = Verified(
    select(*_RUN)
    .where(*IN_COHORT, runs.c.active_at >= bindparam("since"), runs.c.active_at < bindparam("until"), _ANSWERED)
    .order_by(runs.c.active_at, _BY_NUMBER, runs.c.id),
    runs,
)
_OF_BROADCAST: Final = Verified(
    select(*_RUN)
    .where(runs.c.broadcast_id == bindparam("broadcast_id"), _ANSWERED)
    .order_by(runs.c.started_at, _BY_NUMBER, runs.c.id),
    runs,
)
_HASHES_OF_BROADCAST: Final = union_all(
    *(
        select(said.c.path)
        .join(runs, runs.c.id == said.c.run_id)
        .where(runs.c.broadcast_id == bindparam("broadcast_id"))
        for said in (answers, asides)
    )
)
_ANY_OF_BROADCAST: Final = select(runs.c.id).where(runs.c.broadcast_id == bindparam("broadcast_id"), _ANSWERED).limit(1)
_ANY_IN: Final = select(runs.c.id).where(*IN_COHORT, _ANSWERED).limit(1)
_OWNER: Final = Verified(select(runs.c.person_id).where(runs.c.id == bindparam("run_id")), runs)
_NAMES: Final = Verified(
    select(people.c.id, people.c.nickname, person_keys.c.wrapped)
    .join(person_keys, person_keys.c.person_id == people.c.id)
    .join(memberships, memberships.c.person_id == people.c.id)
    .where(
        memberships.c.cohort_id == bindparam("cohort_id"),
        exists().where(
            runs.c.person_id == people.c.id,
            runs.c.cohort_id == bindparam("cohort_id"),
            _ANSWERED,
        ),
    ),
    people,
    memberships,
)


def beside(path: str) -> str:
    """Return the path, or hash, under which a question's asides are recorded, beside the answer's own."""
    return f"{BESIDE}{path}"


class Readings(Store):
    """The readings: one row for each reader and run, up to the last answer the reader was shown."""

    __slots__ = ()

    def unread_by_all(self, before: datetime) -> int:
        """Count the runs with an answer given before a moment that nobody of the team was shown; practice apart."""
        number: int = self._execute(_UNREAD_BY_ALL, {"before": before}).scalar()
        return number

    def add(
        self,
        reader_id: UUID,
        run_id: UUID,
        person_id: UUID,
        numbers: Mapping[str, int],
        shown: Iterable[str],
        *,
        whole: Iterable[str] = (),
    ) -> None:
        """Record that a reader was shown answers of a person's run.

        The rows know a question by the hash of its path.

        Args:
            reader_id: the reader.
            run_id: the run.
            person_id: whose run it is.
            numbers: the numbers of the run's answers (`Answers.numbers`) and asides (`Asides.numbers`, each with
                `beside`) as shown.
            shown: the paths shown now; `beside` gives the one of a question's asides.
            whole: the paths of all its pages: the run stays unread until the others were shown too.
        """
        of = {"reader": reader_id, "run": run_id}
        numbers = dict(zip(self._hashes(run_id, numbers), numbers.values(), strict=True))
        shown, whole = (self._hashes(run_id, paths) for paths in (shown, whole))
        upto, begun = self._execute(_UPTO, of).scalar() or 0, dict(self._execute(_BEGUN, of))
        now = {path: numbers[path] for path in shown if path in numbers}
        seen = {**begun, **{path: seq for path, seq in now.items() if seq > begun.get(path, 0)}}
        if all(numbers[path] <= max(upto, seen.get(path, 0)) for path in whole if path in numbers):
            answered = [seq for path, seq in numbers.items() if not path.startswith(BESIDE)]
            upto = max(upto, *answered, 0)
            self._upto(of, person_id, upto)
        for path in now:
            if seen[path] > max(0 if path.startswith(BESIDE) else upto, begun.get(path, 0)):
                self._shown(of, person_id, path, seen[path])

    def _hashes(self, run_id: UUID, paths: Iterable[str]) -> list[str]:
        """Return the hashes of paths; of one that `beside` gave, beside that of the question's own."""
        hashed = self._tx.vault.path_hash
        return [
            beside(hashed(run_id, path.removeprefix(BESIDE))) if path.startswith(BESIDE) else hashed(run_id, path)
            for path in paths
        ]

    def _upto(self, of: Mapping[str, UUID], person_id: UUID, upto: int) -> None:
        """Record that a run is read up to an answer, whatever was on which page."""
        reader_id, run_id = of["reader"], of["run"]
        row = {"reader_id": reader_id, "run_id": run_id, "person_id": person_id, "seq": upto, "read_at": self._tx.now}
        if not self._execute(_ADD, row).rowcount:
            self._execute(_AGAIN, {**of, "upto": upto, "now": self._tx.now})
        self._execute(_DONE, of)

    def _shown(self, of: Mapping[str, UUID], person_id: UUID, path: str, seq: int) -> None:
        """Record that one answer of a run was shown while others were not."""
        reader_id, run_id = of["reader"], of["run"]
        row = {"reader_id": reader_id, "run_id": run_id, "path": path, "person_id": person_id, "seq": seq}
        if not self._execute(_BEGIN, row).rowcount:
            self._execute(_GO_ON, {**of, "of": path, "at": seq})

    def hear(self, reader_id: UUID, conversation_id: UUID, person_id: UUID, seq: int) -> None:
        """Record that a reader was shown a person's conversation up to a message."""
        row = {"reader_id": reader_id, "conversation_id": conversation_id, "person_id": person_id, "seq": seq}
        if not self._execute(_HEARD, {**row, "read_at": self._tx.now}).rowcount:
            of = {"reader": reader_id, "conversation": conversation_id}
            self._execute(_HEARD_MORE, {**of, "upto": seq, "now": self._tx.now})

    def heard(self, reader_id: UUID, conversation_id: UUID) -> int:
        """Return up to which message a reader was shown a conversation; 0 if never."""
        found = self._execute(_HEARD_UPTO, {"reader": reader_id, "conversation": conversation_id}).scalar()
        return int(found or 0)

    def unread(self, reader_id: UUID, cohort_id: UUID, limit: int) -> list[Unread]:
        """List runs of a cohort with answers that are new to a reader, the longest waiting first."""
        found = self._execute(_UNREAD, {"reader_id": reader_id, "cohort_id": cohort_id, "limit": limit})
        return [Unread(*row) for row in found]

    def unheard(self, reader_id: UUID, cohort_id: UUID, limit: int) -> list[Unread]:
        """List those of `unread` in which a voice note is new to the reader."""
        found = self._execute(_UNHEARD, {"reader_id": reader_id, "cohort_id": cohort_id, "limit": limit})
        return [Unread(*row) for row in found]

    def waiting(self, reader_id: UUID, cohort_id: UUID, *, seconds: bool = True) -> Waiting:
        """Count what `unread` would list without a limit, and (with `seconds`) add up its voice notes."""
        of = {"reader_id": reader_id, "cohort_id": cohort_id}
        count = int(self._execute(_COUNT, of).scalar())
        return Waiting(count, int(self._execute(_SECONDS, of).scalar()) if count and seconds else 0)

    def between(self, cohort_id: UUID, since: datetime, until: datetime) -> list[Unread]:
        """List runs of a cohort with answers or asides, read or not, whose last activity is in a period."""
        rows = self._execute(_BETWEEN, {"cohort_id": cohort_id, "since": since, "until": until})
        return [Unread(*row) for row in rows]

    def moments(self, cohort_id: UUID) -> list[datetime]:
        """List when people were last active in each run of a cohort that has an answer or aside."""
        return self._execute(_MOMENTS, {"cohort_id": cohort_id}).scalars()

    def of_broadcast(self, broadcast_id: UUID, path: str | None = None) -> list[Unread]:
        """List the runs of a broadcast that have an answer or aside (to one question), in the order they began."""
        found = [Unread(*row) for row in self._execute(_OF_BROADCAST, {"broadcast_id": broadcast_id})]
        if path is None:
            return found
        said = set(self._tx.connection.execute(_HASHES_OF_BROADCAST, {"broadcast_id": broadcast_id}).scalars())
        return [each for each in found if self._tx.vault.path_hash(each.run_id, path) in said]

    def any_of(self, broadcast_id: UUID) -> bool:
        """Return whether anybody has said anything in a broadcast."""
        return self._execute(_ANY_OF_BROADCAST, {"broadcast_id": broadcast_id}).first() is not None

    def any_in(self, cohort_id: UUID) -> bool:
        """Return whether anybody has said anything in a cohort's runs."""
        return self._execute(_ANY_IN, {"cohort_id": cohort_id}).first() is not None

    def owner(self, run_id: UUID) -> UUID | None:
        """Return whose run it is, or None."""
        found: UUID | None = self._execute(_OWNER, {"run_id": run_id}).scalar()
        return found

    def names(self, cohort_id: UUID) -> list[tuple[UUID, str]]:
        """List everyone who answered in a cohort, with nickname or else pseudonym; in no order."""
        found = {}
        for id_, nickname, wrapped in self._execute(_NAMES, {"cohort_id": cohort_id}):
            key = self._tx.unwrapped(wrapped, key_owner(id_), id_)
            opened = None
            if nickname is not None:
                opened = self._tx.opened(key, nickname, "people", "nickname", id_.hex, person_id=id_)
            called = None if opened is None else opened.decode()
            met = self._tx.met[id_] = Met(called, self._tx.vault.pseudonym(id_), key)
            found[id_] = met.pseudonym if met.nickname is None else met.nickname
        return [*found.items()]  # who left and came back has two memberships
