"""What one more person costs where something comes back, counted in statements: the same on every machine."""

from collections import Counter
from datetime import timedelta
from pathlib import Path

from bot import clock
from tests.bench.rhythm import HOUR, MINUTE_OF_LOOKS, Village

FEW, MANY = 3, 9
ASKED, LOOKED_AT = 15, 13  # statements for each person more


def counted(folder: Path, people: int) -> tuple[Counter[str], Counter[str]]:
    """Count the statements of asking so many people once, and of looking at each of them, by their first words."""
    now = clock.now().replace(hour=15)
    village = Village(folder, [f"{place}" for place in range(people)], now)
    try:
        village.begin((now.weekday() + 3) % 7, 11)
        village.seconds(MINUTE_OF_LOOKS)
        village.make()
        village.now += 29 * HOUR
        village.rest()  # what is done once an hour is no part of it
        village.now += HOUR + timedelta(minutes=1)
        asked = village.statements()
        village.look_again()
        village.now += timedelta(minutes=2)
        return asked, village.statements()
    finally:
        village.close()


def test_one_more_person_costs_a_few_statements_and_no_savepoint(tmp_path: Path) -> None:
    """A batch is asked in one savepoint, and what all of it are asked by is read once."""
    (asked, looked), (more_asked, more_looked) = counted(tmp_path / "few", FEW), counted(tmp_path / "many", MANY)

    assert more_asked["SAVEPOINT"] == asked["SAVEPOINT"]
    assert (more_asked.total() - asked.total()) / (MANY - FEW) <= ASKED
    assert (more_looked["SAVEPOINT"] - looked["SAVEPOINT"]) / (MANY - FEW) <= 2
    assert (more_looked.total() - looked.total()) / (MANY - FEW) <= LOOKED_AT
