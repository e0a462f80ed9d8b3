"""The setup's question about the care card: proposals to confirm, lines one by one, who dialled them, own words."""

from collections.abc import Callable
from typing import Any

from bot import clock
from bot.app import App
from bot.cli.operate import answers
from bot.cli.operate.terminal import Terminal
from bot.errors import Problem
from bot.product_languages import of_organisation, own_first
from bot.rendering.speech import Speech
from bot.services import care, care_hours
from bot.services.care import LONGEST_NUMBER, LONGEST_WHOM, CareLine
from bot.services.care_hours import OpeningHours, UnreadableHours
from dialogs import languages
from storage.unit import Unit


class CareInterview:
    """Asks for the care card's lines and words; each is kept at once."""

    def __init__(self, opened: App, terminal: Terminal) -> None:
        self._app = opened
        self._terminal = terminal

    def run(self) -> None:
        """Ask which of the present lines stay, then for new ones, then for the card's own words."""
        for line in self._lines():
            self._stays(line)
        self._other_languages()
        for line in self._proposed():
            if self._terminal.yes("cli.setup.care.proposed", otherwise=False, line=self._shown(line)):
                self._add(line)
            else:
                self._terminal.say("cli.setup.care.without", number=line.number)
        while len(self._lines()) < care.MOST and (more := self._line()) is not None:
            self._add(more)
            self._other_languages()
        self._words()
        self._terminal.say("cli.setup.care.now", card=self.value())

    def value(self) -> str | None:
        """Return the present card in one row, or None if there is none."""
        words = (f"{tag}: {text}" for tag, text in (self._record().get(care.WORDS) or {}).items())
        return " / ".join((*map(self._shown, self._lines()), *words)) or None

    def ask_dialled(self) -> None:
        """Ask for each number that nobody has dialled for half a year whether somebody has by now."""
        for number in care.to_dial(self._record(), clock.now().date()):
            self._dialled(number)

    def _record(self) -> dict[str, Any]:
        with self._app.storage.reading(clock.now()) as unit:
            return unit.organisation.get()

    def _lines(self) -> list[CareLine]:
        return care.lines_of(self._record())

    def _proposed(self) -> list[CareLine]:
        return care.proposals(self._record(), self._app.texts, own_first(self._terminal.language))

    def _stays(self, line: CareLine) -> None:
        if not self._terminal.yes("cli.setup.care.stays", otherwise=True, line=self._shown(line)):
            with self._app.storage.unit(clock.now()) as unit:
                care.remove(unit, None, line.number)

    def _other_languages(self) -> None:
        """Ask how each line names who answers in the languages it is not written in; Enter: by the same words."""
        record = self._record()
        lines = {each.number: each for each in care.lines_of(record)}
        for number, tag in care.lacking(record, of_organisation(record)):
            if number not in lines:  # the card's own words have their own question
                continue
            whom = lines[number].called(self._terminal.language)
            label = self._terminal.words("cli.setup.care.whom_in", whom=whom, language=self._language(tag))
            text = self._fitting(label, whom)
            with self._app.storage.unit(clock.now()) as unit:
                care.write(unit, None, number, tag, text)

    def _language(self, tag: str) -> str:
        return self._terminal.language_name(tag)

    def _fitting(self, label: str, otherwise: str) -> str:
        while True:
            typed = self._terminal.ask(label, otherwise)
            if len(typed) > LONGEST_WHOM:
                self._terminal.trouble(Problem("cli.setup.care.length", most=LONGEST_WHOM))
            elif care.says_whom(typed):
                return typed
            else:
                self._terminal.trouble(Problem("cli.setup.care.whom.wrong", given=typed))

    def _add(self, line: CareLine) -> None:
        with self._app.storage.unit(clock.now()) as unit:
            care.add(unit, None, line)
        self._terminal.say("cli.setup.kept", value=self._shown(line))
        self._dialled(line.number)

    def _dialled(self, number: str) -> None:
        shown = number or self._terminal.words("cli.setup.care.card")
        if self._terminal.yes("cli.setup.care.dialled", otherwise=False, number=shown):
            with self._app.storage.unit(clock.now()) as unit:
                care.note_dialled(unit, None, number)

    def _line(self) -> CareLine | None:
        """Ask for one line; None once there is no other."""
        whom = self._short("whom", LONGEST_WHOM, care.says_whom, empty=True)
        if not whom:
            return None
        number = self._short("number", LONGEST_NUMBER, care.can_be_dialled)
        hours, tags = self._hours(), self._languages()
        free = self._terminal.ask(
            self._terminal.words("cli.setup.care.free"), self._terminal.words("cli.setup.care.unknown")
        )
        return CareLine({self._terminal.language: whom}, number, hours, tags, self._terminal.said(free))

    def _short(self, what: str, most: int, fits: Callable[[str], bool], *, empty: bool = False) -> str:
        while True:
            typed = self._terminal.ask(self._terminal.words(f"cli.setup.care.{what}"))
            if empty and (not typed or self._terminal.nobody(typed)):
                return ""
            if not typed or len(typed) > most:
                self._terminal.trouble(Problem("cli.setup.care.length", most=most))
            elif fits(typed):
                return typed
            else:
                self._terminal.trouble(Problem(f"cli.setup.care.{what}.wrong", given=typed))

    def _hours(self) -> OpeningHours:
        while True:
            typed = self._terminal.ask(self._terminal.words("cli.setup.care.hours"))
            try:
                return care_hours.read(typed) if typed else OpeningHours()
            except UnreadableHours:
                self._terminal.trouble(Problem("cli.setup.hours.wrong", given=typed))

    def _languages(self) -> tuple[str, ...]:
        own = languages.own_name(self._terminal.language)
        while True:
            try:
                typed = self._terminal.ask(self._terminal.words("cli.setup.care.languages"), own)
                return tuple(answers.read("languages", typed))
            except Problem as problem:
                self._terminal.trouble(problem)

    def _words(self) -> None:
        """Ask for the card's own words in the setup's language, and in the others; with lines, all can be left out."""
        record = self._record()
        lines, tags, own = bool(record.get(care.LINES)), of_organisation(record), self._terminal.language
        present = dict(record.get(care.WORDS) or {})
        kept: dict[str, str] = {}
        self._terminal.say("cli.setup.care.words" if lines else "cli.setup.care.words_only")
        for tag in [own, *(tag for tag in tags if tag != own)]:
            label = self._terminal.words("cli.setup.a.care_card", language=self._terminal.language_name(tag))
            while True:
                typed = self._terminal.ask(label, present.get(tag, ""))
                if typed and not care.says_whom(typed):
                    self._terminal.trouble(Problem("cli.setup.care.whom.wrong", given=typed))
                elif typed or kept or lines:
                    break
                else:
                    self._terminal.trouble(Problem("cli.setup.care_card.empty"))
            if typed:
                kept[tag] = typed
                with self._app.storage.unit(clock.now()) as unit:
                    unit.organisation.set({**unit.organisation.get(), care.WORDS: {**present, **kept}})
        if kept and not lines:
            self._dialled(care.WORDS_NUMBER)

    def _shown(self, line: CareLine) -> str:
        with self._app.storage.reading(clock.now()) as unit:
            return shown(self._app, unit, self._terminal.language, line)


def shown(opened: App, unit: Unit, language: str, line: CareLine) -> str:
    """Return a line as it stands on the card, in one row."""
    return " ".join(line.written(Speech(unit, opened.texts, None, "", "", language)).split())
