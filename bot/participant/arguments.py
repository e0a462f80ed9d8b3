"""Button arguments that several of the participant's screens share."""

from typing import ClassVar, Literal
from uuid import UUID

from bot.rendering.arguments import Argument


class EraseSomething(Argument):
    """Erase, where what to erase is not chosen yet."""

    layout: ClassVar[str] = ""


class EraseAll(Argument):
    """Erase everything."""

    layout: ClassVar[str] = "{step}"
    step: Literal["all", "sure"] = "all"


class EraseRun(Argument):
    """Erase one run; a capital letter is the second tap."""

    layout: ClassVar[str] = "{step}{run}"
    step: Literal["r", "R"]
    run: UUID


class EraseAnswer(Argument):
    """Erase one answer, by its question's place in the dialog; a capital letter is the second tap."""

    layout: ClassVar[str] = "{step}{run}.{place}"
    step: Literal["q", "Q"]
    run: UUID
    place: int


class Answering(Argument):
    """A message to the team within an open message conversation."""

    layout: ClassVar[str] = "r{conversation}"
    conversation: UUID


class FromTeam(Argument):
    """A message from the team, to be shown."""

    layout: ClassVar[str] = "o{message}"
    message: UUID


class OwnAlert(Argument):
    """What the participant says of an alert: look for me, only telling, not so, or words for the team.

    `phrase` stands for the phrase that rang, by a digest.
    """

    layout: ClassVar[str] = "{step}{alert}[.{phrase}]"
    step: Literal["l", "t", "n", "w"]
    alert: UUID
    phrase: str = ""


class TakeAway(Argument):
    """Take a message of the participant's from the screen, and the one that bears the button."""

    layout: ClassVar[str] = "x{message}"
    message: int | None = None
