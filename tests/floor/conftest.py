"""Every installation that a published version left behind, on each engine in turn."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bot.conftest import shell
from tests.by_day import DATABASES_ALIKE
from tests.floor.ground import FLOORS, Ground, Later, load, unpack
from tests.storage.conftest import ENGINES, Databases, databases, empty_url

__all__ = ["databases", "empty_url", "shell"]


@pytest.fixture(params=ENGINES)
def ground(request: pytest.FixtureRequest, archive: Path, tmp_path: Path) -> Ground:
    """One installation, as it was left."""
    home, told = unpack(archive, tmp_path)
    url = f"sqlite:///{home / 'hilo.db'}"
    if request.param == "postgresql":
        databases: Databases = request.getfixturevalue("databases")
        url = databases.create()
        load(home / "hilo.db", told["revision"], url)
    return Ground(home, url, told)


def pytest_itemcollected(item: pytest.Item) -> None:
    """Let each test take one of the engines a day."""
    if hasattr(item, "callspec") and "ground" in item.callspec.params:
        item.add_marker(pytest.mark.by_day("ground", why=DATABASES_ALIKE))


@pytest.fixture(params=FLOORS, ids=[path.name.removesuffix(".tar.xz") for path in FLOORS])
def archive(request: pytest.FixtureRequest) -> Path:
    """What one published version left behind."""
    return Path(request.param)


@pytest.fixture
def later(ground: Ground) -> Iterator[Later]:
    """The same, started by this version."""
    it = Later(ground)
    yield it
    it.close()
