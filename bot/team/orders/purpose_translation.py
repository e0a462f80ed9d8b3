"""Adding a further language to a draft's purpose card, if the cohort has members who are spoken to in it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar, Final

from bot.conversation.actions import Action, Begin, Next, handles
from bot.conversation.screen import Screen
from bot.product_languages import language_of
from bot.rendering import targets
from bot.rendering.arguments import Picked
from bot.services import purposes
from bot.services.permissions import FACILITATORS
from bot.team.kit.feature import CompletedWizard, Feature
from bot.team.orders import drafts, ordering
from dialogs import wording
from dialogs.run import Answer
from storage.people import Person
from storage.unit import Unit

IN_LANGUAGE: Final = "ask_purpose_in"
FACTS: Final = {"why": "words_label", "whom": "whom_label", "use": "use_label"}


ASK_WHY_IN = Action(targets.ASK_WHY_IN, FACILITATORS, (Picked,))


class PurposeTranslation(Feature):
    """The wizard that adds a language to a purpose card."""

    wizards: ClassVar = {IN_LANGUAGE: ASK_WHY_IN}

    @handles(ASK_WHY_IN)
    def in_language(self, screen: Screen, argument: Picked) -> Next:
        """Begin the wizard for a language that the draft's card lacks; else show the draft's confirmation."""
        draft = drafts.read(screen.person)
        cohort = drafts.cohort_of(screen.unit, screen.person, draft) if draft else None
        tag = argument.choice
        if (
            draft
            and cohort
            and draft.sent is None
            and tag in ordering.missing_languages(screen.unit, cohort, draft.card)
        ):
            return Begin(IN_LANGUAGE, {"language": tag})
        ordering.look(self._turns, screen)
        return None

    def facts(self, unit: Unit, person: Person, given: Mapping[str, Answer]) -> dict[str, str]:  # noqa: ARG002  the draft has them
        """Return the language, and the card's present words."""
        draft, language = drafts.read(person), str(self.task(person).get("language") or "")
        card: Mapping[str, Any] = draft.card if draft else {}
        told = {name: str(card.get(key) or "") for key, name in FACTS.items()}
        return {**told, "language_label": self._turns.texts.language(language, language_of(person))}

    def finish(self, screen: Screen, done: CompletedWizard) -> None:
        """Put the words into the draft's card, and show its confirmation."""
        unit, person = screen.unit, screen.person
        draft, language = drafts.read(person), str(self.task(person)["language"])
        if draft is not None and draft.sent is None and draft.card:
            said = {key: wording.plain_value(done.values.get(key)).strip() for key in purposes.WORDS}
            card = purposes.in_language(draft.card, language, {key: words for key, words in said.items() if words})
            person = drafts.change(unit, person, card=card, purpose=None)
        ordering.look(self._turns, replace(screen, person=person))
