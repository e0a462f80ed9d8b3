"""Fixtures of the whole thread: Telegram's double, and a real bot process."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.double import Double
from tests.double.fixture import double  # noqa: F401  a fixture is known where it is imported
from tests.thread.bot import Hilo


@pytest.fixture(params=["ptb", pytest.param("aiogram", marks=pytest.mark.proof)])
def client(request: pytest.FixtureRequest) -> str:
    """Each Telegram client in turn; aiogram takes seconds to be imported, so with it each test is a proof."""
    return str(request.param)


@pytest.fixture
def install(tmp_path: Path, double: Double) -> Iterator[Callable[..., Hilo]]:  # noqa: F811  pytest's way of asking for it
    """Make an installation in an empty folder; whatever still runs at the end is stopped."""
    made: list[Hilo] = []

    def install(client: str = "ptb", **settings: str) -> Hilo:
        hilo = Hilo(tmp_path / f"home{len(made)}", double, client, **settings)
        made.append(hilo)
        return hilo

    yield install
    for hilo in made:
        if hilo.process is not None and hilo.process.poll() is None:
            hilo.stop()
