"""Keyboards that are spent: where the messenger leaves them standing, they shrink to what was chosen.

On a page the thread does so itself (`bot.web.thread`); in a messenger whose presses tell the keyboard they were on, the
message is edited.
"""

from typing import Final

from bot.conversation.screen import IN_PLACE
from bot.messengers.port import Button, Incoming
from bot.rendering import targets
from bot.rendering.buttons import Buttons, PlainButton
from bot.rendering.speech import Speech, rows
from storage.people import Person

HELP: Final = frozenset({targets.SUPPORT, targets.CRY, targets.REACH})
"""What leads to help: its buttons always stay."""
BESIDE: Final = frozenset({targets.HEAR, targets.PLAY})
"""What is heard or seen beside a message, whose buttons then still count."""


def shrink(speech: Speech, person: Person, incoming: Incoming, pressed: PlainButton) -> None:
    """Take away the buttons beside the one that was pressed, once something below them leads on.

    Screens that change in place, and pages and panels of the team, keep theirs.
    """
    unit, keyboard = speech.unit, (incoming.content or {}).get("keyboard") or ()
    make = Buttons(unit.vault, speech.messenger, speech.chat)
    if pressed.argument.endswith(IN_PLACE) or pressed.action in BESIDE:
        return
    every = [(label, id_, url) for row in keyboard for label, id_, url in row]
    kept = [Button(*each) for each in every if each[1] == incoming.button or _stays(make, *each)]
    if (
        len(kept) == len(every)
        or unit.people.get(person.id) is None
        or unit.outbox.newest(speech.messenger, speech.chat, incoming.order) is not None
    ):
        return
    row = unit.outbox.row_of(speech.messenger, speech.chat, incoming.order)
    said = unit.outbox.lately(person, unit.now)
    if row is None or not said or not said[-1].get("keyboard"):
        return  # what came below leads nowhere: these buttons are the way on
    if unit.panels.stand_at(person.id, row):
        return
    speech.edit(row, rows(*kept))


def _stays(make: Buttons, _label: str, id_: str, url: str | None) -> bool:
    found = make.read(id_) if id_ else None
    return bool(url) or (isinstance(found, PlainButton) and found.action in HELP)
