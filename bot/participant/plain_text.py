"""Words that answer no question: for the team, a new nickname, or a plain word that asks for an action.

Words are kept before it is decided where they go, so nothing is lost while the participant is asked. What they say to
the team joins the message conversation that is going on, if there is one, so that replies stay together.
"""

from datetime import datetime
from typing import ClassVar, Literal
from uuid import UUID

from bot import clock
from bot.conversation.actions import ACTIVE, ALSO_LEFT, STAYING, Action, Next, Played, Then, handles
from bot.conversation.asides import AsideAt
from bot.conversation.screen import Screen
from bot.conversation.turns import Turns
from bot.media.store import FetchResult
from bot.messengers.port import Button, Incoming, Kind
from bot.participant import aside_reuse, button_words, passing_on
from bot.participant.arguments import Answering, FromTeam
from bot.participant.aside_reuse import ASIDE
from bot.participant.conversation_with_team import (
    TEAM,
    ForgetMessages,
    MessagesAnyway,
    MessagesClosed,
    MessagesPage,
    TeamConversationScreens,
    ToTeam,
)
from bot.participant.nickname import NICKNAME, NicknameScreens
from bot.participant.pause_leave import RESUME, first_cohort
from bot.participant.reaching import TYPED, ReachingScreens
from bot.participant.said_on_screen import on_screen
from bot.participant.seen_at import saw
from bot.participant.waiting import ASKED, WAITING, cancel, forget, is_past, meant_by, wait
from bot.rendering import commands, targets
from bot.rendering.arguments import Argument
from bot.rendering.speech import Speech, rows
from bot.services import said_back, support
from bot.services.notices import MESSAGE, SUPPORT, Notices
from bot.services.permissions import EVERYONE
from dialogs import types
from dialogs.danger import RINGS
from dialogs.replies import Typed, folded
from dialogs.run import Run
from storage.alerts import PRESS
from storage.meant import QuestionMeant
from storage.people import Person
from storage.runs import RunRow
from storage.unit import Unit

OFFERED = ("start", "later", "why")
KEPT = "kept"  # value of "for" in `WAITING`: a yes or no about kept words is waited for


class PassOn(Argument):
    """Whether held words go to the team."""

    layout: ClassVar[str] = "{step}{held:hex}"
    step: Literal["y", "n"]
    held: tuple[UUID, ...]


class WordAnswer(Argument):
    """A held word is the answer to a prompt."""

    layout: ClassVar[str] = "{message}.{prompt}"
    message: UUID
    prompt: int


class WordMeant(Argument):
    """A held word asks for an action, by the action's name."""

    layout: ClassVar[str] = "{message}.{action}"
    message: UUID
    action: str


PASS_ON = Action("pass_on", EVERYONE, (PassOn,), states=ALSO_LEFT)
ANSWER = Action("answer", EVERYONE, (WordAnswer,))
MEANT = Action("meant", EVERYONE, (WordMeant,), states=ALSO_LEFT)
DONE = Action("done", EVERYONE, commands=("done",), states=ACTIVE, in_run=True)
BACK = Action("back", EVERYONE, commands=("back",), states=ACTIVE, in_run=True)
SKIP = Action("skip", EVERYONE, commands=("skip",), states=ACTIVE, in_run=True)
LATER = Action(targets.LATER, EVERYONE, commands=("later",), states=ACTIVE, in_run=True)
ANSWERS = frozenset({SKIP.name, DONE.name})  # words that end the open question


class PlainText:
    """Handles words that belong to no question."""

    def __init__(self, turns: Turns, nicknames: NicknameScreens, reaching: ReachingScreens) -> None:
        self._turns = turns
        self._nicknames = nicknames
        self._reaching = reaching
        self._notices = Notices(turns.organisation)
        self.spoken = TeamConversationScreens(turns)

    @handles(TEAM)
    def team(
        self,
        screen: Screen,
        argument: ToTeam | Answering | FromTeam | MessagesPage | MessagesAnyway | MessagesClosed | ForgetMessages,
    ) -> None:
        """Ask for a message to the team, send what came in one line with the command, or show messages."""
        match argument:
            case ToTeam("cancel"):
                cancel(screen)
            case FromTeam(message):
                self.spoken.open_message(screen, message)
            case MessagesPage():
                self.spoken.show(screen, argument)
            case MessagesAnyway():
                self.spoken.show_anyway(screen)
            case MessagesClosed():
                self.spoken.close(screen)
            case ForgetMessages():
                self.spoken.forget(screen, argument)
            case ToTeam() if words := _with_command(screen.incoming):
                self.tell(screen.speech, screen.person, words)
            case _ if first_cohort(screen.unit, screen.person.id) is None:
                screen.show(screen.words("leader.team.nowhere"), rows(screen.menu()))
            case _:
                said = [screen.button("button.spoken", TEAM, MessagesPage())]
                propose = screen.button("button.meant_propose", targets.MEANT_QUESTION)
                offered = [propose, *(said if screen.unit.messages.of(screen.person.id, 1) else [])]
                wait(screen, TEAM, argument.conversation if isinstance(argument, Answering) else None)
                rather_not = screen.button("button.rather_not", TEAM, ToTeam("cancel"))
                screen.show(screen.words("leader.team"), rows(*offered, rather_not, screen.menu()))

    def take(
        self, unit: Unit, person: Person, text: str, row: RunRow | None, fetched: FetchResult | None = None
    ) -> bool:
        """Take words that were asked for; return False when none were, or something newer asks.

        A voice note or photo (`fetched`) can only be for the team.
        """
        waiting = person.preferences.get(WAITING)
        if not waiting or waiting["for"] in {KEPT, ASKED} or (fetched is not None and waiting["for"] != TEAM.name):
            return False
        if waiting["for"] == NICKNAME.name and commands.plain_word(text):
            return False  # no nickname is "menú": that word asks for the menu
        person = forget(unit, person)
        asked = datetime.fromisoformat(waiting["at"])
        late = waiting["for"] in TYPED and self._reaching.too_late(person, asked, unit.now)
        if late or is_past(unit, waiting, row):
            return False
        speech = self._turns.speech(unit, person)
        if fetched is None and folded(text) == folded(speech.words("button.rather_not")):
            cancel(Screen(speech, person))
        elif waiting["for"] == NICKNAME.name:
            self._nicknames.typed(Screen(speech, person), text)
        elif waiting["for"] in TYPED:
            self._reaching.typed(Screen(speech, person), waiting["for"], text)
        else:
            to = UUID(waiting["to"]) if waiting.get("to") else None
            message_id = self.send(speech, person, row, text, fetched, to, meant_by(waiting))
            if about := waiting.get("about"):
                said_back.said(unit, person, UUID(about), message_id)
        return True

    def tell(self, speech: Speech, person: Person, text: str) -> None:
        """Send the team what a participant wrote in one line with the command."""
        if first_cohort(speech.unit, person.id) is None:
            speech.say("leader.team.nowhere", rows(speech.button("button.menu", targets.HOME)))
        else:
            self.send(speech, person, speech.unit.runs.open(person), text)

    def send(
        self,
        speech: Speech,
        person: Person,
        row: RunRow | None,
        text: str,
        fetched: FetchResult | None = None,
        to: UUID | None = None,
        meant: QuestionMeant | None = None,
    ) -> UUID:
        """Write to the team, say so, and return the message's id."""
        message_id = clock.new_id()
        self.write(speech, person, message_id, text, fetched, to, meant=meant)
        kinds = [fetched.kind] if fetched else ()
        passing_on.say(self._turns, speech, person, kinds, self.onward(speech, person, row))
        return message_id

    def onward(self, speech: Speech, person: Person, row: RunRow | None) -> tuple[Button, ...]:
        """Return the buttons below what went to the team."""
        more, menu = speech.button("button.team_more", TEAM), speech.button("button.menu", targets.HOME)
        return (*self.go_on(speech, person, row), more, menu)

    def note(self, speech: Speech, person: Person, text: str) -> bool:
        """Leave the team a note in the participant's name, once while it waits; an empty one asks for support.

        To ask for support always rings. Return False when nobody would read it now.
        """
        messages, cohort_id = speech.unit.messages, first_cohort(speech.unit, person.id)
        waiting = messages.waiting(person.id, cohort_id) if cohort_id is not None else ()
        same = next((each.id for each in waiting if each.body == text and not (each.media_id or each.meant)), None)
        if not text and (cohort_id is None or same is not None):
            self._notices.raised(speech, person, cohort_id, RINGS, message_id=same, source=PRESS)
        elif cohort_id is not None and same is None:
            self.write(speech, person, clock.new_id(), text, kind=MESSAGE if text else SUPPORT)
        if not text:
            waiting = messages.waiting(person.id, cohort_id) if cohort_id is not None else ()
            support.asked(
                speech.unit, person, cohort_id, next((each.id for each in waiting if each.asks_support), None)
            )
        return (cohort_id is not None or not text) and self._notices.hears(speech.unit, person, cohort_id)

    def write(
        self,
        speech: Speech,
        person: Person,
        message_id: UUID,
        text: str,
        fetched: FetchResult | None = None,
        to: UUID | None = None,
        kind: str = MESSAGE,
        meant: QuestionMeant | None = None,
    ) -> None:
        """Write to the team, in the participant's message conversation or in a new one."""
        unit = speech.unit
        top, cohort_id = passing_on.placed(unit, person, to, meant)
        media_id = passing_on.keep(speech, text, fetched)
        unit.messages.add(
            *(message_id, person, "to_team", text, unit.now, cohort_id), media_id=media_id, reply_to=top, meant=meant
        )
        self._notices.wrote(speech, person, cohort_id, message_id, kind)

    def hold(self, unit: Unit, person: Person, text: str, fetched: FetchResult | None = None) -> None:
        """Keep what was said when nothing was open, and ask whether it goes to the team; a cry goes there at once."""
        speech = self._turns.speech(unit, person)
        if self._notices.rings(unit) and not unit.roles.of(person.id):
            self.write(speech, person, clock.new_id(), text, fetched)
            return
        message_id = clock.new_id()
        media_id = passing_on.keep(speech, text, fetched)
        cohort_id = first_cohort(unit, person.id)
        unit.messages.add(message_id, person, "held", text, unit.now, cohort_id, media_id=media_id)
        self._notices.held(unit, message_id)
        keyboard = (
            (
                speech.button("button.yes", PASS_ON, PassOn("y", (message_id,))),
                speech.button("button.no", PASS_ON, PassOn("n", (message_id,))),
            ),
            (speech.button("button.support", targets.SUPPORT),),
            (speech.button("button.menu", targets.HOME),),
        )
        row = speech.say(
            "home.pass_on.aside" if _waits(person, unit.runs.open(person), "open") else "home.pass_on", keyboard
        )
        # Words sent line by line belong together for the participant: a typed yes or no is about all of them.
        waiting = person.preferences.get(WAITING) or {}
        held: tuple[UUID, ...] = (message_id,)
        if waiting.get("for") == KEPT and waiting["yes"][0] == PASS_ON.name and not is_past(unit, waiting, None):
            before = PassOn.decoded(waiting["yes"][1])
            held = (*(before.held if before else ()), message_id)
        self.ask_what(speech, person, row, PASS_ON, yes=PassOn("y", held), no=PassOn("n", held))

    @handles(PASS_ON)
    def pass_on(self, screen: Screen, argument: PassOn) -> None:
        """Pass held words on to the team, or drop them, as the participant says."""
        speech, person = screen.speech, screen.person
        yes, held = argument.step == "y", argument.held
        done = [self.passed_on(speech, person, each) if yes else self._dropped(speech, person, each) for each in held]
        left = [each for each in held if speech.unit.messages.get(each) is not None]
        if any(done) or not (left or yes):
            code = "home.passed_on" if yes else "home.not_passed_on"
        else:
            code = "home.decided" if left else "home.gone"  # "gone": it was erased, as nobody decided in time
        go_on = self.go_on(speech, person, speech.unit.runs.open(person))
        ways = (*go_on, speech.button("button.menu", targets.HOME))
        if code == "home.passed_on":
            passing_on.say(self._turns, speech, person, passing_on.kinds_of(speech.unit, held), ways)
        else:
            speech.say(code, rows(*ways))

    def go_on(self, speech: Speech, person: Person, row: RunRow | None) -> list[Button]:
        """Return the button back to a run that waits for an answer, if there is one."""
        return [speech.button("button.go_on", targets.AGAIN)] if _waits(person, row, "offered", "open") else []

    def passed_on(self, speech: Speech, person: Person, message_id: UUID) -> bool:
        """Pass held words on to the team; return False if that was decided before."""
        messages = speech.unit.messages
        kept, top = messages.get(message_id), passing_on.joined(speech.unit, person, None)
        if kept is None or not messages.pass_on(message_id, person.id, top):
            return False
        self._notices.wrote(speech, person, kept.cohort_id, message_id)
        return True

    def _dropped(self, speech: Speech, person: Person, message_id: UUID) -> bool:
        return speech.unit.messages.drop(message_id, person.id)

    def held(self, speech: Speech, person: Person, text: str) -> UUID:
        """Keep words until it is decided whether they go to the team; return the message's id."""
        message_id = clock.new_id()
        unit, cohort_id = speech.unit, first_cohort(speech.unit, person.id)
        unit.messages.add(message_id, person, "held", text, unit.now, cohort_id)
        return message_id

    def ask_what(
        self, speech: Speech, person: Person, row: int, action: Action, other: Action | None = None, **ways: Argument
    ) -> None:
        """Save that a typed yes or no answers the question in an outbox row: the action and argument of each."""
        names = {"yes": action.name, "no": (other or action).name}
        told = {way: (names[way], argument.encoded()) for way, argument in ways.items()}
        waiting = {"for": KEPT, "at": speech.unit.now.isoformat(), "row": row, **told}
        speech.unit.people.prefer(person, **{WAITING: waiting})

    def decided(self, unit: Unit, person: Person, incoming: Incoming) -> Then | None:
        """Return what a typed yes or no does with kept words, if that question was the last thing asked; else None."""
        waiting = person.preferences.get(WAITING) or {}
        if waiting.get("for") != KEPT or incoming.reply_to is not None or is_past(unit, waiting, None):
            return None
        place = unit.outbox.place(waiting["row"])
        asked = place.message_id if place else None
        if asked is None or (incoming.order and asked >= incoming.order):
            return None  # the question was not on the participant's screen yet
        if unit.outbox.newest(incoming.messenger, incoming.chat, asked) is None:
            return None  # something else was said since
        speech, said = self._turns.speech(unit, person), folded(incoming.text or "")
        for way in ("yes", "no"):
            action, argument = waiting[way]
            if said in {folded(words) for words in self._meaning(speech, way, action, argument)}:
                return Then(action, argument)
        return None

    def _meaning(self, speech: Speech, way: str, action: str, argument: str) -> list[str]:
        """Return the words that mean one of the two choices: those for yes or no, and its button's label."""
        labels = {ANSWER.name: "button.is_answer", MEANT.name: f"meant.{argument.partition('.')[2]}"}
        return [*speech.words(f"said.{way}").split(","), speech.words(labels.get(action, f"button.{way}"))]

    def heard(self, unit: Unit, person: Person, incoming: Incoming) -> tuple[bool, Next]:
        """Take words that are no answer: those that were asked for, and plain words; return False for any others.

        A plain word said to an open question in words may be its answer: then the participant is asked which it is.
        """
        row = unit.runs.open(person)
        if (decided := self.decided(unit, person, incoming)) is not None:
            return True, decided
        if self.take(unit, person, incoming.text or "", row):
            return True, None
        if (asked := on_screen(self._turns, unit, person, row, incoming)) is not None:
            return True, asked
        if row is not None and (action := self.taken_up(unit, person, row, incoming)):
            return True, self.press(unit, person, row, action, incoming)
        found = self.asked_by(unit, incoming, row)
        if found is None:
            return False, None
        name, doubtful = found
        if doubtful and row is not None:
            self.which(unit, person, row, name, incoming)
            return True, None
        return True, Then(name)

    def taken_up(self, unit: Unit, person: Person, row: RunRow, incoming: Incoming) -> str | None:
        """Return the action that words mean to an offer, or say word by word on a question's buttons; else None."""
        if row.status != "offered":
            return button_words.meant(self._turns, unit, person, row, incoming)
        if person.participation != "active" or not saw(unit, row, incoming):
            return None
        speech, text = self._turns.speech(unit, person), folded(incoming.text or "")
        for action in OFFERED:
            if text in {folded(word) for word in speech.words(f"said.{action}").split(",")}:
                return action
        return None

    def asked_by(self, unit: Unit, incoming: Incoming, row: RunRow | None) -> tuple[str, bool] | None:
        """Return the action of a plain word, and whether it may also be an answer; None if it is no plain word."""
        text = incoming.text or ""
        action = commands.plain_word(text)
        if action is None or incoming.reply_to is not None:
            return None
        if row is None or row.status != "open":
            return action, False
        step = self._turns.dialog(unit, row.dialog_hash).step(row.state["position"])
        return None if button_words.is_choice(step, text) else (action, types.of(step).free_text)

    def which(self, unit: Unit, person: Person, row: RunRow, action: str, incoming: Incoming) -> None:
        """Ask whether a plain word is the answer or a command; the word is kept until then."""
        speech = self._turns.speech(unit, person)
        message_id = clock.new_id()
        unit.messages.add(message_id, person, "held", incoming.text or "", unit.now, row.cohort_id)
        keyboard = rows(
            speech.button("button.is_answer", ANSWER, answer := WordAnswer(message_id, row.prompt)),
            speech.button(f"meant.{action}", MEANT, meant := WordMeant(message_id, action)),
        )
        asked = speech.say("leader.which", keyboard)
        self.ask_what(speech, person, asked, ANSWER, MEANT, yes=answer, no=meant)

    @handles(ANSWER)
    def answer(self, screen: Screen, argument: WordAnswer) -> Next:
        """Give a held word as the answer to the question it was said to."""
        unit, person = screen.unit, screen.person
        kept, row = unit.messages.get(argument.message), unit.runs.open(person)
        if kept is None or kept.person_id != person.id or kept.direction != "held" or row is None:
            return self._settled(screen)
        if row.status == "offered" or Run.restore(row.state, {}).question_of(argument.prompt) is None:
            return self._settled(screen)
        unit.messages.drop(kept.id, person.id)
        return Played(row, self._turns.reply(unit, person, row, Typed(kept.body, argument.prompt)))

    @handles(ASIDE)
    def aside(self, screen: Screen, argument: AsideAt) -> Next:
        """Give an aside as an answer."""
        done = aside_reuse.use(self._turns, screen.unit, screen.person, argument)
        return Played(*done) if done is not None else self._settled(screen)

    def _settled(self, screen: Screen) -> Next:
        """Say that this was decided before."""
        screen.speech.say("home.decided", rows(screen.speech.button("button.menu", targets.HOME)))
        return None

    @handles(MEANT)
    def meant(self, screen: Screen, argument: WordMeant) -> Next:
        """Drop the held word, and do what it asks for."""
        screen.unit.messages.drop(argument.message, screen.person.id)
        return Then(argument.action)

    @handles(DONE, BACK, SKIP, LATER, states=STAYING)  # also from a person who paused
    @handles(RESUME, states=ACTIVE)
    def closed(self, screen: Screen) -> None:
        """Say that no open run can take this."""
        screen.speech.say("misplaced.closed", rows(screen.speech.button("button.menu", targets.HOME)))

    def press(self, unit: Unit, person: Person, row: RunRow, action: str, incoming: Incoming) -> Played:
        """Play one of a run's own actions, said as a word; a question that was not seen yet is only asked again."""
        if action in ANSWERS and not saw(unit, row, incoming):
            return Played(row, self._turns.ask_again(unit, person, row))
        return Played(row, self._turns.act(unit, person, row, action))


def _with_command(incoming: Incoming | None) -> str:
    """Return the words that came in one line with a command, or an empty string."""
    said = (incoming.text or "") if incoming and incoming.kind is Kind.TEXT else ""
    return said.partition(" ")[2].strip() if said.startswith("/") else ""


def _waits(person: Person, row: RunRow | None, *statuses: str) -> bool:
    """Return whether a run has one of these statuses, and the person is active."""
    return row is not None and row.status in statuses and person.participation == "active"
