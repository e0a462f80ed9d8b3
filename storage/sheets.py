"""Sheets: dialogs on paper, each known by the code that stands on it, and what was typed in from them.

All words are sealed with the organisation's key: a circle says them as one, and they belong to nobody's row.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, TypeAlias
from uuid import UUID

from sqlalchemy import bindparam, delete, exists, insert, select, update

from storage.database import insert_new, written
from storage.sealed_statements import Change, Verified
from storage.store import Store, from_json, to_json
from storage.tables import broadcasts, deliveries, runs, sheets

State: TypeAlias = Literal["printed", "said", "refused", "withdrawn", "own"]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet of paper.

    Attributes:
        id: its id.
        cohort_id: for which group it was printed.
        dialog_hash: the version of its dialog.
        body: what of `KEPT` it has, and what was typed in from it; empty where it is damaged.
        made_by: who had it printed.
        made_at: when.
        state: printed; said: typed in; refused: they did not want to; withdrawn: what was typed in was taken back; own:
            one person said it, and it is among that person's answers.
    """

    id: UUID
    cohort_id: UUID
    dialog_hash: str
    body: Mapping[str, Any]
    made_by: UUID | None
    made_at: datetime
    state: State


_SHEET: Final = ("id", "cohort_id", "dialog_hash", "body", "made_by", "made_at", "state")
_ALL: Final = select(*(sheets.c[name] for name in _SHEET)).order_by(sheets.c.made_at.desc(), sheets.c.id.desc())
_ADD: Final = insert_new(sheets)
_GET: Final = Verified(_ALL.where(sheets.c.id == bindparam("id")), sheets)
_FIND: Final = Verified(_ALL.where(sheets.c.lookup == bindparam("lookup")), sheets)
_OF_COHORTS: Final = Verified(_ALL.where(sheets.c.cohort_id.in_(bindparam("cohorts", expanding=True))), sheets)
_TYPED_IN: Final = Verified(
    _ALL.where(
        sheets.c.cohort_id.in_(bindparam("cohorts", expanding=True)), sheets.c.state.in_(written("said", "refused"))
    ),
    sheets,
)
KEPT: Final = ("code", "card", "order", "asked", "decision", "language")
"""What of a sheet's body stays whatever is typed in from it, or taken back.

Its code, the card with what it is for, and what it is about: the key of the order that its draft becomes, the broadcast
that asked it, the decision that it tells and in which language.
"""
_BECOMES: Final = Change(
    sheets, sheets.c.id == bindparam("sheet"), sheets.c.state == bindparam("was"), state=bindparam("becomes")
)
_WRITE: Final = update(sheets).where(sheets.c.id == bindparam("sheet")).values(body=bindparam("sealed"))

# Deliveries of what one person said on a sheet.
_REACHES: Final = select(deliveries.c.id).where(
    deliveries.c.broadcast_id == bindparam("broadcast"), deliveries.c.person_id == bindparam("person")
)
_BEGUN_BY: Final = select(runs.c.delivery_id).where(runs.c.id == bindparam("run"))
_AGAIN: Final = (
    update(deliveries)
    .where(
        deliveries.c.id == bindparam("delivery"),
        exists().where(
            broadcasts.c.id == deliveries.c.broadcast_id,
            broadcasts.c.closed_at.is_(None),
            broadcasts.c.cancelled_at.is_(None),
        ),
    )
    .values(state="due", reason=None)
)
_UNREACH: Final = delete(deliveries).where(deliveries.c.id == bindparam("delivery"))
_ADD_DELIVERY: Final = insert(deliveries)


class Sheets(Store):
    """The sheets, and the deliveries of what one person said on one."""

    __slots__ = ()

    def add(
        self,
        id: UUID,  # noqa: A002 -- the column's own name
        code: str,
        cohort_id: UUID,
        dialog_hash: str,
        card: Mapping[str, Any],
        made_by: UUID | None,
        **about: str,
    ) -> None:
        """Add a sheet that is about to be printed; `about` is what of `KEPT` else is known of it."""
        body = self._sealed(id, {**about, "code": code, "card": dict(card)})
        row = {"id": id, "lookup": self._tx.vault.lookup("sheet", code), "cohort_id": cohort_id, "body": body}
        row |= {"dialog_hash": dialog_hash, "made_by": made_by, "made_at": self._tx.now, "state": "printed"}
        self._execute(_ADD, row)

    def get(self, id: UUID) -> Sheet | None:  # noqa: A002 -- the column's own name
        """Return a sheet, or None."""
        row = self._execute(_GET, {"id": id}).first()
        return row and self._sheet(row)

    def find(self, code: str) -> Sheet | None:
        """Return the sheet of a code, or None."""
        row = self._execute(_FIND, {"lookup": self._tx.vault.lookup("sheet", code)}).first()
        return row and self._sheet(row)

    def of(self, cohort_ids: Collection[UUID]) -> list[Sheet]:
        """List the sheets of some cohorts, the newest first."""
        return [self._sheet(row) for row in self._tx.run.listed(_OF_COHORTS, {"cohorts": [*cohort_ids]})]

    def typed_in(self, cohort_ids: Collection[UUID]) -> list[Sheet]:
        """List the sheets of some cohorts of which a circle's word was typed in and stands, the newest first."""
        return [self._sheet(row) for row in self._tx.run.listed(_TYPED_IN, {"cohorts": [*cohort_ids]})]

    def becomes(self, sheet: Sheet, state: State, **said: Any) -> bool:
        """Note what was typed in from a sheet, or that it was taken back; False if its state has changed since.

        Of what its body has, all but `KEPT` is replaced by `said`.
        """
        done = self._execute(_BECOMES, {"sheet": sheet.id, "was": sheet.state, "becomes": state}).rowcount
        if not done:
            return False
        kept = {name: sheet.body[name] for name in KEPT if name in sheet.body}
        self._execute(_WRITE, {"sheet": sheet.id, "sealed": self._sealed(sheet.id, {**kept, **said})})
        return True

    def delivery(self, id: UUID, broadcast_id: UUID, person_id: UUID) -> UUID:  # noqa: A002 -- the column's own name
        """Return somebody's delivery of a broadcast: the one there is, else a new one of this id, due now."""
        found: UUID | None = self._execute(_REACHES, {"broadcast": broadcast_id, "person": person_id}).scalar()
        if found is None:
            row = {"id": id, "broadcast_id": broadcast_id, "person_id": person_id}
            self._execute(_ADD_DELIVERY, {**row, "due_at": self._tx.now, "state": "due"})
        return found or id

    def delivery_of(self, run_id: UUID) -> UUID | None:
        """Return the delivery that a run began, or None."""
        row = self._execute(_BEGUN_BY, {"run": run_id}).first()
        return row[0] if row else None

    def begin_again(self, delivery_id: UUID) -> None:
        """Let a delivery whose run is gone be due again; where nothing of its broadcast is sent any more, forget it."""
        if not self._execute(_AGAIN, {"delivery": delivery_id}).rowcount:
            self._execute(_UNREACH, {"delivery": delivery_id})

    def _sealed(self, id_: UUID, body: Mapping[str, Any]) -> bytes:
        return self._tx.vault.organisation_key.seal(to_json(dict(body)), "sheets", "body", id_.hex)

    def _sheet(self, row: Sequence[Any]) -> Sheet:
        given = dict(zip(_SHEET, row, strict=False))
        key = self._tx.vault.organisation_key
        opened = self._tx.opened(key, given["body"], "sheets", "body", given["id"].hex)
        return Sheet(**{**given, "body": {} if opened is None else from_json(opened)})
