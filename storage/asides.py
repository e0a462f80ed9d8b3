"""Asides: what was said to a question and could not be its answer, kept beside it in order.

Which question that is, is sealed with the words, as with answers; the columns hold keyed hashes of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import bindparam, delete, func, insert, select, update

from dialogs.model import Piece
from dialogs.run import pieces_from_list, pieces_to_list
from storage.people import Person
from storage.sealed_statements import Verified
from storage.statements import Numbered
from storage.store import Store, from_json, to_json
from storage.tables import asides


@dataclass(frozen=True, slots=True)
class Aside:
    """One aside: the words, voice notes and photos a participant sent beside a question.

    Attributes:
        seq: its number, which also gives the order.
        message: the id of the participant's message in its messenger; None where it has none.
        offered_to: hash of the path of the other question to which it was offered as an answer, if any.
    """

    seq: int
    run_id: UUID
    path: str
    pieces: tuple[Piece, ...]
    message: int | None
    said_at: datetime
    offered_to: str | None


_ADD: Final = insert(asides)
_ALL: Final = select(
    asides.c.seq,
    asides.c.id,
    asides.c.run_id,
    asides.c.value,
    asides.c.message,
    asides.c.said_at,
    asides.c.offered_to,
).where(asides.c.person_id == bindparam("person_id"))
_OF_RUN: Final = Verified(_ALL.where(asides.c.run_id == bindparam("run_id")).order_by(asides.c.seq), asides)
_GET: Final = Verified(_ALL.where(asides.c.seq == bindparam("row")), asides)
_SAID_IN: Final = Verified(
    _ALL.where(asides.c.message == bindparam("message")).order_by(asides.c.seq.desc()).limit(1), asides
)
_ADD_ANEW: Final = Numbered(asides, asides.c.seq)
_KEPT: Final = Verified(
    select(
        asides.c.id,
        asides.c.run_id,
        asides.c.path,
        asides.c.person_id,
        asides.c.message,
        asides.c.said_at,
        asides.c.offered_to,
    ).where(asides.c.seq == bindparam("row")),
    asides,
)
_OFFER: Final = update(asides).where(asides.c.seq == bindparam("row")).values(offered_to=bindparam("question"))
_TAKE: Final = delete(asides).where(asides.c.seq == bindparam("row"))
_NUMBERS: Final = (
    select(asides.c.path, func.max(asides.c.seq)).where(asides.c.run_id == bindparam("run_id")).group_by(asides.c.path)
)
_DROP: Final = delete(asides).where(asides.c.run_id == bindparam("run"), asides.c.path == bindparam("of"))


class Asides(Store):
    """The asides, each sealed with its person's key."""

    __slots__ = ()

    def add(
        self,
        id: UUID,  # noqa: A002 -- the column's own name
        run_id: UUID,
        path: str,
        person: Person,
        pieces: Sequence[Piece],
        message: int | None = None,
    ) -> None:
        """Add what was said beside a question, as of this unit's moment."""
        self._execute(
            _ADD,
            {
                "id": id,
                "run_id": run_id,
                "path": self._tx.vault.path_hash(run_id, path),
                "person_id": person.id,
                "value": _seal(person, id, path, pieces),
                "message": message,
                "said_at": self._tx.now,
            },
        )

    def of(self, run_id: UUID, person: Person) -> list[Aside]:
        """List the asides of a run in order; damaged ones are left out."""
        return self._list(person, _OF_RUN, run_id=run_id)

    def numbers(self, run_id: UUID) -> dict[str, int]:
        """Return the newest aside's number for each question of a run, by the hash of its path."""
        return dict(self._execute(_NUMBERS, {"run_id": run_id}))

    def get(self, seq: int, person: Person) -> Aside | None:
        """Return one of this person's asides, or None."""
        return next(iter(self._list(person, _GET, row=seq)), None)

    def said_in(self, message: int, person: Person) -> Aside | None:
        """Return the newest aside that came from one of this person's messages, or None."""
        return next(iter(self._list(person, _SAID_IN, message=message)), None)

    def change(self, seq: int, path: str, person: Person, pieces: Sequence[Piece]) -> int:
        """Replace the words of an aside whose message was edited; return the new number it gets."""
        kept = self._execute(_KEPT, {"row": seq}).first()
        self.take(seq)
        id_, *rest = kept
        names = ("run_id", "path", "person_id", "message", "said_at", "offered_to")
        row = {"id": id_, **dict(zip(names, rest, strict=True)), "value": _seal(person, id_, path, pieces)}
        return int(self._execute(_ADD_ANEW, row).scalar())

    def offered(self, aside: Aside, path: str) -> None:
        """Record that an aside was offered as the answer to another question."""
        self._execute(_OFFER, {"row": aside.seq, "question": self._tx.vault.path_hash(aside.run_id, path)})

    def is_free_for(self, aside: Aside, path: str) -> bool:
        """Return whether an aside was offered to no other question than this one."""
        return aside.offered_to in {None, self._tx.vault.path_hash(aside.run_id, path)}

    def take(self, seq: int) -> None:
        """Delete an aside because it has become an answer."""
        self._execute(_TAKE, {"row": seq})

    def drop(self, run_id: UUID, path: str) -> int:
        """Erase all asides of a question; return how many there were."""
        return self._execute(_DROP, {"run": run_id, "of": self._tx.vault.path_hash(run_id, path)}).rowcount

    def _list(self, person: Person, statement: Any, **more: object) -> list[Aside]:
        found = []
        for seq, id_, run_id, value, *rest in self._execute(statement, {"person_id": person.id, **more}):
            opened = self._tx.opened(person.key, value, "asides", "value", id_.hex, person_id=person.id)
            if opened is not None:
                path, _, said = opened.partition(b"\n")
                found.append(Aside(seq, run_id, path.decode(), pieces_from_list(from_json(said)), *rest))
        return found


def _seal(person: Person, id_: UUID, path: str, pieces: Sequence[Piece]) -> bytes:
    plain = b"\n".join((path.encode(), to_json(pieces_to_list(tuple(pieces)))))
    return person.key.seal(plain, "asides", "value", id_.hex)
