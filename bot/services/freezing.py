"""Figures that leave the team: in bands of five and frozen as they leave, so that nothing finer follows later.

Whatever left of a question is a row (broadcast, question, group): it is told again as it was, whoever answered, changed
or was erased since. What may leave is for `disclosure` to say.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from bot import clock
from bot.services import totals
from bot.services.disclosure import ANSWERED, BAND, QuestionCounts, related, tellable
from bot.services.totals import QuestionTotal
from dialogs import types
from dialogs.model import Dialog, Step, Text
from storage.broadcasts import Broadcast
from storage.decisions import Decision
from storage.frozen_totals import FrozenTotal
from storage.unit import Unit

FIGURES: Final = "figures"
"""Key in a decision's body: the figures it tells, each as question, option and its band's lowest number."""
MOST: Final = 2
"""So many figures a decision tells at most."""
RECORDED: Final = 3
"""Where figures of the same people's answers to a question left so many times, a record brings no more of them."""


@dataclass(frozen=True, slots=True)
class BandFigure:
    """How many people chose an option, or answered a question (`option` is empty then), in a band of five."""

    step: Step
    option: str
    label: Text
    least: int

    @property
    def most(self) -> int:
        """The highest number of its band."""
        return self.least + BAND - 1

    @property
    def key(self) -> list[Any]:
        """How it stands in a decision's body."""
        return [self.step.name, self.option, self.least]


@dataclass(frozen=True, slots=True)
class QuestionFigures:
    """A closed question of a broadcast as it is counted now, with the figures of it that may leave, or left."""

    total: QuestionTotal
    figures: Sequence[BandFigure]


def of_broadcast(unit: Unit, broadcast: Broadcast) -> list[QuestionFigures]:
    """Return the closed questions of a broadcast with what of each may leave; what left before is as it left."""
    dialog = _dialog(unit, broadcast)
    frozen = unit.frozen_totals.of_broadcast(broadcast.id)
    left = {str(each.body["question"]): each.body for each in frozen if each.body}
    found = []
    for total in totals.of_broadcast(unit, broadcast, dialog):
        if total.options:
            kept = left.get(total.step.name)
            bands = kept["figures"] if kept else _decided(unit, broadcast, dialog, total)
            found.append(QuestionFigures(total, list(_figures(total.step, bands))))
    return found


def has_figures(unit: Unit, broadcast: Broadcast) -> bool:
    """Return whether a broadcast asks anything that can be counted."""
    return any(totals.closed(step) for step in _dialog(unit, broadcast).questions)


def of_decision(unit: Unit, decision: Decision) -> list[BandFigure]:
    """Return the figures that a decision tells, as they stand in it."""
    told: Sequence[Sequence[Any]] = decision.body.get(FIGURES) or ()
    broadcast = unit.broadcasts.get(decision.broadcast_id) if told else None
    if broadcast is None:
        return []
    steps = {step.name: step for step in _dialog(unit, broadcast).questions}
    return [
        figure
        for question, option, least in told
        if question in steps
        for figure in _figures(steps[question], {option: least})
    ]


def stale(unit: Unit, decision: Decision) -> list[BandFigure]:
    """Return the figures of a draft that are not what may leave now: somebody answered, left or was erased since."""
    told = of_decision(unit, decision)
    broadcast = unit.broadcasts.get(decision.broadcast_id) if told else None
    if broadcast is None:
        return []
    now = [figure.key for each in of_broadcast(unit, broadcast) for figure in each.figures]
    return [each for each in told if each.key not in now]


def freeze(unit: Unit, decision: Decision, by: UUID | None) -> None:
    """Freeze the questions of which a decision tells a figure, each with all of its figures that may leave."""
    broadcast = unit.broadcasts.get(decision.broadcast_id)
    questions = {figure.step.name for figure in of_decision(unit, decision)}
    if broadcast is not None and questions:
        _freeze(
            unit, broadcast, [each for each in of_broadcast(unit, broadcast) if each.total.step.name in questions], by
        )


def freeze_for_record(unit: Unit, broadcast: Broadcast, by: UUID | None) -> None:
    """Freeze what may leave of each question of a broadcast that a record tells.

    Where as many figures of the same people's answers to a question left already as a record may bring, nothing does:
    the more left, the less may leave, and what people are told comes first.
    """
    dialog = _dialog(unit, broadcast)
    there = {each.body.get("question") for each in unit.frozen_totals.of_broadcast(broadcast.id)}
    missing = [step for step in dialog.questions if totals.closed(step) and step.name not in there]
    wanted = {step.name for step in missing if _has_room(unit, broadcast, dialog, step)}
    if wanted:  # else nothing is counted
        found = [each for each in of_broadcast(unit, broadcast) if each.total.step.name in wanted and each.figures]
        _freeze(unit, broadcast, found, by)


def _has_room(unit: Unit, broadcast: Broadcast, dialog: Dialog, step: Step) -> bool:
    """Return whether so little of the same people's answers to a question left that a record may bring more of it."""
    left = _left(unit, broadcast, dialog, step, {})
    near = related(*left) if left is not None else None
    return near is not None and len(near) < RECORDED


def _freeze(unit: Unit, broadcast: Broadcast, questions: Sequence[QuestionFigures], by: UUID | None) -> None:
    """Freeze questions with all of their figures, but for those that left before."""
    dialog = _dialog(unit, broadcast)
    asked = len(unit.frozen_totals.asked([broadcast.id])[broadcast.id])
    there = {each.body.get("question") for each in unit.frozen_totals.of_broadcast(broadcast.id)}
    for each in questions:
        step = each.total.step
        if step.name not in there:
            figures = {figure.option: figure.least for figure in each.figures}
            body = {"dialog": dialog.name, "question": step.name, "asked": asked, "figures": figures}
            unit.frozen_totals.add(clock.new_id(), broadcast.cohort_id, broadcast.id, body, by)


def _decided(unit: Unit, broadcast: Broadcast, dialog: Dialog, total: QuestionTotal) -> Mapping[str, int]:
    """Return what of a question may leave beside all that left of it before; nothing where some of that is damaged."""
    figures = {option.name: option.people for option in total.options} | {ANSWERED: total.people}
    left = _left(unit, broadcast, dialog, total.step, figures)
    return {} if left is None else tellable(*left)


def _left(
    unit: Unit, broadcast: Broadcast, dialog: Dialog, step: Step, figures: Mapping[str, int]
) -> tuple[QuestionCounts, list[QuestionCounts]] | None:
    """Return a question with figures, and all that left of it at other times; None where that is damaged."""
    left = unit.frozen_totals.all()
    if any(not each.body for each in left):
        return None
    same = [
        each
        for each in left
        if (each.body["dialog"], each.body["question"]) == (dialog.name, step.name)
        and each.broadcast_id != broadcast.id
    ]
    asked = unit.frozen_totals.asked([broadcast.id, *(each.broadcast_id for each in same)])
    several = types.of(step).multiple
    people = asked[broadcast.id]
    counted = QuestionCounts(people, len(people), figures, several, broadcast.cohort_id)
    return counted, [_table(each, asked, several=several) for each in same]


def _table(left: FrozenTotal, asked: Mapping[UUID, frozenset[UUID]], *, several: bool) -> QuestionCounts:
    body = left.body
    return QuestionCounts(asked[left.broadcast_id], body["asked"], body["figures"], several, left.cohort_id)


def _figures(step: Step, bands: Mapping[str, int]) -> Iterator[BandFigure]:
    labels = {each.name: each.label for each in types.of(step).options(step)}
    for option, least in bands.items():
        if option == ANSWERED or option in labels:
            yield BandFigure(step, option, labels.get(option, {}), least)


def _dialog(unit: Unit, broadcast: Broadcast) -> Dialog:
    return Dialog.from_dict(json.loads(unit.versions.get(broadcast.dialog_hash) or "null"))
