"""Asking a participant, once, how all that comes back is to go on."""

from bot.conversation.turns import Turns
from bot.participant.rhythms import GoOn
from bot.rendering import targets
from bot.rendering.speech import BROADCAST, rows
from bot.services import listening
from storage.people import Person
from storage.unit import Unit


def ask(turns: Turns, unit: Unit, person: Person) -> None:
    """Ask it; nothing that comes back is named, since others may see the phone."""
    person = listening.asked(unit, person)
    speech = turns.speech(unit, person, lane=BROADCAST)
    ways = [speech.button(f"button.listen.{way}", targets.RHYTHM, GoOn(way)) for way in ("same", "month", "own", "no")]
    speech.send(speech.words("listen.ask"), rows(*ways), repeatable=True)
