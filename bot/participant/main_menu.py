"""The main menu and what is closest to it: the open run, the participant's own screens, help, support."""

from dataclasses import replace

from bot.content import FIRST_DIALOG
from bot.conversation.actions import ACTIVE, ALSO_LEFT, Action, Next, Then, handles
from bot.conversation.screen import Screen
from bot.conversation.turns import Turns
from bot.messengers.port import Button, Keyboard
from bot.participant.approval import admitted, outside
from bot.participant.care_card import SUPPORT, CareCardScreen, Support, SupportIn
from bot.participant.consent import ConsentScreens
from bot.participant.danger import DangerScreens
from bot.participant.pause_leave import RESUME, PauseScreens, first_cohort
from bot.participant.plain_text import PlainText
from bot.participant.settings import PHONE, phone_due
from bot.rendering import targets
from bot.rendering.speech import Speech, rows
from bot.services import support
from bot.services.locks import has_lock
from bot.services.member_status import UNTIL
from bot.services.permissions import EVERYONE
from storage.people import Person
from storage.runs import RunRow
from storage.unit import Unit

HOME = Action(targets.HOME, EVERYONE, commands=("menu",), states=ALSO_LEFT, offered=1)
HELP = Action(targets.HELP, EVERYONE, commands=("help",), states=ALSO_LEFT, offered=15)
OWN = Action("hers", EVERYONE)
NOW = Action(targets.NOW, EVERYONE, states=ACTIVE)
AGAIN = Action(targets.AGAIN, EVERYONE, states=ACTIVE)
START = Action("start", EVERYONE, commands=("start",), states=ACTIVE)


class MainMenu:
    """The menu that all other screens lead back to."""

    def __init__(
        self,
        turns: Turns,
        talking: PlainText,
        caring: CareCardScreen,
        agreement: ConsentScreens,
        resting: PauseScreens,
        danger: DangerScreens,
    ) -> None:
        self._turns = turns
        self._talking = talking
        self._caring = caring
        self._agreement = agreement
        self._resting = resting
        self._danger = danger

    def show(self, screen: Screen) -> None:
        """Show a participant's menu: what is open first, then the fixed buttons."""
        unit, person = screen.unit, screen.person
        if person.participation == "left":
            screen.show(screen.words("home.left"), self._resting.ways_back(screen))
        elif person.participation == "paused":
            self.paused(screen, rows(*self._own(screen)))
        else:
            row = unit.runs.open(person)
            first = self.go_on(screen, row)
            code = "home.offered" if row and row.status == "offered" else "home.open" if row else "home"
            if not admitted(unit, person):
                code = outside(unit, person)
            elif row is None and self._agreement.due(unit, person):
                first = [self._agreement.button(screen)]
            elif row is None and not person.preferences.get("form"):
                first = [screen.speech.button("button.welcome", NOW)]
            if row is not None and phone_due(unit, person):  # over what is open it is asked by a tap alone
                first = [*first, screen.button("button.phone_due", PHONE)]
            screen.show(screen.words(code), rows(*first, *self._own(screen), *self.always(screen)))

    def paused(self, screen: Screen, ways: Keyboard) -> None:
        """Show the menu of a person who paused."""
        until = screen.person.preferences.get(UNTIL)
        text = screen.words("home.paused")
        if until:
            text = screen.words("home.paused.until", day=self._resting.day(screen, until))
        unpause = screen.speech.button("button.unpause", RESUME)
        screen.show(text, rows(unpause) + ways + rows(*self.always(screen)))

    def go_on(self, screen: Screen, row: RunRow | None, code: str = "button.go_on") -> list[Button]:
        """Return the button back to the run that is open, if there is one."""
        if row is None:
            return []
        if row.status == "open":
            return [screen.speech.button(code, AGAIN)]
        action = "resume" if row.status == "postponed" else "start"
        return [Button(screen.words(code), screen.speech.buttons.run(row.id, row.prompt, action))]

    def _own(self, screen: Screen) -> list[Button]:
        """Return the buttons that only a participant has."""
        return [
            screen.button("button.mine", targets.MINE),
            screen.button("button.know", targets.KNOW),
            screen.button("button.how", targets.HOW),
            *self._locks(screen),
            screen.button("button.rest", targets.REST),
            screen.button("button.team", targets.TEAM),
        ]

    def _locks(self, screen: Screen) -> list[Button]:
        return [screen.button("button.lock_menu", targets.LOCK)] if has_lock(screen.speech) else []

    def always(self, screen: Screen) -> list[Button]:
        """Return the buttons that every menu ends with."""
        return [screen.speech.button("button.support", SUPPORT), screen.speech.button("button.help", HELP)]

    @handles(OWN)
    def own(self, screen: Screen) -> None:
        """Show one of the team what is their own: a participant's buttons to whoever takes part too."""
        own = self._own(screen)
        if not screen.unit.memberships.of(screen.person.id):
            own = [screen.button("button.how", targets.HOW), *self._locks(screen)]
        screen.show(screen.words("home.leader"), rows(*own, screen.menu()))

    @handles(HELP)
    def help(self, screen: Screen) -> None:
        """Say how this works, with buttons to the open question, to support and to the menu."""
        speech = screen.speech
        code = "help.staff" if screen.unit.roles.of(screen.person.id) else "help.leader"
        go_on = self._talking.go_on(speech, screen.person, screen.unit.runs.open(screen.person))
        speech.say(code, rows(*go_on, speech.button("button.support", SUPPORT), self._menu(speech)))

    @handles(SUPPORT)
    def support(self, screen: Screen, argument: Support | SupportIn) -> None:
        """Show the organisation's care card, or tell the team that the person wants to be looked for."""
        speech, person = screen.speech, screen.person
        if argument == Support("team"):
            self._danger.call(speech, person)
            return
        call = speech.button("button.look_for_me", SUPPORT, Support("team"))
        known = support.has_note_to_write(screen.unit, person)
        reach = [speech.button("button.reach", targets.REACH)] if known else []
        tell = self._danger.telling(speech, person)
        self._caring.show(speech, rows(call, *tell, *reach, self._menu(speech)))

    @handles(AGAIN, START)
    def again(self, screen: Screen) -> Next:
        """Say the open question again; show the menu if there is none."""
        row = screen.unit.runs.open(screen.person)
        if row is None:
            return Then(HOME)
        self._turns.ask_again(screen.unit, screen.person, row)
        return None

    @handles(NOW)
    def now(self, screen: Screen) -> Next:
        """Begin the first dialog, without first asking whether this is a good moment."""
        unit, person = screen.unit, screen.person
        if unit.runs.open(person) is not None:
            return self.again(screen)
        if not admitted(unit, person):
            return Then(HOME)
        dialog = self._turns.content.of(unit).dialog(FIRST_DIALOG)
        self._turns.begin(unit, person, dialog, "person", cohort_id=first_cohort(unit, person.id), offer=False)
        return None

    def renew(self, unit: Unit, person: Person) -> bool:
        """Ask again for consent where its words have changed, once no run is open; return whether they have."""
        if not self._agreement.due(unit, person):
            return False
        present = unit.people.get(person.id)
        row = unit.runs.open(person)
        if present is not None and (row is None or row.status == "postponed") and self._agreement.due(unit, present):
            self._agreement.renew(unit, replace(present, messenger=person.messenger, chat=person.chat))
        return True

    def _menu(self, speech: Speech) -> Button:
        return speech.button("button.menu", HOME)
