"""The button with which somebody says that what they are asked should not be asked of their group."""

from typing import ClassVar, Literal
from uuid import UUID

from bot.messengers.port import Button
from bot.rendering import targets
from bot.rendering.arguments import Argument
from bot.rendering.speech import Speech
from dialogs.run import Run


class RefusedQuestion(Argument):
    """What a run asks at a prompt should not be asked: to be said with the reason (`o`), or without one (`s`)."""

    layout: ClassVar[str] = "{step}{run}.{prompt}"
    step: Literal["o", "s"]
    run: UUID
    prompt: int


def ways(speech: Speech, broadcast_id: UUID | None, run_id: UUID, run: Run) -> list[Button]:
    """Return the button to refuse what a run asks now, where a broadcast to a group that somebody is in asks it."""
    asked = speech.unit.broadcasts.get(broadcast_id) if broadcast_id is not None else None
    person = speech.person
    if asked is None or person is None or asked.cohort_id not in speech.unit.memberships.of(person.id):
        return []
    return [speech.button("button.meant_refuse", targets.MEANT_QUESTION, RefusedQuestion("o", run_id, run.prompt))]
