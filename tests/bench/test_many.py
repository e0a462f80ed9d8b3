"""Many answers cost nobody who asks, answers or reads anything."""

import pytest

from tests.amounts import MANY
from tests.bench import many

ROOM = 1.0 if MANY.extended else 1.5  # the short form shares its processors: it sees what is read whole


@pytest.mark.proof
def test_an_organisation_with_many_answers_is_no_slower() -> None:
    """A turn, a panel, reading and an export cost at most 1.2 times what they cost with 10,000 answers."""
    figures = many.report(many.plan(), print)
    for figure in figures:
        print(*figure.cells)

    missed = [figure.cells for figure in figures if figure.target is not None and figure.value > ROOM * figure.target]
    assert len(figures) > len(missed)
    assert not missed
