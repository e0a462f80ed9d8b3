"""How many people said what to each question of a broadcast, and how much of that is known without counting again.

Counting opens every answer. Of a few it is done where it is asked for; of many it would keep everybody's turn waiting,
so that a running bot has a process do it first (`bot.pipeline.counting`) and keeps the figures, and nobody's words, in
memory. `at_hand` says that such a bot asks; without it everything is counted at once.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final, Self
from uuid import UUID

from bot import clock
from bot.services import exports
from dialogs import types
from dialogs.model import Choice, Dialog, Step
from dialogs.types import ChoiceSource
from storage import export_rows
from storage.unit import Unit

FEW: Final = 150
"""So many runs are counted where it is asked for: in some milliseconds."""
JUST_NOW: Final = 10.0
"""Seconds for which figures count that others have answered after: or whoever asks would never see any."""
LONGEST: Final = 60.0
"""Seconds for which figures count where numbers are given out before the commit (PostgreSQL)."""
MOST: Final = 200
"""Of so many broadcasts figures are kept."""
TAKEN_BACK: Final = (*exports.ERASED, "on_paper.taken_back")
"""Audit actions after which what was counted may hold what is not there any more."""
_CLOSED: Final = frozenset({ChoiceSource.LIST, ChoiceSource.NUMBERS})


@dataclass(frozen=True, slots=True)
class Tally:
    """One question: how many people answered, how many chose each option, and the length of the voice notes."""

    people: int = 0
    chosen: Mapping[str, int] = field(default_factory=dict)
    seconds: int = 0


class Uncounted(Exception):
    """Broadcasts of which so much was said that it is counted first; nothing that was asked for can be shown yet."""

    def __init__(self, broadcasts: Collection[UUID]) -> None:
        super().__init__(f"{len(broadcasts)} broadcasts")
        self.broadcasts = frozenset(broadcasts)


@dataclass(frozen=True, slots=True)
class BroadcastTally:
    """A broadcast as it was counted.

    Attributes:
        questions: by the question's name.
        runs: how many runs there were.
        seq: the number of the newest answer there was, of any broadcast.
        trail: how many entries the audit trail had.
    """

    questions: Mapping[str, Tally]
    runs: int
    seq: int
    trail: int

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        questions = {name: [each.people, dict(each.chosen), each.seconds] for name, each in self.questions.items()}
        return {"questions": questions, "runs": self.runs, "seq": self.seq, "trail": self.trail}

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> Self:
        """Return what `to_dict` made."""
        questions = {name: Tally(*each) for name, each in told["questions"].items()}
        return cls(questions, told["runs"], told["seq"], told["trail"])


class Tallies:
    """The figures of the broadcasts that were counted lately.

    Attributes:
        wanted: broadcasts that nobody waits for and that are to be counted.
    """

    def __init__(self) -> None:
        self._kept: dict[UUID, tuple[BroadcastTally, float]] = {}
        self.wanted: set[UUID] = set()

    def keep(self, broadcast_id: UUID, found: BroadcastTally) -> None:
        """Keep figures; the oldest go where there are many."""
        self._kept.pop(broadcast_id, None)
        self._kept[broadcast_id] = found, clock.seconds()
        while len(self._kept) > MOST:
            del self._kept[next(iter(self._kept))]

    def kept_since(self, broadcast_id: UUID, moment: float) -> bool:
        """Return whether a broadcast's figures are newer than a moment of the clock that only goes forward."""
        return broadcast_id in self._kept and self._kept[broadcast_id][1] >= moment

    def find(self, unit: Unit, broadcast_id: UUID) -> BroadcastTally | None:
        """Return a broadcast's figures, where nothing was said, erased or begun since, or only just now."""
        if broadcast_id not in self._kept:
            return None
        found, at = self._kept[broadcast_id]
        age, runs = clock.seconds() - at, unit.unread_said.runs_of(broadcast_id)
        if runs < found.runs or unit.audit.any_after(found.trail, TAKEN_BACK):
            return None
        if 0 <= age < JUST_NOW:
            return found
        ordered = unit.connection.dialect.name == "sqlite"  # one writer: numbers come in the order of the commits
        if (
            runs > found.runs
            or unit.unread_said.said_after(broadcast_id, found.seq)
            or not (ordered or 0 <= age < LONGEST)
        ):
            return None
        found = replace(
            found, seq=unit.unread_said.newest()
        )  # the next look need not go through what was just looked at
        self._kept[broadcast_id] = found, at
        return found


_AT_HAND: Final[ContextVar[Tallies | None]] = ContextVar("tallies", default=None)


@contextmanager
def at_hand(tallies: Tallies | None) -> Iterator[None]:
    """Let what is asked for in the block be counted beforehand, where it is much."""
    before = _AT_HAND.set(tallies)
    try:
        yield
    finally:
        _AT_HAND.reset(before)


def ready(unit: Unit, broadcasts: Collection[UUID]) -> None:
    """Raise Uncounted where some of what is going to be asked for has to be counted beforehand."""
    if missing := _missing(unit, broadcasts):
        raise Uncounted(missing)


def expect(unit: Unit, broadcasts: Collection[UUID]) -> None:
    """Have counted, while nobody waits for it, what whoever looks now is likely to ask for next."""
    want(_missing(unit, broadcasts))


def _missing(unit: Unit, broadcasts: Collection[UUID]) -> list[UUID]:
    """Return those of some broadcasts that have to be counted beforehand, and are not."""
    known = _AT_HAND.get()
    if known is None:
        return []
    return [each for each in broadcasts if unit.unread_said.runs_of(each) > FEW and known.find(unit, each) is None]


def want(broadcasts: Collection[UUID]) -> None:
    """Have broadcasts counted for whoever looks again."""
    known = _AT_HAND.get()
    if known is not None:
        known.wanted.update(broadcasts)


def of(unit: Unit, broadcast_id: UUID, dialog: Dialog) -> Mapping[str, Tally]:
    """Return a broadcast's figures by question; raises Uncounted where they have to be counted beforehand."""
    ready(unit, [broadcast_id])
    known = _AT_HAND.get()
    found = known.find(unit, broadcast_id) if known is not None else None
    return found.questions if found is not None else _questions(unit, broadcast_id, dialog)


def counted(unit: Unit, broadcast_id: UUID, dialog: Dialog) -> BroadcastTally:
    """Count a broadcast, whose dialog it is."""
    seq, trail, runs = unit.unread_said.newest(), unit.audit.number(), unit.unread_said.runs_of(broadcast_id)
    return BroadcastTally(_questions(unit, broadcast_id, dialog), runs, seq, trail)


def options(step: Step) -> tuple[Choice, ...]:
    """Return the options of a closed question; of a scale that is too long for buttons none, as it is typed."""
    kind = types.of(step)
    found = kind.options(step) if kind.choice_source in _CLOSED else ()
    whole = kind.pressable is None or len(kind.pressable(step, date.min)) == len(found)
    return tuple(found) if whole else ()


def _questions(unit: Unit, broadcast_id: UUID, dialog: Dialog) -> dict[str, Tally]:
    """Count what each person last answered, question by question."""
    given: dict[str, Mapping[str, Any]] = {
        row.pseudonym: row.answers for row in export_rows.of_broadcast(unit, broadcast_id)
    }
    known = {step.name: frozenset(each.name for each in options(step)) for step in dialog.questions}
    people: Counter[str] = Counter()
    seconds: Counter[str] = Counter()
    chosen: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for answers in given.values():
        for path, answer in answers.items():
            value = answer["value"]
            if value is None or path not in known:
                continue
            pieces = value if isinstance(value, list) else [value]
            people[path] += bool(pieces)
            seconds[path] += sum(each.get("seconds") or 0 for each in pieces if isinstance(each, dict))
            if known[path]:
                chosen[path].update({str(each) for each in pieces if not isinstance(each, dict)} & known[path])
    return {name: Tally(people[name], chosen[name], seconds[name]) for name in known}
