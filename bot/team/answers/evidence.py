"""What was told, laid beside a sign: chosen where it is read, shown beside the sign, and lifted again."""

from dataclasses import replace
from functools import partial
from typing import ClassVar
from uuid import UUID

from bot.conversation.actions import Action, handles
from bot.conversation.screen import Pager, Screen
from bot.messengers.port import Button, Keyboard
from bot.rendering import targets
from bot.rendering.arguments import Argument
from bot.rendering.speech import Speech, pairs, rows
from bot.rendering.texts import pages, shorten
from bot.services import share_backs, signs
from bot.services.permissions import FACILITATORS
from bot.team.kit import answer_pages, opened_runs, page_expiry, worded
from bot.team.kit.arguments import PageOf
from bot.team.kit.feature import Feature
from bot.team.kit.reading_arguments import AnswerOf, ReadingClosed, RunPart
from bot.team.kit.sign_arguments import OneSign
from dialogs import wording
from dialogs.model import Step
from storage.decisions import Decision
from storage.runs import RunRow
from storage.signs import Laid, Sign

LABEL = 48  # characters of a sign on a button
WORDS = 70  # characters of a sign, or of a question, above what was told
TOLD = 260  # characters of what was told: the rest is one tap away
DIGITS = 8  # of a sign's id: a group has few


class LayBeside(Argument):
    """One answer of a run, and the sign beside which it is laid (`x`: lifted), by the first digits of its id."""

    layout: ClassVar[str] = "b{run}.{question}.{sign}[.{off:x}]"
    run: UUID
    question: int
    sign: str
    off: bool = False


LAY = Action(targets.LAY, FACILITATORS, (LayBeside, AnswerOf, PageOf))
EVIDENCE = Action(targets.EVIDENCE, FACILITATORS, (PageOf,))


def laying(speech: Speech, row: RunRow) -> list[Button]:
    """Return the button that lays what is read beside a sign, where the group goes by any."""
    cohort = speech.unit.cohorts.get(row.cohort_id) if row.cohort_id else None
    if cohort is None or not signs.in_use(speech.unit, [cohort]):
        return []
    return [speech.button("button.lay", LAY, PageOf(row.id))]


class EvidenceScreens(Feature):
    """The screens on which answers are laid beside signs."""

    @handles(LAY)
    def lay(self, screen: Screen, argument: LayBeside | AnswerOf | PageOf) -> None:
        """Ask which answer and which sign, and lay the one beside the other."""
        run_id = argument.id if isinstance(argument, PageOf) else argument.run
        row = worded.row_of(screen.unit, screen.person, run_id, LAY.name)
        steps = worded.answered(self._turns, screen.unit, row)
        if isinstance(argument, PageOf) and len(steps) != 1:
            asked = screen.words("evidence.which" if steps else "evidence.no_words")
            ways = worded.choice(screen.speech, row, steps, argument.page, partial(_lays, screen.speech))
            self._show(screen, asked, ways + self._ends(screen, row))
            return
        question = steps[0][0] if isinstance(argument, PageOf) else argument.question
        step = dict(steps).get(question)
        if step is None:
            self._show(screen, screen.words("evidence.gone"), self._ends(screen, row))
        elif isinstance(argument, LayBeside):
            self._laid(screen, row, step, argument)
        else:
            self._which_sign(screen, row, question)

    def _which_sign(self, screen: Screen, row: RunRow, question: int) -> None:
        speech = screen.speech
        buttons = [
            Button(
                shorten(sign_label(speech, each), LABEL),
                speech.buttons.plain(LAY, LayBeside(row.id, question, each.id.hex[:DIGITS])),
            )
            for each in self._signs(screen, row)
        ]
        self._show(screen, screen.words("evidence.beside_which"), pairs(buttons) + self._ends(screen, row))

    def _signs(self, screen: Screen, row: RunRow) -> list[Sign]:
        cohort = screen.unit.cohorts.get(row.cohort_id) if row.cohort_id else None
        return signs.in_use(screen.unit, [cohort]) if cohort is not None else []

    def _laid(self, screen: Screen, row: RunRow, step: Step, argument: LayBeside) -> None:
        sign = next((each for each in self._signs(screen, row) if each.id.hex.startswith(argument.sign)), None)
        if sign is None:
            self._which_sign(screen, row, argument.question)
            return
        speech, code = screen.speech, "evidence.laid"
        if argument.off:
            signs.lift(screen.unit, screen.person, sign.id, row.id, step.name)
            code = "evidence.lifted"
        elif not signs.lay(screen.unit, screen.person, sign.id, row, step.name):
            code = "evidence.there"
        other = LayBeside(row.id, argument.question, argument.sign, off=not argument.off)
        undo = speech.button("button.lay_again" if argument.off else "button.lift", LAY, other)
        back = speech.button("button.sign", targets.SIGN, OneSign("o", sign.id))
        words = shorten(sign.words, WORDS)
        self._show(screen, screen.words(code, words=words), rows(undo, back) + self._ends(screen, row))

    @handles(EVIDENCE)
    def evidence(self, screen: Screen, argument: PageOf) -> None:
        """Show what lies beside a sign, one answer on a page, the newest first."""
        sign = signs.reached(screen.unit, screen.person, argument.id)
        found, gone = signs.beside(screen.unit, sign)
        decided = signs.decided(screen.unit, sign, lambda version: self._turns.dialog(screen.unit, version))
        things: list[Laid | Decision] = [*found, *decided]
        pager = Pager.of(len(things), 1, argument.page)
        speech = screen.speech
        lines = [screen.words("evidence.title", words=shorten(sign.words, WORDS))]
        if gone:
            lines.append(speech.texts.count("evidence.gone_of", speech.language, gone))
        keyboard: Keyboard = ()
        if things:
            place, thing = f"{pager.page + 1}/{len(things)}", things[pager.page]
            if isinstance(thing, Decision):
                lines.append(f"{place} · {self._decision(screen, thing)}")
            else:
                told, keyboard = self._one(screen, sign, thing, place)
                lines.append(told)
        elif not gone:
            lines.append(screen.words("evidence.none"))
        lines.append(screen.words("sign.here_only"))
        turns = pager.turns(lambda code, number: speech.button(code, EVIDENCE, PageOf(sign.id, number)))
        back = speech.button("button.sign", targets.SIGN, OneSign("o", sign.id))
        close = speech.button("button.close", targets.READ, ReadingClosed())
        self._show(screen, "\n\n".join(lines), keyboard + turns + rows(back, close))

    def _decision(self, screen: Screen, decision: Decision) -> str:
        """Return what was decided because of it, and when that was told."""
        speech = screen.speech
        told_at = decision.told_at or decision.made_at
        day = speech.texts.short_day(told_at, answer_pages.zone(self._turns, speech), speech.language)
        follows = share_backs.words_in(decision, speech.language).get("follows") or screen.words("damaged.said")
        return screen.words("evidence.decided", day=day, words=follows)

    def _one(self, screen: Screen, sign: Sign, laid: Laid, place: str) -> tuple[str, Keyboard]:
        """Return one answer that lies beside a sign, with its buttons; note that it was read."""
        unit, speech = screen.unit, screen.speech
        opened = opened_runs.opened(unit, screen.person, laid.run_id, laid.person_id)
        step = self._step(screen, laid, opened[1]) if opened is not None else None
        block = (
            answer_pages.to_question(self._turns, speech, opened[0], opened[1], step)
            if opened is not None and step is not None
            else None
        )
        if opened is None or step is None or block is None:
            return f"{place} · {screen.words('evidence.gone')}", ()
        _, row, numbers = opened
        leaf = answer_pages.packed([block])[0]
        if len(leaf.text) > TOLD:
            leaf = replace(leaf, text=f"{pages(leaf.text, TOLD)[0]} …", ends=frozenset())
        opened_runs.note_read(self._turns, unit, screen.person, row, 0, numbers, leaf)
        lift = _lifting(screen, sign, row, self._turns.dialog(unit, row.dialog_hash).questions.index(step))
        whole = speech.button("button.read_whole", targets.READ, RunPart(row.id, 0))
        asked = shorten(wording.choose(step.label, speech.language), WORDS)
        text = f"{place} · {asked}\n{leaf.text}"
        return text, (*pairs(answer_pages.plays(speech, leaf)), *rows(whole, lift))

    def _step(self, screen: Screen, laid: Laid, row: RunRow) -> Step | None:
        asked = self._turns.dialog(screen.unit, row.dialog_hash).questions
        return next((each for each in asked if screen.unit.signs.path_of(row.id, each.name) == laid.path), None)

    def _ends(self, screen: Screen, row: RunRow) -> Keyboard:
        back = screen.speech.button("button.return", targets.READ, RunPart(row.id, 0))
        return ((back, screen.speech.button("button.close", targets.READ, ReadingClosed())),)

    def _show(self, screen: Screen, text: str, keyboard: Keyboard) -> None:
        page_expiry.show(self._turns, screen.speech, screen.person, screen.incoming, text, keyboard)


def _lays(speech: Speech, label: str, argument: Argument) -> Button:
    return Button(label, speech.buttons.plain(LAY, argument))


def _lifting(screen: Screen, sign: Sign, row: RunRow, question: int) -> Button:
    """Return the button that lifts an answer from beside a sign."""
    return screen.speech.button("button.lift", LAY, LayBeside(row.id, question, sign.id.hex[:DIGITS], off=True))


def sign_label(speech: Speech, sign: Sign) -> str:
    """Return a sign in few words, for a button."""
    return speech.words(f"sign.label.{sign.kind}", words=sign.words or speech.words("damaged.said"))
