"""The gate of messengers that keep what was said elsewhere: what one chat sends beyond its allowance is not kept.

Such a messenger cannot be told to wait. So whoever floods is told once in a while that the last words were not kept;
who is known by a row of their own and takes part has an allowance that nobody reaches by hand. A cry for help is looked
for before anything is left out. Pages ask for the allowance themselves, as they can give the words back.
"""

from collections import deque
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from bot import clock
from bot.conversation.actions import ARRIVING
from bot.conversation.turns import Turns
from bot.messengers import registry
from bot.messengers.port import Incoming, Kind
from bot.participant.first_language import hinted, speech_to
from bot.product_languages import own_first
from bot.rendering.speech import STRANGERS, Speech
from bot.services.allowances import LOOKED, Allowances, Counts, Rate
from bot.services.invites import opens
from dialogs.danger import RINGS
from storage.people import Person
from storage.unit import Unit

TOLD: Final = Rate(1, 6)  # how often a chat is told
TOLD_STRANGERS: Final = Rate(60, 60)  # how often all chats without a person together
IN_ALL: Final = Rate(120, 18_000)  # beyond that a chat without a person needs a good code: answers are sent one by one
CODE_WITHIN: Final = 30  # words
EVERYBODY: Final = ""
UNANSWERED: Final = 100
DRIFT: Final = timedelta(days=2)  # a messenger keeps updates for less


class Gate:
    """Lets updates through within each chat's allowance."""

    def __init__(self, turns: Turns, allowances: Allowances) -> None:
        self._turns = turns
        self._allowances = allowances
        self._in_all = Counts(IN_ALL)
        self._told, self._told_strangers = Counts(TOLD), Counts(TOLD_STRANGERS)
        self.spoke = False
        self.unanswered: deque[Incoming] = deque(maxlen=UNANSWERED)
        """Presses that were left out, whose messenger still waits for an answer."""

    def let_in(self, unit: Unit, updates: Sequence[Incoming]) -> list[Incoming]:
        """Return the updates that are to be kept, in their order."""
        return [each for each in updates if registry.of(each.messenger).kept_here or self._passes(unit, each)]

    def _passes(self, unit: Unit, incoming: Incoming) -> bool:
        chat = f"{incoming.messenger}\0{incoming.chat}"
        within = self._within(incoming, chat, unit.now, known=False)
        if within and self._in_all.takes(EVERYBODY, unit.now):
            return True
        person = unit.people.at(incoming.messenger, incoming.chat)
        if within and (person is not None or _brings_code(unit, incoming)):
            return True
        known = person is not None and person.participation not in ARRIVING
        room = self._allowances.waiting(known=known)
        waits = unit.inbox.waiting(incoming.messenger, incoming.chat) < room
        if waits and known and self._within(incoming, chat, unit.now, known=True):
            return True
        if self._cries(unit, person, incoming) and self._allowances.cry(chat, unit.now):
            return True
        self._left_out(unit, person, incoming, chat)
        return False

    def _within(self, incoming: Incoming, chat: str, now: datetime, *, known: bool) -> bool:
        if incoming.kind is Kind.PRESS:
            return self._allowances.press(chat, now, known=known)
        # What was said while the bot was away comes all at once: it is counted by when it was said.
        said = datetime.fromtimestamp(incoming.at, UTC) if incoming.at else now
        moment = said if now - DRIFT < said < now else now
        letters = len(incoming.text or "")
        return self._allowances.text(chat, moment, letters, known=known)

    def _cries(self, unit: Unit, person: Person | None, incoming: Incoming) -> bool:
        if not incoming.text or not incoming.private or incoming.robot:
            return False
        found = self._turns.organisation.danger(unit, person).look(incoming.text[:LOOKED])
        return found is not None and found.strength == RINGS

    def _left_out(self, unit: Unit, person: Person | None, incoming: Incoming, chat: str) -> None:
        """Tell the chat, once in a while, that its last words were not kept."""
        if incoming.callback:
            self.unanswered.append(incoming)
        if not incoming.chat or not incoming.private or incoming.robot or not self._told.takes(chat, unit.now):
            return
        self.spoke = True
        if person is not None:
            speech_to(self._turns, unit, person, incoming).say("sorry.slow")
        elif self._told_strangers.takes(EVERYBODY, unit.now):
            first = hinted(incoming.language)
            texts = [self._turns.texts.say("sorry.slow", tag) for tag in own_first(first)]
            speech = Speech(unit, self._turns.texts, None, incoming.messenger, incoming.chat, first, STRANGERS)
            speech.send("\n\n".join(texts))


def _brings_code(unit: Unit, incoming: Incoming) -> bool:
    """Return whether an update brings an invite's code that opens."""
    words = (incoming.text or "").split()[:CODE_WITHIN]
    return any(code is not None and opens(unit, code) for code in (clock.read_code(word) for word in words))
