"""Another moment for a run that was put off: one tap puts it off until tonight, and the rest stands behind that."""

from datetime import datetime, timedelta
from typing import ClassVar, Final, Literal
from uuid import UUID

from bot.messengers.port import Button
from bot.rendering import targets
from bot.rendering.arguments import IN_PLACE, Argument
from bot.rendering.speech import Speech
from bot.services import hours
from bot.services.organisation import OrganisationFacts
from dialogs.run import Run
from storage.people import Person

SOON: Final = timedelta(hours=1)
A_DAY: Final = timedelta(days=1)
TIMES: Final = ("soon", "tonight", "tomorrow")


class OtherMoment(Argument):
    """A run that was put off, and until when: an hour from now, this evening, tomorrow at this hour."""

    layout: ClassVar[str] = "{when}.{run}"
    when: Literal["soon", "tonight", "tomorrow"]
    run: UUID


def buttons(speech: Speech, run_id: UUID, run: Run, now: str = "tonight") -> list[Button]:
    """Return the other moments, and the button that says never."""
    found = [
        Button(
            speech.words(f"button.until.{when}"),
            speech.buttons.plain(targets.UNTIL, OtherMoment(when, run_id).encoded() + IN_PLACE),
        )
        for when in TIMES
        if when != now
    ]
    never = speech.buttons.run(run_id, run.prompt, "stop", run.position)
    return [*found, Button(speech.words("button.stop"), never, quiet=True)]


def wished(when: str, zone: str, now: datetime) -> datetime:
    """Return the moment that a button means."""
    return now + SOON if when == "soon" else now + A_DAY if when == "tomorrow" else hours.tonight(zone, now)


def put_off(
    organisation: OrganisationFacts, speech: Speech, person: Person, until: datetime | None, when: str = "tonight"
) -> tuple[datetime, str]:
    """Return when a run speaks up again, within the person's hours, and the words that say so.

    `until` is the moment for a wizard; else it is the one that `when` means.
    """
    zone, code = organisation.zone(speech.unit, person), "run.postponed.wizard" if until else "run.postponed"
    at = until or wished(when, zone, speech.unit.now)
    at = organisation.next_moment(speech.unit, person, at=at)
    return at, speech.words(speech.timed(code), when=organisation.moment(speech, zone, at))
