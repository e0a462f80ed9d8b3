"""Erasing damaged values, and nothing else, so that they are in nobody's way."""

from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from typing import Final
from uuid import UUID

from sqlalchemy import Column, and_, delete, exists, update

from dialogs.run import Run
from storage import cohorts, people
from storage.damage import DAMAGED, Damaged
from storage.messages import LOST_WORDS
from storage.seal_rules import identity
from storage.seals import SEAL
from storage.store import to_json
from storage.tables import (
    alerts,
    answers,
    asides,
    consents,
    decisions,
    frozen_totals,
    inbox,
    inbox_keys,
    invite_keys,
    invite_uses,
    invites,
    judgements,
    messages,
    metadata,
    outbox,
    purposes,
    quotes,
    reach_notes,
    recollections,
    runs,
    sheets,
    signs,
)
from storage.tables import cohorts as cohort_rows
from storage.tables import people as person_rows
from storage.unit import Unit

_SET_ASIDE: Final = (
    *("consents", "invite_uses", "invites", "memberships", "person_addresses", "roles", "web_links", "web_sessions"),
    *("answers", "asides", "messages", "support_requests", "panels", "recollections"),
    *("schedules", "decisions", "decision_links", "signs", "judgements", "evidence", "sheets", "quotes"),
)


def erasable(found: Sequence[Damaged]) -> list[Damaged]:
    """List which of these damaged values `mend` erases.

    It leaves alone: a person's key (the person is erased by name), an address (sealed again when the person writes), a
    PIN (a new link for the person deletes it), the organisation's record and a cohort's name (somebody writes them
    anew), a person, a chat, a group, an order, a run, a file or what was asked whose seal does not fit (a backup has
    them), and the audit trail, from which nothing is removed.
    """
    return [each for each in found if (each.table, each.column) in _WAYS]


def mend(unit: Unit, found: Sequence[Damaged]) -> int:
    """Erase damaged values for good; return how many."""
    erased = erasable(found)
    for each in erased:
        _WAYS[each.table, each.column](unit, each)
    if erased:
        unit.erasing = True
    return len(erased)


def _set(column: Column[bytes], value: bytes | None, unit: Unit, each: Damaged) -> None:
    table = column.table
    unit.connection.execute(update(table).where(table.c.id == UUID(each.row)).values({column: value}))


def _seal(column: Column[bytes], plain: bytes, unit: Unit, each: Damaged) -> None:
    """Replace a value, sealed with the key of the person it belongs to, else the organisation's."""
    person = unit.people.get(each.person_id) if each.person_id else None
    key = person.key if person else unit.vault.organisation_key
    _set(column, key.seal(plain, each.table, each.column, each.row), unit, each)


def _alert(unit: Unit, each: Damaged) -> None:
    unit.connection.execute(delete(alerts).where(alerts.c.id == UUID(each.row)))


def _answer(unit: Unit, each: Damaged) -> None:
    unit.connection.execute(delete(answers).where(answers.c.id == UUID(each.row)))


def _aside(unit: Unit, each: Damaged) -> None:
    unit.connection.execute(delete(asides).where(asides.c.id == UUID(each.row)))


def _run(unit: Unit, each: Damaged) -> None:
    """End a run whose state is damaged and store an empty expired state; its answers stay."""
    _seal(runs.c.state, to_json(Run("expired").state()), unit, each)
    unit.runs.end(UUID(each.row))


def _update(unit: Unit, each: Damaged) -> None:
    row = inbox.c.seq == int(each.row)
    unit.connection.execute(update(inbox).where(row).values(state="poison", error=DAMAGED, body=None))


def _said(unit: Unit, each: Damaged) -> None:
    row = outbox.c.seq == int(each.row)
    unsaid = update(outbox).where(row, outbox.c.state.in_(("queued", "sending", "unknown")))
    unit.connection.execute(unsaid.values(state="failed", reason=DAMAGED, lease_until=None))
    unit.connection.execute(update(outbox).where(row).values(body=None))


def _file(unit: Unit, each: Damaged) -> None:
    item = unit.media.get(UUID(each.row))
    if item is not None and item.file is not None:
        unit.media.erased(item.id)
        unit.files.append(item.file)


def _note(unit: Unit, each: Damaged) -> None:
    unit.connection.execute(delete(reach_notes).where(reach_notes.c.id == UUID(each.row)))


def _quote(unit: Unit, each: Damaged) -> None:
    unit.connection.execute(delete(quotes).where(quotes.c.id == UUID(each.row)))


def _recollection(unit: Unit, each: Damaged) -> None:
    unit.connection.execute(delete(recollections).where(recollections.c.id == UUID(each.row)))


def _day_key(unit: Unit, each: Damaged) -> None:
    unit.connection.execute(delete(inbox_keys).where(inbox_keys.c.day == date.fromisoformat(each.row)))


def _invite_key(unit: Unit, each: Damaged) -> None:
    invite_id = UUID(each.row)
    unit.connection.execute(delete(invite_keys).where(invite_keys.c.invite_id == invite_id))
    unit.connection.execute(update(invites).where(invites.c.id == invite_id).values(nickname=None))


def _foreign(unit: Unit, each: Damaged) -> None:
    """Delete a row whose seal does not fit, unless others refer to it."""
    table = metadata.tables[each.table]
    keys = zip(identity(table), each.row.split(), strict=True)
    row = and_(*(key == UUID(value) for key, value in keys))
    pointing = [
        key.parent
        for other in metadata.sorted_tables
        for key in other.foreign_keys
        if key.column.table is table and not key.parent.primary_key
    ] + [invite_uses.c.invite_id for _ in range(table is invites)]
    alone = [~exists().where(column == table.c.id) for column in pointing]
    unit.connection.execute(delete(table).where(row, *alone))


_Way = Callable[[Unit, Damaged], None]
_WAYS: Final[dict[tuple[str, str], _Way]] = {
    ("alerts", "body"): _alert,
    ("answers", "value"): _answer,
    ("asides", "value"): _aside,
    ("cohorts", "context"): partial(_seal, cohort_rows.c.context, to_json(cohorts.UNREADABLE)),
    ("consents", "text"): partial(_seal, consents.c.text, b""),
    ("decisions", "body"): partial(_seal, decisions.c.body, to_json({})),
    ("frozen_totals", "body"): partial(_seal, frozen_totals.c.body, to_json({})),
    ("inbox", "body"): _update,
    ("inbox_keys", "wrapped"): _day_key,
    ("invite_keys", "wrapped"): _invite_key,
    ("invites", "nickname"): partial(_set, invites.c.nickname, None),
    ("judgements", "body"): partial(_seal, judgements.c.body, to_json({"value": "", "words": "", "against": ""})),
    ("media", "file"): _file,
    ("messages", "body"): partial(_seal, messages.c.body, LOST_WORDS.encode()),
    ("outbox", "body"): _said,
    ("people", "nickname"): partial(_set, person_rows.c.nickname, None),
    ("people", "preferences"): partial(_seal, person_rows.c.preferences, to_json(people.UNREADABLE)),
    ("purposes", "card"): partial(_seal, purposes.c.card, to_json({})),
    ("quotes", "body"): _quote,
    ("reach_notes", "body"): _note,
    ("recollections", "words"): _recollection,
    ("runs", "state"): _run,
    ("sheets", "body"): partial(_seal, sheets.c.body, to_json({})),
    ("signs", "words"): partial(_seal, signs.c.words, to_json({"words": LOST_WORDS})),
    **{(name, SEAL): _foreign for name in _SET_ASIDE},
}
