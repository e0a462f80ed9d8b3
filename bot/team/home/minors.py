"""What is decided about people under eighteen, for admins: how it stands, and the wizards that change it.

What they read (the office that has to be told of harm, their own card) is written in each language of the organisation.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, Final, Literal

from bot.conversation.actions import Action, Begin, Next, handles
from bot.conversation.screen import Screen
from bot.messengers.port import Button, Keyboard
from bot.product_languages import language_of, of_organisation
from bot.rendering import targets
from bot.rendering.arguments import Argument
from bot.rendering.speech import Speech, rows
from bot.services import hours, minors_decision
from bot.services.minors import KEYS
from bot.services.permissions import ADMINS_OF_ALL
from bot.team.kit.feature import CompletedWizard, Feature
from dialogs import languages
from dialogs.model import Value
from dialogs.run import Answer
from storage.people import Person
from storage.unit import Unit

WIZARD, TEXT = "minors", "minors_text"
OFFICE, CARD = "reported_to", "care_card"
MOST_BUTTONS: Final = 4  # of texts that lack: the others follow once these are written
OFFICE_LETTERS: Final = 80
"""How long an office's name may be: it stands in a sentence."""


class MinorsShown(Argument):
    """How it stands, or the wizard that changes it (`new`)."""

    layout: ClassVar[str] = "[{step}]"
    step: Literal["", "new"] = ""


class MinorsText(Argument):
    """What to write in a language: the office (`o`) or the card (`c`)."""

    layout: ClassVar[str] = "{what}.{language}"
    what: Literal["o", "c"]
    language: str


MINORS = Action(targets.MINORS, ADMINS_OF_ALL, (MinorsShown, MinorsText))


class MinorsScreens(Feature):
    """The screen that says who sees to people under eighteen, and the wizards that change it."""

    wizards: ClassVar = {WIZARD: MINORS, TEXT: MINORS}

    @handles(MINORS)
    def minors(self, screen: Screen, argument: MinorsShown | MinorsText) -> Next:
        """Show what is decided, or begin to change it."""
        if isinstance(argument, MinorsText):
            if argument.language not in of_organisation(screen.unit.organisation.get()):
                return None
            return Begin(TEXT, {"what": OFFICE if argument.what == "o" else CARD, "language": argument.language})
        if argument.step == "new":
            return Begin(WIZARD)
        change = screen.button("button.minors_change", MINORS, MinorsShown("new"))
        record = screen.unit.organisation.get()
        text = _written(screen.speech, record)
        screen.show(
            text,
            rows(
                *self._texts(screen.speech, record),
                change,
                screen.button("button.checklist", targets.CHECKLIST),
                screen.menu(),
            ),
        )
        return None

    def facts(self, unit: Unit, person: Person, given: Mapping[str, Answer]) -> dict[str, str]:  # noqa: ARG002  no answer changes them
        """Return how it stands now, in one sentence; and what is to be written in another language."""
        chosen, tag = unit.organisation.get().get("minors") or {}, language_of(person)
        if other := str(self.task(person).get("language") or ""):
            what = str(self.task(person).get("what") or OFFICE)
            kept = (chosen.get(what) or {}).get(other) or self._turns.texts.say("danger.none", tag)
            asked = self._turns.texts.say(
                f"minors.text.{what}", tag, language=self._turns.texts.language(other, tag, first=True)
            )
            return {"text_asked": asked, "text_now": str(kept), "minors_now": ""}
        code = "minors.now" if chosen.get("anybody") else "minors.nobody" if chosen else "minors.unasked"
        return {
            "text_asked": "",
            "text_now": "",
            "minors_now": self._turns.texts.say(code, tag, person=chosen.get("person") or "—"),
        }

    def finish(self, screen: Screen, done: CompletedWizard) -> None:
        """Put it on record, if the admin confirmed it, and say whom it concerns."""
        speech, values, unit = screen.speech, done.values, screen.unit
        keyboard = rows(
            speech.button("button.minors", MINORS),
            speech.button("button.checklist", targets.CHECKLIST),
            speech.button("button.menu", targets.HOME),
        )
        if values.get("confirm") != "keep":
            speech.say("minors.left", keyboard)
            return
        if done.wizard == TEXT:
            self._kept_text(screen, str(values.get("words") or "").strip(), keyboard)
            return
        before = unit.organisation.get().get("minors") or {}
        chosen = _chosen(before, values, languages.base(speech.language))
        minors_decision.decide(unit, screen.person, chosen)
        self._turns.organisation.refresh()
        record = unit.organisation.get()
        lines = [speech.words("minors.kept"), _written(speech, record)]
        asked = len(minors_decision.taking_part(unit)) if _told(before) != _told(chosen) else 0
        if asked:
            lines.append(speech.texts.count("minors.asked_again", speech.language, asked))
        if chosen["anybody"] and not before.get("anybody"):
            lines.append(speech.words("minors.from_now"))
        speech.send("\n\n".join(lines), rows(*self._texts(speech, record)) + keyboard)

    def _kept_text(self, screen: Screen, words: str, keyboard: Keyboard) -> None:
        """Put a text in one language on record, and say whom it concerns."""
        unit, speech, task = screen.unit, screen.speech, self.task(screen.person)
        what, tag = str(task.get("what") or ""), str(task.get("language") or "")
        before = unit.organisation.get().get("minors") or {}
        if not before.get("anybody") or what not in {OFFICE, CARD} or not tag:
            speech.say("minors.left", keyboard)
            return
        if what == OFFICE and len(words) > OFFICE_LETTERS:
            speech.say("minors.text.long", keyboard, most=OFFICE_LETTERS)
            return
        chosen = {**before, what: {**(before.get(what) or {}), tag: words}}
        minors_decision.decide(unit, screen.person, chosen)
        self._turns.organisation.refresh()
        record = unit.organisation.get()
        text = "\n\n".join((speech.words("minors.kept"), _written(speech, record)))
        speech.send(text, rows(*self._texts(speech, record)) + keyboard)

    def _texts(self, speech: Speech, record: Mapping[str, Any]) -> list[Button]:
        """Return a button for each language in which the office is not written, and the card, if there is one."""
        chosen, spoken = record.get("minors") or {}, of_organisation(record)
        if not chosen.get("anybody"):
            return []
        lacking: list[tuple[str, Literal["o", "c"], str]]
        lacking = [(OFFICE, "o", tag) for tag in spoken if not (chosen.get(OFFICE) or {}).get(tag)]
        if cards := chosen.get(CARD):
            lacking += [(CARD, "c", tag) for tag in spoken if not cards.get(tag)]
        return [
            speech.button(
                f"button.minors.{what}",
                MINORS,
                MinorsText(step, tag),
                language=speech.language_name(tag),
            )
            for what, step, tag in lacking[:MOST_BUTTONS]
        ]


def _told(chosen: Mapping[str, Any]) -> tuple[Any, Any]:
    """Return what whoever is under eighteen is told of it before their yes."""
    return (chosen.get("person"), chosen.get("reported_to")) if chosen.get("anybody") else (None, None)


def _chosen(before: Mapping[str, Any], values: Mapping[str, Value | None], tag: str) -> dict[str, Any]:
    """Return the new decision; what was skipped stays, and a text that was written anew replaces all its languages."""
    if values.get("anybody") != "yes":
        return {"anybody": False}
    found: dict[str, Any] = {key: before[key] for key in KEYS if before.get(key)}
    found |= {"anybody": True, "person": _line(values, "person")}
    reported = _line(values, "reported_to")
    if (before.get("reported_to") or {}).get(tag) != reported:
        found["reported_to"] = {tag: reported}
    if card := str(values.get("card") or "").strip():
        found["care_card"] = {tag: card}
    if isinstance(parts := values.get("hours"), tuple) and parts:
        found["hours"] = [str(each) for each in parts]
    return found


def _line(values: Mapping[str, Value | None], name: str) -> str:
    return " ".join(str(values.get(name) or "").split())


def _written(speech: Speech, record: Mapping[str, Any]) -> str:
    """Return what is decided, in a few lines; the office in each language it is written in."""
    chosen = record.get("minors") or {}
    if not chosen.get("anybody"):
        return speech.words("minors.nobody" if chosen else "minors.unasked")
    reported = chosen.get(OFFICE) or {}
    office = next((reported[tag] for tag in (*languages.chain(speech.language), *reported) if reported.get(tag)), "—")
    others = dict.fromkeys(kept for kept in reported.values() if kept and kept != office)
    office = " · ".join((office, *others))
    lines = [speech.words("minors.shown", person=chosen.get("person") or "—", office=office)]
    parts = [speech.words(f"leader.hours.{part}") for part in hours.CHOICES if part in (chosen.get("hours") or ())]
    if parts:
        lines.append(speech.words("minors.hours", hours=speech.texts.all_of(parts, speech.language)))
    lines.append(speech.words("minors.card" if chosen.get("care_card") else "minors.no_card"))
    return "\n".join(lines)
