"""The question of consent before it is answered: its words, who reads, doubts, and what is typed instead of a yes.

Nothing is a yes but a yes. What looks like one is asked back, and after a doubt only the button or "sí, quiero" counts.
A question goes to the team with the person's own words if they say so; until then it is held like anything that was
said when nothing was open, and erased with it.
"""

from datetime import timedelta
from typing import ClassVar, Final, Literal
from uuid import UUID

from bot.conversation.actions import ALSO_LEFT, Action, Next, Then, handles
from bot.conversation.screen import Screen
from bot.conversation.turns import Turns
from bot.messengers.port import Button, Keyboard
from bot.participant.arguments import Answering, FromTeam
from bot.participant.care_card import HEAR, CareCardScreen, Recording
from bot.participant.consent import ConsentScreens
from bot.participant.consent_words import ConsentReply, Words, listed, meaning
from bot.participant.conversation_with_team import (
    TEAM,
    ForgetMessages,
    MessagesAnyway,
    MessagesClosed,
    MessagesPage,
    ToTeam,
)
from bot.participant.pause_leave import first_cohort
from bot.participant.plain_text import PlainText
from bot.product_languages import LANGUAGES, of_organisation
from bot.rendering import commands, targets
from bot.rendering.arguments import Argument
from bot.rendering.speech import Speech, rows
from bot.services.permissions import EVERYONE
from bot.services.spoken import buttons_aloud, consent_voices
from storage.people import Person
from storage.unit import Unit

CONSENT: Final = "consent"  # its recordings are consent.es.ogg …, or an admin's, sentence by sentence
DOUBTED: Final = "doubted"
"""Preference: whether a person asked something or said no, so that only an explicit yes counts."""
QUESTIONS: Final = "questions_held"
"""Preference: the messages with what was asked before any consent, until it is said whether they go to the team."""
AT_ONCE: Final = timedelta(minutes=1)  # the moment of an alert is a whole minute
ASKED: Final = frozenset({"consenting", "declined"})


class FirstQuestion(Argument):
    """Whether a question that was asked before any consent goes to the team."""

    layout: ClassVar[str] = "{step}{message:hex}"
    step: Literal["y", "n"]
    message: UUID


class HeldQuestions(Argument):
    """Whether everything that was asked before any consent goes to the team."""

    layout: ClassVar[str] = "{step}"
    step: Literal["y", "n"]


AGREE = Action("agree", EVERYONE, states=ASKED)
DECLINE = Action("decline", EVERYONE, states=ASKED)
DOUBTS = Action("doubts", EVERYONE, states=ASKED)
READERS = Action("readers", EVERYONE, states=ASKED)
NOT_YET = Action("not_yet", EVERYONE, states=ASKED)
# Whoever agrees meanwhile, or leaves, can still say whether it goes to the team.
FIRST_QUESTION = Action("query", EVERYONE, (FirstQuestion, HeldQuestions), states=ASKED | {"naming"} | ALSO_LEFT)
TYPED: Final = {
    ConsentReply.SURE: AGREE,
    ConsentReply.NO: DECLINE,
    ConsentReply.DOUBT: DOUBTS,
    ConsentReply.LATER: NOT_YET,
    ConsentReply.READERS: READERS,
}


class ConsentQuestion:
    """Asks for consent, and reads what is typed instead of pressing."""

    def __init__(self, turns: Turns, agreement: ConsentScreens, caring: CareCardScreen, talking: PlainText) -> None:
        self._turns = turns
        self._agreement = agreement
        self._caring = caring
        self._talking = talking
        self._words: Words | None = None

    def ask(self, speech: Speech, person: Person) -> None:
        """Say what consent is asked to, and ask for it."""
        what, who, *own, risk = self._agreement.lines(speech, person)
        for words in (what, who, *own, risk, buttons_aloud(speech)):
            speech.recording(self._caring.voice(speech, words))
        speech.send(what)
        readers = speech.unit.roles.readers(first_cohort(speech.unit, person.id))
        speech.send(who, rows(speech.button("button.readers", READERS)) if readers else ())
        for text in own:
            speech.send(text)
        speech.send(risk, self.keyboard(speech), repeatable=True)

    def keyboard(self, speech: Speech) -> Keyboard:
        """Return the buttons of the question."""
        heard = self._caring.recording(speech, CONSENT) or (CONSENT if self.voices(speech) else None)
        return rows(
            speech.button("button.agree", AGREE),
            *([self.hearing(speech, heard, "button.hear")] if heard else []),
            speech.button("button.doubts", DOUBTS),
            speech.button("button.decline", DECLINE),
        )

    def voices(self, speech: Speech) -> list[str]:
        """Return the recordings of the question, sentence by sentence, and of its buttons."""
        person = speech.person
        return consent_voices(self._turns.organisation, speech, self._agreement.lines(speech, person)) if person else []

    def hearing(self, speech: Speech, name: str, code: str = "button.hear_it") -> Button:
        """Return the button that plays a recording."""
        return speech.button(code, HEAR, Recording(name))

    def typed(self, screen: Screen) -> Next:
        """Take typed words: a yes or a no, something like it, a doubt, a question, or none of these."""
        speech, person = screen.speech, screen.person
        text = (screen.incoming and screen.incoming.text) or ""
        if screen.incoming and (decided := self._talking.decided(speech.unit, person, screen.incoming)) is not None:
            return Then(decided.action, decided.argument, screen)
        said = ConsentReply.WHO if commands.plain_word(text) == targets.HELP else meaning(text, self._listed(speech))
        sure = said is ConsentReply.YES and person.participation == "consenting" and not person.preferences.get(DOUBTED)
        action = AGREE if sure else TYPED.get(said)
        if action is not None:
            return Then(action, screen=screen)
        waits = bool(pending(speech.unit, person))
        match said:
            case ConsentReply.YES | ConsentReply.PERHAPS if waits:
                self._ask_which(speech)
            case ConsentReply.YES | ConsentReply.PERHAPS:
                self._ask_back(speech, person)
            case ConsentReply.PERHAPS_NOT:
                no, not_yet = speech.button("button.decline", DECLINE), speech.button("button.not_yet", NOT_YET)
                speech.say("join.perhaps_not", rows(no, not_yet))
            case ConsentReply.WHO:
                self._who(speech, doubted(speech.unit, person))
            case ConsentReply.QUESTION:
                self._hold(speech, doubted(speech.unit, person), text)
            case _ if speech.unit.alerts.of(person.id, speech.unit.now - AT_ONCE):
                speech.say("join.can_wait", self.keyboard(speech))  # she was answered already
            case _ if waits:
                self._hold(speech, person, text)
            case _:
                speech.say("join.not_understood", self.keyboard(speech))
        return None

    def _listed(self, speech: Speech) -> Words:
        """Return the words of every language, read at first use."""
        if self._words is None:
            self._words = listed(lambda code: [w for tag in LANGUAGES for w in speech.texts.say(code, tag).split(",")])
        return self._words

    def _ask_back(self, speech: Speech, person: Person) -> None:
        """Ask whether that was a yes; who doubted before is told which words count."""
        doubtful = person.participation == "declined" or person.preferences.get(DOUBTED)
        yes, not_yet = speech.button("button.agree", AGREE), speech.button("button.not_yet", NOT_YET)
        speech.say("join.perhaps.doubted" if doubtful else "join.perhaps", rows(yes, not_yet))

    def _ask_which(self, speech: Speech) -> None:
        """Ask whether that was a yes to passing the question on, or to taking part."""
        yes = speech.button("button.pass_question", FIRST_QUESTION, HeldQuestions("y"))
        agree, not_yet = speech.button("button.agree", AGREE), speech.button("button.not_yet", NOT_YET)
        speech.say("join.question.near", rows(yes, agree, not_yet))

    def still(self, speech: Speech, person: Person) -> None:
        """Ask again whether a question that was asked before goes to the team, where nothing was said about it yet."""
        if pending(speech.unit, person):
            self._ask_whether(speech, person, "join.question.still")

    def _ask_whether(self, speech: Speech, person: Person, code: str) -> None:
        """Ask whether what is held goes to the team."""
        yes, no = HeldQuestions("y"), HeldQuestions("n")
        keyboard = (
            (speech.button("button.yes", FIRST_QUESTION, yes), speech.button("button.no", FIRST_QUESTION, no)),
            (speech.button("button.support", targets.SUPPORT),),
        )
        row = speech.say(code, keyboard)
        self._talking.ask_what(speech, person, row, FIRST_QUESTION, yes=yes, no=no)

    def _who(self, speech: Speech, person: Person) -> None:
        """Say what Hilo is, whose questions these are and who reads, as far as it is on record."""
        organisation = self._turns.organisation
        name = organisation.name(speech.unit)
        lines = [
            speech.words("join.who"),
            speech.words("join.who.whose", organisation=name) if name else "",
            organisation.readers_line(speech, first_cohort(speech.unit, person.id)) or "",
            speech.words("join.who.ask"),
        ]
        speech.send(" ".join(filter(None, lines)), self.keyboard(speech))
        self.still(speech, person)

    @handles(READERS)
    def readers(self, screen: Screen) -> None:
        """Show the names of those who read."""
        speech, person = screen.speech, screen.speech.person
        cohort_id = first_cohort(speech.unit, person.id) if person else None
        names = self._turns.organisation.readers(speech, cohort_id)
        if names:
            told = speech.texts.all_of(names, speech.language)
            speech.send(speech.words("join.readers", names=told), self.keyboard(speech))
        else:
            speech.say("who.nobody", self.keyboard(speech))
        self.still(speech, screen.person)

    @handles(NOT_YET)
    def not_yet(self, screen: Screen) -> None:
        """Leave the question open, without hurry."""
        person = doubted(screen.unit, screen.person)
        screen.speech.say("join.not_yet", self.keyboard(screen.speech))
        self.still(screen.speech, person)

    @handles(DOUBTS)
    def doubts(self, screen: Screen) -> None:
        """Tell the team that a person has doubts, and nothing else; their own question is asked for."""
        speech, person = screen.speech, doubted(screen.unit, screen.person)
        told = self.tell_team(speech, person, "join.doubts.note")
        speech.say("join.doubts.told" if told else "join.doubts", self.keyboard(speech))
        self.still(speech, person)

    def tell_team(self, speech: Speech, person: Person, code: str) -> bool:
        """Leave the team a note in the organisation's language, once; False if nobody would read it."""
        spoken = of_organisation(self._turns.organisation.record(speech.unit))
        return self._talking.note(speech, person, speech.texts.say(code, str(spoken[0])))

    def _hold(self, speech: Speech, person: Person, text: str) -> None:
        """Hold a question, and what is written after it; ask whether all of it goes to the team."""
        if first_cohort(speech.unit, person.id) is None:
            speech.say("join.doubts", self.keyboard(speech))
            return
        before = pending(speech.unit, person)
        held = [*before, self._talking.held(speech, person, text)]
        person = speech.unit.people.prefer(person, **{QUESTIONS: [each.hex for each in held]})
        self._ask_whether(speech, person, "join.question.more" if before else "join.question")

    @handles(FIRST_QUESTION)
    def first_question(self, screen: Screen, argument: FirstQuestion | HeldQuestions) -> Next:
        """Pass what was asked on to the team, or drop it; what was asked before that is asked again.

        That is the question of consent until it is answered, and the name of whoever agreed meanwhile.
        """
        speech, person, unit = screen.speech, screen.person, screen.unit
        yes = argument.step == "y"
        held = [argument.message] if isinstance(argument, FirstQuestion) else pending(unit, person)
        if yes:
            done = [self._talking.passed_on(speech, person, each) for each in held]
        else:
            done = [unit.messages.drop(each, person.id) for each in held]
        left = [each.hex for each in pending(unit, person)]
        if person.preferences.get(QUESTIONS):
            unit.people.prefer(unit.people.known(person.id), **{QUESTIONS: left or None})
        asked = person.participation in ASKED
        keyboard = self.keyboard(speech) if asked else rows(screen.menu()) if person.participation != "naming" else ()
        day = self._turns.organisation.next_reading(unit, speech.language)
        if not any(done):
            speech.say("join.question.decided" if asked else "home.decided", keyboard)
        elif yes and day:
            speech.say("join.question.passed.day", keyboard, day=day)
        elif yes:
            speech.say("join.question.passed", keyboard)
        else:
            speech.say("join.question.dropped" if asked else "home.not_passed_on", keyboard)
        return Then(targets.NICKNAME, screen=screen) if person.participation == "naming" else None

    @handles(TEAM, states=ASKED)
    def from_team(
        self,
        screen: Screen,
        argument: ToTeam | Answering | FromTeam | MessagesPage | MessagesAnyway | MessagesClosed | ForgetMessages,
    ) -> None:
        """Open what the team answered; whoever wants to answer or ask more simply writes it."""
        if isinstance(argument, FromTeam):
            self._talking.spoken.open_message(screen, argument.message)
        else:
            screen.speech.say("join.ask_here", self.keyboard(screen.speech))

    def sent(self, screen: Screen) -> None:
        """Answer a voice note or photo: nothing of it is kept before a yes."""
        screen.speech.say("join.no_media", self.keyboard(screen.speech))
        self.still(screen.speech, screen.person)


def pending(unit: Unit, person: Person) -> list[UUID]:
    """Return the messages with what a person asked before any consent that are still held, the oldest first."""
    found = map(UUID, person.preferences.get(QUESTIONS) or ())
    held = (unit.messages.get(each) for each in found)
    return [each.id for each in held if each is not None and each.direction == "held"]


def doubted(unit: Unit, person: Person) -> Person:
    """Note that a person doubts or asks: from now on only an explicit yes counts."""
    return person if person.preferences.get(DOUBTED) else unit.people.prefer(person, **{DOUBTED: True})
