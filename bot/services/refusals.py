"""Why an act is refused, as exception types: each caller words them in one place."""


class ActRefused(Exception):
    """An act that was not done; nothing was written."""


class NotAllowed(ActRefused):
    """The actor may not do this.

    Attributes:
        action: the name of the action, for the audit.
    """

    def __init__(self, action: str) -> None:
        super().__init__(action)
        self.action = action


class AlreadyDone(ActRefused):
    """It was done before, by anyone, or there is nothing to do."""


class NotFound(ActRefused):
    """The thing or person it is about does not exist, or is out of reach."""


class HasLeft(ActRefused):
    """The person it is about has left, so nobody writes to them any more."""


class TakenByAnother(ActRefused):
    """Somebody else of the team has it."""


class NotAllRead(ActRefused):
    """Something new has come that the actor has not been shown."""


class RestUndecided(ActRefused):
    """An admin has not decided yet about the rest of another's roles."""


class Resting(ActRefused):
    """The roles of the person it is about rest, and an admin has to say first that they are taken up again."""


class AdultNeeded(ActRefused):
    """The person is under eighteen, and no adult's yes is noted yet."""


class LastAdmin(ActRefused):
    """Without this grant the installation would have no admin."""


class GroupInUse(ActRefused):
    """A cohort that is to be deleted is not empty."""
