"""What was said in runs that are new to a reader, looked through for one question's answers."""

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import and_, bindparam, exists, func, literal_column, select

from storage.damage import Damaged
from storage.people import key_owner
from storage.readings import IN_COHORT, WITH_READING, is_new, of_run
from storage.sealed_statements import Verified
from storage.store import Store, from_json
from storage.tables import answers, memberships, person_keys, readings, runs
from storage.vault import DecryptionError

_AT_ONCE: Final = 500  # rows asked for in one query
# Ids stay as the driver gives them: of thousands of rows only a few are used.
_SAID: Final = Verified(
    select(
        literal_column("runs.id").label("raw"),
        literal_column("runs.person_id").label("person"),
        answers.c.path,
        answers.c.revision,
        answers.c.seq,
    )
    .select_from(WITH_READING.join(answers, of_run(answers)))
    .where(*IN_COHORT, is_new(answers)),
    runs,
    answers,
)
# Written so that the database does not begin with all of a cohort's runs: what is looked for is a few.
_OF_COHORT: Final = func.coalesce(runs.c.cohort_id, runs.c.cohort_id) == bindparam("cohort_id")
_UNREAD_SAID: Final = select(
    literal_column("runs.id").label("raw"),
    literal_column("runs.person_id").label("person"),
    answers.c.path,
    answers.c.revision,
    answers.c.seq,
).where(_OF_COHORT, is_new(answers))
# By their numbers, since they are the first of all.
_SAID_BEFORE: Final = Verified(
    _UNREAD_SAID.select_from(
        answers.join(runs, runs.c.id == answers.c.run_id).outerjoin(
            readings, and_(readings.c.reader_id == bindparam("reader_id"), readings.c.run_id == runs.c.id)
        )
    ).where(answers.c.seq <= bindparam("before")),
    runs,
    answers,
)
_SAID_IN: Final = Verified(
    _UNREAD_SAID.select_from(WITH_READING.join(answers, of_run(answers))).where(
        runs.c.id.in_(bindparam("runs", expanding=True))
    ),
    runs,
    answers,
    raw=True,
)
_VALUES: Final = select(answers.c.seq, literal_column("answers.id").label("answer"), answers.c.value).where(
    answers.c.seq.in_(bindparam("rows", expanding=True))
)
_KEYS: Final = (
    select(literal_column("person_keys.person_id").label("person"), person_keys.c.wrapped)
    .join(memberships, memberships.c.person_id == person_keys.c.person_id)
    .where(memberships.c.cohort_id == bindparam("cohort_id"))
)
_RUNS_OF: Final = select(func.count()).where(runs.c.broadcast_id == bindparam("broadcast_id"))
_NEWEST: Final = select(func.max(answers.c.seq))
_SAID_AFTER: Final = (
    select(answers.c.seq)
    .where(
        answers.c.seq > bindparam("after"),
        exists().where(runs.c.id == answers.c.run_id, runs.c.broadcast_id == bindparam("broadcast_id")),
    )
    .limit(1)
)


class UnreadSaid(Store):
    """What was said that is new to a reader; and what was said in a broadcast since it was counted."""

    __slots__ = ()

    def said(
        self,
        reader_id: UUID,
        cohort_id: UUID,
        path: str,
        but: Collection[Any],
        *,
        before: int | None = None,
        runs_: Collection[UUID] = (),
    ) -> list[tuple[int, UUID, UUID]]:
        """List runs where a question's answer is new to a reader and is none of some values, as (number, run, person).

        The number is the answer's; the longest waiting comes first. Damaged answers are left out.

        Args:
            reader_id: the reader.
            cohort_id: whose runs.
            path: the question.
            but: the values.
            before: only answers up to this number, and those in `runs_`; None: all.
            runs_: only looked at with `before`.
        """
        newest: dict[Any, Any] = {}
        hashed = lru_cache(None)(lambda run: self._tx.vault.path_hash(_id(run), path))
        for row in self._new_said({"reader_id": reader_id, "cohort_id": cohort_id}, before, [*runs_]):
            run, _, its_path, revision, _ = row
            if its_path == hashed(run) and (run not in newest or newest[run][3] < revision):
                newest[run] = row
        keys = dict(self._execute(_KEYS, {"cohort_id": cohort_id})) if newest else {}
        values = self._values([row[4] for row in newest.values()])
        # Nearly all answers are these; only the others are parsed.
        usual = {f'{path}\n{{"value":{gap}{json.dumps(value)}}}'.encode() for value in but for gap in ("", " ")}
        found = []
        openers: dict[Any, Callable[[bytes, str], bytes]] = {}
        for run, person, _, _, seq in newest.values():
            open_ = openers.get(person)
            id_, sealed = values[seq]
            row = id_ if isinstance(id_, str) else id_.hex
            if open_ is None:
                key = self._tx.unwrapped(keys[person], key_owner(_id(person)), _id(person))
                open_ = openers[person] = key.opener("answers", "value")
            try:
                plain = open_(sealed, row)
            except DecryptionError:
                self._tx.damage.note(Damaged("answers", "value", row, _id(person)))
                continue
            if plain not in usual and from_json(plain.partition(b"\n")[2])["value"] not in but:
                found.append((seq, _id(run), _id(person)))
        return sorted(found)

    def _new_said(self, of: Mapping[str, UUID], before: int | None, runs_: Sequence[UUID]) -> Iterator[Any]:
        """Yield the answers that are new to a reader, still sealed: all, or the early ones and those of some runs."""
        if before is None:
            yield from self._execute(_SAID, of)
            return
        yield from self._execute(_SAID_BEFORE, {**of, "before": before})
        for start in range(0, len(runs_), _AT_ONCE):
            yield from self._tx.run.listed(_SAID_IN, {**of, "runs": runs_[start : start + _AT_ONCE]})

    def _values(self, rows: Sequence[int]) -> dict[int, tuple[Any, bytes]]:
        """Return the sealed values of answers, each with its id, by number."""
        found: dict[int, tuple[Any, bytes]] = {}
        for start in range(0, len(rows), _AT_ONCE):
            part = {"rows": rows[start : start + _AT_ONCE]}
            found.update({seq: (id_, value) for seq, id_, value in self._tx.connection.execute(_VALUES, part)})
        return found

    def runs_of(self, broadcast_id: UUID) -> int:
        """Count the runs of a broadcast."""
        number: int = self._execute(_RUNS_OF, {"broadcast_id": broadcast_id}).scalar()
        return number

    def newest(self) -> int:
        """Return the number of the newest answer, 0 where there is none."""
        return self._execute(_NEWEST, {}).scalar() or 0

    def said_after(self, broadcast_id: UUID, seq: int) -> bool:
        """Return whether anybody answered a broadcast after the answer of this number."""
        return self._execute(_SAID_AFTER, {"broadcast_id": broadcast_id, "after": seq}).first() is not None


def _id(raw: Any) -> UUID:
    return UUID(raw) if isinstance(raw, str) else raw
