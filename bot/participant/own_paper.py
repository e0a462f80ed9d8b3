"""What somebody said on paper, typed in by the team: it is shown when they come, to agree to or to take away."""

import contextlib
from dataclasses import replace
from typing import ClassVar, Literal
from uuid import UUID

from bot.conversation.actions import ALSO_LEFT, Action, handles
from bot.conversation.screen import LABEL, Screen
from bot.conversation.turns import Turns
from bot.messengers.port import Button
from bot.participant.answers import AnswerScreens, WhichAnswer, listed
from bot.participant.arguments import EraseRun
from bot.participant.settings import is_asked
from bot.rendering import targets
from bot.rendering.arguments import Argument
from bot.rendering.ids import short_id
from bot.rendering.speech import rows
from bot.rendering.texts import shorten
from bot.services import answers_shown, own_paper
from bot.services.earlier import is_shut
from bot.services.permissions import EVERYONE
from bot.services.phones import watched
from bot.services.refusals import AlreadyDone
from storage.people import Person
from storage.runs import UNSEEN, RunRow
from storage.unit import Unit


class OnePaper(Argument):
    """What was typed in: open it (`o`), on a phone that others see, too (`a`); say that it is so (`k`)."""

    layout: ClassVar[str] = "{step}{run}[.{page}]"
    step: Literal["o", "a", "k"]
    run: UUID
    page: int = 0


OWN_PAPER = Action(targets.OWN_PAPER, EVERYONE, (OnePaper,), states=ALSO_LEFT)


def mine(screen: Screen) -> list[Button]:
    """Return the button to what was typed in for somebody and waits for their word, if there is anything."""
    found = own_paper.unseen(screen.unit, screen.person)
    return [screen.button("button.on_paper", OWN_PAPER, OnePaper("o", found[0].id))] if found else []


class OwnPaperScreens:
    """The screens on which somebody sees what was typed in for them."""

    def __init__(self, turns: Turns, answers: AnswerScreens) -> None:
        self._turns = turns
        self._answers = answers

    def came(self, unit: Unit, person: Person) -> bool:
        """Show somebody who came what was typed in for them, once, and never over a question.

        On a phone that others see it is said that something is there. Nearly nobody has anything: that costs one look.
        Return whether anything was said.
        """
        if not person.preferences.get(own_paper.UNTOLD) or person.participation != "active" or person.damaged:
            return False
        present = unit.people.get(person.id)  # what was done in this very turn is not in `person` yet
        untold = present.preferences.get(own_paper.UNTOLD) if present is not None else None
        if present is None or not untold or is_asked(unit, present):
            return False
        run_id = UUID(untold[0])
        row = unit.runs.get(run_id, present)
        present = own_paper.told(unit, present, run_id)
        present = replace(present, messenger=person.messenger, chat=person.chat)
        screen = Screen(self._turns.speech(unit, present), present)
        if row is None or row.on_paper != UNSEEN or is_shut(screen.speech, row):
            return False
        if watched(present):
            look = screen.speech.button("button.told_open", OWN_PAPER, OnePaper("o", row.id))
            screen.show(screen.words("told.notice"), rows(look, screen.menu()))
        else:
            self._show(screen, row, 0)
        return True

    @handles(OWN_PAPER)
    def paper(self, screen: Screen, argument: OnePaper) -> None:
        """Show what was typed in, or take what its person says to it."""
        row = self._answers.read(screen, argument.run)
        if row is None or not row.on_paper or not self._answers.answered_questions(screen, row):
            screen.show(screen.words("back.gone"), rows(screen.menu()))
            return
        person = own_paper.told(screen.unit, screen.person, row.id)
        if argument.step == "k":
            self._agree(screen, row)
        elif argument.step == "a":
            person = answers_shown.say_yes(screen.unit, person)
            self._show(replace(screen, person=person), row, argument.page)
        elif answers_shown.open_now(screen.unit, person):
            self._show(screen, row, argument.page)
        else:
            yes = screen.button("button.answers_yes", OWN_PAPER, OnePaper("a", row.id, argument.page))
            screen.show(screen.words("shown.ask"), rows(yes, screen.button("button.answers_no", targets.HOME)))

    def _show(self, screen: Screen, row: RunRow, page: int) -> None:
        """Show the words as they were typed in; from now on they can be changed as long as any answer."""
        unit, speech = screen.unit, screen.speech
        own_paper.shown(unit, screen.person, row)
        typist = own_paper.typist_of(unit, row)
        title = self._answers.title(screen, row)
        who = shorten(typist.display_name, LABEL) if typist is not None else speech.words("leader.who.somebody")
        code = "on_paper.shown.unseen" if row.on_paper == UNSEEN else "on_paper.shown.agreed"
        lines = [speech.words(code, title=title, name=who)]
        lines += [listed(screen, each) for each in self._answers.answered_questions(screen, row)]
        lines += self._agreement(screen, row)
        text, turns = screen.page("\n\n".join(lines), page, OWN_PAPER, lambda number: OnePaper("o", row.id, number))
        agree = [screen.button("button.on_paper.agree", OWN_PAPER, OnePaper("k", row.id))]
        ways = (
            *(agree if row.on_paper == UNSEEN else []),
            screen.button("button.on_paper.take", targets.ERASE, EraseRun("r", row.id)),
            screen.button("button.on_paper.change", targets.MINE, WhichAnswer(row.id)),
            screen.menu(),
        )
        screen.show(text, turns + rows(*ways))

    def _agreement(self, screen: Screen, row: RunRow) -> list[str]:
        """Return how it is noted that they agreed, and what they said against it."""
        found = own_paper.agreement_of(row)
        if found is None:
            return []
        how = screen.words(f"paper.how.{found.how}")
        count, language = screen.speech.texts.count, screen.speech.language
        told = count("on_paper.how", language, found.present, how=how, by=found.asked_by)
        if not found.present:
            told = screen.words("on_paper.how.alone", how=how, by=found.asked_by)
        return [told, *([screen.words("paper.against", words=found.against)] if found.against else [])]

    def _agree(self, screen: Screen, row: RunRow) -> None:
        with contextlib.suppress(AlreadyDone):  # pressed twice: it is as they said
            own_paper.agree(screen.unit, screen.person, row)
        look = screen.button("button.mine", targets.MINE, f"r{short_id(row.id)}")
        screen.show(screen.words("on_paper.agreed"), rows(look, screen.menu()))
