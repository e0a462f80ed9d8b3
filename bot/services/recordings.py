"""Recordings of Hilo's own sentences, made by an admin: each is bound to the very words that it says.

The organisation's record has them under `recordings`: by language, and by a mark of the words, whose voice note says
them. Once the words change, nothing is found under their mark, so nobody hears what is not written any more.
"""

import hashlib
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from bot.rendering import targets
from bot.rendering.speech import RECORDED, Speech
from bot.services.acts import Actor, actor_name, require
from bot.services.organisation import OrganisationFacts
from bot.services.permissions import ADMINS_OF_ALL
from dialogs import languages
from storage.unit import Unit

KEY: Final = "recordings"
MARK: Final = 16  # hex digits of a mark


def mark(words: str) -> str:
    """Return what stands for some words: their blanks do not count."""
    return hashlib.sha256(" ".join(words.split()).encode()).hexdigest()[:MARK]


def any_kept(organisation: OrganisationFacts, unit: Unit) -> bool:
    """Return whether there are any recordings."""
    return bool(organisation.record(unit).get(KEY))


def voice(organisation: OrganisationFacts, speech: Speech, words: str) -> str:
    """Return the name of the recording that says these words in the chat's language; empty where there is none."""
    kept: Mapping[str, Any] = organisation.record(speech.unit).get(KEY) or {}
    if not kept:
        return ""
    tags = (speech.language, languages.base(speech.language))
    found = next((kept[tag][mark(words)] for tag in tags if mark(words) in (kept.get(tag) or {})), "")
    return RECORDED.format(id=found) if found else ""


def media(record: Mapping[str, Any]) -> list[UUID]:
    """Return the voice notes of all recordings."""
    return [UUID(found) for kept in (record.get(KEY) or {}).values() for found in kept.values()]


def keep(unit: Unit, by: Actor, tag: str, words: str, media_id: UUID, present: Mapping[str, str]) -> None:
    """Keep a voice note as the recording of some words.

    Args:
        unit: the transaction.
        by: the actor.
        tag: the language it is spoken in.
        words: what it says.
        media_id: the voice note.
        present: what is said in this language now, by mark; recordings of anything else are dropped.

    Raises:
        NotAllowed: the actor may not.
    """
    require(unit, by, ADMINS_OF_ALL, targets.RECORDINGS)
    record = unit.organisation.get()
    kept = dict(record.get(KEY) or {})
    still = {each: found for each, found in (kept.get(tag) or {}).items() if each in present}
    kept[tag] = {**still, mark(words): media_id.hex}
    unit.organisation.set({**record, KEY: kept})
    unit.audit.add(actor_name(by), "recording.made", tag, {})


def drop(unit: Unit, by: Actor, tag: str, words: str) -> None:
    """Take away the recording of some words, so that they are read as before; raises NotAllowed."""
    require(unit, by, ADMINS_OF_ALL, targets.RECORDINGS)
    record = unit.organisation.get()
    kept = record.get(KEY) or {}
    if mark(words) in (kept.get(tag) or {}):
        left = {each: found for each, found in kept[tag].items() if each != mark(words)}
        unit.organisation.set({**record, KEY: {**kept, tag: left}})
        unit.audit.add(actor_name(by), "recording.dropped", tag, {})


def forget(unit: Unit) -> None:
    """Drop the recordings whose voice notes are gone: whoever spoke them was erased."""
    record = unit.organisation.get()
    kept = {
        tag: {each: found for each, found in of.items() if unit.media.get(UUID(found)) is not None}
        for tag, of in (record.get(KEY) or {}).items()
    }
    if kept != (record.get(KEY) or {}):
        unit.organisation.set({**record, KEY: kept})
