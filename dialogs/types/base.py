"""What a question type consists of: values and small functions, so that engine and bot need to name no type."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from typing import Any, Protocol, TypeAlias

from dialogs.context import Context, Written
from dialogs.dates import SpokenDate
from dialogs.model import Choice, Measure, MediaKind, Step, Text, Value, ValueFormat
from dialogs.replies import Guess, Read, Refusal


class ChoiceSource(Enum):
    """Where the choices of a question come from, and so what a typed digit means."""

    NOTHING = "nothing"
    """There is nothing to press."""
    LIST = "list"
    """The choices that the author lists; a digit is a place among them."""
    NUMBERS = "numbers"
    """Numbers, which the author's choices may label; a digit is the number itself."""
    MADE = "made"
    """Choices that the type makes; a digit is not a place among them."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A whole number that an author gives a type in `parameters`; `least` is the smallest it may be."""

    name: str
    required: bool = False
    least: int | None = None


@dataclass(frozen=True, slots=True)
class TypeIssue:
    """Something wrong with a step: its key, an issue's code, and its facts."""

    key: str
    code: str
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PartColumn:
    """A further column of an answer, named `question/name`; `values` is how its cells are written."""

    name: str
    label: Text
    format: ValueFormat = ValueFormat.TEXT
    measure: Measure = Measure.NOMINAL
    values: str = ""


Bounds: TypeAlias = tuple[Mapping[str, int], Sequence[TypeIssue]]
"""The valid parameters of a step, none if they make no sense together; and what is wrong with them."""


class WordsReader(Protocol):
    """Reads words, without blanks around them, as an answer; `choices` are those on offer."""

    def __call__(self, step: Step, choices: Sequence[Choice], words: str, context: Context, /) -> Read:
        """Return the answer, what it probably is, or why the words do not fit."""


class ContentReader(Protocol):
    """Reads what was sent that is neither words nor a file, such as a place on a map."""

    def __call__(self, step: Step, content: Mapping[str, Any], context: Context, /) -> Read | None:
        """Return the answer, or why it does not fit; None if the type does not read such content."""


def own_choices(step: Step) -> tuple[Choice, ...]:
    """Return the choices that the author wrote."""
    return step.choices


def choice_refusal(choices: Sequence[Choice], near: str) -> Refusal:
    """Return the refusal that asks for one of the choices; `near` is the one that was probably meant, or ''."""
    return Refusal("not_a_choice", {"max": str(len(choices)), "near": near})


def number_refusal(example: str) -> Callable[[Sequence[Choice], str], Refusal]:
    """Return what makes the refusal that asks for a number: the one probably meant, else `example`."""
    return lambda _choices, near: Refusal("not_a_number", {"example": near or example})


def pattern_parser(
    shape: re.Pattern[str], fits: Callable[[str], bool] = bool
) -> Callable[[Step, Sequence[Choice], str], str | None]:
    """Return a parser that takes a value as it is stored, if it has a shape and fits."""
    return lambda _step, _choices, written: written if shape.fullmatch(written) and fits(written) else None


def format_writer(kind: ValueFormat) -> Callable[[Value, Written], str]:
    """Return what writes an answer as people of a language write such values."""
    return lambda value, written: written(kind, str(value))


def read_moment(found: SpokenDate | None, otherwise: str) -> Read:
    """Return a day or hour that was said, or a guess of it; `otherwise` is the refusal's code."""
    if found is None:
        return Refusal(otherwise)
    return found.value if found.sure else Guess(found.value)


def no_issues(step: Step) -> Iterable[TypeIssue]:
    """Return no issues."""
    return ()


def keep_parameters(found: Mapping[str, int]) -> Bounds:
    """Return parameters unchanged."""
    return found, ()


def no_parts(step: Step) -> Sequence[PartColumn]:
    """Return no further columns."""
    return ()


def no_part(value: Any, name: str) -> None:
    """Return nothing for a further column."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionType:
    """One type of question: everything that differs between it and the others.

    What a person replies:
        read: reads words as an answer.
        reads_ahead: whether words may mean a later value, which is read where the nearer one does not fit.
        read_content: reads what was sent that is neither words nor a file; None where no such thing is taken.
        value: turns a pressed choice's name, or a guess that was written out, into the answer it stands for.
        refusal: says what is needed instead, given the choices on offer and the label of a near miss, or ''.
        refusals: the codes of the refusals that this type alone gives, with the names of their facts.
        sent_refusal: the code of the refusal of a file or sticker that is not taken.
        free_text: whether an answer is in the person's own words, to which more can be added later.
        media: which recordings and pictures it takes, as pieces of an answer.
        multiple: whether several choices are picked before they are an answer.
        numeric: whether digits are the answer itself, so that they stand for no choice and no yes.

    What is offered:
        choice_source: where the choices on its buttons come from.
        options: returns its choices.
        suggest: makes choices at the moment of asking, of which those that fit the constraint are offered.
        pressable: returns what its buttons may carry, including those of some days before the given one; None: its
            choices.
        label: writes an answer out for people; None where that is the words of its choices, or the answer itself.

    What an author writes:
        parse: turns a default as it is written into an answer, None if it is none; None where it takes no default.
        check: finds what is wrong with the fields of a step that only this type understands.
        parameters: the numbers an author gives it.
        check_parameters: checks those numbers together.

    What is exported:
        format: how a cell is written.
        measure: what can be measured with it.
        values: how the codebook says that a cell is written, where the format does not tell.
        parts: returns the further columns of an answer.
        part: returns the value of one of them, for a stored answer that is not empty.
    """

    name: str
    read: WordsReader
    reads_ahead: bool = False
    read_content: ContentReader | None = None
    value: Callable[[str], Value] = str
    refusal: Callable[[Sequence[Choice], str], Refusal] = choice_refusal
    refusals: Mapping[str, frozenset[str]] = field(default_factory=dict)
    sent_refusal: str = "not_text"
    free_text: bool = False
    media: frozenset[MediaKind] = frozenset()
    multiple: bool = False
    numeric: bool = False
    choice_source: ChoiceSource = ChoiceSource.NOTHING
    options: Callable[[Step], tuple[Choice, ...]] = own_choices
    suggest: Callable[[Step, Context], tuple[Choice, ...]] | None = None
    pressable: Callable[[Step, date], tuple[str, ...]] | None = None
    label: Callable[[Value, Written], str] | None = None
    parse: Callable[[Step, Sequence[Choice], str], Value | None] | None = None
    check: Callable[[Step], Iterable[TypeIssue]] = no_issues
    parameters: tuple[Parameter, ...] = ()
    check_parameters: Callable[[Mapping[str, int]], Bounds] = keep_parameters
    format: ValueFormat = ValueFormat.TEXT
    measure: Measure = Measure.NOMINAL
    values: str = ""
    parts: Callable[[Step], Sequence[PartColumn]] = no_parts
    part: Callable[[Any, str], str | int | None] = no_part

    @property
    def open_ended(self) -> bool:
        """Whether an answer is what a person says or sends, kept as it came: in pieces that can be added to."""
        return self.free_text or bool(self.media)
