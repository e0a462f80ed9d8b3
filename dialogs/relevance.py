"""Which steps of a dialog are relevant to a person now, and what expressions read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from dialogs import types
from dialogs.context import Context
from dialogs.expressions import Expression, compiled
from dialogs.languages import base
from dialogs.model import Choice, Dialog, Step, Value
from dialogs.operands import Operand, Scope
from dialogs.replies import is_dynamic
from dialogs.run import Answer
from dialogs.value_class import value_class


@dataclass(frozen=True, slots=True)
class Plan:
    """A dialog prepared for turns: places of steps by name, compiled expressions, and choices."""

    dialog: Dialog
    places: Mapping[str, int]
    relevant: tuple[Expression | None, ...]
    constraint: tuple[Expression | None, ...]
    choices: tuple[tuple[Choice, ...], ...]
    calculations: Mapping[str, Expression]
    defaults: Mapping[str, Expression]

    def step(self, path: str) -> Step:
        """Return the step at a path."""
        return self.dialog.steps[self.places[path]]


@lru_cache(maxsize=256)
def plan_of(dialog: Dialog) -> Plan:
    """Prepare a dialog, once per version.

    Raises:
        ExpressionError: an expression does not compile, which `reader.read` would have reported.
    """
    steps = dialog.steps
    return Plan(
        dialog=dialog,
        places={step.name: place for place, step in enumerate(steps)},
        relevant=tuple(compiled(step.relevant) if step.relevant else None for step in steps),
        constraint=tuple(compiled(step.constraint) if step.constraint else None for step in steps),
        choices=tuple(types.of(step).options(step) for step in steps),
        calculations={step.name: compiled(step.calculation) for step in steps if step.calculation},
        defaults={step.name: compiled(step.default) for step in steps if step.default and is_dynamic(step.default)},
    )


@value_class
class Relevance:
    """What a person's answers make relevant.

    `relevant` are the relevant steps. `expected` are the questions the person may be asked, in order: the relevant
    ones, and those whose relevance depends on an answer not given yet, so that the announced number grows only if an
    answer is changed. `scope` is what expressions read; an answer to a question that is no longer relevant reads as
    unanswered.
    """

    relevant: frozenset[str]
    expected: tuple[str, ...]
    scope: Scope


def relevance_of(plan: Plan, answers: Mapping[str, Answer], context: Context) -> Relevance:
    """Compute what is relevant to a person now, in one pass from the first step to the last."""
    values: dict[str, Operand] = {**readable_facts(context)}
    scope = Scope(values, now=context.now, zone=context.zone)
    relevant: set[str] = set()
    expected: list[str] = []
    pending: set[str] = set()
    for step, condition in zip(plan.dialog.steps, plan.relevant, strict=True):
        holds = condition is None or condition.holds(scope)
        if holds:
            relevant.add(step.name)
            answered = answers.get(step.name)
            if answered is not None and answered.value is not None:
                values[step.name] = operand(answered.value)
        if not step.waits:
            if step.calculation and not pending.isdisjoint(_read(condition, plan.calculations[step.name])):
                pending.add(step.name)
            continue
        if holds or (condition is not None and not pending.isdisjoint(condition.references)):
            expected.append(step.name)
            if step.name not in answers:
                pending.add(step.name)
    return Relevance(frozenset(relevant), tuple(expected), scope)


def _read(*expressions: Expression | None) -> frozenset[str]:
    return frozenset().union(*(each.references for each in expressions if each))


def readable_facts(context: Context) -> dict[str, str]:
    """Return the facts that texts and expressions may read, by name."""
    return {**context.facts, "language": base(context.language), "name": context.name or ""}


def operand(value: Value) -> Operand:
    """Convert an answer to what an expression reads: chosen names joined by blanks, as in XLSForm.

    A voice note or photo reads as its kind.
    """
    if isinstance(value, tuple):
        return " ".join(each if isinstance(each, str) else each.kind for each in value)
    return value if isinstance(value, str) else float(value)
