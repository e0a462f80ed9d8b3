"""An invite in a chat that has no person: whether it is the first time, and the way back for who was inside.

By an invite for several that somebody used, nobody becomes a second person unasked. One that opens nothing more has one
sentence and the same way back.

Used, ended and unknown codes are told apart to nobody. Whose way back is asked for reaches the team only if the code
was real; the team confirms by another way that it is that person before it gives a link.
"""

from typing import ClassVar, Final

from bot import clock
from bot.conversation.actions import ALSO_LEFT, ARRIVING, Action, Then, handles
from bot.conversation.screen import Screen
from bot.messengers.port import Incoming, Keyboard
from bot.product_languages import own_first
from bot.rendering import targets
from bot.rendering.arguments import Argument
from bot.rendering.speech import STRANGERS, Speech, rows
from bot.rendering.texts import Texts
from bot.services.allowances import Counts, Rate
from bot.services.code_guessing import InviteGuesses, invite_of
from bot.services.invites import FIRST, came_by, find, opens, who_came
from bot.services.links import ask_for_link
from bot.services.permissions import EVERYONE
from bot.services.recollections import ask_back
from storage.unit import Unit

TOLD: Final = Rate(1, 1)  # how often a chat is told that its codes are too many
AROUND = ".,:;!?¡¿()[]«»\"'"


class CameBefore(Argument):
    """Somebody came in before with this code; an empty one is that of a code nobody could have."""

    layout: ClassVar[str] = "[{code}]"
    code: str = ""


CAME_BEFORE = Action("came_before", EVERYONE, (CameBefore,), states=ALSO_LEFT | ARRIVING)


class FirstTime(Argument):
    """Somebody never came in before, and opens this code."""

    layout: ClassVar[str] = "{code}"
    code: str


FIRST_TIME = Action("first_time", EVERYONE, (FirstTime,), states=ALSO_LEFT | ARRIVING)


class EndedInvites:
    """Asks whether it is the first time, says that an invite opens nothing more, notes who asks for the way back."""

    def __init__(self, texts: Texts, guesses: InviteGuesses) -> None:
        self._texts = texts
        self._guesses = guesses
        self._told = Counts(TOLD)

    @handles(CAME_BEFORE)
    def known(self, screen: Screen, argument: CameBefore) -> Then:  # noqa: ARG002  whatever the code was
        """Lead on a person who is inside: they need no way back."""
        return Then(targets.HOME, screen=screen)

    @handles(FIRST_TIME)
    def inside(self, screen: Screen, argument: FirstTime) -> Then:  # noqa: ARG002  whatever the code was
        """Lead on a person who is inside already."""
        return Then(targets.HOME, screen=screen)

    def asks(self, unit: Unit, incoming: Incoming, code: str, language: str) -> bool:
        """Ask whether it is the first time, where that was not said yet; return False if there is nothing to ask."""
        invite = find(unit, code)
        if invite is None or not came_by(invite) or (incoming.text or "").split()[2:] == [FIRST]:
            return False
        speech = Speech(unit, self._texts, None, incoming.messenger, incoming.chat, language)
        first = speech.button("button.first_time", FIRST_TIME, FirstTime(code))
        if self.written(unit, incoming, language, rows(first)):
            return True
        before = speech.button("button.came_before", CAME_BEFORE, CameBefore(code))
        self._both(speech, "join.first", rows(first, before))
        return True

    def say(self, unit: Unit, incoming: Incoming, code: str, language: str) -> None:
        """Say that the code opens nothing more; of many in a row only that they are many, and then nothing."""
        speech = Speech(unit, self._texts, None, incoming.messenger, incoming.chat, language, STRANGERS)
        if not self._tried(unit, incoming, clock.read_code(code) or code):
            if self._told.takes(incoming.chat, unit.now):
                self._both(speech, "join.slow")
            return
        came = CameBefore(clock.read_code(code) or "")
        self._both(speech, "join.ended", rows(speech.button("button.came_before", CAME_BEFORE, came)))

    def pressed(self, unit: Unit, incoming: Incoming, written: str, language: str) -> None:
        """Take [Ya había entrado]: where several came in with the code, the nickname is asked for."""
        argument = CameBefore.decoded(written)
        code = argument.code if argument is not None else ""
        speech = Speech(unit, self._texts, None, incoming.messenger, incoming.chat, language, STRANGERS)
        for person in who_came(unit, code, ""):  # where one alone came in by it, that one is meant
            ask_for_link(unit, person)
        first = rows(speech.button("button.first_time", FIRST_TIME, FirstTime(code))) if opens(unit, code) else ()
        self._both(speech, "join.ended.asked", first, code=code or "7KQ2M9ABCD")

    def written(self, unit: Unit, incoming: Incoming, language: str, keyboard: Keyboard = ()) -> bool:
        """Take a code and a nickname, or what is remembered, in one message; return False for any other words."""
        first, _, nickname = (incoming.text or "").strip().partition(" ")
        code = clock.read_code(first.strip(AROUND))
        if code is None or not nickname.strip() or first.startswith("/"):
            return False
        if not keyboard and not self._tried(unit, incoming, code):
            return True
        ask_back(unit, code, nickname.strip(AROUND + " "))
        speech = Speech(unit, self._texts, None, incoming.messenger, incoming.chat, language, STRANGERS)
        self._both(speech, "join.ended.noted", keyboard)
        return True

    def _tried(self, unit: Unit, incoming: Incoming, code: str) -> bool:
        """Count a code that opens nothing; return False where so many were tried that no answer is owed."""
        soon = self._guesses.tried(f"{incoming.messenger}\0{incoming.chat}", unit.now, invite_of(unit, code))
        if self._guesses.alarming:
            self._guesses.tell(unit)
        return soon

    def _both(self, speech: Speech, sentence: str, /, keyboard: Keyboard = (), **facts: object) -> None:
        """Say a sentence in every language, the likeliest first."""
        texts = [speech.texts.say(sentence, tag, **facts) for tag in own_first(speech.language)]
        speech.send("\n\n".join(texts), keyboard)
