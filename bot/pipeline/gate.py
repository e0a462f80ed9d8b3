"""The gate of messengers that keep what was said elsewhere: what one chat sends beyond its allowance is not kept.

Such a messenger cannot be told to wait. So whoever floods is told once in a while that the last words were not kept;
who is known by a row of their own and takes part has an allowance that nobody reaches by hand. A cry for help is looked
for before anything is left out. Pages ask for the allowance themselves, as they can give the words back.
"""

from collections import OrderedDict, deque
from collections.abc import Iterator, Sequence
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
from dialogs.danger import RINGS, Matcher
from storage.people import Person
from storage.unit import Unit

TOLD: Final = Rate(1, 6)  # how often a chat is told
TOLD_STRANGERS: Final = Rate(60, 60)  # how often all chats without a person together
IN_ALL: Final = Rate(120, 18_000)  # beyond that a chat without a person needs a good code: answers are sent one by one
CODE_WITHIN: Final = 30  # words
EVERYBODY: Final = ""
UNANSWERED: Final = 100
NOBODYS: Final = timedelta(minutes=1)  # for how long a chat that is left out is taken for nobody's without a look
FOUND: Final = timedelta(minutes=1)  # for how long a chat that is somebody's is let in without another look
REMEMBERED: Final = 10_000  # such chats
ANSWERED: Final = Rate(60, 3600)  # presses from such chats whose messenger gets its answer
DRIFT: Final = timedelta(days=2)  # a messenger keeps updates for less


class Gate:
    """Lets updates through within each chat's allowance."""

    def __init__(self, turns: Turns, allowances: Allowances) -> None:
        self._turns = turns
        self._allowances = allowances
        self._in_all = Counts(IN_ALL)
        self._told, self._told_strangers = Counts(TOLD), Counts(TOLD_STRANGERS)
        self._answered = Counts(ANSWERED)
        self._nobodys: OrderedDict[str, datetime] = OrderedDict()  # chats, and until when they count as nobody's
        self._somebodys: OrderedDict[str, datetime] = OrderedDict()  # the same of somebody's
        self._matcher: tuple[Matcher, datetime] | None = None  # of whoever is nobody yet, and until when it holds
        self.spoke = False
        self.unanswered: deque[Incoming] = deque(maxlen=UNANSWERED)
        """Presses that were left out, whose messenger still waits for an answer."""

    def sift(self, updates: Sequence[Incoming], now: datetime) -> list[Incoming]:
        """Leave out, without any look at the database, what a chat goes on sending that was nobody's a moment ago.

        What is left is for `let_in`: everything that may be kept, that cries for help, or that is owed a sentence.
        """
        return [each for each in updates if registry.of(each.messenger).kept_here or not self._goes_on(each, now)]

    def _goes_on(self, incoming: Incoming, now: datetime) -> bool:
        chat = f"{incoming.messenger}\0{incoming.chat}"
        until, matcher = self._nobodys.get(chat), self._matcher
        if until is None or matcher is None or now >= min(until, matcher[1]):
            return False
        moment, press = _moment(incoming, now), incoming.kind is Kind.PRESS
        letters = len(incoming.text or "")
        if self._told.left(chat, now) >= 1:
            return False
        if self._allowances.left(chat, moment, letters, press=press) and (
            self._in_all.left(EVERYBODY, now) >= 1 or any(_codes(incoming))
        ):
            return False
        found = matcher[0].look(incoming.text[:LOOKED]) if incoming.text else None
        if found is not None and found.strength == RINGS:
            return False
        if incoming.callback and self._answered.takes(EVERYBODY, now):
            self.unanswered.append(incoming)
        return True

    def let_in(self, unit: Unit, updates: Sequence[Incoming]) -> list[Incoming]:
        """Return the updates that are to be kept, in their order."""
        return [each for each in updates if registry.of(each.messenger).kept_here or self._passes(unit, each)]

    def _passes(self, unit: Unit, incoming: Incoming) -> bool:
        chat = f"{incoming.messenger}\0{incoming.chat}"
        within = self._within(incoming, chat, unit.now, known=False)
        if within:
            self._nobodys.pop(chat, None)  # what is kept may make somebody of whoever sent it
        if within and (self._in_all.takes(EVERYBODY, unit.now) or self._is_somebodys(chat, unit.now)):
            return True
        person = unit.people.at(incoming.messenger, incoming.chat)
        if within and person is not None:
            _note(self._somebodys, chat, unit.now + FOUND)
            return True
        if within and _brings_code(unit, incoming):
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

    def _is_somebodys(self, chat: str, now: datetime) -> bool:
        """Return whether a look found this chat to be somebody's a moment ago."""
        until = self._somebodys.get(chat)
        return until is not None and now < until

    def _within(self, incoming: Incoming, chat: str, now: datetime, *, known: bool) -> bool:
        if incoming.kind is Kind.PRESS:
            return self._allowances.press(chat, now, known=known)
        letters = len(incoming.text or "")
        return self._allowances.text(chat, _moment(incoming, now), letters, known=known)

    def _cries(self, unit: Unit, person: Person | None, incoming: Incoming) -> bool:
        if not incoming.text or not incoming.private or incoming.robot:
            return False
        found = self._turns.organisation.danger(unit, person).look(incoming.text[:LOOKED])
        return found is not None and found.strength == RINGS

    def _left_out(self, unit: Unit, person: Person | None, incoming: Incoming, chat: str) -> None:
        """Tell the chat, once in a while, that its last words were not kept."""
        if person is None:
            self._remember(unit, chat)
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

    def _remember(self, unit: Unit, chat: str) -> None:
        """Note that a chat is nobody's, so that what it goes on sending costs no look."""
        until = unit.now + NOBODYS
        _note(self._nobodys, chat, until)
        self._matcher = (self._turns.organisation.danger(unit), until)


def _note(chats: OrderedDict[str, datetime], chat: str, until: datetime) -> None:
    chats[chat] = until
    chats.move_to_end(chat)
    if len(chats) > REMEMBERED:
        chats.popitem(last=False)


def _moment(incoming: Incoming, now: datetime) -> datetime:
    """Return when something counts: what was said while the bot was away comes all at once, and counts as it was said.

    A press tells no such moment.
    """
    said = datetime.fromtimestamp(incoming.at, UTC) if incoming.at and incoming.kind is not Kind.PRESS else now
    return said if now - DRIFT < said < now else now


def _brings_code(unit: Unit, incoming: Incoming) -> bool:
    """Return whether an update brings an invite's code that opens."""
    return any(opens(unit, code) for code in _codes(incoming))


def _codes(incoming: Incoming) -> Iterator[str]:
    """Return what looks like an invite's code in an update."""
    words = (incoming.text or "").split(maxsplit=CODE_WITHIN)[:CODE_WITHIN]
    return filter(None, map(clock.read_code, words))
