"""A year of what comes back, in minutes: nobody twice, nobody outside her hours, nobody too often, no skip unexplained.

How many leaders and days, and from which seed: tests/amounts.py.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests import amounts
from tests.rhythm.ledger import Ledger
from tests.rhythm.year import Plan, Year

LEADERS, DAYS = amounts.LEADERS.value, amounts.DAYS.value
KILLS, OUTAGES = 40, 6  # in a year


def plan(leaders: int, days: int, seed: int = amounts.SEED.value) -> Plan:
    """Let as much happen in a shorter time as its share of the year's is, and some of each at least."""
    return Plan(leaders, days, max(4, KILLS * days // 365), max(2, OUTAGES * days // 365), seed)


@contextmanager
def lived(folder: Path, plan: Plan) -> Iterator[Year]:
    """Let a whole history pass."""
    folder.mkdir()
    year = Year(folder, plan)
    try:
        year.settle_in()
        year.live()
        yield year
    finally:
        year.world.close()


@pytest.mark.proof
@pytest.mark.timeout(0 if amounts.LEADERS.extended or amounts.DAYS.extended else 600)
def test_a_year_in_minutes(tmp_path: Path) -> None:
    """Killed and cut off again and again: everybody is asked once, in her hours, at most twice in seven days."""
    with lived(tmp_path / "home", plan(LEADERS, DAYS)) as year:
        found = Ledger(year)
        assert not (wrong := found.wrong()), "\n".join(wrong[:40])

        started = sum(each.state == "started" for each in found.stood)
        assert year.world.deaths + len(year.kills) + 1 >= len(year.killed_at)
        assert year.world.deaths >= year.plan.kills // 2
        assert started > LEADERS * DAYS / 7 * 0.4
        assert sum(each.state == "started" and each.schedule == year.way for each in found.stood) > LEADERS
        assert year.world.count("answers") > started


@pytest.mark.proof
def test_the_same_seed_gives_the_same_log(tmp_path: Path) -> None:
    """To the last message and its moment; another seed gives another."""
    told = []
    for place, seed in enumerate((1, 1, 2)):
        with lived(tmp_path / str(place), plan(4, 9, seed)) as year:
            told.append(year.story())
    first, second, other = told

    assert len(first) > 100
    assert first == second
    assert first != other
