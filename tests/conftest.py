"""What every test may be asked for on the command line."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add our own options."""
    parser.addoption(
        "--screenshots", action="store_true", help="write the screenshots of the web chat into docs/screenshots"
    )
