"""What the buttons of reading carry: where each leads, with an index in a list and a part of a long text.

An index or a part that a button does not carry is None, and means the first.
"""

from datetime import date
from typing import ClassVar, Final, Literal
from uuid import UUID

from bot.rendering.arguments import Argument


class ReadingWays(Argument):
    """The ways of reading, to choose one; a command carries no word."""

    layout: ClassVar[str] = "{word}"
    word: Literal["", "hub"] = "hub"


class ReadingClosed(Argument):
    """The button that closes a page."""

    layout: ClassVar[str] = "close"


class NextAnswers(Argument):
    """The answers to read next, and whether it is known that none of them asks for support."""

    layout: ClassVar[str] = "n[.{searched:1}]"
    searched: bool = False


class RunPart(Argument):
    """A part of one run's answers; a second number means nothing."""

    layout: ClassVar[str] = "n{run}.{part}[.{rest}]"
    run: UUID
    part: int
    rest: int | None = None


class AnswerOf(Argument):
    """One answer of a run, by the place of its question."""

    layout: ClassVar[str] = "a{run}.{question}"
    run: UUID
    question: int


class BroadcastList(Argument):
    """A page of the broadcasts."""

    layout: ClassVar[str] = "q[.{page}]"
    page: int | None = None


class BroadcastQuestions(Argument):
    """A page of a broadcast's questions."""

    layout: ClassVar[str] = "q{broadcast}[.{page}]"
    broadcast: UUID
    page: int | None = None


class QuestionAnswers(Argument):
    """Everybody's answers to one question of a broadcast: a part of a block of them."""

    layout: ClassVar[str] = "Q{broadcast}.{question}[.{block}[.{part}]]"
    broadcast: UUID
    question: int
    block: int | None = None
    part: int | None = None


class BroadcastAnswers(Argument):
    """A broadcast's answers, person by person."""

    layout: ClassVar[str] = "b{broadcast}[.{index}[.{part}]]"
    broadcast: UUID
    index: int | None = None
    part: int | None = None


class PanelAnswers(Argument):
    """The same, as a panel's button carries it."""

    layout: ClassVar[str] = "{broadcast:hex}[.{index}[.{part}]]"
    broadcast: UUID
    index: int | None = None
    part: int | None = None


class PersonList(Argument):
    """A page of the people who answered, of all or under one letter."""

    layout: ClassVar[str] = "p{letter}[.{page}]"
    letter: str = ""
    page: int | None = None


class PersonAnswers(Argument):
    """One person's answers."""

    layout: ClassVar[str] = "P{person}[.{index}[.{part}]]"
    person: UUID
    index: int | None = None
    part: int | None = None


class DayList(Argument):
    """A page of the days with answers."""

    layout: ClassVar[str] = "t[.{page}]"
    page: int | None = None


class DayAnswers(Argument):
    """The answers of one day."""

    layout: ClassVar[str] = "T{day}[.{index}[.{part}]]"
    day: date
    index: int | None = None
    part: int | None = None


class TotalsOf(Argument):
    """A page of the totals of a broadcast."""

    layout: ClassVar[str] = "{broadcast}[.{page}]"
    broadcast: UUID
    page: int = 0


class TotalOf(Argument):
    """The totals of one question of a broadcast."""

    layout: ClassVar[str] = "q{broadcast}.{question}"
    broadcast: UUID
    question: int


class TotalDrawn(Argument):
    """The picture of one question's totals."""

    layout: ClassVar[str] = "d{broadcast}.{question}"
    broadcast: UUID
    question: int


class CircleAnswers(Argument):
    """A page of what circles said to one question of a broadcast."""

    layout: ClassVar[str] = "{broadcast}.{question}[.{page}]"
    broadcast: UUID
    question: int
    page: int = 0


class TotalOverTime(Argument):
    """The picture of one question's totals, time after time."""

    layout: ClassVar[str] = "t{broadcast}.{question}"
    broadcast: UUID
    question: int


READING: Final = (
    ReadingWays,
    ReadingClosed,
    NextAnswers,
    RunPart,
    BroadcastList,
    BroadcastQuestions,
    QuestionAnswers,
    BroadcastAnswers,
    PanelAnswers,
    PersonList,
    PersonAnswers,
    DayList,
    DayAnswers,
)
"""All that a button of reading may carry."""
