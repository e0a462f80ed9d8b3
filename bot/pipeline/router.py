"""Route what a person asks for to the handler that answers it: one table lookup, one handler, one hop at most.

The table comes from the registry: what an action means in each state of participation. A handler returns a value;
`Then` and `Begin` are followed once, and no handler calls the router back.
"""

import logging
from collections.abc import Callable
from dataclasses import replace

from bot import clock, content
from bot.content import FIRST_DIALOG
from bot.conversation import spent_keyboards
from bot.conversation.actions import ARRIVING, Action, Begin, Next, Played, Then
from bot.conversation.screen import Screen, opened
from bot.conversation.turns import Turns
from bot.media.store import FetchResult
from bot.messengers import registry as messengers
from bot.messengers.port import Incoming, Kind
from bot.participant import settings
from bot.participant.main_menu import HOME
from bot.participant.pause_leave import RESUME
from bot.participant.waiting import forget
from bot.pipeline.screens import Screens, registry
from bot.rendering.arguments import decoded
from bot.rendering.buttons import Buttons, PlainButton, RunButton
from bot.rendering.speech import rows
from bot.services import button_signatures
from bot.services.permissions import CONFIDANT, allowed
from bot.services.refusals import NotAllowed
from bot.team.kit.feature import TASK, CompletedWizard
from dialogs.events import Amended, Answered, Completed
from dialogs.replies import Typed
from storage import mentions
from storage.people import Person
from storage.unit import Unit

log = logging.getLogger(__name__)

SENT = frozenset({Kind.VOICE, Kind.PHOTO})
SHRINKING = frozenset({"active", "paused"})  # whoever arrives or has left keeps every button
START = "start"  # the code of the command that an invite link sends


class SecondHop(Exception):
    """A handler's follow-up asked for another follow-up; the arguments are both."""


class Router:
    """Leads each update of a known person to its handler."""

    def __init__(self, turns: Turns, *, strict: bool = False) -> None:
        """Build every screen; with `strict`, raise SecondHop instead of ending at the menu."""
        self._turns = turns
        self._strict = strict
        self.screens = Screens(turns)
        self._registry = registry()
        self._handlers = self._registry.bind(self.screens.all)
        made = {type(part): part for part in self.screens.parts}
        self._parts = {name: made[kind] for name, (_, kind) in self._registry.wizards.items()}
        turns.wizards = self._parts

    def route(
        self,
        unit: Unit,
        person: Person,
        incoming: Incoming,
        command: tuple[str, str] | None,
        fetched: FetchResult | None = None,
    ) -> None:
        """Answer what a person said, pressed or sent; then ask for consent again where its words have changed.

        Args:
            unit: the open transaction.
            person: who sent it.
            incoming: the update.
            command: its command, as read by `commands.parse`.
            fetched: the voice note or photo that came with it.
        """
        typed = incoming.kind is Kind.TEXT and command is None
        echo = None
        if typed and messengers.of(incoming.messenger).kept_here:
            if person.preferences.get(CONFIDANT):  # which everybody of the team has, and nobody else
                mentions.note(unit, incoming.text or "")
            echo = self._turns.speech(unit, person).echo(incoming.text or "")
        unit.said = (echo or incoming.order or None) if typed else None
        self.screens.rhythms.came(unit, person)
        danger = self.screens.danger
        if typed and danger.words(unit, person, incoming):
            return
        heard = danger.look(unit, person, incoming, echo, typed=typed) if incoming.text else None
        if heard is None or not heard.alone:
            pressed = self._pressed(unit, incoming)
            self._follow(unit, person, incoming, self._routed(unit, person, incoming, command, pressed, fetched))
            if isinstance(pressed, PlainButton) and incoming.content and person.participation in SHRINKING:
                spent_keyboards.shrink(self._turns.speech(unit, person), person, incoming, pressed)
        if heard is not None:
            danger.answer(unit, person, incoming, heard)
        if not self.screens.menu.renew(unit, person) and heard is None:
            self.screens.settings.came(unit, person)
            self.screens.own_zone.came(unit, person)
            self.screens.own_paper.came(unit, person)

    def press(self, unit: Unit, person: Person, press: PlainButton, incoming: Incoming) -> None:
        """Answer a button that belongs to no run."""
        self._follow(unit, person, incoming, self._ask(unit, person, incoming, press.action, press.argument))

    # What the update is.

    def _routed(
        self,
        unit: Unit,
        person: Person,
        incoming: Incoming,
        command: tuple[str, str] | None,
        pressed: RunButton | PlainButton | None,
        fetched: FetchResult | None,
    ) -> Next:
        if command and command[0] == START and command[1]:
            screen = Screen(self._turns.speech(unit, person), person, incoming=incoming)
            code = command[1].split()[0]  # a page may have put after it that it is the first time
            return self.screens.invitations.opened(screen, clock.read_code(code) or code)
        if person.participation in ARRIVING:
            return self._arriving(unit, person, incoming, command, pressed)
        if person.participation != "active":
            return self._away(unit, person, incoming, command, pressed, fetched)
        replies = self.screens.replies
        if incoming.kind is Kind.PRESS:
            if isinstance(pressed, PlainButton):
                return self._ask(unit, person, incoming, pressed.action, pressed.argument)
            return replies.pressed(unit, person, pressed)
        if command:
            return self._commanded(unit, person, incoming, command[0])
        if incoming.kind is Kind.TEXT:
            heard, after = self.screens.talking.heard(unit, person, incoming)
            return self._meant(unit, person, incoming, after) if heard else replies.said(unit, person, incoming)
        if incoming.kind is Kind.EDITED:
            return replies.edited(unit, person, incoming)
        return replies.sent(unit, person, incoming, fetched)

    def _pressed(self, unit: Unit, incoming: Incoming) -> RunButton | PlainButton | None:
        """Return what a button asks for; None for anything else, and for a button that was not made here."""
        if not incoming.button:
            return None
        buttons = Buttons(unit.vault, incoming.messenger, incoming.chat)
        return buttons.read(incoming.button, lambda: button_signatures.read(unit))

    def _arriving(
        self,
        unit: Unit,
        person: Person,
        incoming: Incoming,
        command: tuple[str, str] | None,
        pressed: RunButton | PlainButton | None,
    ) -> Next:
        """Route the update of a person who is joining; whatever is not expected there repeats the present step."""
        if incoming.kind is Kind.EDITED:
            return None
        if incoming.kind is Kind.TEXT and not command:
            speech = self.screens.joining.speech(unit, person, incoming)
            typed = self.screens.joining.typed(Screen(speech, person, incoming=incoming))
            return self._meant(unit, person, incoming, typed)
        if incoming.kind is Kind.PRESS and isinstance(pressed, PlainButton):
            return self._ask(unit, person, incoming, pressed.action, pressed.argument)
        if incoming.kind in SENT:
            speech = self.screens.joining.speech(unit, person, incoming)
            self.screens.joining.sent(Screen(speech, person, incoming=incoming))
            return None
        name = self._registry.commands[command[0]].name if command else ""
        return self._ask(unit, person, incoming, name, "")

    def _away(
        self,
        unit: Unit,
        person: Person,
        incoming: Incoming,
        command: tuple[str, str] | None,
        pressed: RunButton | PlainButton | None,
        fetched: FetchResult | None,
    ) -> Next:
        """Answer a participant who paused or left: they are asked nothing, and can still reach what is theirs."""
        replies = self.screens.replies
        if incoming.kind is Kind.TEXT and not command:
            heard, after = self.screens.talking.heard(unit, person, incoming)
            said = incoming.text or ""
            return self._meant(unit, person, incoming, after) if heard else replies.nothing_open(unit, person, said)
        if fetched is not None and fetched.media is not None:
            return replies.held(unit, person, incoming, fetched)
        if incoming.kind is Kind.EDITED and person.participation == "paused":
            return replies.edited(unit, person, incoming)
        if command:
            return self._commanded(unit, person, incoming, command[0])
        if isinstance(pressed, PlainButton):
            return self._ask(unit, person, incoming, pressed.action, pressed.argument)
        return self._ask(unit, person, incoming, HOME.name, "")

    def _commanded(self, unit: Unit, person: Person, incoming: Incoming, code: str) -> Next:
        action = self._registry.commands[code]
        if person.participation not in action.states:
            action = HOME
        return self._in_run(unit, person, incoming, action, ended=True) or self._ask(
            unit, person, incoming, action.name, ""
        )

    def _in_run(self, unit: Unit, person: Person, incoming: Incoming, action: Action, *, ended: bool) -> Next:
        """Pass an action of the engine to the open run, if any; with `ended`, RESUME may also continue the last run."""
        if not action.in_run or person.participation != "active":
            return None
        row = unit.runs.open(person)
        if row is None and ended and action is RESUME:
            row = unit.runs.latest(person)
        return self.screens.talking.press(unit, person, row, action.name, incoming) if row is not None else None

    # What it means.

    def _meant(self, unit: Unit, person: Person, incoming: Incoming, words: Next) -> Next:
        """Do what typed words ask for, as if its button had been pressed; this does not count as a hop."""
        return self._then(unit, person, incoming, words) if isinstance(words, Then) else words

    def _then(self, unit: Unit, person: Person, incoming: Incoming, asked: Then) -> Next:
        """Do an action: in the open run where it is one of the engine's, else by its handler."""
        name = asked.action if isinstance(asked.action, str) else asked.action.name
        action, screen = self._registry.actions.get(name), asked.screen
        said = self._in_run(unit, person, incoming, action, ended=False) if action else None
        if said is not None:
            return said
        written = asked.argument if isinstance(asked.argument, str) else asked.argument.encoded()
        return self._ask(unit, screen.person if screen else person, incoming, name, written, screen)

    def _ask(
        self, unit: Unit, person: Person, incoming: Incoming, name: str, written: str, screen: Screen | None = None
    ) -> Next:
        """Look up what an action means for a person, and call its handler."""
        arriving = person.participation in ARRIVING
        action = self._registry.actions.get(name)
        if action is not None and action.otherwise is not None and not unit.roles.of(person.id):
            action, written = action.otherwise, ""
        if action is None and not arriving:
            self.screens.replies.old(unit, person, "misplaced.old")
            return None
        handler = self._handlers.get((action.name, person.participation)) if action else None
        if (action is None or handler is None) and not arriving:
            action, handler, written = HOME, self._handlers[HOME.name, person.participation], ""
        if screen is None:
            speech = self.screens.joining.speech(unit, person, incoming if arriving else None)
            screen, written = opened(speech, person, incoming, written)
        if action is None or handler is None:
            self.screens.joining.repeat(screen.speech, person)
            return None
        try:
            return self._handle(screen, action, handler, written, arriving=arriving)
        except NotAllowed as refusal:
            return self._refuse(screen, refusal)

    def _handle(
        self, screen: Screen, action: Action, handler: Callable[..., Next], written: str, *, arriving: bool
    ) -> Next:
        """Call a handler with what its button carries; raises NotAllowed."""
        unit, person = screen.unit, screen.person
        if not allowed(unit, person, action.permission):
            raise NotAllowed(action.name)
        if not arriving:
            screen = replace(screen, person=forget(unit, person))
        if not action.arguments and not written:
            return handler(screen)
        argument = decoded(action.arguments, written)
        if argument is not None:
            return handler(screen, argument)
        if arriving:
            self.screens.joining.repeat(screen.speech, person)
        else:
            self.screens.replies.old(unit, person, "misplaced.old")
        return None

    def _refuse(self, screen: Screen, refusal: NotAllowed) -> Next:
        """Say that this is not allowed, and record the attempt in the audit trail."""
        screen.unit.audit.add(str(screen.person.id), "refused", refusal.action, {})
        screen.speech.say("staff.not_allowed", rows(screen.speech.button("button.menu", HOME)))
        return None

    # What follows.

    def _follow(self, unit: Unit, person: Person, incoming: Incoming, after: Next, before: Next = None) -> None:
        """Do what a handler's result asks for, once."""
        match after:
            case None:
                return
            case Played():
                self._follow(unit, person, incoming, self._played(unit, person, after))
            case _ if before is not None:
                self._twice(unit, person, before, after)
            case Begin():
                self._follow(unit, *self._begin(unit, person, incoming, after))
            case Then():
                self._follow(unit, person, incoming, self._then(unit, person, incoming, after), after)

    def _twice(self, unit: Unit, person: Person, before: Next, after: Next) -> None:
        """End at the menu instead of following a second hop: it is a bug of ours, and the person keeps a way on."""
        if self._strict:
            raise SecondHop(before, after)
        log.error("a second hop: %s", type(after).__name__)
        self._handlers[HOME.name, person.participation](Screen(self._turns.speech(unit, person), person))

    def _begin(
        self, unit: Unit, person: Person, incoming: Incoming, asked: Begin
    ) -> tuple[Person, Incoming, Played | None]:
        """Begin a wizard about something; a wizard that is open is ended. What was said already is its first answer."""
        row = unit.runs.open(person)
        if row is not None and row.started_by == "staff":
            self._turns.expire(unit, person, row)
        person = unit.people.prefer(person, **{TASK: dict(asked.task)})
        wizard = content.wizard(asked.wizard)
        if asked.said:
            order = incoming.order if incoming.kind is Kind.TEXT else None
            return person, incoming, self._turns.begin_with(unit, person, wizard, Typed(asked.said, order=order))
        self._turns.begin(unit, person, wizard, "staff", offer=False)
        return person, incoming, None

    def _played(self, unit: Unit, person: Person, turn: Played) -> Next:
        """Do what the answers of a turn ask for; answers of a rehearsal ask for nothing."""
        row = turn.row
        given = {event.path: event.value for event in turn.events if isinstance(event, Answered | Amended)}
        completed = any(isinstance(event, Completed) for event in turn.events)
        if row.rehearsal or not (given or completed):
            return None
        dialog = self._turns.dialog(unit, row.dialog_hash)
        if dialog.name == FIRST_DIALOG:
            settings.heed(unit, person, given)
        if given and dialog.kind != "staff" and self.screens.confidants.asks(person):
            self.screens.confidants.ask(unit, person)
        if not completed:
            return None
        if dialog.kind == "staff":
            answers = self._turns.answers(unit, person, row)
            values = {path: answer.value for path, answer in answers.items()}
            screen = Screen(self._turns.speech(unit, person), person)
            try:
                return self._parts[dialog.name].finish(screen, CompletedWizard(row, dialog.name, values))
            except NotAllowed as refusal:
                return self._refuse(screen, refusal)
        for part in self.screens.parts:
            part.completed(unit, person, row)
        self.screens.settings.completed(unit, person)
        self.screens.own_zone.came(unit, person)
        return None
