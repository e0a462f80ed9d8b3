"""What two trees' figures say: held, or given away; and what a decision may give away by name."""

import math
import re
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

DOUBT = 0.05
LEAST = 3  # pairs: so that there is a middle to tell
GIVES_UP = re.compile(r"^Gives up: (\w+) (\d+(?:\.\d+)?) (%|MB)$", re.MULTILINE)


@dataclass(frozen=True)
class Limit:
    """How much worse a part may become.

    Attributes:
        part: of the bench.
        most: the most that may be lost.
        unit: `%` of what the base takes, or `MB` beyond it.
        given: whether a decision gave up more than the usual.
    """

    part: str
    most: float
    unit: str
    given: bool = False


USUAL = (Limit("turns", 5, "%"), Limit("memory", 3, "MB"))


@dataclass(frozen=True)
class Verdict:
    """What pairs of measurements say of one part: the middle loss, and what the true one is at least, very likely."""

    limit: Limit
    middle: float
    least: float

    @property
    def lost(self) -> bool:
        """Whether more was lost than may be, and not by the whims of a busy machine alone."""
        return self.least > self.limit.most


def judge(limit: Limit, pairs: Sequence[tuple[float, float]]) -> Verdict:
    """Judge pairs of measurements, the base's and the head's, of which each was taken side by side.

    A share is one of what the base takes in the middle, as a single measurement may come out as next to nothing. Where
    even that does, the machine is too busy, and nothing is known.
    """
    losses = lost_by(limit, pairs)
    if not losses:
        return Verdict(limit, math.nan, math.nan)
    return Verdict(limit, statistics.median(losses), losses[spared(len(losses))])


def lost_by(limit: Limit, pairs: Sequence[tuple[float, float]]) -> list[float]:
    """Tell what each pair lost, the least first; nothing where the machine is too busy to tell."""
    whole = statistics.median(base for base, _ in pairs) / 100 if limit.unit == "%" else 1.0
    return sorted((head - base) / whole for base, head in pairs) if whole > 0 else []


def decided(limit: Limit, pairs: Sequence[tuple[float, float]], count: int) -> bool:
    """Tell whether nothing is lost, whatever the rest of so many pairs would say.

    More of them lie below the limit already than may where it is lost: the others need not be measured. For a share
    that holds as long as what the base takes in the middle stays what it is.
    """
    return len(pairs) >= LEAST and sum(loss <= limit.most for loss in lost_by(limit, pairs)) > spared(count)


def spared(count: int) -> int:
    """Return how many of so many pairs may lie below the limit, and it is lost all the same: the sign test.

    If no more than the limit were lost, each pair would lie below it by half a chance at least. So few of them below
    come by chance no oftener than once in twenty times. Under five pairs prove nothing: all of them count then.
    """
    few = 0
    while sum(math.comb(count, below) for below in range(few + 1)) / 2**count <= DOUBT:
        few += 1
    return max(0, few - 1)


def given_up(base: Path, head: Path) -> Iterator[tuple[str, str, float, str]]:
    """Find what decisions give up that are in the head and not in the base: page, part, how much, unit."""
    known = {path.name for path in (base / "docs/adr").glob("[0-9]*.md")}
    for path in sorted((head / "docs/adr").glob("[0-9]*.md")):
        if path.name not in known:
            for part, amount, unit in GIVES_UP.findall(path.read_text("utf-8")):
                yield path.name, part, float(amount), unit


def limits(base: Path, head: Path) -> list[Limit]:
    """Return each part's limit. Where newer decisions give something up it is the sum of what they give.

    Raises:
        ValueError: a decision names what is no part, or measures it in another unit.
    """
    found = {limit.part: limit for limit in USUAL}
    sums = dict.fromkeys(found, 0.0)
    for page, part, amount, unit in given_up(base, head):
        if part not in found or unit != found[part].unit:
            known = ", ".join(f"{limit.part} in {limit.unit}" for limit in USUAL)
            raise ValueError(f"docs/adr/{page} gives up {part} {amount:g} {unit}; what can be given up: {known}")
        sums[part] += amount
    return [
        replace(limit, most=sums[part], given=True) if sums[part] > limit.most else limit
        for part, limit in found.items()
    ]
