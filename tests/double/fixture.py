"""The `double` fixture: `from tests.double.fixture import double` in a conftest makes it known there."""

from collections.abc import Iterator

import pytest

from tests.double import Double


@pytest.fixture
def double() -> Iterator[Double]:
    """A Bot API of its own for one test, which fails at its end if a wrong call was made that it did not expect."""
    with Double() as double:
        yield double
    assert not double.violations, double.violations
