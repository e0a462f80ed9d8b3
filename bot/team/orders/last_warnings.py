"""What one of the team is warned of at the last look at what they are to ask: it never refuses."""

from dataclasses import dataclass

from bot.conversation.screen import Screen
from bot.services import exposing, promises
from bot.team.orders.drafts import Draft
from dialogs.model import Dialog
from storage.cohorts import Cohort


@dataclass(frozen=True, slots=True)
class LastWarnings:
    """Sentences that warn, and whether one is of the question's words, which whoever orders wrote just now."""

    told: list[str]
    question: bool = False


def of_draft(screen: Screen, cohort: Cohort, draft: Draft, dialog: Dialog) -> LastWarnings:
    """Return what a draft promises, and what of it could give somebody away to the group."""
    unit, speech = screen.unit, screen.speech
    facts = exposing.of_group(unit, cohort)
    own = unit.own_dialogs.find(dialog.name) is not None
    asked = exposing.in_dialog(facts, dialog) if own else []
    exposed = [*exposing.in_card(facts, draft.card, cohort.languages[0]), *asked]
    found = {"promise.before": promises.in_card(draft.card), "expose.before": list(dict.fromkeys(exposed))}
    named = {code: promises.quoted(speech.texts, speech.language, said) for code, said in found.items()}
    told = [screen.words(code, words=words) for code, words in named.items() if words]
    return LastWarnings(told, draft.own and bool(asked))
