"""The codebook: rows that explain every exported column, so that answers can be read without Hilo."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from dialogs import types
from dialogs.model import Dialog, Measure, Step, StepType, Text, ValueFormat
from dialogs.types import PartColumn, text
from dialogs.wording import choose


@dataclass(frozen=True, slots=True)
class CodebookEntry:
    """What one exported column means.

    `label` is language -> words; `choices` is language -> (name, label) pairs, empty where the answer is free or its
    choices come from a list. `relevant` is the expression under which it is asked, `calculation` the one that gives it,
    or ''; `values` is how its values are written, where that is not obvious. `part` is the part of the answer in this
    column, '' for the whole.
    """

    column: str
    step: str
    type: StepType
    label: Mapping[str, str]
    choices: Mapping[str, tuple[tuple[str, str], ...]]
    relevant: str
    required: bool
    calculation: str = ""
    values: str = ""
    format: ValueFormat = ValueFormat.TEXT
    measure: Measure = Measure.NOMINAL
    part: str = ""


VALUES: Final[Mapping[ValueFormat, str]] = {
    ValueFormat.DECIMAL: "0.0",
    ValueFormat.DATE: "YYYY-MM-DD",
    ValueFormat.TIME: "HH:MM",
}
"""How the values of a format are written, where that is not obvious."""


def rows(dialog: Dialog, languages: Sequence[str], *, split: bool = False) -> tuple[CodebookEntry, ...]:
    """Explain every exported column, in the order of the dialog; a note has none.

    With `split`, an answer of several parts has one more column for each, `hours/morning`. Languages without words of
    their own are explained in the nearest along their chain.
    """
    found: list[CodebookEntry] = []
    for step in dialog.steps:
        if not step.exported:
            continue
        found.append(_whole(step, languages))
        if split:
            found += [_part(step, part, languages) for part in types.of(step).parts(step)]
    return tuple(found)


def beside(column: str, step: str, label: Mapping[str, str]) -> CodebookEntry:
    """Explain a column of asides, which were said beside a question."""
    return CodebookEntry(column, step, text.TYPE.name, label, {}, "", required=False)


def _whole(step: Step, languages: Sequence[str]) -> CodebookEntry:
    kind = types.of(step)
    choices = {
        language: tuple((choice.name, choose(choice.label, language)) for choice in step.choices)
        for language in languages
        if step.choices
    }
    return CodebookEntry(
        column=step.name,
        step=step.name,
        type=step.type,
        label=_label(step.label, languages),
        choices=choices,
        relevant=step.relevant or "",
        required=step.required,
        calculation=step.calculation or "",
        values=kind.values or VALUES.get(kind.format, ""),
        format=kind.format,
        measure=kind.measure,
    )


def _part(step: Step, part: PartColumn, languages: Sequence[str]) -> CodebookEntry:
    return CodebookEntry(
        column=f"{step.name}/{part.name}",
        step=step.name,
        type=step.type,
        label=_label(part.label, languages),
        choices={},
        relevant=step.relevant or "",
        required=step.required,
        calculation=step.calculation or "",
        values=part.values or VALUES.get(part.format, ""),
        format=part.format,
        measure=part.measure,
        part=part.name,
    )


def _label(label: Text, languages: Sequence[str]) -> Mapping[str, str]:
    return {language: choose(label, language) for language in languages}
