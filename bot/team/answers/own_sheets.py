"""What one person of a group said on a sheet: whose it is, how that person agreed, and then the sheet's questions."""

from collections.abc import Mapping
from typing import ClassVar, Final, Literal
from uuid import UUID

from bot.conversation.actions import Action, Begin, Next, handles
from bot.conversation.screen import LABEL, Pager, Screen
from bot.conversation.turns import Turns
from bot.messengers.port import Button
from bot.participant.consent import ConsentScreens
from bot.participant.pause_leave import PauseScreens
from bot.rendering import targets
from bot.rendering.arguments import Argument
from bot.rendering.ids import short_id
from bot.rendering.speech import rows
from bot.rendering.texts import shorten
from bot.services import own_paper, sheets
from bot.services.member_status import Member, members
from bot.services.own_paper import WHOSE, Agreement, OwnPaperError
from bot.services.permissions import FACILITATORS
from bot.services.refusals import AlreadyDone, NotFound
from bot.team.kit.feature import CompletedWizard, Feature
from dialogs.run import Answer
from storage.people import Person
from storage.runs import TYPED_IN
from storage.sheets import Sheet
from storage.unit import Unit

PERSON: Final = "sheet_person"
SHOWN: Final = 5
LETTERS: Final = 8
"""By how many letters of their id one of a group is known on a button: two whole ids have no room there."""


class OfWhom(Argument):
    """A sheet: `w` asks whose it is, `x` whether to take back what was typed in, `y` takes it back."""

    layout: ClassVar[str] = "{step}{sheet}[.{page}]"
    step: Literal["w", "x", "y"]
    sheet: UUID
    page: int = 0


class ThisPerson(Argument):
    """A sheet, and whose it is: the end of that person's id."""

    layout: ClassVar[str] = "p{sheet}.{end}"
    sheet: UUID
    end: str


SHEET_OWN = Action(targets.WHOSE, FACILITATORS, (OfWhom, ThisPerson))


class OwnSheetScreens(Feature):
    """The screens on which one person's sheet is typed in, and taken back."""

    wizards: ClassVar = {PERSON: SHEET_OWN}

    def __init__(self, turns: Turns) -> None:
        super().__init__(turns)
        self._agreement = ConsentScreens(turns, PauseScreens(turns))

    @handles(SHEET_OWN)
    def sheet(self, screen: Screen, argument: OfWhom | ThisPerson) -> Next:
        """Ask whose a sheet is, begin to type it in, or take it back."""
        unit, by = screen.unit, screen.person
        try:
            sheet = sheets.reached(unit, by, argument.sheet)
            if isinstance(argument, ThisPerson):
                return self._begin(screen, sheet, argument.end)
            self._one(screen, sheet, argument)
        except OwnPaperError as problem:
            self._show(screen, screen.words(problem.code), sheet)
        except (AlreadyDone, NotFound):
            screen.show(screen.words("paper.twice"), rows(*self._ends(screen)))
        return None

    def _one(self, screen: Screen, sheet: Sheet, argument: OfWhom) -> None:
        """Do what a button of a sheet says; raises AlreadyDone where it is not so any more."""
        if argument.step == "w" and sheet.state == "printed" and "decision" not in sheet.body:
            self._ask(screen, sheet, argument.page)
        elif argument.step == "x" and sheet.state == "own":
            yes = screen.button("button.paper_take_back", SHEET_OWN, OfWhom("y", sheet.id))
            self._show(screen, screen.words("paper.own.sure"), sheet, yes)
        elif argument.step == "y":
            sheet = own_paper.take_back(screen.unit, screen.person, sheet.id)
            self._show(screen, screen.words("paper.own.taken_back"), sheet)
        else:
            raise AlreadyDone

    def _begin(self, screen: Screen, sheet: Sheet, end: str) -> Next:
        """Begin to type in what somebody said, unless it may not be kept as theirs: then say why."""
        found = [each for each in self._members(screen.unit, sheet) if each.person.id.hex.endswith(end)]
        if len(found) != 1:
            raise NotFound
        [whose] = found
        name = shorten(screen.mentioned(whose.person), LABEL)
        try:
            person = own_paper.check(screen.unit, screen.person, sheet.id, whose.person.id)
        except OwnPaperError as problem:
            why = problem.code
        else:
            why = "paper.own.waiting" if self._agreement.due(screen.unit, person) else ""
        if why:
            other = screen.button("button.paper_other", SHEET_OWN, OfWhom("w", sheet.id))
            self._show(screen, screen.words(why, name=name), sheet, other)
            return None
        return Begin(PERSON, {"sheet": sheet.id.hex, WHOSE: whose.person.id.hex})

    def _members(self, unit: Unit, sheet: Sheet) -> list[Member]:
        cohort = unit.cohorts.get(sheet.cohort_id)
        return members(unit, cohort) if cohort is not None else []

    def _ask(self, screen: Screen, sheet: Sheet, page: int) -> None:
        """Ask whose a sheet is: anybody of its group."""
        found = self._members(screen.unit, sheet)
        pager = Pager.of(len(found), SHOWN, page, joined=True)
        buttons = [
            screen.labelled(
                shorten(screen.called(each.person), LABEL),
                SHEET_OWN,
                ThisPerson(sheet.id, each.person.id.hex[-LETTERS:]),
            )
            for each in pager.cut(found)
        ]
        turns = pager.turns(lambda code, number: screen.button(code, SHEET_OWN, OfWhom("w", sheet.id, number)))
        back = screen.button("button.back", targets.SHEET, f"o{short_id(sheet.id)}")
        code = "paper.own.whose" if found else "paper.own.nobody"
        screen.show(screen.words(code), rows(*buttons) + turns + ((back, screen.menu()),))

    def _show(self, screen: Screen, text: str, sheet: Sheet, *ways: Button) -> None:
        back = screen.button("button.back", targets.SHEET, f"o{short_id(sheet.id)}")
        screen.show(text, rows(*ways, back, screen.menu()))

    def _ends(self, screen: Screen) -> tuple[Button, Button]:
        return screen.button("button.paper_list", targets.SHEETS), screen.menu()

    def facts(self, unit: Unit, person: Person, given: Mapping[str, Answer]) -> dict[str, str]:  # noqa: ARG002  the task has them
        """Return whose words they are."""
        whose = self.task(person).get(WHOSE)
        teller = unit.people.get(UUID(str(whose))) if whose else None
        name = self._turns.speech(unit, person).mentioned(teller) if teller is not None else ""
        return {"sheet_name": shorten(name, LABEL)}

    def finish(self, screen: Screen, done: CompletedWizard) -> Next:
        """End it where that person did not want to; else ask the sheet's questions, kept when all were asked."""
        unit, by, task = screen.unit, screen.person, self.task(screen.person)
        try:
            sheet = sheets.reached(unit, by, UUID(str(task.get("sheet"))))
            whose = UUID(str(task.get(WHOSE)))
            if done.values.get("agreed") != "yes":
                sheet = own_paper.refuse(unit, by, sheet.id)
                self._show(screen, screen.words("paper.own.refused"), sheet)
                return None
            own_paper.check(unit, by, sheet.id, whose)
        except OwnPaperError as problem:
            name = self.facts(unit, by, {})["sheet_name"]
            self._show(screen, screen.words(problem.code, name=name), sheet)
            return None
        except (AlreadyDone, NotFound, ValueError):
            screen.show(screen.words("paper.twice"), rows(*self._ends(screen)))
            return None
        screen.speech.say("paper.own.begins")
        agreement = Agreement.of(done.values).to_dict()
        card = {**sheet.body.get("card", {}), TYPED_IN: sheet.id.hex, WHOSE: whose.hex, "agreement": agreement}
        dialog = self._turns.dialog(unit, sheet.dialog_hash)
        self._turns.begin(unit, by, dialog, "staff", rehearsal=card, offer=False)
        return None
