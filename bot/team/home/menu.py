"""The team's menu: what waits today, and buttons for what the person's role allows."""

from collections.abc import Iterable
from dataclasses import replace
from typing import ClassVar, Literal
from uuid import UUID

from bot.conversation.actions import Action, handles
from bot.conversation.screen import Screen
from bot.conversation.turns import Turns
from bot.messengers.port import Button, Keyboard
from bot.participant.main_menu import HOME, OWN, MainMenu
from bot.rendering import targets
from bot.rendering.arguments import Argument
from bot.rendering.speech import pairs, rows
from bot.rendering.texts import shorten
from bot.services import broadcasts, links, recollections, shut_ways, support
from bot.services.permissions import ADMINS_OF_ALL, CONFIDANT, FACILITATORS, TO_ASK, allowed
from bot.team.home import today
from bot.team.kit import page_expiry
from bot.team.kit.feature import Feature
from bot.team.kit.reading_queries import ReadingQueries
from bot.team.messages import unsent
from bot.team.messages.alerts import ALERT
from bot.team.messages.unsent import UNSENT
from bot.team.people.link_requests import LINK_REQUESTS
from bot.team.people.resting import ROLE_REST_ONE
from bot.team.people.shut_ways import PIN_SHUT

OWED_SHOWN = 5
TITLE = 40  # characters of a title on a button


class ToTell(Argument):
    """The list of broadcasts whose participants were not told yet what came of them."""

    layout: ClassVar[str] = ""


class Told(Argument):
    """One such broadcast: open it (`o`), mark it told (`y`) or not told (`n`)."""

    layout: ClassVar[str] = "{step}{order}"
    step: Literal["o", "y", "n"]
    order: UUID


MORE = Action(targets.MORE, FACILITATORS)
TOLD = Action(targets.TOLD, FACILITATORS, (ToTell, Told))


def _order(action: Action) -> int:
    return action.menu.order if action.menu else 0


class Menu(Feature):
    """The menu, the screen behind [More], and the list of what participants are still to be told."""

    def __init__(self, turns: Turns, participants: MainMenu, actions: Iterable[Action]) -> None:
        """Collect the actions that stand in the menu or behind [More], in their order."""
        super().__init__(turns)
        self._participants = participants
        placed = sorted((each for each in actions if each.menu), key=_order)
        self._first = [each for each in placed if each.menu and each.menu.screen == "first"]
        self._behind = [each for each in placed if each.menu and each.menu.screen == "more"]

    @handles(HOME)
    def home(self, screen: Screen) -> None:
        """Show the team's menu; without a role, the participant's menu; to someone paused, the screen for that."""
        if screen.person.participation == "left" or not screen.unit.roles.of(screen.person.id):
            self._participants.show(screen)
        elif screen.person.participation == "paused":
            # A wizard asks questions, and someone who paused is asked nothing.
            own = rows(screen.button("button.leader", OWN))
            self._participants.paused(screen, self._ways(screen, paused=True) + own)
        else:
            self._show(screen)

    def _show(self, screen: Screen) -> None:
        """Show the team's menu; a facilitator who is also a participant gets the button to the participant's menu."""
        if screen.person.preferences.get(CONFIDANT) is None:
            # From now on it is known without a look at roles that this is one of the team, to be asked in time.
            screen = replace(screen, person=screen.unit.people.prefer(screen.person, **{CONFIDANT: TO_ASK}))
        member = bool(screen.unit.memberships.of(screen.person.id))
        own = screen.button("button.leader", OWN) if member else screen.button("button.how", targets.HOW)
        first = self._participants.go_on(screen, screen.unit.runs.open(screen.person))
        last = [own, *self._participants.always(screen)]
        reads = allowed(screen.unit, screen.person, FACILITATORS)
        found = today.lines(self._turns, screen.speech, screen.person) if reads else []
        greeting = today.hello(self._turns, screen.speech, screen.person)
        if found:
            text = "\n".join((screen.words("today.have", hello=greeting), *(f"· {line}" for line in found)))
        else:
            text = screen.words("today.nothing" if reads else "today.what", hello=greeting)
        page_expiry.leave(screen.unit, screen.person, screen.place)
        screen.show(text, rows(*first) + self._ways(screen) + rows(*last))

    def _ways(self, screen: Screen, *, paused: bool = False) -> Keyboard:
        """Return the buttons for what is urgent and what the role allows; if paused, without what asks questions."""
        shelves = ReadingQueries(screen.unit, screen.person)
        raised = self._may(screen, ALERT) and (
            today.alerts(shelves) or bool(support.open_for(screen.unit, screen.person))
        )
        first = [self._button(screen, ALERT)] if raised else []
        urgent = []
        if self._may(screen, LINK_REQUESTS) and (
            links.link_requests(screen.unit, screen.person) or recollections.open_for(screen.unit, screen.person)
        ):
            urgent.append(self._button(screen, LINK_REQUESTS))
        if self._may(screen, PIN_SHUT) and shut_ways.shut_ways(screen.unit, screen.person):
            urgent.append(self._button(screen, PIN_SHUT))
        if allowed(screen.unit, screen.person, ADMINS_OF_ALL) and screen.unit.role_rests.undecided():
            urgent.append(self._button(screen, ROLE_REST_ONE))
        urgent += [self._button(screen, UNSENT)] if unsent.waiting(screen.unit, screen.person) else []
        state = "paused" if paused else "active"
        buttons = [
            self._button(screen, each) for each in self._first if state in each.states and self._may(screen, each)
        ]
        more = [screen.button("menu.more", MORE)] if self._may(screen, MORE) else []
        return rows(*first) + pairs(urgent) + pairs([*buttons, *more])

    def _may(self, screen: Screen, action: Action) -> bool:
        return allowed(screen.unit, screen.person, action.permission)

    def _button(self, screen: Screen, action: Action) -> Button:
        return screen.speech.button(f"menu.{action.name}", action)

    @handles(MORE)
    def more(self, screen: Screen) -> None:
        """Show the screen behind [More]."""
        buttons = [self._button(screen, action) for action in self._behind if self._may(screen, action)]
        left = len(today.owed(self._turns, screen.speech, screen.person))
        if left:
            buttons.append(screen.button("menu.told", TOLD, n=screen.speech.texts.number(left, screen.speech.language)))
        if screen.unit.memberships.of(screen.person.id):
            buttons.append(screen.button("button.how", targets.HOW))
        screen.show(screen.words("menu.more.text"), pairs(buttons) + rows(screen.menu()))

    @handles(TOLD)
    def told(self, screen: Screen, argument: ToTell | Told) -> None:
        """Show what participants are still to be told, or record that they were told or were not after all."""
        if isinstance(argument, Told) and argument.step in {"y", "n"}:
            self._mark(screen, argument.order, told=argument.step == "y")
            return
        left = today.owed(self._turns, screen.speech, screen.person)
        if not left:
            screen.show(screen.words("told.none"), rows(screen.menu()))
            return
        if isinstance(argument, Told):
            chosen = next((each for each in left if each.broadcast.id == argument.order), left[0])
            title = today.title(self._turns, screen.speech, chosen.broadcast)
            text = screen.words("told.ask", title=shorten(title, TITLE), cohort=chosen.cohort.name)
            yes = screen.button("button.told", TOLD, Told("y", chosen.broadcast.id))
            screen.show(text, rows(yes, screen.button("button.return", TOLD), screen.menu()))
            return
        buttons = [
            screen.labelled(
                shorten(f"{today.title(self._turns, screen.speech, each.broadcast)} · {each.cohort.name}", TITLE),
                TOLD,
                Told("o", each.broadcast.id),
            )
            for each in left[:OWED_SHOWN]
        ]
        screen.show(screen.words("told.which"), rows(*buttons, screen.button("button.return", MORE), screen.menu()))

    def _mark(self, screen: Screen, broadcast_id: UUID, *, told: bool) -> None:
        broadcasts.mark_told(screen.unit, screen.person, broadcast_id, told=told)
        undo = screen.button("button.not_told", TOLD, Told("n", broadcast_id))
        keyboard = rows(*([undo] if told else []), screen.button("button.return", TOLD), screen.menu())
        screen.show(screen.words("told.done" if told else "told.undone"), keyboard)
