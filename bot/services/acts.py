"""What every act shares. An act is a function of a unit, of whoever does it, and of typed arguments.

It checks the permission, does the work, writes the audit row, and raises a refusal (`bot.services.refusals`) before it
has written anything. Chat screens, pages and commands only translate to it and from it.
"""

from typing import Final, Protocol, TypeAlias
from uuid import UUID

from bot.rendering.speech import Speech
from bot.services.organisation import OrganisationFacts
from bot.services.permissions import Permission, allowed, may_reach
from bot.services.refusals import NotAllowed
from storage.people import Person
from storage.runs import RunRow
from storage.unit import Unit

Actor: TypeAlias = Person | None
"""Who does something: a person, by the roles held now; None: whoever has the server, at the console."""

CONSOLE: Final = "console"
"""What the trail calls whoever has the server."""


class ConversationPort(Protocol):
    """What acts need of the conversation, which stands above them: to speak to somebody, and to close a run."""

    organisation: OrganisationFacts

    def speech(self, unit: Unit, person: Person, *, lane: int = 0) -> Speech:
        """Return the voice for a person."""
        ...

    def expire(self, unit: Unit, person: Person, row: RunRow) -> None:
        """Close a run that nobody will go on with."""
        ...


def actor_name(by: Actor) -> str:
    """Return what the trail calls whoever does something."""
    return CONSOLE if by is None else str(by.id)


def require(unit: Unit, by: Actor, permission: Permission, tried: str, cohort_id: UUID | None = None) -> None:
    """Let something be done (in a cohort).

    Args:
        unit: the transaction.
        by: who does it.
        permission: who may.
        tried: what the trail calls it where it is refused: the name of an action.
        cohort_id: the cohort that has to be within reach.

    Raises:
        NotAllowed: no role that is held now allows it, or none reaches the cohort.
    """
    if by is None:
        return
    if not allowed(unit, by, permission) or (cohort_id is not None and not may_reach(unit, by, cohort_id)):
        raise NotAllowed(tried)
