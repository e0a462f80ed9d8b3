"""Quotes: words of somebody's answer that may be told further than the team, once that person agrees to exactly these.

The words are sealed with the key of whoever said them, and go with that person.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, TypeAlias, cast
from uuid import UUID

from sqlalchemy import bindparam, delete, insert, literal_column, select

from storage.database import written
from storage.enclosing import key_of
from storage.people import Person
from storage.sealed_statements import Change, Verified
from storage.store import LOST, Store, from_json, to_json
from storage.tables import quotes

QuoteState: TypeAlias = Literal["draft", "asked", "yes", "no", "back"]


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of an answer, and whether their teller lets them be told.

    Attributes:
        id: its id.
        person_id: who said them.
        cohort_id: in which cohort.
        run_id: in which run.
        path: the hash of the question they answered.
        words: the words as they would be told; empty where they are damaged.
        language: of the words.
        state: `draft` (not asked yet), `asked`, `yes`, `no`, or `back` (a yes that was taken back).
        asked_by: who of the team asked; None at the console.
        asked_at: when that was.
        answered_at: when the teller last said something about it.
        broadcast_id: the broadcast that asks; None for a draft.
    """

    id: UUID
    person_id: UUID
    cohort_id: UUID
    run_id: UUID
    path: str
    words: str
    language: str
    state: QuoteState
    asked_by: UUID | None
    asked_at: datetime
    answered_at: datetime | None
    broadcast_id: UUID | None


_COLUMNS: Final = (
    *("id", "person_id", "cohort_id", "run_id", "path", "body"),
    *("state", "asked_by", "asked_at", "answered_at", "broadcast_id"),
)
_ALL: Final = select(*(quotes.c[name] for name in _COLUMNS)).order_by(quotes.c.seq.desc())
_ADD: Final = insert(quotes)
_GET: Final = Verified(_ALL.where(quotes.c.id == bindparam("quote")), quotes)
_OF_ORDER: Final = Verified(_ALL.where(quotes.c.broadcast_id == bindparam("broadcast")), quotes)
_OF_PERSON: Final = Verified(_ALL.where(quotes.c.person_id == bindparam("person")), quotes)
_OF_RUN: Final = Verified(_ALL.where(quotes.c.run_id == bindparam("run")), quotes)
_OF_COHORTS: Final = Verified(_ALL.where(quotes.c.cohort_id.in_(bindparam("cohorts", expanding=True))), quotes)
_THIS: Final = quotes.c.id == bindparam("quote")
_ASK: Final = Change(
    quotes,
    _THIS,
    quotes.c.state == literal_column("'draft'"),
    state="asked",
    broadcast_id=bindparam("broadcast"),
    asked_at=bindparam("at"),
)
_REWORD: Final = Change(
    quotes,
    _THIS,
    quotes.c.state.in_(written("asked", "no")),
    state="asked",
    answered_at=bindparam("at"),
    body=bindparam("words"),
)
_ANSWERS: Final = {
    state: Change(quotes, _THIS, quotes.c.state.in_(written(*before)), state=state, answered_at=bindparam("at"))
    for state, before in {"yes": ("asked", "no", "back"), "no": ("asked",), "back": ("yes",)}.items()
}
"""How a quote comes to each state that its teller can say, and from which."""
_DROP_DRAFTS: Final = delete(quotes).where(
    quotes.c.run_id == bindparam("run"),
    quotes.c.path == bindparam("of"),
    quotes.c.state == literal_column("'draft'"),
)
_DROP_OF: Final = delete(quotes).where(quotes.c.run_id == bindparam("run"), quotes.c.path == bindparam("of"))


class Quotes(Store):
    """The quotes."""

    __slots__ = ()

    def add(
        self,
        id: UUID,  # noqa: A002 -- the column's own name
        person: Person,
        cohort_id: UUID,
        run_id: UUID,
        path: str,
        words: str,
        language: str,
        asked_by: UUID | None,
    ) -> None:
        """Add a draft of words of somebody's answer; an earlier draft of the same answer goes."""
        hashed = self._tx.vault.path_hash(run_id, path)
        self._execute(_DROP_DRAFTS, {"run": run_id, "of": hashed})
        row = {"id": id, "person_id": person.id, "cohort_id": cohort_id, "run_id": run_id, "path": hashed}
        sealed = _sealed(person, id, words, language)
        self._execute(_ADD, {**row, "body": sealed, "state": "draft", "asked_by": asked_by, "asked_at": self._tx.now})

    def get(self, id: UUID) -> Quote | None:  # noqa: A002 -- the column's own name
        """Return a quote, or None."""
        return self._first(_GET, {"quote": id})

    def asked_by(self, broadcast_id: UUID) -> Quote | None:
        """Return the quote that a broadcast asks for, or None."""
        return self._first(_OF_ORDER, {"broadcast": broadcast_id})

    def of(self, person_id: UUID) -> list[Quote]:
        """List the quotes of somebody, the newest first."""
        return self._several(_OF_PERSON, {"person": person_id})

    def of_run(self, run_id: UUID) -> list[Quote]:
        """List the quotes of the answers of a run, the newest first."""
        return self._several(_OF_RUN, {"run": run_id})

    def of_cohorts(self, cohort_ids: Collection[UUID]) -> list[Quote]:
        """List the quotes of some cohorts, the newest first."""
        return self._several(_OF_COHORTS, {"cohorts": [*cohort_ids]}) if cohort_ids else []

    def ask(self, id: UUID, broadcast_id: UUID) -> bool:  # noqa: A002 -- the column's own name
        """Note that a broadcast asks for a draft from now on; return False if it is none any more."""
        facts = {"quote": id, "broadcast": broadcast_id, "at": self._tx.now}
        return self._execute(_ASK, facts).rowcount > 0

    def reword(self, quote: Quote, person: Person, words: str) -> bool:
        """Let the teller say it in other words, which then are asked about; return False once it was settled."""
        sealed = _sealed(person, quote.id, words, quote.language)
        return self._execute(_REWORD, {"quote": quote.id, "at": self._tx.now, "words": sealed}).rowcount > 0

    def answer(self, id: UUID, state: Literal["yes", "no", "back"]) -> bool:  # noqa: A002 -- the column's own name
        """Keep what the teller says; return False where that does not follow what was said before."""
        return self._execute(_ANSWERS[state], {"quote": id, "at": self._tx.now}).rowcount > 0

    def drop_of(self, run_id: UUID, path: str) -> int:
        """Drop the quotes of one answer, given the hash of its question; return how many there were."""
        return int(self._execute(_DROP_OF, {"run": run_id, "of": path}).rowcount)

    def _first(self, statement: Any, parameters: dict[str, Any]) -> Quote | None:
        row = self._execute(statement, parameters).first()
        return None if row is None else self._quote(row)

    def _several(self, statement: Any, parameters: dict[str, Any]) -> list[Quote]:
        return [self._quote(row) for row in self._tx.run.listed(statement, parameters)]

    def _quote(self, row: Sequence[Any]) -> Quote:
        id_, person_id, cohort_id, run_id, path, sealed, state, *rest = row
        key = key_of(self._tx, person_id)
        opened = None
        if key is not None and key is not LOST:
            opened = self._tx.opened(key, sealed, "quotes", "body", id_.hex, person_id=person_id)
        said = {"words": "", "language": ""} if opened is None else from_json(opened)
        named = (id_, person_id, cohort_id, run_id, path, said["words"], said["language"])
        return Quote(*named, cast("QuoteState", state), *rest)


def _sealed(person: Person, quote_id: UUID, words: str, language: str) -> bytes:
    return person.key.seal(to_json({"words": words, "language": language}), "quotes", "body", quote_id.hex)
