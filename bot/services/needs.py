"""What is answered, or told, at the question that offers support: a request is opened, and the team is told of it."""

from collections.abc import Sequence
from typing import ClassVar, Literal
from uuid import UUID

from bot.rendering import targets
from bot.rendering.arguments import Argument
from bot.rendering.speech import Speech, rows
from bot.services import support
from bot.services.notices import Notices
from bot.services.organisation import OrganisationFacts
from dialogs import lang
from dialogs.fuzzy_match import folded
from dialogs.model import Piece, Value


class ToldBeside(Argument):
    """Whether what was told beside the question asks for something: a call, anything else, or nothing."""

    layout: ClassVar[str] = "{step}{run}"
    step: Literal["c", "s", "n"]
    run: UUID


def answered(
    organisation: OrganisationFacts, speech: Speech, cohort_id: UUID | None, run_id: UUID, value: Value | None
) -> None:
    """Open a request for what a person answered, or change it, and tell the team."""
    person = speech.person
    kind = support.answered(speech.unit, person, cohort_id, run_id, value) if person is not None else ""
    if person is not None and kind:
        call = kind == support.CALL
        Notices(organisation).asked(speech, person, cohort_id, run_id, support.NEED, call=call)


def ask_about(speech: Speech, run_id: UUID, path: str, said: Sequence[Piece]) -> None:
    """Ask whether what was told beside the question asks for something: only a plain "nothing" is understood."""
    words = " ".join(each for each in said if isinstance(each, str))
    if path != support.NEED or not said or folded(words) in lang.NONE_OF_THESE:
        return
    speech.say(
        "need.ask",
        rows(
            speech.button("button.need_call", targets.NEED_BESIDE, ToldBeside("c", run_id)),
            speech.button("button.need_other", targets.NEED_BESIDE, ToldBeside("s", run_id)),
            speech.button("button.need_nothing", targets.NEED_BESIDE, ToldBeside("n", run_id)),
        ),
    )
