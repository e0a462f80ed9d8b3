"""One person's paper on PostgreSQL: every statement of it runs there."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.bot.rig import Rig
from tests.bot.test_own_paper import a_world, drawn, walk  # noqa: F401  a fixture is known where it is imported
from tests.storage.conftest import Databases, databases  # noqa: F401  the same


@pytest.fixture
def hilo(tmp_path: Path, databases: Databases) -> Iterator[Rig]:  # noqa: F811  pytest's way of asking for it
    """One installation on PostgreSQL."""
    url = databases.take()
    it = Rig(tmp_path, url=url)
    yield it
    it.close()
    databases.give(url)


@pytest.mark.proof
def test_one_persons_paper_on_postgresql(hilo: Rig, drawn: list[dict[str, Any]]) -> None:  # noqa: F811  the same
    """From typing it in to what is left after an erasure."""
    assert walk(a_world(hilo, drawn))
