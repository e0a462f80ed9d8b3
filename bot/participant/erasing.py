"""Erasing: one answer, one conversation, or all of her. Two taps, at once, and a receipt that hides nothing."""

from dataclasses import replace
from typing import Final

from bot.conversation.screen import LABEL, Screen, brief, full
from bot.conversation.turns import Turns
from bot.messengers.port import Keyboard
from bot.participant.answers import Answers, Given
from bot.rendering.speech import rows
from bot.rendering.texts import shorten
from bot.services import erasure
from bot.services.erasure import Receipt
from storage.runs import RunRow

ALL, SURE = "all", "sure"
_ASKS_FIRST: Final = {SURE[0]: ALL[0], "Q": "q", "R": "r"}  # the second tap of each, and the first


class Erasing:
    """Screens that erase."""

    def __init__(self, turns: Turns, answers: Answers) -> None:
        """Take what plays turns, and the screens that follow."""
        self._turns = turns
        self._answers = answers

    def do(self, screen: Screen, argument: str) -> None:
        """Ask whether she means it, or do it: a capital letter is the second tap."""
        kind, (name, _, place) = argument[:1], argument[1:].partition(".")
        if screen.place is None and kind in _ASKS_FIRST:
            # Something was said since she was asked: an old button by itself erases nothing.
            kind = _ASKS_FIRST[kind]
            argument = ALL if argument == SURE else kind + argument[1:]
        if argument == ALL:
            self.ask(screen)
        elif argument == SURE:
            self.everything(screen)
        elif kind in {"q", "Q", "r", "R"}:
            row = screen.unit.runs.read(full(name), screen.person)
            given = self._answers.given(screen, row) if row else []
            if place:
                given = [each for each in given if each.place == int(place)]
            if row is None or not given:
                screen.show(screen.words("hers.erase.gone"), rows(screen.button("button.mine", "mine"), screen.menu()))
            elif kind == "q":
                self._ask_answer(screen, row, given[0])
            elif kind == "r":
                self._ask_run(screen, row)
            else:
                self._some(screen, row, given, whole=kind == "R")
        else:
            keyboard = rows(screen.button("button.mine", "mine"), screen.button("button.erase_all", "erase", ALL))
            screen.show(screen.words("hers.erase"), (*keyboard, (screen.menu(),)))

    def ask(self, screen: Screen) -> None:
        """Ask whether all of her is to be erased, and say what that means."""
        code = "hers.erase.all.staff" if screen.unit.roles.of(screen.person.id) else "hers.erase.all"
        screen.show(screen.words(code), self._sure(screen, "button.erase_all_sure", SURE))

    def everything(self, screen: Screen) -> None:
        """Erase the person, and give the receipt."""
        here = screen.speech
        # The person's own zone: it is known for as long as there is somebody.
        zone = self._turns.organisation.zone(screen.unit, screen.person)
        done = erasure.erase_person(screen.unit, here.texts, screen.person, screen.person)
        nobody = replace(here, person=None)
        # No way into the menu: there is no one here any more whose menu it would be.
        nobody.send(self.receipt(screen, done, zone), rows(nobody.button("button.support", "support", here.language)))

    def receipt(self, screen: Screen, done: Receipt, zone: str) -> str:
        """Say what is gone, what is out of reach, and until when; every fact from the record or the trail."""
        words, here = screen.words, screen.speech
        lines = [words("receipt.done")]
        lines.append(here.own("receipt"))
        if done.exported_at:
            lines.append(words("receipt.exports", day=here.texts.day(done.exported_at, zone, here.language)))
        if done.backups_until:
            lines.append(words("receipt.backups", day=here.texts.day(done.backups_until, zone, here.language)))
        lines += [words("receipt.trail"), words("receipt.back")]
        return "\n\n".join(lines)

    def _ask_answer(self, screen: Screen, row: RunRow, given: Given) -> None:
        text = screen.words("hers.erase.answer", question=shorten(given.asked, LABEL * 4))
        screen.show(text, self._sure(screen, "button.erase_sure", f"Q{brief(row.id)}.{given.place}"))

    def _ask_run(self, screen: Screen, row: RunRow) -> None:
        text = screen.words("hers.erase.run", title=self._answers.title(screen, row))
        screen.show(text, self._sure(screen, "button.erase_sure", f"R{brief(row.id)}"))

    def _sure(self, screen: Screen, code: str, argument: str) -> Keyboard:
        return rows(screen.button(code, "erase", argument), screen.button("button.rather_keep", "mine"), screen.menu())

    def _some(self, screen: Screen, row: RunRow, given: list[Given], *, whole: bool) -> None:
        """Erase answers of one conversation, and say so."""
        unit, person = screen.unit, screen.person
        if whole:
            erasure.erase_run(unit, person, person, row, len(given))
        else:
            erasure.erase_answers(unit, person, person, row, {each.step.name for each in given})
        lines = [screen.words("hers.erased.run" if whole else "hers.erased.answer")]
        lines.append(screen.speech.own("hers.erased"))
        screen.show(" ".join(lines), rows(screen.button("button.mine", "mine"), screen.menu()))
