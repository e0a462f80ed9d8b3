"""Erasing a person, or something a person said. Nothing cascades: `storage.table_rules` names the tables."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Delete, Table, bindparam, delete, exists, insert, or_, select, update

from dialogs.run import pieces_to_list
from storage import invite_keys as of_invites
from storage.alerts import drop_of
from storage.database import lock_person, written
from storage.epoch_change import note_erasure
from storage.meant import unpacked
from storage.messages import LOST_WORDS, SIGNATURE, SIGNED, signed_words
from storage.outbox import FROM_TEAM
from storage.panels import ERASED
from storage.people import People, Person
from storage.sealed_statements import Change
from storage.store import Transaction, from_json
from storage.table_rules import CHAT_TABLES, OWNERS
from storage.tables import (
    addresses,
    alerts,
    answers,
    asides,
    invite_keys,
    invite_uses,
    invites,
    media,
    message_readings,
    messages,
    named_on_screens,
    outbox,
    panels,
    person_addresses,
    quotes,
    recollections,
    support_requests,
)
from storage.thread import body_of
from storage.unit import Unit


@dataclass(frozen=True, slots=True)
class ErasureResult:
    """What was erased: row counts by table, and the names of the sealed files that are still to be deleted."""

    rows: dict[str, int]
    files: tuple[str, ...]


_shared = person_addresses.alias("shared")
_ALONE: Final = (
    select(addresses.c.id, addresses.c.messenger, addresses.c.lookup)
    .join(person_addresses, person_addresses.c.address_id == addresses.c.id)
    .where(
        person_addresses.c.person_id == bindparam("person_id"),
        ~exists().where(_shared.c.address_id == addresses.c.id, _shared.c.person_id != bindparam("person_id")),
    )
)
_SHARED: Final = (
    select(person_addresses.c.address_id)
    .distinct()
    .join(_shared, _shared.c.address_id == person_addresses.c.address_id)
    .where(person_addresses.c.person_id == bindparam("person_id"), _shared.c.person_id != bindparam("person_id"))
)
_NEXT: Final = (
    select(_shared.c.person_id)
    .where(_shared.c.address_id == bindparam("address"))
    .order_by(_shared.c.current.desc(), _shared.c.linked_at.desc(), _shared.c.seq.desc(), _shared.c.person_id)
    .limit(1)
    .scalar_subquery()
)
_SPEAK: Final = Change(
    person_addresses,
    person_addresses.c.address_id == bindparam("address"),
    person_addresses.c.person_id == _NEXT,
    current=True,
)
TELLING: Final = 12
"""Length from which words count as the person's anywhere; shorter ones only within their own run or when quoted."""
QUOTED: Final = "→ {}"
"""How a screen that shows answers quotes one."""

_edited = outbox.alias("edited")
_SHOWN: Final = (
    select(outbox.c.seq, outbox.c.id, outbox.c.kind, outbox.c.body, outbox.c.run_id, _edited.c.run_id)
    .outerjoin(_edited, _edited.c.seq == outbox.c.edits)
    .where(outbox.c.person_id == bindparam("person_id"), outbox.c.body.is_not(None))
    .where(outbox.c.state.in_(written("sent", "failed", "unknown")))
)
_UNSAID: Final = update(outbox).where(outbox.c.seq == bindparam("row")).values(body=None)
_MEDIA: Final = select(media.c.id, media.c.file).where(media.c.person_id == bindparam("person_id"))
_MEDIA_OF: Final = _MEDIA.where(media.c.run_id == bindparam("run_id"), media.c.path == bindparam("path"))
_DROP_MEDIA: Final = delete(media).where(media.c.id == bindparam("item"))
_FILES: Final = select(media.c.file).where(media.c.person_id == bindparam("person_id"), media.c.file.is_not(None))
# Voice messages from the team to this person are sealed with the keys of those who spoke.
_TOLD: Final = (
    select(media.c.id, media.c.file)
    .join(messages, messages.c.media_id == media.c.id)
    .where(messages.c.person_id == bindparam("person_id"), media.c.person_id != messages.c.person_id)
)
# One of the team may have this person's page open: it is removed from their chats at the next tick.
_LEAVE: Final = update(panels).where(panels.c.kind.in_(written("page", "media"))).values(until=bindparam("now"))
# An erased person no longer counts as a use of the invite.
_UNUSE: Final = Change(
    invites,
    invites.c.id.in_(select(invite_uses.c.invite_id).where(invite_uses.c.person_id == bindparam("person"))),
    used=lambda row: row["used"] - 1,
)
# What somebody remembers may be this person's: it goes, and whoever else it was can ask again.
_REMEMBERED: Final = delete(recollections).where(
    recollections.c.invite_id.in_(select(invite_uses.c.invite_id).where(invite_uses.c.person_id == bindparam("person")))
)
_NAMING: Final = (
    select(outbox.c.seq, outbox.c.id, outbox.c.person_id)
    .join(outbox, outbox.c.seq == named_on_screens.c.outbox_seq)
    .where(named_on_screens.c.person_id == bindparam("person_id"), outbox.c.person_id != bindparam("person_id"))
)
_UNSHOW: Final = (
    update(outbox)
    .where(
        outbox.c.person_id == bindparam("reader"),
        # Only rows from this one on: the index on the person is in that order.
        outbox.c.seq >= bindparam("row"),
        or_(outbox.c.seq == bindparam("row"), outbox.c.edits == bindparam("row")),
    )
    .values(body=None)
)
_VANISH: Final = Change(
    panels,
    panels.c.outbox_seq == bindparam("row"),
    panels.c.person_id == bindparam("reader"),
    panels.c.kind == "page",
    until=bindparam("now"),
    subject=bindparam("erased"),
)
_VANISHING: Final = insert(panels)
_NOBODYS: Final = delete(addresses).where(addresses.c.id == bindparam("address"))


def erase(tx: Transaction, person_id: UUID) -> ErasureResult:
    """Erase a person by the rules of every table: key, rows, waiting updates, and a stranger's words in their chats.

    What stays is listed in `storage.table_rules`. After the commit the person's files are deleted, and the bytes are
    removed from SQLite's log as well.
    """
    connection = tx.connection
    lock_person(connection, person_id, whole=True)
    told = list(tx.run(_TOLD, {"person_id": person_id}))
    files = (*tx.run(_FILES, {"person_id": person_id}).scalars(), *(file for _, file in told if file is not None))
    for item, _ in told:
        tx.run(_DROP_MEDIA, {"item": item})
    chats = list(tx.run(_ALONE, {"person_id": person_id}))
    shared = tx.run(_SHARED, {"person_id": person_id}).scalars()
    tx.run(_UNUSE, {"person": person_id})
    _take_off_screens(tx, person_id)
    _unsign(tx, person_id)
    remembered = tx.run(_REMEMBERED, {"person": person_id}).rowcount
    without_key = of_invites.drop_of(tx, person_id)
    rows = {table.name: tx.run(of_person, {"person": person_id}).rowcount for table, of_person in _OF.items()}
    tx.run(_LEAVE, {"now": tx.now})
    for table in CHAT_TABLES:
        for _, messenger, lookup in chats:
            gone = tx.run(_AT[table], {"at": messenger, "hash": lookup}).rowcount
            rows[table.name] = rows.get(table.name, 0) + gone
    for address in shared:
        # Somebody else who shares the address must become the one who speaks there.
        tx.run(_SPEAK, {"address": address})
    rows[addresses.name] = sum(tx.run(_NOBODYS, {"address": address}).rowcount for address, _, _ in chats)
    rows[recollections.name] = remembered
    rows[invite_keys.name] = without_key
    rows[alerts.name] = drop_of(tx, person_id)
    note_erasure(tx, person_id)
    tx.erasing = True
    tx.files += files
    return ErasureResult(rows, files)


def _take_off_screens(tx: Transaction, person_id: UUID) -> None:
    """Erase the words of each message of the team's that names a person; the scheduler's next step takes it out."""
    for row, id_, reader in list(tx.run(_NAMING, {"person_id": person_id})):
        tx.run(_UNSHOW, {"row": row, "reader": reader})
        if not tx.run(_VANISH, {"row": row, "reader": reader, "now": tx.now, "erased": ERASED}).rowcount:
            panel = {"id": id_, "person_id": reader, "kind": "page", "subject": ERASED, "outbox_seq": row}
            tx.run(_VANISHING, {**panel, "changed_at": tx.now, "until": tx.now})


def _unsign(tx: Transaction, person_id: UUID) -> None:
    """Erase what one of the team wrote to others and signed; what was said in the team's name stays."""
    written = list(tx.run(_WRITTEN, {"person_id": person_id}))
    if not written:
        return
    people = People(tx)
    writer = people.get(person_id)
    name = writer.nickname if writer is not None else None
    for id_, to, body in written:
        person = people.get(to)
        if person is None or person.lost:
            continue
        opened = tx.opened(person.key, body, "messages", "body", id_.hex, person_id=to)
        if opened is None:
            continue
        said = "" if opened.startswith(SIGNED) else opened.decode()
        if said and not (name and said.endswith(f"{SIGNATURE}{name}")):
            continue
        if said:  # of a version in which nothing was noted of what stands on the screen
            _unsay(tx, person, _NO_RUN, {said})
        gone = person.key.seal(LOST_WORDS.encode(), "messages", "body", id_.hex)
        tx.run(_UNSIGNED, {"message": id_, "words": gone})


def erase_answer(unit: Unit, person: Person, run_id: UUID, path: str, labels: Iterable[str] = ()) -> ErasureResult:
    """Erase one answer: its revisions, asides, voice notes and photos, and what the outbox still shows of them.

    Args:
        unit: the transaction.
        person: whose answer it is.
        run_id: its run.
        path: its path, or the hash of it.
        labels: the words that its question tells for what was answered: they are not stored beside it.
    """
    words = set(labels)
    path = unit.vault.path_hash(run_id, path)
    for _, text, _ in unit.answers.history(run_id, path, person):
        words.update(_words(from_json(text.encode())))
    for aside in unit.asides.of(run_id, person):
        if unit.vault.path_hash(run_id, aside.path) == path:
            said = list(_words(pieces_to_list(aside.pieces)))
            # Where an aside was offered as an answer, only its beginning was quoted.
            words.update((*said, *(each[: 2 * TELLING] for each in said)))
    kept = unit.run(_MEDIA_OF, {"person_id": person.id, "run_id": run_id, "path": path})
    items = [(id_, file) for id_, file in kept]
    items += [(id_, file) for id_, file in unit.run(_MEDIA, {"person_id": person.id}) if id_.hex in words]
    for id_ in {id_ for id_, _ in items}:
        unit.run(_DROP_MEDIA, {"item": id_})
    files = tuple({file for _, file in items if file})
    rows = {answers.name: unit.answers.drop(run_id, path), asides.name: unit.asides.drop(run_id, path)}
    rows[quotes.name] = unit.quotes.drop_of(run_id, path)
    rows[media.name] = len({id_ for id_, _ in items})
    rows[outbox.name] = _unsay(unit, person, run_id, {word for word in words if word})
    unit.run(_LEAVE, {"now": unit.now})
    unit.erasing = True
    unit.files += files
    return ErasureResult(rows, files)


_WRITTEN: Final = select(messages.c.id, messages.c.person_id, messages.c.body).where(
    messages.c.written_by == bindparam("person_id"), messages.c.person_id != bindparam("person_id")
)
_UNSIGNED: Final = update(messages).where(messages.c.id == bindparam("message")).values(body=bindparam("words"))
_MESSAGES: Final = select(messages.c.id, messages.c.body, messages.c.media_id).where(
    messages.c.person_id == bindparam("person_id")
)
_SPOKEN: Final = (
    select(media.c.id, media.c.file)
    .join(messages, messages.c.media_id == media.c.id)
    .where(messages.c.person_id == bindparam("person_id"))
)
_DROP_REQUESTS: Final = delete(support_requests).where(
    support_requests.c.person_id == bindparam("person"),
    support_requests.c.message_id.is_not(None),
    support_requests.c.done_at.is_not(None),
)


def erase_messages(unit: Unit, person: Person) -> ErasureResult:
    """Erase all messages between a person and the team, in both directions, with their voice notes and photos."""
    words: set[str] = set()
    for id_, body, media_id in unit.run(_MESSAGES, {"person_id": person.id}):
        opened = unit.opened(person.key, body, "messages", "body", id_.hex, person_id=person.id)
        said = None if opened is None else signed_words(unit, opened, id_)
        words.add("" if said is None else unpacked(said)[1].decode().strip())
        words.add(media_id.hex if media_id else "")
    kept = list(unit.run(_SPOKEN, {"person_id": person.id}))
    for id_, _ in kept:
        unit.run(_DROP_MEDIA, {"item": id_})
    files = tuple(file for _, file in kept if file)
    unit.run(_DROP_REQUESTS, {"person": person.id})
    rows = {alerts.name: drop_of(unit, person.id, of_messages=True), media.name: len(kept)}
    for table in (messages, message_readings):
        rows[table.name] = unit.run(_OF[table], {"person": person.id}).rowcount
    # These words belong to no run, so short ones count as the person's only where they were typed or quoted.
    rows[outbox.name] = _unsay(unit, person, person.id, {word for word in words if word})
    unit.erasing = True
    unit.files += files
    return ErasureResult(rows, files)


def forget_typed(unit: Unit, person: Person, run_id: UUID, words: Iterable[str]) -> int:
    """Erase words that one of the team typed in a run, and what its screens showed of them; return how many rows."""
    unit.erasing = True
    return _unsay(unit, person, run_id, {word for word in words if word})


def erase_reach_note(unit: Unit, person: Person) -> bool:
    """Erase how a person wanted to be reached, and what the outbox still shows of it; False if there was no note."""
    note = unit.reach_notes.get(person)
    if note is None:
        return False
    _unsay(unit, person, _NO_RUN, {said for said in note.said.values() if isinstance(said, str)})
    return unit.reach_notes.drop(person.id)


_NO_RUN: Final = UUID(int=0)


def _words(value: Any) -> Iterator[str]:
    """Yield everything an answer's JSON says: its words, and the ids of its voice notes and photos."""
    if isinstance(value, dict):
        for each in (value["id"],) if "media" in value else value.values():
            yield from _words(each)
    elif isinstance(value, list):
        for each in value:
            yield from _words(each)
    elif value is not None and not isinstance(value, bool):
        yield str(value).strip()


def _unsay(unit: Transaction, person: Person, run_id: UUID, words: set[str]) -> int:
    """Erase words from outbox rows that still have a body: what a web page is made of, and what was not sent.

    That covers where the person wrote them, where they were quoted, and what the team said to the person.
    """
    gone = 0
    for seq, id_, kind, body, run, edited_run in unit.run(_SHOWN, {"person_id": person.id}):
        opened = unit.opened(person.key, body, "outbox", "body", id_.hex, person_id=person.id, number=seq)
        if opened is None:
            # A row that does not open may contain the words, and nobody can read it, so it is erased as well.
            gone += unit.run(_UNSAID, {"row": seq}).rowcount
            continue
        said = body_of(unit, opened, id_)[1]
        if said is None:
            gone += unit.run(_UNSAID, {"row": seq}).rowcount
            continue
        # A button has a label and an id, and a link its address as well.
        told = [str(said.get("text") or ""), *(button[0] for row in said.get("keyboard", ()) for button in row)]
        if kind == "echo":
            tells = told[0].strip() in words or (said.get("media") or {}).get("id") in words
        else:
            own = run_id in {run, edited_run}
            found = {word for word in words for each in told if word in each}
            tells = any(own or len(word) >= TELLING or QUOTED.format(word) in told[0] for word in found)
            tells = tells or (said.get("media") or {}).get("id") in words
            tells = tells or (run_id == person.id and str(said.get("what") or "").startswith(FROM_TEAM))
        if tells:
            gone += unit.run(_UNSAID, {"row": seq}).rowcount
    return gone


def _at(table: Table) -> Delete:
    return delete(table).where(table.c.messenger == bindparam("at"), table.c.lookup == bindparam("hash"))


_OF: Final = {table: delete(table).where(owner == bindparam("person")) for table, owner in OWNERS.items()}
_AT: Final = {table: _at(table) for table in CHAT_TABLES}
