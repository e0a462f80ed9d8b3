"""The whole way there and back on PostgreSQL: every statement of it runs there."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bot.rig import Rig
from tests.bot.test_freezing import asked_later
from tests.bot.test_there_and_back import walk
from tests.storage.conftest import Databases, databases  # noqa: F401  a fixture is known where it is imported


@pytest.fixture
def hilo(tmp_path: Path, databases: Databases) -> Iterator[Rig]:  # noqa: F811  pytest's way of asking for it
    """One installation on PostgreSQL."""
    url = databases.take()
    it = Rig(tmp_path, url=url)
    yield it
    it.close()
    databases.give(url)


@pytest.mark.proof
def test_there_and_back_on_postgresql(hilo: Rig) -> None:
    """From the purpose to what is left after an erasure."""
    assert walk(hilo, "es")


@pytest.mark.proof
def test_whoever_was_asked_later_is_in_no_figure_that_left_on_postgresql(hilo: Rig) -> None:
    """What left is compared with whom had been asked by that minute there, too."""
    asked_later(hilo)
