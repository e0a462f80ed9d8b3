"""What no program looks at: voice notes, pictures, and words in a language that has no list of danger words.

Nobody may think otherwise, so whoever sends such a thing is told that a person hears, sees or reads it, and when.
"""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from bot.rendering.speech import Speech
from bot.services.danger_phrases import RINGING
from bot.services.organisation import OrganisationFacts
from dialogs import lang, languages
from dialogs.model import Media, Piece
from storage.people import Person
from storage.unit import Unit

WORDS = "words"


def line(organisation: OrganisationFacts, speech: Speech, kind: str, *, language: str = "") -> str:
    """Return who hears voice notes, sees photos or reads words (`kind`), and on which day, unless that is today."""
    facts = {"language": speech.language_name(language)} if language else {}
    zone = ZoneInfo(organisation.zone(speech.unit))
    if organisation.reads_next(speech.unit) in {None, speech.unit.now.astimezone(zone).date()}:
        return speech.words(f"unlooked.{kind}", **facts)
    day = organisation.next_reading(speech.unit, speech.language)
    return speech.words(f"unlooked.{kind}.on", day=day, **facts)


def listed(organisation: OrganisationFacts, unit: Unit, person: Person) -> bool:
    """Return whether there are words of danger, ours or the organisation's, in the language a person speaks here."""
    return listed_in(organisation, unit, person.language or languages.DEFAULT)


def listed_in(organisation: OrganisationFacts, unit: Unit, language: str) -> bool:
    """Return whether there are words of danger in a language."""
    tag = languages.base(language)
    if lang.rules_of(tag).tag == tag:
        return True
    return bool((organisation.record(unit).get(RINGING) or {}).get(tag))


def of_media(organisation: OrganisationFacts, speech: Speech, pieces: Sequence[Piece]) -> str:
    """Return what to say of a voice note or photo that was kept; '' if there is none."""
    kinds = {piece.kind for piece in pieces if isinstance(piece, Media)}
    return next((line(organisation, speech, kind) for kind in ("voice", "photo") if kind in kinds), "")


def of_words(organisation: OrganisationFacts, speech: Speech, person: Person) -> str:
    """Return what to say of words that were kept, in a language without a list."""
    return line(organisation, speech, WORDS, language=person.language or languages.DEFAULT)
