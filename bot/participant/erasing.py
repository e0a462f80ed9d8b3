"""Erasing: one answer, one conversation, or all of her. Two taps, at once, and a receipt that hides nothing."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Final

from bot import clock
from bot.conversation.actions import ALSO_LEFT, ARRIVING, Action, handles
from bot.conversation.screen import LABEL, Screen
from bot.conversation.turns import Turns
from bot.messengers.port import WEB, Keyboard
from bot.participant.answers import MINE, Answers, Given
from bot.participant.arguments import EraseAll, EraseAnswer, EraseRun, EraseSomething
from bot.participant.care_card import SUPPORT, SupportIn
from bot.participant.chat_cleanup import REACH, take_out
from bot.rendering import targets
from bot.rendering.speech import Speech, rows
from bot.rendering.texts import shorten
from bot.services.permissions import EVERYONE
from dialogs.run import Answer, Run
from storage.erasure import erase, erase_answer
from storage.runs import RunRow

OPEN: Final = frozenset({"offered", "open", "postponed", "stopped"})
EXPORTED: Final = "answers.exported"
LONG_AGO: Final = timedelta(days=3650)


ERASE = Action(
    targets.ERASE,
    EVERYONE,
    (EraseSomething, EraseAll, EraseRun, EraseAnswer),
    commands=("erase",),
    states=ALSO_LEFT,
    offered=13,
)


class Erasing:
    """Screens that erase."""

    def __init__(self, turns: Turns, answers: Answers) -> None:
        """Take what plays turns, and the screens that follow."""
        self._turns = turns
        self._answers = answers

    @handles(ERASE)
    def erase(self, screen: Screen, argument: EraseSomething | EraseAll | EraseRun | EraseAnswer) -> None:
        """Ask whether it is meant, or do it at the second tap.

        Where something was said since it was asked, the second tap is asked about again: an old button by itself
        erases nothing.
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
                screen.show(screen.words("hers.erase"), (*keyboard, (screen.menu(),)))

    @handles(ERASE, states=ARRIVING)
    def erase_early(self, screen: Screen, argument: EraseSomething | EraseAll | EraseRun | EraseAnswer) -> None:
        """On the way in there is nothing to choose from: all of it."""
        self.erase(screen, EraseAll() if isinstance(argument, EraseSomething) else argument)

    def _of_run(self, screen: Screen, argument: EraseRun | EraseAnswer, *, sure: bool) -> None:
        row = screen.unit.runs.read(argument.run, screen.person)
        given = self._answers.given(screen, row) if row else []
        whole = isinstance(argument, EraseRun)
        if isinstance(argument, EraseAnswer):
            given = [each for each in given if each.place == argument.place]
        if row is None or not given:
            screen.show(screen.words("hers.erase.gone"), rows(screen.button("button.mine", MINE), screen.menu()))
        elif sure:
            self._some(screen, row, given, whole=whole)
        elif whole:
            self._ask_run(screen, row)
        else:
            self._ask_answer(screen, row, given[0])

    def ask(self, screen: Screen) -> None:
        """Ask whether all of her is to be erased, and say what that means."""
        code = "hers.erase.all.staff" if screen.unit.roles.of(screen.person.id) else "hers.erase.all"
        screen.show(screen.words(code), self._sure(screen, "button.erase_all_sure", EraseAll("sure")))

    def everything(self, screen: Screen) -> None:
        """Erase all of her, take what can be taken out of her chats, and give the receipt."""
        unit, person, here = screen.unit, screen.person, screen.speech
        receipt = self.receipt(screen)
        since = unit.now - REACH
        chats = [(messenger, chat) for _, messenger, chat in unit.addresses.of(person)]
        said = {
            (messenger, chat): [message for _, message in unit.outbox.recent(messenger, chat, since)]
            for messenger, chat in chats
            if messenger != WEB
        }
        rows_gone = erase(unit, person.id).rows
        unit.audit.add(str(person.id), "person.erased", str(person.id), {"rows": sum(rows_gone.values())})
        for (messenger, chat), messages in said.items():
            take_out(Speech(unit, here.texts, None, messenger, chat, here.language), messages)
        nobody = replace(here, person=None)
        # No way into the menu: there is no one here any more whose menu it would be.
        nobody.send(receipt, rows(nobody.button("button.support", SUPPORT, SupportIn(here.language))))

    def receipt(self, screen: Screen) -> str:
        """Say what is gone, what is out of reach, and until when; every fact from the record or the trail."""
        words, unit, here = screen.words, screen.unit, screen.speech
        organisation = self._turns.organisation
        zone = organisation.zone(unit, screen.person)
        lines = [words("receipt.done")]
        lines.append(words("receipt.web" if here.messenger == WEB else "receipt.telegram"))
        if exported := unit.audit.done(EXPORTED, unit.now - LONG_AGO):
            lines.append(words("receipt.exports", day=here.texts.day(exported[0][0], zone, here.language)))
        if forgotten := organisation.backups_forget(unit):
            lines.append(words("receipt.backups", day=here.texts.day(forgotten, zone, here.language)))
        lines += [words("receipt.trail"), words("receipt.back")]
        return "\n\n".join(lines)

    def _ask_answer(self, screen: Screen, row: RunRow, given: Given) -> None:
        text = screen.words("hers.erase.answer", question=shorten(given.asked, LABEL * 4))
        screen.show(text, self._sure(screen, "button.erase_sure", EraseAnswer("Q", row.id, given.place)))

    def _ask_run(self, screen: Screen, row: RunRow) -> None:
        text = screen.words("hers.erase.run", title=self._answers.title(screen, row))
        screen.show(text, self._sure(screen, "button.erase_sure", EraseRun("R", row.id)))

    def _sure(self, screen: Screen, code: str, argument: EraseAll | EraseRun | EraseAnswer) -> Keyboard:
        return rows(screen.button(code, ERASE, argument), screen.button("button.rather_keep", MINE), screen.menu())

    def _some(self, screen: Screen, row: RunRow, given: list[Given], *, whole: bool) -> None:
        """Erase answers of one conversation; of one that is still open she is not asked them again."""
        unit, person = screen.unit, screen.person
        answered = set(unit.answers.numbers(row.id))  # damaged ones too
        said = {each.step.name for each in given}
        beside = set(unit.asides.numbers(row.id))
        for path in answered | beside if whole else said:
            erase_answer(unit, person, row.id, path)
            if row.status in OPEN and not whole and path in answered:
                nothing = json.dumps(Answer(None, "").to_dict())
                unit.answers.add(clock.new_id(), row.id, path, person, nothing, unit.now)
        self._forget(screen, row, said, whole=whole)
        unit.audit.add(str(person.id), "answers.erased", str(row.id), {"answers": len(given)})
        lines = [screen.words("hers.erased.run" if whole else "hers.erased.answer")]
        lines.append(screen.words("hers.erased.web" if screen.speech.messenger == WEB else "hers.erased.telegram"))
        screen.show(" ".join(lines), rows(screen.button("button.mine", MINE), screen.menu()))

    def _forget(self, screen: Screen, row: RunRow, paths: set[str], *, whole: bool) -> None:
        """Take what was gathered so far out of a run's own memory; a whole conversation is over."""
        run = Run.restore(row.state, {})
        hers = {source for source in run.sources if whole or source.path in paths}
        run = replace(run, sources=tuple(source for source in run.sources if source not in hers))
        if whole or run.position in paths:
            run = replace(run, draft=(), near=None)
        runs = screen.unit.runs
        if whole and row.status in OPEN:
            run = replace(run, status="expired", position="")
            runs.save(row.id, screen.person, run.state(), run.status, run.prompt, ended_at=screen.unit.now)
        else:
            runs.remember(row.id, screen.person, run.state())
