"""Ask an open question once more, though nobody said anything."""

from bot.conversation.turns import Turns
from bot.messengers.port import Button
from bot.product_languages import language_of
from bot.rendering import targets
from bot.rendering.speech import BROADCAST, rows
from bot.services.phones import watched
from storage.people import Person
from storage.runs import RunRow
from storage.unit import Unit


def show_notice(turns: Turns, unit: Unit, person: Person, row: RunRow, *, reminder: bool, bound: bool = False) -> None:
    """Say on a phone that others see that something is there: the question is shown once the participant opens it.

    A `bound` notice counts as the question, so that nobody is told twice.
    """
    speech = turns.speech(unit, person, lane=BROADCAST)
    begun = bool(row.state["position"])
    label = "button.resume" if begun else "button.told_open"
    if reminder:
        go_on = speech.button(label, targets.AGAIN)
    else:
        go_on = Button(speech.words(label), speech.buttons.run(row.id, row.prompt, "resume"))
    speech.send(
        speech.words("leader.notice" if begun else "told.notice"),
        rows(go_on, speech.button("button.menu", targets.HOME)),
        run_id=row.id if bound else None,
        prompt=row.prompt if bound else None,
    )
    unit.runs.rest(row.id)


def ask_once_more(turns: Turns, unit: Unit, person: Person, row: RunRow) -> None:
    """Ask a run's question again, saying that it may not have come."""
    if watched(person):
        show_notice(turns, unit, person, row, reminder=True, bound=True)
        return
    lead = turns.texts.say("prompt.repeat", language_of(person))
    turns.ask_again(unit, person, row, lead=lead, lane=BROADCAST)
