"""`--update` writes the skeletons of the transcripts anew from what happens now; git then shows what changed."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option; it is known when this folder is named: `pytest tests/golden --update`."""
    parser.addoption("--update", action="store_true", help="write the golden transcripts anew")


@pytest.fixture
def update(request: pytest.FixtureRequest) -> bool:
    """Whether transcripts are written rather than compared."""
    return bool(request.config.getoption("--update", default=False))
