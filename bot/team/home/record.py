"""The organisation's record on an admin's phone: each promise, what changing it does, and a wizard for it."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, ClassVar, Final, Literal, TypeAlias
from zoneinfo import ZoneInfo

from bot.conversation.actions import Action, Begin, Next, handles
from bot.conversation.screen import Screen
from bot.messengers.port import Keyboard
from bot.rendering import targets
from bot.rendering.arguments import Argument
from bot.rendering.speech import Speech, pairs, rows
from bot.rendering.texts import shorten
from bot.services import promises, record
from bot.services.organisation import DAYS_A_WEEK, MONTHS_A_YEAR, weekday
from bot.services.permissions import ADMINS_OF_ALL
from bot.services.reading_days import AWAY, Away
from bot.services.record import SETTINGS, WEEK, Setting, TooFewMessages
from bot.services.week import askings_a_week, messages_a_week
from bot.team.kit.feature import CompletedWizard, Feature
from dialogs.model import Choice, Value
from dialogs.run import Answer
from storage.people import Person
from storage.unit import Unit

LISTED: Final = 45  # characters of a text in the list
SHOWN: Final = 300
Letter: TypeAlias = Literal["n", "d", "a", "m", "k", "w", "u"]
CODES: Final[Mapping[Letter, Setting]] = {
    "n": "name",
    "d": "reading_days",
    "a": "away",
    "m": "retention_months",
    "k": "week",
    "w": "why",
    "u": "stop_when",
}
LETTERS: Final[Mapping[Setting, Letter]] = {key: letter for letter, key in CODES.items()}


class RecordList(Argument):
    """The list of what is on record."""

    layout: ClassVar[str] = ""


class OneSetting(Argument):
    """One of it: shown (`o`), changed by a wizard (`c`), or the days away taken back (`x`)."""

    layout: ClassVar[str] = "{step}{key}"
    step: Literal["o", "c", "x"]
    key: Letter


RECORD = Action(targets.RECORD, ADMINS_OF_ALL, (RecordList, OneSetting))


class RecordScreens(Feature):
    """The list of promises, one of them, and the wizards that change them."""

    wizards: ClassVar = {f"record_{key}": RECORD for key in SETTINGS}

    @handles(RECORD)
    def record(self, screen: Screen, argument: RecordList | OneSetting) -> Next:
        """Show what is on record or one of it, begin to change it, or end the days away."""
        if isinstance(argument, RecordList):
            self._list(screen)
            return None
        key = CODES[argument.key]
        if argument.step == "c":
            return Begin(f"record_{key}")
        if argument.step == "x":
            record.change(screen.unit, screen.person, AWAY, None)
            self._turns.organisation.refresh()
        self._one(screen, key)
        return None

    def _list(self, screen: Screen) -> None:
        kept = screen.unit.organisation.get()
        lines = [
            f"· {screen.words(f'record.{key}')}: {shorten(self._now(screen.speech, kept, key), LISTED)}"
            for key in SETTINGS
        ]
        buttons = [screen.button(f"button.record.{key}", RECORD, OneSetting("o", LETTERS[key])) for key in SETTINGS]
        back = (screen.button("button.return", targets.ORGANISATION), screen.menu())
        screen.show("\n".join((screen.words("record.list"), *lines)), (*pairs(buttons), back))

    def _one(self, screen: Screen, key: Setting) -> None:
        """Show one promise: how it stands, what changing it does, and when people are told."""
        kept = screen.unit.organisation.get()
        now = f"{screen.words(f'record.{key}')}: {shorten(self._now(screen.speech, kept, key), SHOWN)}"
        buttons = [screen.button("button.record_change", RECORD, OneSetting("c", LETTERS[key]))]
        if key == AWAY and kept.get(AWAY):
            buttons.append(screen.button("button.record_back", RECORD, OneSetting("x", LETTERS[key])))
        screen.show(f"{now}\n\n{screen.words(f'record.does.{key}')}", rows(*buttons) + _ways(screen.speech))

    def _now(self, speech: Speech, kept: Mapping[str, Any], key: Setting) -> str:
        """Return how a promise stands, in words."""
        value = kept.get(key)
        if key == WEEK:
            return speech.words("record.week.now", askings=askings_a_week(kept), messages=messages_a_week(kept))
        if key == AWAY:
            away = Away.of(kept)
            if away is None or away.back <= self._today(speech.unit):
                return speech.words("record.none")
            return speech.words("record.away.now", since=_day(speech, away.since), back=_day(speech, away.back))
        if not value:
            return speech.words("record.none")
        if key == "reading_days":
            return speech.texts.all_of([weekday(day, speech.language) for day in value], speech.language)
        if key == "retention_months":
            years, rest = divmod(int(value), MONTHS_A_YEAR)
            code, number = ("fact.years", years) if years and not rest else ("fact.months", int(value))
            return speech.texts.count(code, speech.language, number)
        return str(value)

    def _today(self, unit: Unit) -> date:
        return unit.now.astimezone(ZoneInfo(self._turns.organisation.zone(unit))).date()

    def facts(self, unit: Unit, person: Person, given: Mapping[str, Answer]) -> dict[str, str]:
        """Return how each promise stands now."""
        speech, kept = self._turns.speech(unit, person), unit.organisation.get()
        found = {f"{key}_now": shorten(self._now(speech, kept, key), SHOWN) for key in SETTINGS}
        return found | super().facts(unit, person, given)

    def choices(
        self, unit: Unit, person: Person, language: str, name: str, answers: Mapping[str, Value | None]
    ) -> Sequence[Choice]:
        """Return the days of the week."""
        if name == "weekdays":
            return [Choice(f"d{day}", {language: weekday(day, language)}) for day in range(DAYS_A_WEEK)]
        return super().choices(unit, person, language, name, answers)

    def finish(self, screen: Screen, done: CompletedWizard) -> Next:
        """Put the answer on record, if the admin confirmed it, and say who hears of it."""
        speech, unit, values = screen.speech, screen.unit, done.values
        key = next(each for each in SETTINGS if done.wizard == f"record_{each}")
        if values.get("confirm") != "keep":
            speech.say("record.left", _ways(speech))
            return None
        value = values.get("value")
        if key == AWAY:
            # The first day away is an answer of its own; who skips it means from today on.
            since = date.fromisoformat(str(values.get("since") or self._today(unit)))
            back = date.fromisoformat(str(value))
            if back <= max(since, self._today(unit)):
                speech.say("record.away.wrong", _ways(speech))
                return None
            record.change(unit, screen.person, key, Away(since, back).kept())
        elif key == "reading_days":
            days = sorted(int(str(each)[1:]) for each in value) if isinstance(value, tuple) else []
            record.change(unit, screen.person, key, days)
        elif key == "retention_months":
            record.change(unit, screen.person, key, int(str(value)[1:]))
        elif key == WEEK:
            try:
                record.limit_week(unit, screen.person, int(str(value)[1:]), int(str(values.get("total"))[1:]))
            except TooFewMessages:
                speech.say("record.week.wrong", _ways(speech))
                return None
        else:
            record.change(unit, screen.person, key, " ".join(str(value or "").split()))
        self._turns.organisation.refresh()
        now = f"{speech.words(f'record.{key}')}: {shorten(self._now(speech, unit.organisation.get(), key), SHOWN)}"
        lines = [speech.words("record.kept"), now, speech.words(f"record.told.{key}")]
        if key == "why" and (found := promises.words(str(value), speech.language)):
            lines.append(speech.words("promise.warning", words=", ".join(f"«{each}»" for each in found)))
        speech.send("\n".join(lines), _ways(speech))
        return None


def _day(speech: Speech, day: date) -> str:
    """Return a day within a year as people say it: "jueves 7 de enero"."""
    return speech.texts.day_of(day, speech.language)


def _ways(speech: Speech) -> Keyboard:
    return rows(speech.button("button.record", RECORD), speech.button("button.menu", targets.HOME))
