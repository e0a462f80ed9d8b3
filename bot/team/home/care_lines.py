"""The care card's lines, for admins: what people see, who dialled the numbers, a proposal to confirm, a new line."""

from collections.abc import Mapping, Sequence
from datetime import date, time
from hashlib import blake2s
from typing import Any, ClassVar, Final, Literal

from bot.conversation.actions import Action, Begin, Next, handles
from bot.conversation.screen import LABEL, Screen
from bot.messengers.port import Button
from bot.product_languages import LANGUAGES, language_of, of_organisation
from bot.rendering import targets
from bot.rendering.arguments import Argument
from bot.rendering.speech import rows
from bot.rendering.texts import shorten
from bot.services import care, minors, promises
from bot.services.care import CareLine
from bot.services.care_hours import EVERY_DAY, OpeningHours
from bot.services.permissions import ADMINS_OF_ALL
from bot.services.refusals import NotFound
from bot.team.kit.feature import CompletedWizard, Feature
from dialogs import languages
from dialogs.model import Choice, Value
from dialogs.run import Answer
from storage.people import Person
from storage.unit import Unit

WIZARD: Final = "care_line"
TEXT: Final = "care_text"
DAYS: Final[Mapping[str, tuple[int, ...]]] = {
    "always": EVERY_DAY,
    "every": EVERY_DAY,
    "week": EVERY_DAY[:5],
    "saturday": EVERY_DAY[:6],
    "weekend": EVERY_DAY[5:],
}
FREE: Final = {"yes": True, "no": False}
SAID: Final = 300  # characters of the card's own words on the screen
MOST_WORDS: Final = 3  # buttons of languages in which something is not written: the others follow once these are


class CareLinesShown(Argument):
    """The lines, or a wizard for another one (`new`), or the removal of the card's own words (`drop`)."""

    layout: ClassVar[str] = "[{step}]"
    step: Literal["", "new", "drop"] = ""


class OneCareLine(Argument):
    """One line, by a digest of its number: open, note as dialled, remove; propose one, and add it."""

    layout: ClassVar[str] = "{step}.{key}"
    step: Literal["o", "d", "r", "p", "y"]
    key: str


class CareText(Argument):
    """What to write in a language: who answers at a number, by its digest, or the card's own words."""

    layout: ClassVar[str] = "{step}.{key}.{language}"
    step: Literal["w"]
    key: str
    language: str


CARE_LINES = Action(targets.CARE_LINES, ADMINS_OF_ALL, (CareText, OneCareLine, CareLinesShown), commands=("care",))


class CareLineScreens(Feature):
    """The list of lines, one line's screen, and the wizards that add one and write it in one more language."""

    wizards: ClassVar = {WIZARD: CARE_LINES, TEXT: CARE_LINES}

    @handles(CARE_LINES)
    def lines(self, screen: Screen, argument: CareLinesShown | OneCareLine | CareText) -> Next:
        """Show the lines or one of them, or do what its button says."""
        if isinstance(argument, CareText):
            if _number(screen.unit.organisation.get(), argument.key) is None:
                self._said(screen, screen.words("care.line.gone"))
                return None
            return Begin(TEXT, {"key": argument.key, "language": argument.language})
        if isinstance(argument, OneCareLine):
            self._about(screen, argument)
        elif argument.step == "new":
            return Begin(WIZARD)
        else:
            self._shown(screen, drop=argument.step == "drop")
        return None

    def _shown(self, screen: Screen, *, drop: bool = False) -> None:
        """Show every line with a button; without lines or with proposals left, those too."""
        if drop:
            care.drop_words(screen.unit, screen.person)
        record = screen.unit.organisation.get()
        found = care.lines_of(record)
        texts = [screen.words("care.words.dropped")] if drop else []
        texts.append(screen.words("care.lines.shown" if found else "care.lines.none"))
        texts += [each.written(screen.speech) for each in found]
        words = self._turns.organisation.care_card(screen.speech)
        if words:
            texts.append(screen.words("care.lines.words", words=shorten(words, SAID)))
        if lacks := dict.fromkeys(tag for _, tag in care.lacking(record, of_organisation(record))):
            named = [screen.speech.language_name(tag) for tag in lacks]
            lacks_in = screen.speech.texts.all_of(named, screen.speech.language)
            texts.append(screen.words("care.lines.lacking", languages=lacks_in))
        buttons = [self._button(screen, "o", each) for each in found]
        if len(found) < care.MOST:
            buttons += [self._button(screen, "p", each) for each in self._proposed(screen.unit)]
            buttons.append(screen.button("button.care_add", CARE_LINES, CareLinesShown("new")))
        else:
            texts.append(screen.words("care.lines.full"))
        if words:
            buttons.append(screen.button("button.care_words", CARE_LINES, OneCareLine("o", key_of(care.WORDS_NUMBER))))
        last = (screen.button("button.checklist", targets.CHECKLIST), screen.menu())
        screen.show("\n\n".join(texts), (*rows(*buttons), last))

    def _button(self, screen: Screen, step: Literal["o", "p"], line: CareLine) -> Button:
        label = shorten(f"{line.called(screen.speech.language)} · {line.number}", LABEL)
        this = OneCareLine(step, key_of(line.number))
        return screen.labelled(label if step == "o" else f"+ {label}", CARE_LINES, this)

    def _proposed(self, unit: Unit) -> list[CareLine]:
        return care.proposals(unit.organisation.get(), self._turns.texts, LANGUAGES)

    def _about(self, screen: Screen, argument: OneCareLine) -> None:
        """Show one line, or change it; a proposal is put only by the second press."""
        unit, person = screen.unit, screen.person
        record = unit.organisation.get()
        proposed = {key_of(each.number): each for each in self._proposed(unit)}
        found = {key_of(each.number): each for each in care.lines_of(record)}
        line = found.get(argument.key)
        try:
            if argument.step in {"p", "y"} and argument.key in proposed:
                self._proposal(screen, argument, proposed[argument.key])
            elif line is None and argument.key == key_of(care.WORDS_NUMBER):
                if argument.step == "d":
                    care.note_dialled(unit, person, care.WORDS_NUMBER)
                self._card(screen)
            elif line is None:
                self._said(screen, screen.words("care.line.gone"))
            elif argument.step == "r":
                care.remove(unit, person, line.number)
                self._said(screen, screen.words("care.line.removed", number=line.number))
            else:
                if argument.step == "d":
                    care.note_dialled(unit, person, line.number)
                self._open(screen, line)
        except NotFound:
            self._said(screen, screen.words("care.line.gone"))

    def _proposal(self, screen: Screen, argument: OneCareLine, line: CareLine) -> None:
        """Show a proposal, or add it where that was confirmed on its own screen."""
        if argument.step == "y":
            care.add(screen.unit, screen.person, line)
            self._open(screen, line)
            return
        put = screen.button("button.care_put", CARE_LINES, OneCareLine("y", argument.key))
        text = screen.words("care.line.propose", line=line.written(screen.speech))
        screen.show(text, rows(put, screen.button("button.return", CARE_LINES), screen.menu()))

    def _open(self, screen: Screen, line: CareLine) -> None:
        this = key_of(line.number)
        remove = [
            *_unwritten(screen, line.number),
            screen.button("button.care_remove", CARE_LINES, OneCareLine("r", this)),
        ]
        dial = screen.button("button.care_dialled", CARE_LINES, OneCareLine("d", this))
        self._dialling(screen, line.number, "line", [dial], remove, line=line.written(screen.speech))

    def _card(self, screen: Screen) -> None:
        """Show the card's own words, which may be dropped once there are lines."""
        words = self._turns.organisation.care_card(screen.speech)
        if words is None:
            self._said(screen, screen.words("care.line.gone"))
            return
        drop = [screen.button("button.care_words_drop", CARE_LINES, CareLinesShown("drop"))]
        unwritten = _unwritten(screen, care.WORDS_NUMBER)
        more = [*unwritten, *(drop if care.lines_of(screen.unit.organisation.get()) else [])]
        dial = screen.button("button.care_card_dialled", CARE_LINES, OneCareLine("d", key_of(care.WORDS_NUMBER)))
        self._dialling(screen, care.WORDS_NUMBER, "card", [dial], more, words=shorten(words, 2 * SAID))

    def _dialling(
        self, screen: Screen, number: str, what: str, dial: list[Button], more: list[Button], **facts: str
    ) -> None:
        """Show when somebody dialled it; the button to note that stands there once half a year has passed."""
        record = screen.unit.organisation.get()
        day = (record.get(care.DIALLED) or {}).get(number)
        last = rows(*more, screen.button("button.return", CARE_LINES), screen.menu())
        if not care.fresh(day, screen.unit.now.date()):
            screen.show(screen.words(f"care.{what}.undialled", **facts), rows(*dial) + last)
            return
        said = screen.speech.texts.date(date.fromisoformat(str(day)), screen.speech.language)
        screen.show(screen.words("care.line.dialled", line=next(iter(facts.values())), day=said), last)

    def _said(self, screen: Screen, text: str, *buttons: Button) -> None:
        screen.show(text, rows(*buttons, screen.button("button.care_lines", CARE_LINES), screen.menu()))

    def choices(
        self, unit: Unit, person: Person, language: str, name: str, answers: Mapping[str, Value | None]
    ) -> Sequence[Choice]:
        """Return the organisation's languages."""
        if name != "card_languages":
            return super().choices(unit, person, language, name, answers)
        tags = dict.fromkeys((*of_organisation(unit.organisation.get()), *LANGUAGES))
        return [Choice(tag, {language: languages.own_name(tag)}) for tag in tags]

    def facts(self, unit: Unit, person: Person, given: Mapping[str, Answer]) -> dict[str, str]:  # noqa: ARG002  no answer changes them
        """Return what is to be written in another language, and how it is shown until then."""
        tag, other = language_of(person), str(self.task(person).get("language") or "")
        number = _number(unit.organisation.get(), str(self.task(person).get("key") or ""))
        if not other or number is None:
            return {"text_asked": "", "text_now": ""}
        texts = self._turns.texts
        record = unit.organisation.get()
        if number == care.WORDS_NUMBER:
            now = minors.in_language(record[care.WORDS], other)
        else:
            now = next(each.called(other) for each in care.lines_of(record) if each.number == number)
        code = "care.text.words" if number == care.WORDS_NUMBER else "care.text.line"
        asked = texts.say(code, tag, language=texts.language(other, tag, first=True), number=number)
        return {"text_asked": asked, "text_now": shorten(now, SAID)}

    def _text(self, screen: Screen, done: CompletedWizard) -> None:
        """Write it in the other language, if it is still there, and go on with that line."""
        task, unit = self.task(screen.person), screen.unit
        if done.values.get("confirm") != "keep":
            self._said(screen, screen.words("care.text.left"))
            return
        number = _number(unit.organisation.get(), str(task.get("key") or ""))
        words = str(done.values.get("words") or "").strip()
        if number is None:
            self._said(screen, screen.words("care.line.gone"))
            return
        if number != care.WORDS_NUMBER:
            words = " ".join(words.split())
            if len(words) > care.LONGEST_WHOM:
                self._said(screen, screen.words("care.text.long", most=care.LONGEST_WHOM))
                return
        care.write(unit, screen.person, number, str(task.get("language") or ""), words)
        self._turns.organisation.refresh()
        told = [screen.words("care.text.kept")]
        if found := promises.words(words, screen.speech.language):
            told.append(_promised(screen, found))
        self._said(screen, "\n\n".join(told), *_unwritten(screen, number))

    def finish(self, screen: Screen, done: CompletedWizard) -> None:
        """Add the line, if the admin confirmed it."""
        values = done.values
        if done.wizard == TEXT:
            self._text(screen, done)
            return
        speech, person = screen.speech, screen.person
        keyboard = rows(speech.button("button.care_lines", CARE_LINES), speech.button("button.menu", targets.HOME))
        whom, number = (" ".join(str(values.get(name) or "").split()) for name in ("whom", "number"))
        if values.get("confirm") != "keep" or not whom or not number:
            speech.say("care.line.not_added", keyboard)
            return
        chosen = values.get("tongues")
        tags = tuple(str(each) for each in chosen) if isinstance(chosen, tuple) else ()
        line = CareLine({languages.base(speech.language): whom}, number, hours_of(values), tags, _free(values))
        care.add(screen.unit, person, line)
        said = [speech.words("care.line.added")]
        unwritten = _unwritten(screen, number)
        if unwritten:
            said.append(speech.words("care.line.only", language=speech.language_name(languages.base(speech.language))))
        if found := promises.words(whom, speech.language):
            said.append(_promised(screen, found))
        speech.send("\n\n".join(said), rows(*unwritten) + keyboard)


def _unwritten(screen: Screen, number: str) -> list[Button]:
    """Return a button for each of the organisation's languages in which this part of the card is not written."""
    record = screen.unit.organisation.get()
    return [
        screen.button(
            "button.care_text",
            CARE_LINES,
            CareText("w", key_of(number), tag),
            language=screen.speech.language_name(tag),
        )
        for each, tag in care.lacking(record, of_organisation(record))
        if each == number
    ][:MOST_WORDS]


def _number(record: Mapping[str, Any], key: str) -> str | None:
    """Return the number that a button means, of a line or of the card's own words; None if it is not there."""
    numbers = [each.number for each in care.lines_of(record)]
    if record.get(care.WORDS):
        numbers.append(care.WORDS_NUMBER)
    return next((number for number in numbers if key_of(number) == key), None)


def _promised(screen: Screen, found: Sequence[str]) -> str:
    speech = screen.speech
    return speech.words("promise.warning", words=promises.quoted(speech.texts, speech.language, found))


def hours_of(values: Mapping[str, Value | None]) -> OpeningHours:
    """Return the hours that a wizard asked for."""
    days = DAYS[str(values.get("days") or "always")]
    since, until = (time.fromisoformat(str(values.get(name) or "00:00")) for name in ("since", "until"))
    return OpeningHours(days, since, until)


def _free(values: Mapping[str, Value | None]) -> bool | None:
    return FREE.get(str(values.get("free")))


def key_of(number: str) -> str:
    """Return what a button carries instead of a number: the list may have changed since."""
    return blake2s(number.encode(), digest_size=4).hexdigest()
