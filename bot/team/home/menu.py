"""The team's menu: what waits today, and buttons for what there is and what her role allows."""

from collections.abc import Sequence
from typing import ClassVar
from uuid import UUID

from bot.conversation.screen import Screen, brief, full
from bot.messengers.port import Button, Incoming, Keyboard
from bot.rendering.speech import pairs, rows
from bot.rendering.texts import shorten
from bot.services import broadcasts
from bot.services.permissions import allowed
from bot.team.home import today
from bot.team.kit import page_expiry
from bot.team.kit.feature import Part
from bot.team.kit.reading_queries import Shelves
from bot.team.messages import unsent

FIRST = ("read", "mail", "ask", "people")
MORE = (
    "alert",
    "unsent",
    "progress",
    "library",
    "digest",
    "invite",
    "roles",
    "export",
    "halt",
    "checklist",
    "practise",
)
OWED_SHOWN = 5
TITLE = 40  # characters of a title on a button


class Menu(Part):
    """The menu, what is behind [More], and what people are still to be told."""

    actions: ClassVar = frozenset({"more", "told"})

    def do(self, screen: Screen, action: str, argument: str, incoming: Incoming) -> None:  # noqa: ARG002  every part's
        """Show what a button asks for."""
        if action == "more":
            self._more(screen)
        else:
            self._told(screen, argument)

    def show(self, screen: Screen, first: Sequence[Button], last: Sequence[Button]) -> None:
        """Show the menu between what only the caller knows of."""
        found = today.lines(self._turns, screen.speech, screen.person) if self._may(screen, "read") else []
        greeting = today.hello(self._turns, screen.speech, screen.person)
        if found:
            text = "\n".join((screen.words("today.have", hello=greeting), *(f"· {line}" for line in found)))
        else:
            text = screen.words("today.nothing" if self._may(screen, "read") else "today.what", hello=greeting)
        page_expiry.leave(screen.unit, screen.person, screen.place)
        screen.show(text, rows(*first) + self.ways(screen) + rows(*last))

    def ways(self, screen: Screen, but: str = "") -> Keyboard:
        """Return the buttons for what there is and what she may do, without one action."""
        raised = self._may(screen, "alert") and today.alerts(Shelves(screen.unit, screen.person))
        urgent = [self._button(screen, "alert")] if raised else []
        urgent += [self._button(screen, "unsent")] if unsent.waiting(screen.unit, screen.person) else []
        buttons = [self._button(screen, action) for action in FIRST if action != but and self._may(screen, action)]
        more = [screen.button("menu.more", "more")] if self._may(screen, "more") else []
        return rows(*urgent) + pairs(buttons) + rows(*more)

    def _may(self, screen: Screen, action: str) -> bool:
        return action in self.known and allowed(screen.unit, screen.person, action)

    def _button(self, screen: Screen, action: str) -> Button:
        return screen.speech.button(f"menu.{action}", action)

    def _more(self, screen: Screen) -> None:
        buttons = [self._button(screen, action) for action in MORE if self._may(screen, action)]
        left = len(today.owed(self._turns, screen.speech, screen.person))
        if left:
            buttons.append(
                screen.button("menu.told", "told", n=screen.speech.texts.number(left, screen.speech.language))
            )
        if screen.unit.memberships.of(screen.person.id):
            buttons.append(screen.button("button.how", "how"))
        screen.show(screen.words("menu.more.text"), pairs(buttons) + rows(screen.menu()))

    def _told(self, screen: Screen, argument: str) -> None:
        """List what people are still to be told, or note that they were, or that they were not after all."""
        if argument[:1] in {"y", "n"}:
            self._mark(screen, full(argument[1:]), told=argument[0] == "y")
            return
        left = today.owed(self._turns, screen.speech, screen.person)
        if not left:
            screen.show(screen.words("told.none"), rows(screen.menu()))
            return
        if argument.startswith("o"):
            chosen = next((each for each in left if brief(each.broadcast.id) == argument[1:]), left[0])
            title = today.title(self._turns, screen.speech, chosen.broadcast)
            text = screen.words("told.ask", title=shorten(title, TITLE), cohort=chosen.cohort.name)
            yes = screen.button("button.told", "told", f"y{brief(chosen.broadcast.id)}")
            screen.show(text, rows(yes, screen.button("button.return", "told"), screen.menu()))
            return
        buttons = [
            screen.labelled(
                shorten(f"{today.title(self._turns, screen.speech, each.broadcast)} · {each.cohort.name}", TITLE),
                "told",
                f"o{brief(each.broadcast.id)}",
            )
            for each in left[:OWED_SHOWN]
        ]
        screen.show(screen.words("told.which"), rows(*buttons, screen.button("button.return", "more"), screen.menu()))

    def _mark(self, screen: Screen, broadcast_id: UUID, *, told: bool) -> None:
        broadcasts.mark_told(screen.unit, screen.person, broadcast_id, told=told)
        undo = screen.button("button.not_told", "told", f"n{brief(broadcast_id)}")
        keyboard = rows(*([undo] if told else []), screen.button("button.return", "told"), screen.menu())
        screen.show(screen.words("told.done" if told else "told.undone"), keyboard)
