"""Erasing one answer, one run or everything: after two taps, at once, with a receipt that says what remains."""

from dataclasses import replace

from bot.conversation.actions import ALSO_LEFT, ARRIVING, Action, handles
from bot.conversation.screen import LABEL, Screen
from bot.conversation.turns import Turns
from bot.messengers.port import Keyboard
from bot.participant.answers import MINE, AnsweredQuestion, AnswerScreens
from bot.participant.arguments import EraseAll, EraseAnswer, EraseRun, EraseSomething
from bot.participant.care_card import SUPPORT, SupportIn
from bot.rendering import targets
from bot.rendering.speech import rows
from bot.rendering.texts import shorten
from bot.services import erasure
from bot.services.erasure import Receipt
from bot.services.permissions import EVERYONE
from storage.runs import RunRow

ERASE = Action(
    targets.ERASE,
    EVERYONE,
    (EraseSomething, EraseAll, EraseRun, EraseAnswer),
    commands=("erase",),
    states=ALSO_LEFT,
    offered=13,
)


class ErasureScreens:
    """Screens that erase."""

    def __init__(self, turns: Turns, answers: AnswerScreens) -> None:
        self._turns = turns
        self._answers = answers

    @handles(ERASE)
    def erase(self, screen: Screen, argument: EraseSomething | EraseAll | EraseRun | EraseAnswer) -> None:
        """Ask whether it is meant, or erase at the second tap.

        If anything was said in between, the second tap asks again: an old button by itself erases nothing.
        """
        sure = screen.place is not None
        match argument:
            case EraseAll("sure") if sure:
                self.everything(screen)
            case EraseAll():
                self.ask(screen)
            case EraseRun() | EraseAnswer():
                self._of_run(screen, argument, sure=sure and argument.step.isupper())
            case EraseSomething():
                keyboard = rows(
                    screen.button("button.mine", MINE), screen.button("button.erase_all", ERASE, EraseAll())
                )
                screen.show(screen.words("leader.erase"), (*keyboard, (screen.menu(),)))

    @handles(ERASE, states=ARRIVING)
    def erase_early(self, screen: Screen, argument: EraseSomething | EraseAll | EraseRun | EraseAnswer) -> None:
        """Erase everything while a person is still joining, when there is nothing else to choose."""
        self.erase(screen, EraseAll() if isinstance(argument, EraseSomething) else argument)

    def _of_run(self, screen: Screen, argument: EraseRun | EraseAnswer, *, sure: bool) -> None:
        row = self._answers.read(screen, argument.run)
        given = self._answers.answered_questions(screen, row) if row else []
        whole = isinstance(argument, EraseRun)
        if isinstance(argument, EraseAnswer):
            given = [each for each in given if each.place == argument.place]
        if row is None or not given:
            screen.show(screen.words("leader.erase.gone"), rows(screen.button("button.mine", MINE), screen.menu()))
        elif sure:
            self._some(screen, row, given, whole=whole)
        elif whole:
            self._ask_run(screen, row)
        else:
            self._ask_answer(screen, row, given[0])

    def ask(self, screen: Screen) -> None:
        """Ask whether everything is to be erased, and say what that means."""
        code = "leader.erase.all.staff" if screen.unit.roles.of(screen.person.id) else "leader.erase.all"
        screen.show(screen.words(code), self._sure(screen, "button.erase_all_sure", EraseAll("sure")))

    def everything(self, screen: Screen) -> None:
        """Erase the person, and send the receipt."""
        here = screen.speech
        # Their own zone is known only before they are erased.
        zone = self._turns.organisation.zone(screen.unit, screen.person)
        done = erasure.erase_person(screen.unit, here.texts, screen.person, screen.person)
        nobody = replace(here, person=None)
        # No button to the menu: there is no person any more whose menu it could be.
        nobody.send(
            self.receipt(screen, done, zone), rows(nobody.button("button.support", SUPPORT, SupportIn(here.language)))
        )

    def receipt(self, screen: Screen, done: Receipt, zone: str) -> str:
        """Return the receipt: what is erased, what is out of reach and until when, from the record and the audit."""
        words, here = screen.words, screen.speech
        lines = [words("receipt.done")]
        lines.append(here.own("receipt"))
        if done.exported_at:
            lines.append(words("receipt.exports", day=here.texts.day(done.exported_at, zone, here.language)))
        if done.final and done.away:
            lines.append(here.texts.count("receipt.backups_away", here.language, len(done.away)))
        elif done.final and done.backups_until:
            lines.append(words("receipt.backups_final"))
        elif done.backups_until:
            lines.append(words("receipt.backups", day=here.texts.day(done.backups_until, zone, here.language)))
        if done.named:
            lines.append(words("receipt.named"))
        lines += [words("receipt.trail"), words("receipt.back")]
        return "\n\n".join(lines)

    def _ask_answer(self, screen: Screen, row: RunRow, given: AnsweredQuestion) -> None:
        text = screen.words("leader.erase.answer", question=shorten(given.asked, LABEL * 4))
        screen.show(text, self._sure(screen, "button.erase_sure", EraseAnswer("Q", row.id, given.place)))

    def _ask_run(self, screen: Screen, row: RunRow) -> None:
        text = screen.words("leader.erase.run", title=self._answers.title(screen, row))
        screen.show(text, self._sure(screen, "button.erase_sure", EraseRun("R", row.id)))

    def _sure(self, screen: Screen, code: str, argument: EraseAll | EraseRun | EraseAnswer) -> Keyboard:
        return rows(screen.button(code, ERASE, argument), screen.button("button.rather_keep", MINE), screen.menu())

    def _some(self, screen: Screen, row: RunRow, given: list[AnsweredQuestion], *, whole: bool) -> None:
        """Erase answers of one run, and say so."""
        unit, person = screen.unit, screen.person
        if whole:
            erasure.erase_run(unit, person, person, row, len(given))
        else:
            erasure.erase_answers(unit, person, person, row, {each.step.name for each in given})
        lines = [screen.words("leader.erased.run" if whole else "leader.erased.answer")]
        lines.append(screen.speech.own("leader.erased"))
        screen.show(" ".join(lines), rows(screen.button("button.mine", MINE), screen.menu()))
