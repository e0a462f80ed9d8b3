"""What all acts share: an act is a function of a unit, of its actor, and of typed arguments.

It checks the permission, does the work, writes the audit row, and raises a refusal (`bot.services.refusals`) before it
has written anything. Chat screens, pages and commands only translate to and from it.
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
"""Who does something: a person, by the roles they hold now; None: the console, so anyone with access to the server."""

CONSOLE: Final = "console"
"""The name of the console in the audit."""


class ConversationPort(Protocol):
    """What acts need of the conversation, a layer above: to speak to a person, and to close a run."""

    organisation: OrganisationFacts

    def speech(self, unit: Unit, person: Person, *, lane: int = 0) -> Speech:
        """Return the speech for a person."""
        ...

    def expire(self, unit: Unit, person: Person, row: RunRow) -> None:
        """Close a run that nobody will go on with."""
        ...


def actor_name(by: Actor) -> str:
    """Return the actor's name in the audit."""
    return CONSOLE if by is None else str(by.id)


def require(unit: Unit, by: Actor, permission: Permission, tried: str, cohort_id: UUID | None = None) -> None:
    """Check that an actor may do something (in a cohort).

    Args:
        unit: the transaction.
        by: the actor.
        permission: what the actor needs.
        tried: the name of the action, for the audit of a refusal.
        cohort_id: the cohort that the actor's role has to reach.

    Raises:
        NotAllowed: no role the actor holds now allows it, or none reaches the cohort.
    """
    if by is None:
        return
    if not allowed(unit, by, permission) or (cohort_id is not None and not may_reach(unit, by, cohort_id)):
        raise NotAllowed(tried)
