"""What is decided about people under eighteen, for admins: how it stands, and a wizard that changes it."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final, Literal

from bot.conversation.actions import Action, Begin, Next, handles
from bot.conversation.screen import Screen
from bot.product_languages import language_of
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

WIZARD: Final = "minors"


class MinorsShown(Argument):
    """How it stands, or the wizard that changes it (`new`)."""

    layout: ClassVar[str] = "[{step}]"
    step: Literal["", "new"] = ""


MINORS = Action(targets.MINORS, ADMINS_OF_ALL, (MinorsShown,))


class MinorsScreens(Feature):
    """The screen that says who sees to people under eighteen, and the wizard that changes it."""

    wizards: ClassVar = {WIZARD: MINORS}

    @handles(MINORS)
    def minors(self, screen: Screen, argument: MinorsShown) -> Next:
        """Show what is decided, or begin to change it."""
        if argument.step == "new":
            return Begin(WIZARD)
        change = screen.button("button.minors_change", MINORS, MinorsShown("new"))
        text = _written(screen.speech, screen.unit.organisation.get().get("minors") or {})
        screen.show(text, rows(change, screen.button("button.checklist", targets.CHECKLIST), screen.menu()))
        return None

    def facts(self, unit: Unit, person: Person, given: Mapping[str, Answer]) -> dict[str, str]:  # noqa: ARG002  no answer changes them
        """Return how it stands now, in one sentence."""
        chosen, tag = unit.organisation.get().get("minors") or {}, language_of(person)
        code = "minors.now" if chosen.get("anybody") else "minors.nobody" if chosen else "minors.unasked"
        return {"minors_now": self._turns.texts.say(code, tag, person=chosen.get("person") or "—")}

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
        before = unit.organisation.get().get("minors") or {}
        chosen = _chosen(before, values, languages.base(speech.language))
        minors_decision.decide(unit, screen.person, chosen)
        self._turns.organisation.refresh()
        lines = [speech.words("minors.kept"), _written(speech, chosen)]
        asked = len(minors_decision.taking_part(unit)) if _told(before) != _told(chosen) else 0
        if asked:
            lines.append(speech.texts.count("minors.asked_again", speech.language, asked))
        if chosen["anybody"] and not before.get("anybody"):
            lines.append(speech.words("minors.from_now"))
        speech.send("\n\n".join(lines), keyboard)


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


def _written(speech: Speech, chosen: Mapping[str, Any]) -> str:
    """Return what is decided, in a few lines."""
    if not chosen.get("anybody"):
        return speech.words("minors.nobody" if chosen else "minors.unasked")
    reported = chosen.get("reported_to") or {}
    office = next((reported[tag] for tag in (*languages.chain(speech.language), *reported) if reported.get(tag)), "—")
    lines = [speech.words("minors.shown", person=chosen.get("person") or "—", office=office)]
    parts = [speech.words(f"leader.hours.{part}") for part in hours.CHOICES if part in (chosen.get("hours") or ())]
    if parts:
        lines.append(speech.words("minors.hours", hours=speech.texts.all_of(parts, speech.language)))
    lines.append(speech.words("minors.card" if chosen.get("care_card") else "minors.no_card"))
    return "\n".join(lines)
