"""What an installation holds, opened and in the clear: the same for whoever made it and for every later version.

Where a later version keeps something elsewhere, what reads it here follows, and what is returned stays the same.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from typing import Any

from sqlalchemy import CheckConstraint, Table, func, select

from bot.media.store import MediaStore
from bot.messengers.port import Incoming
from dialogs.model import Dialog
from dialogs.wording import from_store
from storage.alerts import Alert
from storage.people import Person
from storage.tables import metadata, runs
from storage.unit import Unit
from tests.media_rows import sent_by

UNUSED = {"leases", "processes"}
"""Tables into which a process on SQLite writes nothing."""


def contents(unit: Unit, media_store: MediaStore) -> dict[str, Any]:
    """Open everything that is sealed; the trail must be unbroken."""
    assert unit.audit.verify() is None
    return {
        "organisation": {name: told for name, told in unit.organisation.get().items() if name != "sealed_rows"},
        "cohorts": {
            str(each.id): [each.name, list(each.languages), each.zone, each.context] for each in unit.cohorts.list()
        },
        "people": {str(person.id): _person(unit, media_store, person) for person in unit.people.list()},
        "broadcasts": {str(each.id): each.purpose for each in unit.broadcasts.list()},
        "unread": {
            f"{each.name} {reader}": sorted(str(found.run_id) for found in unit.readings.unread(reader, each.id, 1000))
            for each in unit.cohorts.list()
            for reader in unit.roles.who_reads(each.id)
        },
        "alerts": [[str(each.id), unit.alerts.path(each, _paths(unit, each))] for each in unit.alerts.open()],
        "own_dialogs": [each.name for each in unit.own_dialogs.list()],
        "inbox": [Incoming.from_bytes(row.body).text for row in unit.inbox.pending(unit.now, 1000)],
        "audit": [
            [entry.actor, entry.action, entry.subject, entry.detail]
            for entry in unit.audit.list(100_000)
            if entry.action != "rows.sealed"  # the first start of this version notes it
        ],
    }


def _person(unit: Unit, media_store: MediaStore, person: Person) -> dict[str, Any]:
    addresses = [(messenger, chat) for _, messenger, chat in unit.addresses.of(person)]
    pin = unit.web_pins.get(person)
    return {
        "known": [person.nickname, person.language, person.zone, person.participation, person.practice],
        "preferences": person.preferences,
        "addresses": sorted(addresses),
        "consents": [[each.action, each.language, each.text] for each in unit.consents.of(person)],
        "messages": {str(each.id): [each.direction, each.body] for each in unit.messages.of(person.id)},
        "runs": {str(run.id): _run(unit, person, run.id) for run in unit.runs.of(person)},
        "media": {str(item.id): _file(unit, media_store, item.id) for item in sent_by(unit, person.id)},
        "pin": pin and [pin.kind, pin.hash.hex()],
        "web": [
            said.body for messenger, chat in addresses if messenger == "web" for said in _page(unit, messenger, chat)
        ],
    }


def _run(unit: Unit, person: Person, run_id: Any) -> dict[str, Any]:
    run = unit.runs.get(run_id, person)
    assert run is not None
    return {
        "status": run.status,
        "language": run.language,
        "answers": {
            path: [
                [revision, _labelled(unit, run.dialog_hash, path, value, person.language or "es")]
                for revision, value, _ in unit.answers.history(run_id, path, person)
            ]
            for path in unit.answers.of(run_id, person)
        },
    }


def _dialog(unit: Unit, version: str) -> Dialog:
    return Dialog.from_dict(json.loads(unit.versions.get(version) or "null"))


def _labelled(unit: Unit, version: str, path: str, value: str, language: str) -> str:
    """Return an answer with its label, as the first version kept it; later ones leave it to the question."""
    data = json.loads(value)
    if "label" not in data:
        answer = from_store(_dialog(unit, version).step(path), data, language, lambda _, written: written)
        data["label"] = answer.label
    return json.dumps(data, ensure_ascii=False)


def _paths(unit: Unit, alert: Alert) -> list[str]:
    found = unit.connection.execute(select(runs.c.dialog_hash).where(runs.c.id == alert.run_id)).scalar()
    return [step.name for step in _dialog(unit, found).steps] if found else []


def _file(unit: Unit, media_store: MediaStore, media_id: Any) -> str | None:
    found = media_store.open(unit, media_id)
    return found and hashlib.sha256(found.data).hexdigest()


def _page(unit: Unit, messenger: str, chat: str) -> Iterator[Any]:
    yield from unit.outbox.thread(messenger, chat, 0, 1000)


def lacking(unit: Unit) -> list[str]:
    """Name what this installation proves nothing about: empty tables and columns, states nobody is in."""
    return [
        name
        for table in metadata.sorted_tables
        if table.name not in UNUSED
        for name in (_empty(unit, table) or [f"{table.name}.{value}" for value in _unseen(unit, table)])
    ]


def _empty(unit: Unit, table: Table) -> list[str]:
    counts = unit.connection.execute(select(*(func.count(column) for column in table.c))).one()
    return [f"{table.name}.{column.name}" for column, number in zip(table.c, counts, strict=True) if not number]


def _unseen(unit: Unit, table: Table) -> Iterator[str]:
    for constraint in table.constraints:
        if isinstance(constraint, CheckConstraint) and (
            listed := re.match(r"(\w+) IN \((.*)\)", str(constraint.sqltext))
        ):
            name, values = listed.groups()
            seen = set(unit.connection.execute(select(table.c[name]).distinct()).scalars())
            yield from (f"{name} {value}" for value in re.findall(r"'(\w+)'", values) if value not in seen)
