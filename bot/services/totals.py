"""How many people said what in a broadcast: who chose what in a closed question, how many spoke in an open one.

Counts are of people, never of answers: who changed an answer counts once, by the last. Below `LEAST` no number is said.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from bot.services import tallies
from bot.services.tallies import Tally
from dialogs import types
from dialogs.model import Dialog, Step, Text
from dialogs.types import ChoiceSource
from storage.broadcasts import Broadcast
from storage.unit import Unit

LEAST: Final = 3
"""From how many people on a number is said inside the team."""
THREAD: Final = 10
"""How many marks are drawn for everybody who answered."""
TIMES: Final = 8
"""At most so many times of a question stand side by side."""
COUNTED: Final = "answers.counted"
"""Audit action: somebody of the team looked at the totals of a broadcast."""


@dataclass(frozen=True, slots=True)
class OptionTotal:
    """How many people chose an option; `label` is empty for a number that has no words."""

    name: str
    label: Text
    people: int


@dataclass(frozen=True, slots=True)
class QuestionTotal:
    """How many people answered a question; its options in the author's order, none for an open one.

    `seconds` is the length of the voice notes among the answers.
    """

    step: Step
    people: int
    options: tuple[OptionTotal, ...] = ()
    seconds: int = 0

    @property
    def told(self) -> bool:
        """Whether enough people answered for numbers to be said."""
        return self.people >= LEAST

    @property
    def average(self) -> float | None:
        """The mean of a scale's numbers; None for a question without them, and where too few answered."""
        if not self.told or types.of(self.step).choice_source is not ChoiceSource.NUMBERS or not self.options:
            return None
        return sum(int(each.name) * each.people for each in self.options) / self.people

    def share(self, option: OptionTotal) -> int:
        """Return how many thousandths of everybody chose an option; what fewer than `LEAST` chose is one mark's."""
        if 0 < option.people < LEAST:
            return 1000 // THREAD
        return 1000 * option.people // self.people if self.people else 0

    def marks(self, option: OptionTotal) -> int:
        """Return how many marks an option is drawn with: the same share of people always the same number.

        What fewer than `LEAST` chose is drawn with one, whoever they are.
        """
        if not option.people:
            return 0
        if option.people < LEAST:
            return 1
        return max(1, (2 * THREAD * option.people + self.people) // (2 * self.people))


def closed(step: Step) -> bool:
    """Return whether a question's answers are options that can be counted."""
    return bool(tallies.options(step))


def of_broadcast(unit: Unit, broadcast: Broadcast, dialog: Dialog) -> list[QuestionTotal]:
    """Return the totals of each question of a broadcast, whose dialog it is, in order.

    Raises:
        Uncounted: a running bot has them counted first.
    """
    found = tallies.of(unit, broadcast.id, dialog)
    return [_total(step, found.get(step.name, Tally())) for step in dialog.questions]


def _total(step: Step, tally: Tally) -> QuestionTotal:
    chosen = (OptionTotal(each.name, each.label, tally.chosen.get(each.name, 0)) for each in tallies.options(step))
    return QuestionTotal(step, tally.people, tuple(chosen), tally.seconds)


def previous(unit: Unit, broadcast: Broadcast, dialog_of: Callable[[str], Dialog]) -> Broadcast | None:
    """Return the broadcast of the same dialog to the same cohort before this one; None if there was none.

    `dialog_of` returns the dialog of a version's hash.
    """
    return next(_earlier(unit, broadcast, dialog_of), None)


def over_time(
    unit: Unit, broadcast: Broadcast, number: int, dialog_of: Callable[[str], Dialog]
) -> list[tuple[Broadcast, QuestionTotal]]:
    """Return one question's totals in this broadcast and the last ones before it that asked it, the oldest first.

    `number` is the question's place in this broadcast's dialog, `dialog_of` returns the dialog of a version's hash.
    """
    earlier = _times(unit, broadcast, dialog_of)
    tallies.ready(unit, [broadcast.id, *(each.id for each in earlier)])
    this = of_broadcast(unit, broadcast, dialog_of(broadcast.dialog_hash))[number]
    found = [(broadcast, this)]
    for each in earlier:
        total = same_question(of_broadcast(unit, each, dialog_of(each.dialog_hash)), this)
        if total is not None and total.people:
            found.append((each, total))
    return found[::-1]


def expect_over_time(unit: Unit, broadcast: Broadcast, dialog_of: Callable[[str], Dialog]) -> None:
    """Have counted what `over_time` is going to count, before anybody asks for it."""
    tallies.expect(unit, [each.id for each in _times(unit, broadcast, dialog_of)])


def _times(unit: Unit, broadcast: Broadcast, dialog_of: Callable[[str], Dialog]) -> list[Broadcast]:
    return list(islice(_earlier(unit, broadcast, dialog_of), TIMES - 1))


def _earlier(unit: Unit, broadcast: Broadcast, dialog_of: Callable[[str], Dialog]) -> Iterator[Broadcast]:
    """Yield what was asked before with the same dialog in the same cohort, the newest first, if anybody answered."""
    name = dialog_of(broadcast.dialog_hash).name
    for each in unit.broadcasts.list([broadcast.cohort_id]):
        same = each.due_at < broadcast.due_at and dialog_of(each.dialog_hash).name == name
        if same and unit.readings.any_of(each.id):
            yield each


def same_question(found: Sequence[QuestionTotal], total: QuestionTotal) -> QuestionTotal | None:
    """Return the total of the same question among those of another broadcast; None if it was not asked."""
    step = total.step
    return next((each for each in found if (each.step.name, each.step.type) == (step.name, step.type)), None)
