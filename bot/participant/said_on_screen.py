"""What is typed on a screen that asks something: its answer, given to the action of that screen."""

from bot.conversation.actions import Then
from bot.conversation.screen import Screen
from bot.conversation.turns import Turns
from bot.messengers.port import Incoming
from bot.participant.waiting import ASKED, WAITING, forget, is_past
from bot.rendering import commands
from storage.people import Person
from storage.runs import RunRow
from storage.unit import Unit


def on_screen(turns: Turns, unit: Unit, person: Person, row: RunRow | None, incoming: Incoming) -> Then | None:
    """Return the action of the screen that asked for these words; None if none did, or something newer asks."""
    waiting, said = person.preferences.get(WAITING) or {}, (incoming.text or "").strip()
    if waiting.get("for") != ASKED or incoming.reply_to is not None or commands.plain_word(said):
        return None
    person = forget(unit, person)
    if is_past(unit, waiting, row):
        return None
    screen = Screen(turns.speech(unit, person), person, incoming=incoming, said=said)
    return Then(waiting["action"], waiting["argument"], screen)
