"""Dialog -> rows that explain every exported column, so that the answers can be read without the software."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from dialogs.model import Dialog, Step, StepType, Text
from dialogs.wording import choose


@dataclass(frozen=True, slots=True)
class Entry:
    """What one exported column means.

    `label` is language -> words; `choices` is language -> (name, label) pairs, empty where the answer is free
    or its choices come from a list. `relevant` is the expression under which it is asked, `calculation` the one
    that gives it, or ''; `values` is how its values are written, see `VALUES`.
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


VALUES: Final[Mapping[StepType, str]] = {
    "decimal": "0.0",
    "date": "YYYY-MM-DD",
    "time": "HH:MM",
    "audio": "voice:id",
    "image": "photo:id",
}
"""How the values of a column are written, where it is not plain to see."""


def rows(dialog: Dialog, languages: Sequence[str], *, split: bool = False) -> tuple[Entry, ...]:
    """Explain every exported column, in the order of the dialog; a note has none.

    With `split`, a select_multiple has one more column for each choice, `hours/morning`, holding 1 or 0.
    Languages without words of their own are explained in the nearest along their chain.
    """
    found: list[Entry] = []
    for step in dialog.steps:
        if not step.exported:
            continue
        found.append(_entry(step, step.name, step.label, languages, with_choices=True))
        if split and step.type == "select_multiple":
            found += [
                _entry(step, f"{step.name}/{choice.name}", choice.label, languages, with_choices=False)
                for choice in step.choices
            ]
    return tuple(found)


def _entry(step: Step, column: str, label: Text, languages: Sequence[str], *, with_choices: bool) -> Entry:
    choices = step.choices if with_choices else ()
    return Entry(
        column=column,
        step=step.name,
        type=step.type,
        label={language: choose(label, language) for language in languages},
        choices={
            language: tuple((choice.name, choose(choice.label, language)) for choice in choices)
            for language in languages
            if choices
        },
        relevant=step.relevant or "",
        required=step.required,
        calculation=step.calculation or "",
        values=VALUES.get(step.type, "") if with_choices else "",
    )
