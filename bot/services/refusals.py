"""Why an act is not done, as types: a door says each in its own words, in one place."""


class ActRefused(Exception):
    """An act that is not done; nothing was written."""


class NotAllowed(ActRefused):
    """Whoever asks for it may not.

    Attributes:
        action: what was asked for, as the trail notes it.
    """

    def __init__(self, action: str) -> None:
        """Keep what was asked for."""
        super().__init__(action)
        self.action = action


class AlreadyDone(ActRefused):
    """It was done before, by whomever, or there is nothing to do."""


class NotFound(ActRefused):
    """What, or whom, it is about is not there, or not to be reached."""


class HasLeft(ActRefused):
    """Whoever it is about has left: nobody writes to that person any more."""


class TakenByAnother(ActRefused):
    """Somebody else of the team has it."""


class NotAllRead(ActRefused):
    """Something came meanwhile that whoever asks has not been shown."""


class LastAdmin(ActRefused):
    """Without this grant nobody would administer the installation."""
