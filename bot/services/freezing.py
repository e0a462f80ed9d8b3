"""Figures that leave the team: in bands of five and frozen as they leave, so that nothing finer follows later.

Whatever left of a question is a row (broadcast, question, group): it is told again as it was, whoever answered, changed
or was erased since. What may leave is for `disclosure` to say.
"""

import json
from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
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
MINUTE: Final = timedelta(minutes=1)
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
    return _Beside(unit, broadcast).questions()


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
    questions = _Beside(unit, broadcast).questions({each.step.name for each in told})
    now = [figure.key for each in questions for figure in each.figures]
    return [each for each in told if each.key not in now]


def freeze(unit: Unit, decision: Decision, by: UUID | None) -> None:
    """Freeze the questions of which a decision tells a figure, each with all of its figures that may leave."""
    broadcast = unit.broadcasts.get(decision.broadcast_id)
    questions = {figure.step.name for figure in of_decision(unit, decision)}
    if broadcast is not None and questions:
        beside = _Beside(unit, broadcast)
        beside.freeze(beside.questions(questions), by)


def freeze_for_record(unit: Unit, broadcast: Broadcast, by: UUID | None) -> None:
    """Freeze what may leave of each question of a broadcast that a record tells.

    Where as many figures of the same people's answers to a question left already as a record may bring, nothing does:
    the more left, the less may leave, and what people are told comes first.
    """
    beside = _Beside(unit, broadcast)
    wanted = {step.name for step in beside.not_left() if beside.has_room(step)}
    if wanted:  # else nothing is counted
        beside.freeze([each for each in beside.questions(wanted) if each.figures], by)


class _Beside:
    """A broadcast beside all that left the team before: what left is opened, and whom it asked looked up, once."""

    def __init__(self, unit: Unit, broadcast: Broadcast) -> None:
        self._unit, self._broadcast = unit, broadcast
        self._dialog = _dialog(unit, broadcast)
        self._left = unit.frozen_totals.all()
        self._asked: dict[tuple[UUID, datetime | None], frozenset[Hashable]] = {}

    def questions(self, names: Collection[str] | None = None) -> list[QuestionFigures]:
        """Return the closed questions, or those of some names, with what of each may leave, or left."""
        left = self._own()
        found = []
        for total in totals.of_broadcast(self._unit, self._broadcast, self._dialog):
            name = total.step.name
            if total.options and (names is None or name in names):
                bands = left[name] if name in left else self._decided(total)
                found.append(QuestionFigures(total, list(_figures(total.step, bands))))
        return found

    def not_left(self) -> list[Step]:
        """Return the closed questions of which nothing left."""
        left = self._own()
        return [step for step in self._dialog.questions if totals.closed(step) and step.name not in left]

    def has_room(self, step: Step) -> bool:
        """Return whether so little of the same people's answers left that a record may bring more of it."""
        told = self._told(step)
        near = related(self._counts(step, {}), told) if told is not None else None
        return near is not None and len(near) < RECORDED

    def freeze(self, questions: Sequence[QuestionFigures], by: UUID | None) -> None:
        """Freeze questions with all of their figures, but for those that left before."""
        left = self._own()
        for each in questions:
            step = each.total.step
            if step.name not in left:
                figures = {figure.option: figure.least for figure in each.figures}
                asked = len(self._people(self._broadcast.id))
                body = {"dialog": self._dialog.name, "question": step.name, "asked": asked, "figures": figures}
                self._unit.frozen_totals.add(clock.new_id(), self._broadcast.cohort_id, self._broadcast.id, body, by)

    def _own(self) -> dict[str, Mapping[str, int]]:
        """Return the figures that left of this broadcast, by question."""
        own = [each.body for each in self._left if each.broadcast_id == self._broadcast.id and each.body]
        return {str(body["question"]): body["figures"] for body in own}

    def _decided(self, total: QuestionTotal) -> Mapping[str, int]:
        """Return what of a question may leave beside all that left of it; nothing where some of that is damaged."""
        told = self._told(total.step)
        figures = {option.name: option.people for option in total.options} | {ANSWERED: total.people}
        return {} if told is None else tellable(self._counts(total.step, figures), told)

    def _counts(self, step: Step, figures: Mapping[str, int]) -> QuestionCounts:
        people = self._people(self._broadcast.id)
        return QuestionCounts(people, len(people), figures, types.of(step).multiple, self._broadcast.cohort_id)

    def _told(self, step: Step) -> list[QuestionCounts] | None:
        """Return all that left of a question at other times; None where some of what left is damaged."""
        if any(not each.body for each in self._left):
            return None
        return [
            self._table(each, several=types.of(step).multiple)
            for each in self._left
            if (each.body["dialog"], each.body["question"]) == (self._dialog.name, step.name)
            and each.broadcast_id != self._broadcast.id
        ]

    def _table(self, left: FrozenTotal, *, several: bool) -> QuestionCounts:
        """Return what left, with whom had been asked by then: whoever was asked later is in none of its figures."""
        people = self._people(left.broadcast_id, left.frozen_at)
        if len(people) > left.body["asked"]:  # some were asked in that very minute, and nobody can say any more who
            people = self._people(left.broadcast_id, left.frozen_at - MINUTE)
        return QuestionCounts(people, left.body["asked"], left.body["figures"], several, left.cohort_id)

    def _people(self, broadcast_id: UUID, by: datetime | None = None) -> frozenset[Hashable]:
        """Return whom a broadcast asked, or had asked by some minute, as far as they are known still."""
        if (broadcast_id, by) not in self._asked:
            self._asked[broadcast_id, by] = self._unit.frozen_totals.asked(broadcast_id, by)
        return self._asked[broadcast_id, by]


def _figures(step: Step, bands: Mapping[str, int]) -> Iterator[BandFigure]:
    labels = {each.name: each.label for each in types.of(step).options(step)}
    for option, least in bands.items():
        if option == ANSWERED or option in labels:
            yield BandFigure(step, option, labels.get(option, {}), least)


def _dialog(unit: Unit, broadcast: Broadcast) -> Dialog:
    return Dialog.from_dict(json.loads(unit.versions.get(broadcast.dialog_hash) or "null"))
