"""However somebody is erased: two minutes later nothing of theirs opens, and everybody else's reads as it did.

`tests/storage/test_epochs.py` does the same on PostgreSQL, with its files and log; `test_power_cut.py` without power at
every step.
"""

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

from tests.amounts import ERASED_WAYS
from tests.bot.operate.ways import WAYS, WORDS, Home, Way


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """An installation that somebody leaves."""
    folder = tmp_path / "home"
    folder.mkdir()
    it = Home(folder)
    with it.stack:
        yield it


@pytest.mark.proof
@pytest.mark.timeout(600)
@pytest.mark.parametrize("way", WAYS[: ERASED_WAYS.value], ids=lambda way: way.__name__)
def test_nothing_of_hers_opens_and_everybody_else_reads_on(home: Home, way: Way) -> None:
    """Every byte of the disk is opened with every key that is left on it."""
    assert f"person {home.hers}" in home.opened(), "as long as nobody is erased"
    way(home)
    home.two_minutes_later()
    found = home.opened()

    assert not [each for each in found if each.startswith((*home.gone, *WORDS))]
    assert found >= {f"person {UUID(each).hex}" for each in home.before}
    assert home.before
    assert home.read() == home.before
    assert len(WAYS) >= 30
