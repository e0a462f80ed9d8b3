"""What joining, a turn, the tick and a broadcast cost among 100, 1,000 and 10,000 people, in one run, alternating.

Of each the median; of a broadcast's message the mean, since now and then its panel counts everybody it goes to.
"""

import itertools
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

from tests.bench.table import Figure, Tell, middle, shown
from tests.bench.town import Town

MESSAGE = "a broadcast, a message"
MOST = 1.2  # times what it costs among the fewest


@dataclass(frozen=True)
class Plan:
    """Among how many people, and how often each thing is done."""

    sizes: tuple[int, ...] = (100, 1_000, 10_000)
    times: int = 40
    steps: int = 100  # of a broadcast


FULL = Plan()
QUICK = Plan(sizes=(100, 1_000), times=8, steps=8)

TICKS: dict[str, dict[str, float]] = {
    "the tick, each second": {"milliseconds": 1},
    "the tick, each minute": {"minutes": 1},
    "the tick, each hour": {"hours": 1},
}


def report(plan: Plan, tell: Tell) -> list[Figure]:
    """Measure each thing in every town by turns, so that a busy moment of the machine befalls them all."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        towns: dict[int, Town] = {}
        for size in plan.sizes:
            began = time.monotonic()
            towns[size] = Town(folder / str(size), size)
            stack.callback(towns[size].close)
            tell(f"people: {size:,}, filled in {time.monotonic() - began:.0f} s")
        taken: defaultdict[str, dict[int, list[float]]] = defaultdict(lambda: defaultdict(list))

        def round_(name: str, times: int, work: Callable[[Town], float]) -> None:
            for _, (size, town) in itertools.product(range(times), towns.items()):
                taken[name][size].append(work(town))
            tell(f"people: {name}")

        for name, later in TICKS.items():
            round_(name, plan.times // 2 if "hours" in later else plan.times, lambda town, by=later: town.ticking(**by))  # type: ignore[misc]  # bound at once
        places = iter(range(10**9))
        round_("a turn", plan.times, lambda town: town.answering(next(places) % len(town.people)))
        sending = {
            size: (taken_ for _ in itertools.count() for taken_ in town.sending(plan.sizes[-1]))
            for size, town in towns.items()
        }
        for _, (size, steps) in itertools.product(range(plan.steps), sending.items()):
            taken[MESSAGE][size].append(next(steps))
        tell(f"people: {MESSAGE}")
        round_("joining", plan.times // 2, Town.joining)
    return [figure for name, by_size in taken.items() for figure in _figures(name, by_size)]


def _figures(name: str, by_size: dict[int, list[float]]) -> list[Figure]:
    """Compare what something costs among many with what it costs among the fewest."""
    fewest = min(by_size)
    typical = mean if name == MESSAGE else middle
    floor = typical(by_size[fewest])
    figures = [Figure(f"{name}: among {fewest:,}", floor, "ms", note=f"{len(by_size[fewest])} times")]
    for size, values in by_size.items():
        if size != fewest:
            note = f"{shown(typical(values))} ms"
            figures.append(Figure(f"{name}: among {size:,}", typical(values) / floor, "x", MOST, note=note))
    return figures
