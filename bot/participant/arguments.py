"""What buttons of several of these screens carry, where they lead to one another."""

from typing import ClassVar, Literal
from uuid import UUID

from bot.rendering.arguments import Argument


class EraseSomething(Argument):
    """What is to be erased is not chosen yet."""

    layout: ClassVar[str] = ""


class EraseAll(Argument):
    """All of it."""

    layout: ClassVar[str] = "{step}"
    step: Literal["all", "sure"] = "all"


class EraseRun(Argument):
    """One conversation; a capital letter is the second tap."""

    layout: ClassVar[str] = "{step}{run}"
    step: Literal["r", "R"]
    run: UUID


class EraseAnswer(Argument):
    """One answer, by its question's place in the dialog; a capital letter is the second tap."""

    layout: ClassVar[str] = "{step}{run}.{place}"
    step: Literal["q", "Q"]
    run: UUID
    place: int


class Answering(Argument):
    """Words for the team in a conversation that goes on."""

    layout: ClassVar[str] = "r{conversation}"
    conversation: UUID


class FromTeam(Argument):
    """What the team wrote, to be shown."""

    layout: ClassVar[str] = "o{message}"
    message: UUID
