"""Where a person stands when no question holds the floor: the menu, and everything that is in her hands there."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.content import FIRST_DIALOG
from bot.conversation.screen import Screen, opened
from bot.conversation.turns import Turns
from bot.media.store import Fetched
from bot.messengers.port import Button, Incoming, Kind
from bot.participant import aside_reuse, web_login_notice
from bot.participant.about import Knowing
from bot.participant.answers import Answers
from bot.participant.approval import admitted, outside
from bot.participant.care_card import Caring
from bot.participant.consent import Agreement
from bot.participant.erasing import Erasing
from bot.participant.joining import Joining
from bot.participant.pause_leave import Resting, first_cohort
from bot.participant.plain_text import Talking
from bot.participant.settings import Ways
from bot.rendering import commands
from bot.rendering.buttons import PlainButton, RunButton
from bot.rendering.speech import Speech, rows
from bot.services.member_status import UNTIL
from bot.services.permissions import allowed
from bot.team.kit.feature import Finished
from bot.team.team import Team
from dialogs import languages
from dialogs.events import Amended, Answered, Completed, Event
from dialogs.model import Value
from storage.people import Person
from storage.runs import RunRow
from storage.unit import Unit

PREFERENCES = ("form", "phone", "hours", "signal", "register", "gender")
KNOW = frozenset({"know", "purposes", "who", "agreement"})
WAYS = frozenset({"how", "languages", "language", "hours", "voice", "gender", "phone", "tidy"})
REST = frozenset({"rest", "pause", "leave", "stop"})
WORDS = frozenset({"team", "nickname"})
# What someone who left may still do; someone who paused may do all but be asked.
AFTER_LEAVING = KNOW | frozenset(
    {
        "home",
        "help",
        "support",
        "mine",
        "erase",
        "languages",
        "language",
        "tidy",
        "pass_on",
        "meant",
        "return",
        "hear",
        "shut",
    }
)
TAKES_PART = frozenset({"active", "paused", "unreachable"})
BEING_ASKED = frozenset({"now", "again", "ask", "member"})
RUN_WORDS = commands.RUN_ACTIONS


class Home:
    """Everything a person can do outside of a run, by buttons, commands or plain words."""

    def __init__(self, turns: Turns) -> None:
        """Take what plays turns."""
        self._turns = turns
        self._team = Team(turns)
        self._joining = Joining(turns)
        self._agreement = Agreement(turns)
        self._caring = Caring(turns)
        self._answers = Answers(turns)
        self._erasing = Erasing(turns, self._answers)
        self._knowing = Knowing(turns)
        self._ways = Ways(turns)
        self._resting = Resting(turns)
        self._talking = Talking(turns)

    def do(self, unit: Unit, person: Person, press: PlainButton, incoming: Incoming) -> None:
        """Do what a button or a command outside of a run asks for; what is not allowed leads home."""
        speech = self._turns.speech(unit, person)
        press = _meant(unit, person, press)
        if not allowed(unit, person, press.action):
            unit.audit.add(str(person.id), "refused", press.action, {})
            speech.say("staff.not_allowed", rows(self._menu(speech)))
            return
        person = self._talking.forget(unit, person)
        screen, argument = opened(speech, person, incoming, press.argument)
        match press.action:
            case "support" if argument == "team":
                self._tell_team(speech, person)
            case "support":
                self.support(speech)
            case "help":
                self._help(speech, person)
            case "team" if words := _with_command(incoming):
                self._talking.tell(speech, person, words)
            case "pass_on" | "answer" | "meant" | "aside":
                self._decide(speech, person, press.action, argument, incoming)
            case "now":
                self._first(unit, person)
            case action if action in self._team.actions:
                self._team.do(screen, action, argument, incoming)
            case "return" if person.participation == "left":
                self._joining.come_back(unit, person)
            case "resume" if person.participation == "paused":
                self._resting.resume(unit, person)
            case action if action in RUN_WORDS - {"why", "stop"}:
                speech.say("misplaced.closed", rows(self._menu(speech)))
            case action:
                self._screen(screen, action, argument)

    def _help(self, speech: Speech, person: Person) -> None:
        """Say how this works; whoever asks for help may need another kind of it, or only the way back."""
        code = "help.staff" if speech.unit.roles.of(person.id) else "help.leader"
        go_on = self._talking.go_on(speech, person, speech.unit.runs.open(person))
        speech.say(code, rows(*go_on, speech.button("button.support", "support"), self._menu(speech)))

    def _tell_team(self, speech: Speech, person: Person) -> None:
        told = self._talking.note(speech, person, "")
        speech.say("support.told" if told else "hers.team.nowhere", rows(self._menu(speech)))

    def _decide(self, speech: Speech, person: Person, action: str, argument: str, incoming: Incoming) -> None:
        """Do with words that were kept as she says."""
        unit = speech.unit
        if action == "pass_on":
            self._talking.pass_on(speech, person, argument)
        elif action == "meant":
            self.asked(unit, person, self._talking.meant(unit, person, argument), incoming)
        elif (done := self._given(unit, person, action, argument)) is not None:
            self.happened(unit, person, *done)
        else:
            speech.say("home.decided", rows(self._menu(speech)))

    def _given(self, unit: Unit, person: Person, action: str, argument: str) -> tuple[RunRow, Sequence[Event]] | None:
        """Give words that were kept as an answer."""
        if action == "aside":
            return aside_reuse.use(self._turns, unit, person, argument)
        return self._talking.answer(unit, person, argument)

    def _screen(self, screen: Screen, action: str, argument: str) -> None:
        """Show a screen of the menu; one nobody knows is the menu itself."""
        if action == "mine":
            self._answers.do(screen, argument)
        elif action == "erase":
            self._erasing.do(screen, argument)
        elif action in KNOW or action == "why":
            self._knowing.do(screen, "purposes" if action == "why" else action, argument)
        elif action in WAYS:
            self._ways.do(screen, action, argument)
        elif action in REST:
            self._resting.do(screen, action, argument)
        elif action in WORDS:
            self._talking.ask(screen, action, argument)
        elif action == "shut":
            web_login_notice.shut(screen)
        elif action == "renew":
            self._agreement.do(screen, argument)
        elif action == "hear" and self._caring.play(screen.speech, argument, rows(self._menu(screen.speech))):
            pass
        elif action == "hers":
            screen.show(screen.words("home.hers"), rows(*self._own(screen), screen.menu()))
        else:
            self.menu(screen)

    def _first(self, unit: Unit, person: Person) -> None:
        """Begin the first dialog: whoever asks for it now is not asked again whether she has a moment."""
        row = unit.runs.open(person)
        if row is not None:
            self._turns.again(unit, person, row)
            return
        if not admitted(unit, person):
            self.show(unit, person)
            return
        dialog = self._turns.content.of(unit).dialog(FIRST_DIALOG)
        self._turns.begin(unit, person, dialog, "person", cohort_id=first_cohort(unit, person.id), offer=False)

    def show(self, unit: Unit, person: Person) -> None:
        """Show the menu as a new message."""
        self.menu(Screen(self._turns.speech(unit, person), person))

    def menu(self, screen: Screen) -> None:
        """Show the menu: what is open first, then what her role allows, then what is always hers."""
        unit, person = screen.unit, screen.person
        if person.participation == "left":
            screen.show(screen.words("home.left"), self._resting.ways_back(screen))
        elif person.participation == "paused":
            self._paused_menu(screen)
        elif unit.roles.of(person.id):
            self._staff_menu(screen)
        else:
            row = unit.runs.open(person)
            first = self._go_on(screen, row)
            code = "home.open" if row else "home"
            if not admitted(unit, person):
                code = outside(unit, person)
            elif row is None and self._agreement.due(unit, person):
                first = [self._agreement.button(screen)]
            elif row is None and not person.preferences.get("form"):
                first = [screen.speech.button("button.welcome", "now")]
            screen.show(screen.words(code), rows(*first, *self._own(screen), *self._always(screen)))

    def _go_on(self, screen: Screen, row: RunRow | None) -> list[Button]:
        if row is None:
            return []
        if row.status == "open":
            return [screen.speech.button("button.go_on", "again")]
        action = "resume" if row.status == "postponed" else "start"
        return [Button(screen.words("button.go_on"), screen.speech.buttons.run(row.id, row.prompt, action))]

    def _own(self, screen: Screen) -> list[Button]:
        """Return what only a leader has."""
        return [
            screen.button("button.mine", "mine"),
            screen.button("button.know", "know"),
            screen.button("button.how", "how"),
            screen.button("button.rest", "rest"),
            screen.button("button.team", "team"),
        ]

    def _always(self, screen: Screen) -> list[Button]:
        return [screen.speech.button("button.support", "support"), screen.speech.button("button.help", "help")]

    def _staff_menu(self, screen: Screen) -> None:
        """Show the team's menu; a facilitator who is a leader as well keeps what is hers."""
        row = screen.unit.runs.open(screen.person)
        member = bool(screen.unit.memberships.of(screen.person.id))
        hers = screen.button("button.hers", "hers") if member else screen.button("button.how", "how")
        self._team.menu(screen, self._go_on(screen, row), [hers, *self._always(screen)])

    def _paused_menu(self, screen: Screen) -> None:
        until = screen.person.preferences.get(UNTIL)
        text = screen.words("home.paused")
        if until:
            text = screen.words("home.paused.until", day=self._resting.day(screen, until))
        unpause = screen.speech.button("button.unpause", "resume")
        if screen.unit.roles.of(screen.person.id):
            # A wizard asks, and whoever paused is asked nothing.
            ways = self._team.ways(screen, but="ask") + rows(screen.button("button.hers", "hers"))
        else:
            ways = rows(*self._own(screen))
        screen.show(text, rows(unpause) + ways + rows(*self._always(screen)))

    def renew(self, unit: Unit, person: Person) -> None:
        """Ask again for consent where its words have changed, once nothing else is being asked."""
        if not self._agreement.due(unit, person):
            return
        present = unit.people.get(person.id)
        row = unit.runs.open(person)
        if present is not None and (row is None or row.status == "postponed") and self._agreement.due(unit, present):
            self._agreement.renew(unit, replace(present, messenger=person.messenger, chat=person.chat))

    def support(self, speech: Speech) -> None:
        """Show the organisation's own care card."""
        person = speech.person
        asks = person is not None and person.participation in TAKES_PART and speech.unit.memberships.of(person.id)
        tell = [speech.button("button.support_team", "support", "team")] if asks else []
        self._caring.show(speech, rows(*tell, self._menu(speech)))

    def nothing_open(self, unit: Unit, person: Person, text: str, fetched: Fetched | None = None) -> None:
        """Said when nothing is open: kept, and passed to the team only if she says so.

        Whoever has no team to pass it to is told that it went nowhere: silence would let her think that it was sent.
        """
        if _takes_part(unit, person):
            self._talking.hold(unit, person, text, fetched)
            return
        speech = self._turns.speech(unit, person)
        told = [speech.words("home.not_kept")]
        if allowed(unit, person, "mail_write"):
            told.append(speech.words("home.not_kept.team"))
        self.menu(Screen(speech, person, lead=" ".join(told)))

    def handed(self, unit: Unit, person: Person, text: str, fetched: Fetched) -> bool:
        """Take a voice note or photo that was asked for; False for any other."""
        return self._talking.take(unit, person, text, unit.runs.open(person), fetched)

    def heard(self, unit: Unit, person: Person, incoming: Incoming) -> bool:
        """Take words that are no answer: those that were asked for, and plain words; False for any others.

        A plain word said to an open question in words may be its answer: then she is asked which.
        """
        row = unit.runs.open(person)
        if (decided := self._talking.decided(unit, person, incoming)) is not None:
            person = self._talking.forget(unit, person)
            self._decide(self._turns.speech(unit, person), person, *decided, incoming)
            return True
        if self._talking.take(unit, person, incoming.text or "", row):
            return True
        if row is not None and (action := self._talking.taken_up(unit, person, row, incoming)):
            self.press(unit, person, row, action, incoming)
            return True
        found = self._talking.asked_by(unit, incoming, row)
        if found is None:
            return False
        action, doubtful = found
        if doubtful and row is not None:
            self._talking.which(unit, person, row, action, incoming)
        else:
            self.asked(unit, person, action, incoming)
        return True

    def asked(self, unit: Unit, person: Person, action: str, incoming: Incoming) -> None:
        """Do what a plain word asks for: in the open run, where it is one of its own words, else here."""
        row = unit.runs.open(person) if action in RUN_WORDS else None
        if row is not None and person.participation == "active":
            self.press(unit, person, row, action, incoming)
        else:
            self.do(unit, person, PlainButton(action, ""), incoming)

    def press(self, unit: Unit, person: Person, row: RunRow, action: str, incoming: Incoming) -> None:
        """Do in a run what a word or a command of hers asks for."""
        self.happened(unit, person, row, self._talking.press(unit, person, row, action, incoming))

    def away(
        self,
        unit: Unit,
        person: Person,
        incoming: Incoming,
        command: tuple[str, str] | None,
        pressed: RunButton | PlainButton | None,
        fetched: Fetched | None = None,
    ) -> bool:
        """Answer someone who paused or left: nothing is asked of her, and what is hers stays hers.

        False when she is neither, or asks for something that she may have all the same.
        """
        if person.participation not in {"paused", "left"}:
            return False
        left = person.participation == "left"
        if incoming.kind is Kind.TEXT and not command:
            if not self.heard(unit, person, incoming):
                self.nothing_open(unit, person, incoming.text or "")
            return True
        if fetched is not None and fetched.media is not None:
            if not self.handed(unit, person, incoming.text or "", fetched):
                self.nothing_open(unit, person, incoming.text or "", fetched)
            return True
        if incoming.kind is Kind.EDITED and not left:
            return False
        press = PlainButton(command[0], "") if command else pressed
        if not isinstance(press, PlainButton):
            press = PlainButton("home", "")
        if press.action in BEING_ASKED or (press.action in RUN_WORDS and press.action not in {"why", "resume"}):
            press = PlainButton("home", "")
        self.do(unit, person, press, incoming)
        return True

    def happened(self, unit: Unit, person: Person, row: RunRow, events: Sequence[Event]) -> None:
        """Do what the answers of a turn ask for; those of a rehearsal ask for nothing."""
        given = {event.path: event.value for event in events if isinstance(event, Answered | Amended)}
        completed = any(isinstance(event, Completed) for event in events)
        if row.rehearsal or not (given or completed):
            return
        dialog = self._turns.dialog(unit, row.dialog_hash)
        if dialog.name == FIRST_DIALOG:
            self._heed(unit, person, {name: value for name, value in given.items() if name in PREFERENCES and value})
        if completed and dialog.kind == "staff":
            answers = self._turns.answers(unit, person, row)
            values = {path: answer.value for path, answer in answers.items()}
            screen = Screen(self._turns.speech(unit, person), person)
            self._team.finish(screen, Finished(row, dialog.name, values))
        elif completed:
            self._team.completed(unit, person, row)

    def _heed(self, unit: Unit, person: Person, wished: Mapping[str, Value | None]) -> None:
        """Treat her as she says from that answer on: whoever stops half-way has said it all the same."""
        present = unit.people.get(person.id)
        if not wished or present is None:
            return
        register = wished.get("register")
        language = present.language
        if isinstance(register, str):
            language = languages.in_register(language or languages.DEFAULT, register)
        unit.people.change(unit.people.prefer(present, **wished), language=language)

    def _menu(self, speech: Speech) -> Button:
        return speech.button("button.menu", "home")


def _with_command(incoming: Incoming) -> str:
    """Return the words that came in one line with a command, if any."""
    said = commands.parse(incoming.text or "") if incoming.kind is Kind.TEXT else None
    return said[1] if said else ""


def _takes_part(unit: Unit, person: Person) -> bool:
    """Tell whether a team would read what she says: one of the team who only practised has none beside herself."""
    works_here = bool(unit.roles.of(person.id))
    cohorts = map(unit.cohorts.get, unit.memberships.of(person.id))
    return any(cohort is not None and not (works_here and cohort.practice) for cohort in cohorts)


def _meant(unit: Unit, person: Person, press: PlainButton) -> PlainButton:
    """Return what a word means from this person: `alto` is a leader's enough, and who has left has little to do."""
    if press.action == "halt" and not unit.roles.of(person.id):
        return PlainButton("rest", "")
    if person.participation == "left" and press.action not in AFTER_LEAVING:
        return PlainButton("home", "")
    return press
