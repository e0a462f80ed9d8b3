"""What the buttons of decisions carry."""

from typing import ClassVar, Literal, TypeAlias
from uuid import UUID

from bot.rendering.arguments import Argument


class OneDecision(Argument):
    """A decision.

    Its screen (`o`); try it on oneself (`t`); send it (`s`); choose the words to change (`w`); say it aloud (`v`); drop
    it (`x`); stop what was not sent (`c`).
    """

    layout: ClassVar[str] = "{step}{decision}"
    step: Literal["o", "t", "s", "w", "v", "x", "c"]
    decision: UUID


class AloudOf(Argument):
    """What is read aloud of a decision, in a language.

    Lay it out (`l`), which fixes its words; show it (`o`); on paper (`p`); was it read (`y`), and yes (`r`); back to a
    draft (`n`).
    """

    layout: ClassVar[str] = "{step}{decision}[.{language}[.{page}]]"
    step: Literal["l", "o", "p", "y", "r", "n"]
    decision: UUID
    language: str = ""
    page: int = 0


class DecisionsPage(Argument):
    """A page of what was told."""

    layout: ClassVar[str] = "[p{page}]"
    page: int = 0


class DecisionPart(Argument):
    """A part of a draft, to be said in other words or in a language; `voice`: all of it, aloud."""

    layout: ClassVar[str] = "{part}{decision}.{language}"
    part: Literal["heard", "follows", "who", "voice"]
    decision: UUID
    language: str


class MovedBy(Argument):
    """A page of the people whose answers may have moved a decision."""

    layout: ClassVar[str] = "m{decision}.{page}"
    decision: UUID
    page: int


class Moves(Argument):
    """The answers at a place among those to a broadcast, which moved a decision or did not after all.

    `run` begins the id of their run: a button has no room for two ids.
    """

    layout: ClassVar[str] = "v{decision}.{place}.{run}"
    decision: UUID
    place: int
    run: str


About: TypeAlias = OneDecision | DecisionPart | MovedBy | Moves
"""What is asked about one decision."""
