"""The button that leaves out one time of what comes back."""

from uuid import UUID

from bot.messengers.port import Button, Keyboard
from bot.rendering import targets
from bot.rendering.ids import short_id
from bot.rendering.speech import Speech


def beside(why: Button, speech: Speech, broadcast_id: UUID | None) -> Keyboard:
    """Return the rows of an offer's further buttons; what was ordered by hand has no time to leave out."""
    schedule_id = None if broadcast_id is None else speech.unit.schedules.of_occurrence(broadcast_id)
    if schedule_id is None:
        return ((why,),)
    return (why,), (speech.button("button.rhythm.t", targets.RHYTHM, f"t{short_id(schedule_id)}"),)
