"""What is due next in a facilitator's groups, what is late, and why."""

from typing import Final

from bot.conversation.actions import Action, handles
from bot.conversation.screen import Screen
from bot.rendering import targets
from bot.rendering.arguments import Page
from bot.rendering.speech import rows
from bot.services.due_words import DueWords, fitting
from bot.services.permissions import FACILITATORS, cohorts_of
from bot.team.kit.feature import Feature

MOST: Final = 440  # characters: with its heading one screen of a phone

DUE = Action(targets.DUE, FACILITATORS, (Page,), commands=("due",))


class DueScreen(Feature):
    """What is due, and what is late."""

    @handles(DUE)
    def due(self, screen: Screen, _: Page) -> None:
        """Show what is due next, what is late, and why."""
        words = DueWords(
            *(screen.unit, screen.speech.texts, self._turns.content, self._turns.organisation),
            screen.speech.language,
            self._turns.organisation.zone(screen.unit, screen.person),
            [each.id for each in cohorts_of(screen.unit, screen.person)],
        )
        lines = words.lines()
        shown = fitting([f"· {line}" for line in lines], MOST)
        if len(shown) < len(lines):
            shown = fitting(shown, MOST - len("· …"))
            shown.append("· …")
        text = "\n".join((screen.words("due"), *shown)) if lines else screen.words("due.none")
        screen.show(text, rows(screen.button("button.repeats", targets.REPEATS), screen.menu()))
