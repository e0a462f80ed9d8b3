"""The team's menu: what waits today, five lines that are always the same, and what stands behind [More]."""

from collections.abc import Iterable
from dataclasses import replace

from bot.conversation.actions import Action, MenuPlace, handles, placed
from bot.conversation.screen import Screen
from bot.conversation.turns import Turns
from bot.messengers.port import Button, Keyboard
from bot.participant.main_menu import HOME, OWN, MainMenu
from bot.rendering import targets
from bot.rendering.speech import pairs, rows
from bot.services.permissions import ADMINS, ADMINS_OF_ALL, CONFIDANT, FACILITATORS, TO_ASK, allowed
from bot.team.home import today
from bot.team.kit import page_expiry
from bot.team.kit.feature import Feature
from bot.team.kit.page import SCREEN_LENGTH
from bot.team.orders import learning

MORE = Action(targets.MORE, FACILITATORS, menu=MenuPlace("first", 5))
ORGANISATION = Action(targets.ORGANISATION, ADMINS, menu=MenuPlace("more", 10))
SETTINGS = (
    ("button.record", targets.RECORD),
    ("button.care_lines", targets.CARE_LINES),
    ("button.minors", targets.MINORS),
    ("button.danger", targets.DANGER),
    ("button.handover", targets.HANDOVER),
)
"""What an admin of all decides for the organisation and that has no command of its own."""


class Menu(Feature):
    """The menu, and the two screens behind [More]."""

    def __init__(self, turns: Turns, participants: MainMenu, actions: Iterable[Action]) -> None:
        """Collect the actions that stand in the menu or behind [More]."""
        super().__init__(turns)
        self._participants = participants
        self._placed = [each for each in actions if each.menu]

    @handles(HOME)
    def home(self, screen: Screen) -> None:
        """Show the team's menu; without a role, the participant's menu; to someone paused, the screen for that."""
        if screen.person.participation == "left" or not screen.unit.roles.of(screen.person.id):
            self._participants.show(screen)
        elif screen.person.participation == "paused":
            # A wizard asks questions, and someone who paused is asked nothing.
            own = rows(screen.button("button.leader", OWN))
            self._participants.paused(screen, self._lines(screen, paused=True) + own)
        else:
            self._show(screen)

    def _show(self, screen: Screen) -> None:
        """Show the team's menu: the same lines every day, whether or not its reader ever practised."""
        if screen.person.preferences.get(CONFIDANT) is None:
            # From now on it is known without a look at roles that this is one of the team, to be asked in time.
            screen = replace(screen, person=screen.unit.people.prefer(screen.person, **{CONFIDANT: TO_ASK}))
        first = self._go_on(screen)
        last = [screen.button("button.leader", OWN), *self._of(screen, "last"), *self._participants.always(screen)]
        reads = allowed(screen.unit, screen.person, FACILITATORS)
        found = today.lines(self._turns, screen.speech, screen.person) if reads else []
        greeting = today.hello(self._turns, screen.speech, screen.person)
        if found:
            text = "\n".join((screen.words("today.have", hello=greeting), today.listed(screen.speech, found)))
        else:
            text = screen.words("today.nothing" if reads else "today.what", hello=greeting)
        page_expiry.leave(screen.unit, screen.person, screen.place)
        closed = learning.closed_unasked(self._turns, screen, SCREEN_LENGTH - len(text) - 2) if reads else None
        if closed is not None:
            text = f"{text}\n\n{closed[0]}"
        screen.show(text, rows(*first) + self._lines(screen) + pairs(last))
        if closed is not None:
            learning.ask_closed(screen, closed[1])

    def _go_on(self, screen: Screen) -> list[Button]:
        """Return the button back to what is open, which may be one's own practice."""
        row = screen.unit.runs.open(screen.person)
        cohort = screen.unit.cohorts.get(row.cohort_id) if row is not None and row.cohort_id else None
        practice = cohort is not None and cohort.practice
        return self._participants.go_on(screen, row, "button.go_on_practice" if practice else "button.go_on")

    def _lines(self, screen: Screen, *, paused: bool = False) -> Keyboard:
        """Return the first lines; if paused, without what asks questions."""
        state = "paused" if paused else "active"
        return rows(*self._of(screen, "first", state))

    def _of(self, screen: Screen, name: str, state: str = "active") -> list[Button]:
        """Return the buttons of one place in the menu that the person's role allows."""
        return [screen.speech.button(f"menu.{each.name}", each) for each in self._allowed(screen, name, state)]

    def _allowed(self, screen: Screen, name: str, state: str = "active") -> list[Action]:
        return [
            each
            for each in placed(self._placed, name)
            if state in each.states and allowed(screen.unit, screen.person, each.permission)
        ]

    @handles(MORE)
    def more(self, screen: Screen) -> None:
        """Show the screen behind [More]."""
        buttons = self._of(screen, "more")
        names = [each.name for each in self._allowed(screen, "more")]
        lines = [f"· {screen.words(f'menu.{name}')}: {screen.words(f'menu.what.{name}')}" for name in names]
        screen.show("\n".join(lines), pairs(buttons) + rows(screen.menu()))

    @handles(ORGANISATION)
    def organisation(self, screen: Screen) -> None:
        """Show what an admin sets up and looks after."""
        buttons = self._of(screen, "organisation")
        if allowed(screen.unit, screen.person, ADMINS_OF_ALL):
            buttons += [screen.button(code, target) for code, target in SETTINGS]
        back = (screen.button("button.return", MORE), screen.menu())
        screen.show(screen.words("menu.organisation.text"), (*pairs(buttons), back))
