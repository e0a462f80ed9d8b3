"""A program of its own that reads what left a team and works out what nobody said. It does not know how Hilo decides.

It knows who was asked each time, and the options of the question; it holds that nobody changed their mind; and it
solves the system of all equations and inequalities that follow (two-phase simplex, with the basis kept from one
question to the next). What it looks for are counts of one to four: of whom a time asked, of those in one and not in
another, of those in both, and of everybody who was asked at exactly the same times.
"""

from collections import Counter
from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import ceil, floor

TINY = 1e-7
PIVOTS = 2_000


@dataclass(frozen=True)
class Told:
    """What left of one time: who had been asked, and between which numbers each count lies.

    A count is of an option, or of all options together where the options are named so.
    """

    asked: frozenset[Hashable]
    counts: Mapping[tuple[str, ...], tuple[int, int]]


class Infeasible(Exception):
    """Nobody who keeps their mind can have said all that."""


class Simplex:
    """Rows of equations over variables that are nought or more."""

    def __init__(self, rows: Sequence[tuple[Sequence[float], float]]) -> None:
        """Find a first solution; raises Infeasible."""
        self.width = width = len(rows[0][0])
        self.rows = []
        for number, (row, right) in enumerate(rows):
            sign = -1.0 if right < 0 else 1.0
            artificial = [float(number == other) for other in range(len(rows))]
            self.rows.append([*(sign * each for each in row), *artificial, sign * right])
        self.basis = [width + number for number in range(len(rows))]
        cost = [0.0] * width + [1.0] * len(rows) + [0.0]
        if self._least(cost, width + len(rows)) > TINY:
            raise Infeasible
        for number, variable in enumerate(self.basis):
            if variable >= width:
                place = next((at for at in range(width) if abs(self.rows[number][at]) > TINY), None)
                if place is not None:
                    self._pivot(number, place)

    def least(self, cost: Sequence[float]) -> float:
        """Return the smallest value of a sum of the variables."""
        return self._least([*cost, *([0.0] * len(self.rows)), 0.0], self.width)

    def solution(self) -> list[float]:
        """Return the variables as they stand."""
        found = [0.0] * (self.width + len(self.rows))
        for variable, row in zip(self.basis, self.rows, strict=True):
            found[variable] = row[-1]
        return found[: self.width]

    def _least(self, cost: list[float], usable: int) -> float:
        reduced = cost[:]
        for variable, row in zip(self.basis, self.rows, strict=True):
            if factor := cost[variable]:
                reduced = [one - factor * other for one, other in zip(reduced, row, strict=True)]
        for _ in range(PIVOTS):
            place = next((at for at in range(usable) if reduced[at] < -TINY), None)  # Bland's rule: it ends
            if place is None:
                return -reduced[-1]
            found = [
                (row[-1] / row[place], self.basis[number], number)
                for number, row in enumerate(self.rows)
                if row[place] > TINY
            ]
            number = min(found)[2]
            self._pivot(number, place)
            factor = reduced[place]
            reduced = [one - factor * other for one, other in zip(reduced, self.rows[number], strict=True)]
        raise AssertionError

    def _pivot(self, number: int, place: int) -> None:
        by = self.rows[number][place]
        chosen = self.rows[number] = [each / by for each in self.rows[number]]
        for other, row in enumerate(self.rows):
            if other != number and (factor := row[place]):
                self.rows[other] = [one - factor * each for one, each in zip(row, chosen, strict=True)]
        self.basis[number] = place


def small_counts(told: Sequence[Told], options: Sequence[str]) -> Iterator[tuple[frozenset[int], str, int, int]]:
    """Yield the counts of one to four that follow: of which patterns of people, of which option, from what to what.

    An option that begins with `not ` is everybody else of the same people.
    """
    sizes = Counter(
        tuple(at for at, each in enumerate(told) if person in each.asked)
        for person in frozenset[Hashable]().union(*(each.asked for each in told))
    )
    atoms, names = list(sizes), [*options, "nothing"]
    place = {(atom, name): at for at, (atom, name) in enumerate((a, n) for a in range(len(atoms)) for n in names)}
    system, width = _system(told, sizes, names, place)
    seen = [system.solution()]
    for group in _groups(told, atoms):
        whole = sum(sizes[atoms[atom]] for atom in group)
        for name in names:
            wanted = [place[atom, name] for atom in group]
            known = [sum(each[at] for at in wanted) for each in seen]
            low, high = min(known), max(known)
            if _may_be_found(low, high) or _may_be_found(whole - high, whole - low):
                cost = [0.0] * width
                for at in wanted:
                    cost[at] = 1.0
                low = system.least(cost)
                seen.append(system.solution())
                high = -system.least([-each for each in cost])
                seen.append(system.solution())
                least, most = ceil(low - TINY), floor(high + TINY)
                if least >= 1 and most <= 4:
                    yield group, name, least, most
                if whole - most >= 1 and whole - least <= 4:
                    yield group, f"not {name}", whole - most, whole - least


def _system(
    told: Sequence[Told],
    sizes: Mapping[tuple[int, ...], int],
    names: Sequence[str],
    place: Mapping[tuple[int, str], int],
) -> tuple[Simplex, int]:
    """Write down everything that is known as equations; return them with the number of variables."""
    ranges = [
        ([(atom, name) for atom, pattern in enumerate(sizes) if at in pattern for name in named], low, high)
        for at, each in enumerate(told)
        for named, (low, high) in each.counts.items()
    ]
    width = len(place) + 2 * len(ranges)
    rows: list[tuple[list[float], float]] = []

    def row(chosen: Collection[tuple[int, str]], right: int, *extra: tuple[int, float]) -> None:
        line = [0.0] * width
        for cell in chosen:
            line[place[cell]] = 1.0
        for at, sign in extra:
            line[len(place) + at] = sign
        rows.append((line, float(right)))

    for atom, people in enumerate(sizes.values()):
        row([(atom, name) for name in names], people)
    for number, (chosen, low, high) in enumerate(ranges):
        if low == high:
            row(chosen, low)
        else:
            row(chosen, low, (2 * number, -1.0))
            row(chosen, high, (2 * number + 1, 1.0))
    return Simplex(rows), width


def _may_be_found(low: float, high: float) -> bool:
    """Return whether solutions so far leave it open that a count is one to four."""
    return low > TINY and high < 5 - TINY


def _groups(told: Sequence[Told], atoms: Sequence[tuple[int, ...]]) -> Iterator[frozenset[int]]:
    times = [frozenset(atom for atom, pattern in enumerate(atoms) if at in pattern) for at in range(len(told))]
    found = [*times, *(frozenset([atom]) for atom in range(len(atoms)))]
    for one, other in combinations(times, 2):
        found += [one - other, other - one, one & other]
    yield from (each for each in dict.fromkeys(found) if each)
