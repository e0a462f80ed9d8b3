"""What every test may be asked for on the command line."""

from random import Random

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add our own options."""
    parser.addoption(
        "--screenshots", action="store_true", help="write the screenshots of the web chat into docs/screenshots"
    )
    parser.addoption(
        "--shuffle", metavar="SEED", help="run the files, and the tests of each, in another order; one order for a seed"
    )


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Shuffle the files and the tests of each; a file's tests stay together, for what they share is made once."""
    if (seed := config.getoption("--shuffle")) is None:
        return
    chance = Random(seed)
    places = dict.fromkeys(str(item.path) for item in items)
    order = {place: chance.random() for place in places}
    chance.shuffle(items)
    items.sort(key=lambda item: order[str(item.path)])


def pytest_report_header(config: pytest.Config) -> str | None:
    """Say by which seed the same order comes again."""
    seed = config.getoption("--shuffle")
    return None if seed is None else f"order: --shuffle {seed}"
