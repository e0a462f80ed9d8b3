"""Sheets of paper: by its code what a circle said on one is typed in, read, and taken back."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, ClassVar, Final, Literal
from uuid import UUID

from bot.conversation.actions import Action, Begin, MenuPlace, Next, handles
from bot.conversation.screen import LABEL, Pager, Screen
from bot.messengers.port import Button
from bot.participant import share_back, waiting
from bot.rendering import targets
from bot.rendering.arguments import Argument, Page
from bot.rendering.ids import short_id
from bot.rendering.speech import rows
from bot.rendering.texts import shorten
from bot.services import aloud, sheets
from bot.services.permissions import FACILITATORS
from bot.services.refusals import AlreadyDone, NotFound
from bot.team.kit.feature import CompletedWizard, Feature
from dialogs import wording
from dialogs.run import Answer
from storage.sheets import Sheet

CIRCLE: Final = "sheet_circle"
ANSWERED: Final = "sheet_told"
"""The wizard for what a circle said to what it was told."""
SHOWN: Final = 4
QUESTION_SHOWN: Final = 80


class OneSheet(Argument):
    """A sheet: `o` shows it, `c` types in what a circle said, `x` asks whether to take it back, `y` takes it back."""

    layout: ClassVar[str] = "{step}{sheet}[.{page}]"
    step: Literal["o", "c", "x", "y"]
    sheet: UUID
    page: int = 0


SHEETS = Action(targets.SHEETS, FACILITATORS, (Page,), commands=("paper",), menu=MenuPlace("more", 8))
SHEET = Action(targets.SHEET, FACILITATORS, (OneSheet,))


class SheetScreens(Feature):
    """The screen that asks for a code, and each sheet."""

    wizards: ClassVar = {CIRCLE: SHEET}

    @handles(SHEETS)
    def overview(self, screen: Screen, argument: Page) -> None:
        """Ask for a sheet's code, and list the sheets from which something was typed in."""
        if screen.said:
            try:
                self.show(screen, sheets.found(screen.unit, screen.person, screen.said))
            except NotFound:
                self._list(replace(screen, lead=screen.words("paper.unknown")), argument.page)
            return
        self._list(screen, argument.page)

    def _list(self, screen: Screen, page: int) -> None:
        if not sheets.any_printed(screen.unit, screen.person):
            how = screen.words("paper.none", button=screen.words("button.ask_paper"))
            screen.show(how, rows(screen.button("button.ask", targets.ASK), screen.menu()))
            waiting.ask(screen, SHEETS, Page())  # a code that is typed all the same is said to be none of theirs
            return
        found = sheets.noted(screen.unit, screen.person)
        pager = Pager.of(len(found), SHOWN, page, joined=True)
        buttons = [
            screen.labelled(self._label(screen, each), SHEET, OneSheet("o", each.id)) for each in pager.cut(found)
        ]
        turns = pager.turns(lambda code, number: screen.button(code, SHEETS, Page(number)))
        told = screen.words("paper.list", button=screen.words("button.ask_paper"))
        screen.show(told, rows(*buttons) + turns + rows(screen.menu()))
        waiting.ask(screen, SHEETS, Page(pager.page))

    def _label(self, screen: Screen, sheet: Sheet) -> str:
        day = screen.speech.texts.day_of(sheet.made_at.date(), screen.speech.language)
        return shorten(f"{self._title(screen, sheet, LABEL)} · {day}", 2 * LABEL)

    def _title(self, screen: Screen, sheet: Sheet, most: int) -> str:
        told = aloud.decision_of(screen.unit, screen.person, sheet)
        if told is not None:
            asked = share_back.title(self._turns, screen.speech, told)
            return shorten(screen.words("paper.told", title=asked), most)
        dialog = self._turns.dialog(screen.unit, sheet.dialog_hash)
        return shorten(wording.choose(dialog.title, screen.speech.language), most)

    @handles(SHEET)
    def one(self, screen: Screen, argument: OneSheet) -> Next:
        """Show a sheet, or do with it what a button says."""
        unit, by = screen.unit, screen.person
        try:
            sheet = sheets.reached(unit, by, argument.sheet)
            if argument.step == "c" and sheet.state == "printed":
                return Begin(ANSWERED if "decision" in sheet.body else CIRCLE, {"sheet": sheet.id.hex})
            if argument.step == "x" and sheet.state in {"said", "refused"}:
                yes = screen.button("button.paper_take_back", SHEET, OneSheet("y", sheet.id))
                back = screen.button("button.back", SHEET, OneSheet("o", sheet.id))
                screen.show(screen.words("paper.sure"), rows(yes, back, screen.menu()))
                return None
            if argument.step == "y":
                sheets.withdraw(unit, by, sheet.id)
                sheet = sheets.reached(unit, by, sheet.id)
        except AlreadyDone:
            sheet = sheets.reached(unit, by, argument.sheet)
        except NotFound:
            self._list(replace(screen, lead=screen.words("paper.unknown")), 0)
            return None
        self.show(screen, sheet, argument.page)
        return None

    def show(self, screen: Screen, sheet: Sheet, page: int = 0) -> None:
        """Show a sheet: which it is and how it stands, or what was said on it, page by page."""
        list_ = screen.button("button.paper_list", SHEETS)
        if sheet.state != "said":
            way = self._ways(screen, sheet)
            state = "own_refused" if sheet.state == "own" and not sheet.body.get("own") else sheet.state
            told = screen.words(f"paper.is.{state}", **self._facts(screen, sheet))
            screen.show(told, rows(*way, list_, screen.menu()))
            return
        text, turns = screen.page(
            "\n\n".join(self._said(screen, sheet)), page, SHEET, lambda number: OneSheet("o", sheet.id, number)
        )
        take: Button = screen.button("button.paper_remove", SHEET, OneSheet("x", sheet.id))
        screen.show(text, turns + rows(take, list_, screen.menu()))

    def _ways(self, screen: Screen, sheet: Sheet) -> list[Button]:
        """Return what can be done with a sheet from which no circle's words are typed in."""
        if sheet.state == "printed":
            person = screen.button("button.paper_person", targets.WHOSE, f"w{short_id(sheet.id)}")
            circle = screen.button("button.paper_circle", SHEET, OneSheet("c", sheet.id))
            return [circle] if "decision" in sheet.body else [circle, person]
        if sheet.state == "refused":
            return [screen.button("button.paper_remove", SHEET, OneSheet("x", sheet.id))]
        if sheet.state == "own":
            return [screen.button("button.paper_remove", targets.WHOSE, f"x{short_id(sheet.id)}")]
        return []

    def _facts(self, screen: Screen, sheet: Sheet) -> dict[str, str]:
        cohort = screen.unit.cohorts.get(sheet.cohort_id)
        day = screen.speech.texts.day_of(sheet.made_at.date(), screen.speech.language)
        return {"title": self._title(screen, sheet, 2 * LABEL), "group": cohort.name if cohort else "", "day": day}

    def _said(self, screen: Screen, sheet: Sheet) -> Iterator[str]:
        """Yield how a circle agreed, and each question with what was said to it."""
        circle: Mapping[str, Any] = sheet.body.get("circle", {})
        if "decision" in sheet.body:
            yield from self._said_back(screen, sheet, circle)
            return
        how = circle.get("how") if circle.get("how") in sheets.HOW else "other"
        told = {"how": screen.words(f"paper.how.{how}"), "by": circle.get("asked_by", "")}
        count, language = screen.speech.texts.count, screen.speech.language
        yield count("paper.said", language, circle.get("present") or 0, **self._facts(screen, sheet), **told)
        if circle.get("against"):
            yield screen.words("paper.against", words=circle["against"])
        dialog = self._turns.dialog(screen.unit, sheet.dialog_hash)
        answers: Mapping[str, Any] = sheet.body.get("answers", {})
        for step in dialog.steps:
            if step.waits and step.name in answers:
                asked = shorten(wording.choose(step.label, language), QUESTION_SHOWN)
                label = Answer.from_dict(answers[step.name]).label
                yield f"{asked}\n→ {label or screen.words('chosen.skipped')}"

    def _said_back(self, screen: Screen, sheet: Sheet, circle: Mapping[str, Any]) -> Iterator[str]:
        """Yield what a circle said to what it was told."""
        facts, present = self._facts(screen, sheet), circle.get("present") or 0
        yield screen.speech.texts.count("paper.said_back", screen.speech.language, present, **facts)
        told = aloud.decision_of(screen.unit, screen.person, sheet)
        kind = told.kind if told is not None else "decision"
        words = circle.get("against")
        yield f"→ {words}" if words else screen.words(f"circle.fine.{kind}")

    def finish(self, screen: Screen, done: CompletedWizard) -> Next:
        """End it where they did not want to; else ask the sheet's questions, kept when all of them were asked."""
        unit, by = screen.unit, screen.person
        task = self.task(by).get("sheet")
        try:
            sheet = sheets.reached(unit, by, UUID(str(task)))
            if done.values.get("agreed") != "yes":
                sheet = sheets.refuse(unit, by, sheet.id)
                self.show(screen, sheets.reached(unit, by, sheet.id))
                return None
        except (AlreadyDone, NotFound, ValueError):
            self._list(replace(screen, lead=screen.words("paper.twice")), 0)
            return None
        values = done.values
        circle = sheets.Circle(
            how=str(values.get("how") or ""),
            asked_by=str(values.get("asked_by") or ""),
            present=int(str(values.get("present") or 0)),
            against=str(values.get("against") or ""),
        )
        screen.speech.say("paper.begins")
        dialog = self._turns.dialog(unit, sheet.dialog_hash)
        card = {**sheet.body.get("card", {}), "sheet": sheet.id.hex, "circle": circle.to_dict()}
        self._turns.begin(unit, by, dialog, "staff", rehearsal=card, offer=False)
        return None
