"""What buttons of several of these screens carry, where they lead to one another."""

from dataclasses import dataclass
from typing import ClassVar, Literal
from uuid import UUID

from bot.rendering.arguments import Argument


@dataclass(frozen=True, slots=True)
class EraseSomething(Argument):
    """What is to be erased is not chosen yet."""

    layout: ClassVar[str] = ""


@dataclass(frozen=True, slots=True)
class EraseAll(Argument):
    """All of it."""

    layout: ClassVar[str] = "{step}"
    step: Literal["all", "sure"] = "all"


@dataclass(frozen=True, slots=True)
class EraseRun(Argument):
    """One conversation; a capital letter is the second tap."""

    layout: ClassVar[str] = "{step}{run}"
    step: Literal["r", "R"]
    run: UUID


@dataclass(frozen=True, slots=True)
class EraseAnswer(Argument):
    """One answer, by its question's place in the dialog; a capital letter is the second tap."""

    layout: ClassVar[str] = "{step}{run}.{place}"
    step: Literal["q", "Q"]
    run: UUID
    place: int


@dataclass(frozen=True, slots=True)
class Answering(Argument):
    """Words for the team in a conversation that goes on."""

    layout: ClassVar[str] = "r{conversation}"
    conversation: UUID


@dataclass(frozen=True, slots=True)
class FromTeam(Argument):
    """What the team wrote, to be shown."""

    layout: ClassVar[str] = "o{message}"
    message: UUID
