"""Read-only streams for exports: memory use does not grow with the number of answers."""

from collections import defaultdict
from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from heapq import merge
from itertools import chain, islice
from operator import itemgetter
from typing import Any, Final, cast
from uuid import UUID

from sqlalchemy import ColumnElement, and_, bindparam, func, literal_column, or_, select, tuple_

from storage.damage import Damaged
from storage.people import key_owner
from storage.sealed_statements import Verified
from storage.store import LOST, Transaction, from_json
from storage.tables import answers as answer_rows
from storage.tables import asides as aside_rows
from storage.tables import cohorts, dialog_versions, people, person_keys, runs
from storage.vault import DataKey, DecryptionError

_Open = Callable[[bytes, str], bytes]

_BATCH: Final = 200
BESIDE: Final = ".beside"
"""Suffix of a question's path under which its asides stand among the answers, as a list of pieces."""
_KEYS: Final = 4096


@dataclass(frozen=True, slots=True)
class RunAnswers:
    """A run, with its id written as UUIDs are, and the newest revision of each answer as JSON by path.

    Asides stand there too, under the question's path followed by `BESIDE`.
    """

    run_id: str
    pseudonym: str
    cohort_id: UUID | None
    dialog_hash: str
    language: str
    started_at: datetime
    ended_at: datetime | None
    status: str
    answers: dict[str, Any]
    on_paper: str | None = None
    """Whether one of the team typed it in from paper, and whether its person has seen it."""
    details: dict[str, tuple[int, datetime]] = field(default_factory=dict)
    """Each answer's revision and moment by path, where they were asked for."""
    damaged: int = 0
    """How many of the answers do not open and are left out."""
    seq: int = field(default=0, compare=False)
    """Its place among its person's runs."""

    def words(self, paths: Collection[str] | None = None) -> Iterator[str]:
        """Yield what was said in words, beside questions too; with `paths`, to these questions alone."""
        for path, answer in self.answers.items():
            value = answer["value"]
            if isinstance(value, list) and (paths is None or path.removesuffix(BESIDE) in paths):
                yield from (piece for piece in value if isinstance(piece, str))


def listed_cohorts(tx: Transaction, cohort_id: UUID | None = None, *, practice: bool = False) -> list[UUID | None]:
    """Return the cohorts whose runs are listed, of all or of one: None, for runs of no cohort, then from the oldest on.

    Cohorts that practise are among them only with `practice`.
    """
    found = _COHORTS if cohort_id is None else _COHORTS.where(cohorts.c.id == cohort_id)
    listed = tx.connection.execute(found if practice else found.where(~cohorts.c.practice)).scalars()
    return [*([None] if cohort_id is None else []), *listed]


def answers(
    tx: Transaction,
    dialog: str,
    of: Iterable[UUID | None],
    since: datetime | None = None,
    *,
    practice: bool = False,
    detailed: bool = False,
    after: RunAnswers | None = None,
) -> Generator[RunAnswers, None, None]:
    """Stream the runs of a dialog, in all its versions: cohort by cohort, each in the order in which its runs began.

    Runs of wizards (kind `staff`) are never included, nor are runs whose person has no key. Damaged answers are left
    out and counted.

    Args:
        tx: an open unit, preferably a reading one.
        dialog: the dialog's name.
        of: whose runs, as `listed_cohorts` gives them.
        since: only runs that started then or later.
        practice: also people who practise.
        detailed: also each answer's revision and moment.
        after: only what comes behind this run, which is one cohort's like all that is asked for.
    """
    versions = tx.connection.execute(_VERSIONS, {"dialog": dialog}).scalars().all()
    more = [] if since is None else [runs.c.started_at >= since]
    if after is not None:
        more.append(_place > tuple_(after.started_at, after.seq, UUID(after.run_id), types=_place.type.types))
    in_cohorts = (runs.c.cohort_id.is_(None) if each is None else runs.c.cohort_id == each for each in of)
    parts = ([and_(runs.c.dialog_hash == each, cohort, *more) for each in versions] for cohort in in_cohorts)
    yield from _streamed(tx, parts, practice=practice, detailed=detailed)


def of_broadcast(tx: Transaction, broadcast_id: UUID) -> Iterator[RunAnswers]:
    """Stream the runs of one broadcast, as `answers` does, whoever practises."""
    yield from _streamed(tx, [[runs.c.broadcast_id == broadcast_id]])


def of_person(tx: Transaction, person_id: UUID) -> Iterator[RunAnswers]:
    """Stream the runs of one person, as `answers` does, whoever practises."""
    yield from _streamed(tx, [[runs.c.person_id == person_id]])


def of_run(tx: Transaction, run_id: UUID) -> Iterator[RunAnswers]:
    """Give one run, as `answers` does, whoever practises."""
    yield from _streamed(tx, [[runs.c.id == run_id]])


def _streamed(
    tx: Transaction, parts: Iterable[Sequence[ColumnElement[bool]]], *, practice: bool = True, detailed: bool = False
) -> Iterator[RunAnswers]:
    """Stream the runs of each part in their order: those that meet one of its conditions, of which no run meets two."""

    @lru_cache(_KEYS)
    def owner(raw: Any, wrapped: bytes) -> tuple[_Open, _Open, str]:
        person_id = _id(raw)
        key = _unwrapped(tx, wrapped, person_id)
        return key.opener("answers", "value"), key.opener("asides", "value"), tx.vault.pseudonym(person_id)

    cohort_of = lru_cache(_KEYS)(_id)
    statement = _DETAILED if detailed else _ANSWERS
    any_beside = tx.connection.execute(_ANY_BESIDE).first() is not None
    with closing(_in_order(tx, parts)) as found:
        while batch := list(islice(found, _BATCH)):
            keys = _keys_of(tx, {row[1] for row in batch}, practice=practice)
            newest = _newest(tx, statement, [(row[1], row[0]) for row in batch])
            said = _beside(tx, [row[0] for row in batch]) if any_beside else {}
            for row in batch:
                raw, person, cohort, version, language, started_at, seq, ended_at, status, on_paper = row
                if person not in keys:
                    continue
                open_, open_aside, pseudonym = owner(person, keys[person])
                kept = newest.get(raw, {})
                opened = _opened(tx, kept.values(), open_, person)
                told = {path: (row[4], row[5]) for path, (row, _) in opened.items()} if detailed else {}
                given = {path: value for path, (_, value) in opened.items()}
                left = len(kept) - len(opened) + _add_beside(tx, said.get(raw, ()), open_aside, person, given, told)
                cohort = cohort and cohort_of(cohort)
                facts = (cohort, version, language, started_at, ended_at, status, given, on_paper, told, left, seq)
                yield RunAnswers(_written(raw), pseudonym, *facts)


def _in_order(tx: Transaction, parts: Iterable[Sequence[ColumnElement[bool]]]) -> Generator[Any, None, None]:
    """Give the runs of each part whose seals fit, in the order in which they began."""
    for part in parts:
        with ExitStack() as stack:
            yield from merge(*(_sound(tx, each, stack) for each in part), key=itemgetter(*_BEGAN))


def _sound(tx: Transaction, wanted: ColumnElement[bool], stack: ExitStack) -> Iterator[Any]:
    """Give the runs that meet a condition and whose seals fit; `stack` closes what they are read from."""
    known = Verified(_RUNS.where(wanted), runs, raw=True)
    found = stack.enter_context(tx.connection.execute(known.whole, execution_options={"yield_per": _BATCH}))
    return chain.from_iterable(tx.run.sound(known, batch) for batch in found.partitions())


def _keys_of(tx: Transaction, owners: Collection[Any], *, practice: bool) -> dict[Any, bytes]:
    """Return the wrapped keys of those people whose runs are listed: who practises is only with `practice`."""
    found = tx.connection.execute(_OWNERS, {"people": [*owners]}).all()
    return {raw: wrapped for raw, wrapped, practising in found if practice or not practising}


def _unwrapped(tx: Transaction, wrapped: bytes, person_id: UUID) -> DataKey:
    try:
        return tx.unwrap(wrapped, key_owner(person_id))
    except DecryptionError:
        tx.damage.note(Damaged("person_keys", "wrapped", person_id.hex, person_id))
        return LOST


def _opened(
    tx: Transaction, kept: Iterable[Any], open_: _Open, person: Any, table: str = "answers"
) -> dict[str, tuple[Any, Any]]:
    """Open rows of a run and return each with its value, by path; one that is damaged is noted and left out."""
    found = []
    for row in kept:
        try:
            path, _, value = open_(row[3], _hex(row[1])).partition(b"\n")
        except DecryptionError:
            tx.damage.note(Damaged(table, "value", _hex(row[1]), _id(person)))
        else:
            found.append((path.decode(), (row, from_json(value))))
    return dict(sorted(found, key=itemgetter(0)))


def _add_beside(
    tx: Transaction,
    said: Iterable[Any],
    open_: _Open,
    person: Any,
    given: dict[str, Any],
    told: dict[str, tuple[int, datetime]],
) -> int:
    """Add the asides of a run to its answers, numbered question by question; return how many of them do not open."""
    lost = 0
    for row in said:
        opened = _opened(tx, (row,), open_, person, "asides")
        lost += not opened
        for path, (_, pieces) in opened.items():
            asides = given.setdefault(path + BESIDE, {"value": []})["value"]
            asides += pieces
            told[path + BESIDE] = row[5], row[4]
    return lost


def _newest(tx: Transaction, statement: Verified, wanted: list[tuple[Any, Any]]) -> dict[Any, dict[str, Any]]:
    """Return the newest revision's row of each answer of people's runs, still sealed, by run and hash of the path."""
    newest: defaultdict[Any, dict[str, Any]] = defaultdict(dict)
    for row in tx.run.listed(statement, {"runs": wanted}):
        kept = newest[row[0]]
        if row[2] not in kept or kept[row[2]][4] < row[4]:
            kept[row[2]] = row
    return newest


def _beside(tx: Transaction, run_ids: list[Any]) -> dict[Any, list[Any]]:
    """Return the asides of some runs by run, still sealed and in order, numbered question by question."""
    found: defaultdict[Any, list[Any]] = defaultdict(list)
    for row in tx.run.listed(_BESIDE, {"runs": run_ids}):
        number = 1 + sum(each[2] == row[2] for each in found[row[0]])
        found[row[0]].append((*row, number))
    return found


def paths_beside(
    tx: Transaction,
    dialog: str,
    cohort_id: UUID | None = None,
    since: datetime | None = None,
    *,
    practice: bool = False,
) -> set[str]:
    """Return the paths of the questions that have asides, in any of the runs that `answers` would give."""
    versions = tx.connection.execute(_VERSIONS, {"dialog": dialog}).scalars().all()
    wanted = [_FOUND_ELSEWHERE.in_(versions), *_narrowed(cohort_id, since, practice=practice)]
    if not practice:
        wanted.append(~people.c.practice)

    @lru_cache(_KEYS)
    def owner(raw: Any, wrapped: bytes) -> _Open:
        return _unwrapped(tx, wrapped, _id(raw)).opener("asides", "value")

    paths: set[str] = set()
    # The same question has another hash in every run: each aside has to be opened, and they are few.
    with tx.connection.execute(_SAID_BESIDE.where(*wanted), execution_options={"yield_per": _BATCH}) as found:
        for row in found:
            paths.update(_opened(tx, (row,), owner(row[4], row[5]), row[4], "asides"))
    return paths


def dialogs(tx: Transaction, cohort_id: UUID | None = None, *, practice: bool = False) -> list[str]:
    """List the names of the dialogs, other than wizards, that have runs in one cohort or in any.

    Runs of people and cohorts that practise count only with `practice`.
    """
    # One run of a version is enough: this takes a tenth of the time of going through all of them.
    answered = _OF_VERSION.where(*_narrowed(cohort_id, None, practice=practice))
    if not practice:
        answered = answered.where(~people.c.practice)
    return list(tx.connection.execute(_DIALOGS.where(dialog_versions.c.kind != "staff", answered.exists())).scalars())


def count(
    tx: Transaction,
    dialog: str,
    cohort_id: UUID | None = None,
    since: datetime | None = None,
    *,
    practice: bool = False,
) -> int:
    """Count the runs that `answers` would give."""
    versions = tx.connection.execute(_VERSIONS, {"dialog": dialog}).scalars().all()
    of = _COUNT.where(*_narrowed(cohort_id, since, practice=practice))
    not_listed = _WITHOUT_KEY if practice else _WITHOUT_KEY.union(_PRACTISING)
    # In its index alone, without anybody's row; whoever is not listed has few of them.
    every = tx.connection.execute(of.where(runs.c.dialog_hash.in_(versions))).scalar_one()
    others = of.where(_FOUND_ELSEWHERE.in_(versions), runs.c.person_id.in_(not_listed))
    return int(every - tx.connection.execute(others).scalar_one())


def _hex(raw: Any) -> str:
    return raw if isinstance(raw, str) else cast("UUID", raw).hex


def _id(raw: Any) -> UUID:
    return UUID(raw) if isinstance(raw, str) else raw


def _written(raw: Any) -> str:
    if isinstance(raw, str):
        return f"{raw[:8]}-{raw[8:12]}-{raw[12:16]}-{raw[16:20]}-{raw[20:]}"
    return str(raw)


_DIALOGS: Final = select(dialog_versions.c.name).distinct().order_by(dialog_versions.c.name)
_OF_VERSION: Final = (
    select(runs.c.id)
    .select_from(
        runs.join(people, people.c.id == runs.c.person_id).join(
            person_keys, person_keys.c.person_id == runs.c.person_id
        )
    )
    .where(runs.c.dialog_hash == dialog_versions.c.hash)
    .correlate(dialog_versions)
)
_COUNT: Final = select(func.count()).select_from(runs)
_WITHOUT_KEY: Final = (
    select(people.c.id)
    .outerjoin(person_keys, person_keys.c.person_id == people.c.id)
    .where(person_keys.c.person_id.is_(None))
)
_PRACTISING: Final = select(people.c.id).where(people.c.practice)
# Ids stay as the driver gives them: making UUIDs of them would cost more than opening the answers.
_RUNS: Final = (
    select(
        literal_column("runs.id").label("raw"),
        literal_column("runs.person_id").label("person"),
        literal_column("runs.cohort_id").label("cohort"),
        runs.c.dialog_hash,
        runs.c.language,
        runs.c.started_at,
        runs.c.seq,
        runs.c.ended_at,
        runs.c.status,
        runs.c.on_paper,
    )
    .select_from(runs)
    .order_by(runs.c.started_at, runs.c.seq, runs.c.id)
)
_BEGAN: Final = (5, 6, 0)  # the columns they are put in order by
_place: Final = tuple_(runs.c.started_at, runs.c.seq, runs.c.id)
_COHORTS: Final = select(cohorts.c.id).order_by(cohorts.c.created_at, cohorts.c.id)
_VERSIONS: Final = select(dialog_versions.c.hash).where(
    dialog_versions.c.name == bindparam("dialog"), dialog_versions.c.kind != literal_column("'staff'")
)
# Not the bare column, so that runs are not looked for by their version, of which there are more than asides.
_FOUND_ELSEWHERE: Final = func.coalesce(runs.c.dialog_hash, literal_column("''"))
_OWNERS: Final = (
    select(literal_column("person_keys.person_id"), person_keys.c.wrapped, people.c.practice)
    .select_from(person_keys.join(people, people.c.id == person_keys.c.person_id))
    .where(literal_column("person_keys.person_id").in_(bindparam("people", expanding=True)))
)
_SAID: Final = (
    select(
        literal_column("answers.run_id").label("raw"),
        literal_column("answers.id").label("answer"),
        answer_rows.c.path,
        answer_rows.c.value,
        answer_rows.c.revision,
    )
    .select_from(answer_rows)
    # With its person, as everywhere: what one person said lies in one place (`storage.readings.of_run`).
    .where(
        tuple_(literal_column("answers.person_id"), literal_column("answers.run_id")).in_(
            bindparam("runs", expanding=True)
        )
    )
)
_ANSWERS: Final = Verified(_SAID, answer_rows, raw=True)
_DETAILED: Final = Verified(_SAID.add_columns(answer_rows.c.answered_at), answer_rows, raw=True)
_BESIDE: Final = Verified(
    select(
        literal_column("asides.run_id").label("raw"),
        literal_column("asides.id").label("aside"),
        aside_rows.c.path,
        aside_rows.c.value,
        aside_rows.c.said_at,
    )
    .select_from(aside_rows)
    .where(literal_column("asides.run_id").in_(bindparam("runs", expanding=True)))
    .order_by(aside_rows.c.seq),
    aside_rows,
    raw=True,
)
_ANY_BESIDE: Final = select(aside_rows.c.seq).limit(1)
_SAID_BESIDE: Final = select(
    literal_column("asides.run_id").label("raw"),
    literal_column("asides.id").label("aside"),
    aside_rows.c.path,
    aside_rows.c.value,
    literal_column("runs.person_id").label("person"),
    person_keys.c.wrapped,
).select_from(
    aside_rows.join(runs, runs.c.id == aside_rows.c.run_id)
    .join(people, people.c.id == runs.c.person_id)
    .join(person_keys, person_keys.c.person_id == runs.c.person_id)
)


def _narrowed(cohort_id: UUID | None, since: datetime | None, *, practice: bool) -> list[ColumnElement[bool]]:
    """Return the conditions of a run's own columns."""
    conditions: list[ColumnElement[bool]] = []
    if cohort_id is not None:
        conditions.append(runs.c.cohort_id == cohort_id)
    if since is not None:
        conditions.append(runs.c.started_at >= since)
    if not practice:
        practising = select(cohorts.c.id).where(cohorts.c.practice)
        conditions.append(or_(runs.c.cohort_id.is_(None), runs.c.cohort_id.not_in(practising)))
    return conditions
