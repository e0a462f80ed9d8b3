"""Which figures of a question may leave the team, in bands of five, beside all that left before.

Pure: it knows neither rows nor people, so that it can be attacked. Whoever reads what left is taken to know who was
asked each time, and to hold that nobody who was asked the same question twice changed their mind. A figure leaves only
if, for each count that could be worked out from all of it, another **world** fits as well, in which that count is none,
or five or more. A world that is not found within some steps counts as none: then the figure stays.
"""

from collections import Counter
from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import Final, TypeAlias

BAND: Final = 5
"""Counts leave in bands of so many, and none is below it."""
FEW: Final = 8
"""Where fewer answered, what no more than half of them chose is not told."""
ANSWERED: Final = ""
"""Stands for everybody who answered, beside the options' names."""
RELATED: Final = 6
"""Beside more earlier tables of the same people nothing is told."""
STEPS: Final = 60
"""So many steps a world is looked for."""


@dataclass(frozen=True, slots=True)
class QuestionCounts:
    """One question of one broadcast.

    Attributes:
        people: who was asked, as far as they are known still.
        asked: how many were asked.
        figures: how many chose each option and how many answered (`ANSWERED`); of what left, each band's lowest number.
        several: whether somebody may choose several options.
        group: in which group.
    """

    people: frozenset[Hashable]
    asked: int
    figures: Mapping[str, int] = field(hash=False)
    several: bool = False
    group: Hashable = None

    @property
    def lost(self) -> int:
        """How many of those who were asked are not known any more."""
        return max(0, self.asked - len(self.people))


_Cells: TypeAlias = frozenset[tuple[int, str]]
"""Some atoms' counts of an option: an atom is who was asked at the same times."""
_World: TypeAlias = dict[tuple[int, str], int]
_Range: TypeAlias = tuple[int, int]
_OTHER: Final = "\0other"
_SILENT: Final = "\0silent"


@dataclass(slots=True)
class _Bound:
    """What is known of a sum of cells."""

    cells: _Cells
    least: int
    most: int
    weight: int = 1

    def lacks(self, total: int) -> int:
        """Return by how many people a total is too small (above nought) or too large (below)."""
        if total < self.least:
            return self.least - total
        return self.most - total if total > self.most else 0


def lowest(people: int) -> int:
    """Return the lowest number of the band that a count is in."""
    return people - people % BAND


def tellable(counted: QuestionCounts, told: Sequence[QuestionCounts] = ()) -> dict[str, int]:
    """Return the figures of a question that may leave the team, each by its band's lowest number.

    Args:
        counted: the question, as it is counted now.
        told: what left of the same question before: of others who were asked, or at other times.
    """
    bands = {name: lowest(people) for name, people in counted.figures.items() if _may_stand(counted, name, people)}
    if counted.several:
        bands.pop(ANSWERED, None)
    near = related(counted, told)
    if near is None or not bands:
        return {}
    options = counted.figures.keys() - {ANSWERED}
    if fits(near, replace(counted, figures=bands), options):
        return bands
    kept: dict[str, int] = {}
    for name, band in bands.items():
        if fits(near, replace(counted, figures={**kept, name: band}), options):
            kept[name] = band
    return kept


def _may_stand(counted: QuestionCounts, name: str, people: int) -> bool:
    """Return whether a figure is large enough by itself, tells nothing of everybody, and of few no minority."""
    answered = counted.figures.get(ANSWERED, 0)
    if name != ANSWERED and answered < FEW and 2 * people <= answered:
        return False
    return people >= BAND and (name == ANSWERED or lowest(people) < counted.asked)


def related(counted: QuestionCounts, told: Sequence[QuestionCounts]) -> list[QuestionCounts] | None:
    """Return what left of people who are asked again, and of whom those were asked with at other times.

    None where there is too much of it, or nobody can say any more who they were.
    """
    near, rest = [counted], list(dict.fromkeys(told))
    for one in near:
        near += [each for each in rest if _near(one, each)]
        rest = [each for each in rest if each not in near]
    found = near[1:]
    if len(found) > RELATED or (len(found) > 1 and any(each.lost for each in found)):
        return None
    return found


def _near(one: QuestionCounts, other: QuestionCounts) -> bool:
    """Return whether some people were asked both times, or may have been."""
    may = (one.lost or other.lost) and (one.group == other.group or (one.lost and other.lost))
    return bool(may or one.people & other.people)


def fits(told: Sequence[QuestionCounts], new: QuestionCounts, options: Collection[str]) -> bool:
    """Return whether all that left and a new table let nobody work out a count of one to four.

    `options` are those of the question, whether they are told or not.
    """
    tables = [*told, new]
    if not new.several:
        return _hides(tables, options)
    names = dict.fromkeys(name for each in tables for name in each.figures)
    return all(_hides([_alone(each, name) for each in tables], ()) for name in names)


def _alone(table: QuestionCounts, name: str) -> QuestionCounts:
    return replace(table, figures={name: table.figures[name]} if name in table.figures else {})


def _hides(tables: Sequence[QuestionCounts], options: Collection[str]) -> bool:
    """Return whether every count has a world in which it is none, or five or more.

    Options that are told nowhere stand together: each of several of them may be none.
    """
    atoms = _atoms(tables)
    told = dict.fromkeys(name for each in tables for name in each.figures if name != ANSWERED)
    names = [*told, *([_OTHER] if any(name not in told for name in options) else []), _SILENT]
    numbers = range(len(atoms))
    places = {pattern: number for number, pattern in enumerate(atoms)}
    of_table = [frozenset(places[pattern] for pattern in atoms if at in pattern) for at in range(len(tables))]
    bounds = [
        _Bound(_cells(of_table[at], names[:-1] if name == ANSWERED else [name]), least, least + BAND - 1)
        for at, each in enumerate(tables)
        for name, least in each.figures.items()
    ]
    empty = {(number, name): 0 for number in numbers for name in names}
    sizes = list(atoms.values())
    first = _world({**empty, **{(number, _SILENT): sizes[number] for number in numbers}}, names, bounds)
    if first is None:
        return False
    worlds = [first]
    for group in _groups(of_table, len(atoms)):
        whole = sum(sizes[number] for number in group)
        for name in names:
            cells = _cells(group, [name])
            for harmless in _harmless(whole):
                counts = [sum(world[each] for each in cells) for world in worlds]
                if not any(least <= count <= most for count in counts for least, most in harmless):
                    found = _other_world(worlds, names, bounds, cells, harmless)
                    if found is None:
                        return False
                    worlds.append(found)
    return True


def _atoms(tables: Sequence[QuestionCounts]) -> dict[tuple[int, ...], int]:
    """Return how many people were asked at exactly which of some times; who is not known any more was asked once."""
    everybody = frozenset[Hashable]().union(*(each.people for each in tables))
    found = Counter(tuple(at for at, each in enumerate(tables) if person in each.people) for person in everybody)
    for at, each in enumerate(tables):
        if each.lost:
            found[(at,)] += each.lost
    return dict(sorted(found.items()))


def _cells(atoms: Collection[int], names: Sequence[str]) -> _Cells:
    return frozenset((number, name) for number in atoms for name in names)


def _groups(of_table: Sequence[frozenset[int]], atoms: int) -> Iterator[frozenset[int]]:
    """Yield the people whose counts could be worked out: of a table, in one and not in another, in both, of an atom."""
    found = [*of_table, *(frozenset([number]) for number in range(atoms))]
    for one, other in combinations(of_table, 2):
        found += [one - other, other - one, one & other]
    yield from (each for each in dict.fromkeys(found) if each)


def _harmless(people: int) -> Iterator[list[_Range]]:
    """Yield in which ranges a count of some people gives nobody away, and in which the count of the others does not."""
    for ranges in ([(0, 0), (BAND, people)], [(people, people), (0, people - BAND)]):
        yield [(least, most) for least, most in ranges if least <= most]


def _other_world(
    worlds: Sequence[_World], names: Sequence[str], bounds: Sequence[_Bound], cells: _Cells, harmless: Sequence[_Range]
) -> _World | None:
    """Return a world in which a count is in one of some ranges; None if none is found."""
    for least, most in harmless:
        for start in (worlds[0], worlds[-1]):
            wanted = [*(replace(each, weight=1) for each in bounds), _Bound(cells, least, most)]
            if (found := _world(start, names, wanted)) is not None:
                return found
    return None


def _world(start: _World, names: Sequence[str], bounds: Sequence[_Bound]) -> _World | None:
    """Return a world within all bounds, changed from another one step by step; None if none is found.

    Each step moves people of one atom from one option to another, to where least is lacking; what is lacking for long
    weighs more with every step that does not help.
    """
    world = dict(start)
    of_cell: dict[tuple[int, str], list[int]] = {cell: [] for cell in world}
    totals = []
    for number, bound in enumerate(bounds):
        totals.append(sum(world[cell] for cell in bound.cells))
        for cell in bound.cells:
            of_cell[cell].append(number)
    for _ in range(STEPS):
        lacking = [number for number, bound in enumerate(bounds) if bound.lacks(totals[number])]
        if not lacking:
            return world
        step = _best(world, names, bounds, totals, of_cell, lacking)
        if step is None:
            for number in lacking:
                bounds[number].weight += 1
            continue
        left, right, people = step
        for cell, change in ((left, -people), (right, people)):
            world[cell] += change
            for number in of_cell[cell]:
                totals[number] += change
    return None


_Step: TypeAlias = tuple[tuple[int, str], tuple[int, str], int]


def _best(
    world: _World,
    names: Sequence[str],
    bounds: Sequence[_Bound],
    totals: Sequence[int],
    of_cell: Mapping[tuple[int, str], Sequence[int]],
    lacking: Sequence[int],
) -> _Step | None:
    """Return the step after which least is lacking; None if none helps."""
    best: _Step | None = None
    helps = 0
    for step in _steps(world, names, bounds, totals, lacking):
        gain = _gain(bounds, totals, of_cell, step)
        if gain > helps:
            best, helps = step, gain
    return best


def _steps(
    world: _World, names: Sequence[str], bounds: Sequence[_Bound], totals: Sequence[int], lacking: Sequence[int]
) -> Iterator[_Step]:
    """Yield what may help a bound that does not hold."""
    for number in lacking:
        bound = bounds[number]
        lacks = bound.lacks(totals[number])
        for atom, name in sorted(bound.cells):
            for other in names:
                inside, outside = (atom, name), (atom, other)
                if outside in bound.cells:
                    continue
                left, right = (outside, inside) if lacks > 0 else (inside, outside)
                if world[left]:
                    yield left, right, min(world[left], abs(lacks))
                    if world[left] > 1 and abs(lacks) > 1:
                        yield left, right, 1


def _gain(
    bounds: Sequence[_Bound], totals: Sequence[int], of_cell: Mapping[tuple[int, str], Sequence[int]], step: _Step
) -> int:
    """Return how much less is lacking after a step, each bound by its weight; below nought: more."""
    left, right, people = step
    gain = 0
    for cell, other, change in ((left, right, -people), (right, left, people)):
        for number in of_cell[cell]:
            bound = bounds[number]
            if other not in bound.cells:
                total = totals[number]
                gain += bound.weight * (abs(bound.lacks(total)) - abs(bound.lacks(total + change)))
    return gain
