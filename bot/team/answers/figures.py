"""Which figures go into what is told: those that may leave the team, beside the question's totals."""

from typing import ClassVar, Final
from uuid import UUID

from bot.conversation.actions import Action, handles
from bot.conversation.screen import Pager, Screen
from bot.messengers.port import Button
from bot.rendering import targets
from bot.rendering.arguments import Argument
from bot.rendering.speech import rows
from bot.rendering.texts import pages, shorten
from bot.services import freezing, share_backs
from bot.services.freezing import BandFigure, QuestionFigures
from bot.services.permissions import FACILITATORS
from bot.services.refusals import AlreadyDone, NotFound
from bot.services.share_backs import ShareBackError
from bot.team.answers import totals
from bot.team.kit.decision_arguments import OneDecision
from bot.team.kit.feature import Feature
from dialogs import wording
from storage.decisions import Decision

SHOWN: Final = 5
ROOM: Final = 300  # characters of a question's totals
OPTION: Final = 24


class FiguresOf(Argument):
    """A closed question of what a draft is about, with the figures of it that may leave."""

    layout: ClassVar[str] = "{decision}[.{page}]"
    decision: UUID
    page: int = 0


class PutFigure(Argument):
    """One of the figures on such a page, by its place, and the lowest number that stood on the button."""

    layout: ClassVar[str] = "p{decision}.{page}.{place}.{least}"
    decision: UUID
    page: int
    place: int
    least: int


FIGURES = Action(targets.FIGURES, FACILITATORS, (FiguresOf, PutFigure))


class Figures(Feature):
    """The figures that a draft may tell."""

    @handles(FIGURES)
    def figures(self, screen: Screen, argument: FiguresOf | PutFigure) -> None:
        """Show a question's totals with the figures that may leave, or put one into a draft or take it out."""
        try:
            decision = _draft(screen, argument.decision)
            lead = self._put(screen, decision, argument) if isinstance(argument, PutFigure) else ""
            self._page(screen, share_backs.reached(screen.unit, decision.id, screen.person), argument.page, lead)
        except NotFound:
            screen.show(screen.words("back.gone"), rows(screen.menu()))
        except AlreadyDone:
            screen.show(screen.words("back.already"), rows(self._back(screen, argument.decision), screen.menu()))

    def _put(self, screen: Screen, decision: Decision, argument: PutFigure) -> str:
        """Put a figure in, or take it out; return what there is to say first."""
        figures = self._offered(self._questions(screen, decision), argument.page)
        chosen = figures[argument.place] if argument.place < len(figures) else None
        if chosen is None or chosen.least != argument.least:
            return screen.words("back.figures.changed")
        try:
            share_backs.toggle_figure(screen.unit, decision.id, chosen.key, screen.person)
        except ShareBackError as error:
            return screen.words(error.code)
        return ""

    def _questions(self, screen: Screen, decision: Decision) -> list[QuestionFigures]:
        broadcast = screen.unit.broadcasts.get(decision.broadcast_id)
        if broadcast is None:
            raise NotFound
        return freezing.of_broadcast(screen.unit, broadcast)

    def _offered(self, questions: list[QuestionFigures], page: int) -> list[BandFigure]:
        """Return the figures of a page: of one question, the largest where there are many."""
        figures = questions[min(page, len(questions) - 1)].figures
        largest = sorted(figures, key=lambda each: -each.least)[:SHOWN]
        return [each for each in figures if each in largest]

    def _page(self, screen: Screen, decision: Decision, page: int, lead: str) -> None:
        questions = self._questions(screen, decision)
        pager = Pager.of(len(questions), 1, page)
        asked = questions[pager.page]
        there = [each.key for each in freezing.of_decision(screen.unit, decision)]
        figures = self._offered(questions, pager.page)
        buttons = [
            screen.labelled(
                f"{'✓ ' if each.key in there else ''}{self._label(screen, each)}",
                FIGURES,
                PutFigure(decision.id, pager.page, place, each.least),
            )
            for place, each in enumerate(figures)
        ]
        turns = pager.turns(lambda code, number: screen.button(code, FIGURES, FiguresOf(decision.id, number)))
        says = screen.words("back.figures.which" if figures else "back.figures.none")
        told = (lead, pages(totals.block(screen.speech, asked.total), ROOM)[0], says)
        back = self._back(screen, decision.id)
        screen.show("\n\n".join(filter(None, told)), (*rows(*buttons), *turns, (back, screen.menu())))

    def _label(self, screen: Screen, figure: BandFigure) -> str:
        facts = {"least": figure.least, "most": figure.most}
        if not figure.option:
            return screen.words("button.back.figure.answered", **facts)
        option = wording.choose(figure.label, screen.speech.language) or figure.option
        return screen.words("button.back.figure.chose", option=shorten(option, OPTION), **facts)

    def _back(self, screen: Screen, decision_id: UUID) -> Button:
        return screen.speech.button("button.back.look", targets.DECIDE, OneDecision("o", decision_id))


def _draft(screen: Screen, decision_id: UUID) -> Decision:
    """Return a draft; raises NotFound, NotAllowed, AlreadyDone."""
    decision = share_backs.reached(screen.unit, decision_id, screen.person)
    if decision.state != "draft":
        raise AlreadyDone
    return decision
