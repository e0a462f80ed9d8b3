"""An end without a word, as of a window, or of an order at night: what was answered is kept."""

from bot.conversation.turns import Turns
from bot.participant.rhythms import WINDOW_KEPT
from bot.services import listening
from storage.people import Person
from storage.runs import RunRow
from storage.unit import Unit


def end(turns: Turns, unit: Unit, person: Person, row: RunRow) -> None:
    """End a run; its participant is told when they next come, if they had answered anything."""
    answered = bool(turns.answers(unit, person, row))
    turns.expire(unit, person, row)
    person = unit.people.get(person.id) or person
    if answered:
        person = unit.people.prefer(person, **{WINDOW_KEPT: True})
    if listening.over(unit, person, row):
        unit.people.look(person.id, unit.now)
