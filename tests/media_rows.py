"""What is known about voice notes and photos, for tests that look at all of a person's or of a run's."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from bot.media.store import MediaStore, add
from storage.media import MediaRow
from storage.people import Person
from storage.tables import media
from storage.unit import Unit


def sent_by(unit: Unit, person_id: UUID) -> list[MediaRow]:
    """List what a person sent, the oldest first."""
    return _listed(unit, unit.connection.execute(_ORDERED.where(media.c.person_id == person_id)).scalars().all())


def answering(unit: Unit, run_id: UUID, path: str | None = None) -> list[MediaRow]:
    """List the items of a run's answers, or of one of them, the oldest first."""
    found = _listed(unit, unit.connection.execute(_ORDERED.where(media.c.run_id == run_id)).scalars().all())
    return [item for item in found if path is None or item.path == unit.vault.path_hash(run_id, path)]


def keep(store: MediaStore, unit: Unit, person: Person, data: bytes, seconds: int | None = None) -> UUID:
    """Store a file and write its row; return its id."""
    stored = store.put(person.id, person.key, data, seconds)
    add(unit, stored)
    return stored.id


_ORDERED = select(media.c.id).order_by(media.c.received_at, media.c.id)


def _listed(unit: Unit, ids: Sequence[UUID]) -> list[MediaRow]:
    return [item for each in ids if (item := unit.media.get(each)) is not None]
