"""What the team learnt by asking: asked for in one line when a broadcast closes, or later where it is still owed."""

from typing import ClassVar, Final, Literal
from uuid import UUID

from bot.conversation.actions import Action, handles
from bot.conversation.screen import Screen
from bot.conversation.turns import Turns
from bot.messengers.port import Button
from bot.participant import waiting
from bot.rendering import targets
from bot.rendering.arguments import Argument
from bot.rendering.speech import rows
from bot.rendering.texts import shorten
from bot.services import learnt, promises
from bot.services.learnt import LearntError
from bot.services.permissions import FACILITATORS, cohorts_of
from bot.services.refusals import NotFound
from bot.team.kit.feature import Feature
from bot.team.orders.panel import OfOrder
from dialogs import languages, wording
from storage.broadcasts import Broadcast

TITLE: Final = 28  # characters of a dialog's title


class Learnt(Argument):
    """A broadcast: write what was learnt (`w`), or take it back (`x`)."""

    layout: ClassVar[str] = "{step}{order}"
    step: Literal["w", "x"]
    order: UUID


LEARN = Action(targets.LEARN, FACILITATORS, (Learnt,))


def asked(screen: Screen, broadcast: Broadcast) -> str:
    """Take the next words as what was learnt, and return the line that asks for it; empty where nothing is to ask."""
    if not learnt.to_ask(screen.unit, broadcast):
        return ""
    learnt.note_asked(screen.unit, broadcast)
    waiting.ask(screen, LEARN, Learnt("w", broadcast.id))
    return screen.words("learnt.ask")


def closed_unasked(turns: Turns, screen: Screen, room: int) -> tuple[str, Broadcast] | None:
    """Return the line that asks what was learnt by what closed by itself, or at the terminal, and which that was.

    None where nothing is to ask, where a question is open, which the next words would answer, or where the line has
    no room in so many characters.
    """
    unit, speech = screen.unit, screen.speech
    if unit.runs.open(screen.person) is not None:
        return None
    broadcast = learnt.unasked(unit, [cohort.id for cohort in cohorts_of(unit, screen.person)])
    if broadcast is None:
        return None
    title = wording.choose(turns.dialog(unit, broadcast.dialog_hash).title, speech.language)
    line = screen.words("learnt.ask_closed", title=shorten(title, TITLE))
    return (line, broadcast) if len(line) <= room else None


def ask_closed(screen: Screen, broadcast: Broadcast) -> None:
    """Take the next words as what was learnt by what closed; where one writes for oneself, too, a cry is heard."""
    learnt.note_asked(screen.unit, broadcast)
    waiting.ask(screen, LEARN, Learnt("w", broadcast.id), for_others=False)


def offered(screen: Screen, broadcast: Broadcast) -> list[Button]:
    """Return the button that asks for it, as long as nothing is written."""
    if not learnt.to_ask(screen.unit, broadcast):
        return []
    return [screen.speech.button("button.learnt", targets.LEARN, Learnt("w", broadcast.id))]


class Learning(Feature):
    """The screen on which the team writes what it learnt."""

    @handles(LEARN)
    def learn(self, screen: Screen, argument: Learnt) -> None:
        """Ask for one line, keep what was typed, or take it back."""
        back = screen.button("button.return", targets.PROGRESS, OfOrder(argument.order))
        again = screen.words("learnt.ask")
        try:
            if argument.step == "x":
                learnt.take_back(screen.unit, argument.order, screen.person)
                screen.show(screen.words("learnt.dropped"), rows(self._write(screen, argument), back, screen.menu()))
                return
            if screen.said:
                language = languages.base(screen.speech.language)
                words = learnt.keep(screen.unit, argument.order, language, screen.said, screen.person)
                drop = screen.button("button.learnt_drop", LEARN, Learnt("x", argument.order))
                screen.show(screen.words("learnt.done", words=words), rows(drop, back, screen.menu()))
                return
        except NotFound:
            screen.show(screen.words("back.gone"), rows(screen.menu()))
            return
        except LearntError as error:
            quoted = promises.quoted(screen.speech.texts, screen.speech.language, error.words)
            again = screen.words(error.code, most=learnt.LENGTH[-1], words=quoted)
        screen.show(again, rows(back, screen.menu()))
        waiting.ask(screen, LEARN, Learnt("w", argument.order))

    def _write(self, screen: Screen, argument: Learnt) -> Button:
        return screen.button("button.learnt", LEARN, Learnt("w", argument.order))
