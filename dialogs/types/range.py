"""`range`: one number of a scale, whose choices, if it has any, are the words of its numbers."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Final

from dialogs.context import Context
from dialogs.model import Choice, Measure, Step, ValueFormat
from dialogs.numerals import SpokenNumber, count
from dialogs.replies import Guess, Read, Refusal
from dialogs.types import integer
from dialogs.types.base import Bounds, ChoiceSource, Parameter, QuestionType, TypeIssue, number_refusal
from dialogs.types.choosing import NUMBER_OF_CHOICE, by_label, slip

MOST_BUTTONS: Final = 11
"""How many numbers of a range may have buttons (0 to 10); of more, one is typed."""


def numbers(step: Step) -> range:
    """Return the numbers of a range, both ends included."""
    bounds = step.parameters
    return range(bounds["start"], bounds["end"] + 1, bounds.get("step", 1))


def _read(step: Step, choices: Sequence[Choice], words: str, context: Context) -> Read:
    allowed = numbers(step)
    numbered = NUMBER_OF_CHOICE.fullmatch(words)
    found = count(numbered[1] if numbered else words, context.language)
    if not found or not found.sure:
        if name := by_label(choices, words, context.language):
            return int(name)
        if not found and (name := slip(choices, words, context.language)):
            return Guess(name)
    return _bounded(found, allowed)


def _bounded(found: SpokenNumber | None, allowed: range) -> Read:
    if found is None:
        return Refusal("not_a_number", {"example": str(allowed[len(allowed) // 2])})
    if int(found.number) not in allowed:
        return Refusal("out_of_range", {"min": str(allowed[0]), "max": str(allowed[-1])})
    return int(found.number) if found.sure else Guess(str(int(found.number)))


def _parse(step: Step, choices: Sequence[Choice], written: str) -> int | None:
    number = integer.parse(step, choices, written)
    return number if number is not None and number in numbers(step) else None


def _options(step: Step) -> tuple[Choice, ...]:
    """Return the numbers with their words, unless they are too many for buttons."""
    allowed = numbers(step)
    if len(allowed) > MOST_BUTTONS:
        return step.choices
    worded = {choice.name: choice for choice in step.choices}
    return tuple(worded.get(str(number), Choice(str(number), {})) for number in allowed)


def _pressable(step: Step, today: date) -> tuple[str, ...]:
    return tuple(str(number) for number in numbers(step))


def _check(step: Step) -> Iterator[TypeIssue]:
    allowed = {str(number) for number in numbers(step)} if step.parameters else frozenset[str]()
    for place, choice in enumerate(step.choices, start=1):
        if allowed and choice.name and choice.name not in allowed:
            facts = {"choice": choice.name, "min": step.parameters["start"], "max": step.parameters["end"]}
            yield TypeIssue(f"choices[{place}].name", "choice_outside_range", facts)


def _check_parameters(found: Mapping[str, int]) -> Bounds:
    """Check that the bounds make sense together."""
    if not {"start", "end"} <= found.keys():
        return {}, ()
    start, end, step = found["start"], found["end"], found.get("step", 1)
    if end <= start:
        return {}, [TypeIssue("parameters", "empty_range", {"start": start, "end": end})]
    uneven = [TypeIssue("parameters", "uneven_range", {"start": start, "end": end, "step": step})]
    return {"start": start, "end": end, "step": step}, uneven if (end - start) % step else ()


TYPE: Final = QuestionType(
    name="range",
    read=_read,
    value=int,
    parse=_parse,
    refusal=number_refusal("3"),
    refusals={"out_of_range": frozenset({"min", "max"})},
    numeric=True,
    choice_source=ChoiceSource.NUMBERS,
    options=_options,
    pressable=_pressable,
    check=_check,
    parameters=(Parameter("start", required=True), Parameter("end", required=True), Parameter("step", least=1)),
    check_parameters=_check_parameters,
    format=ValueFormat.WHOLE,
    measure=Measure.ORDINAL,
)
