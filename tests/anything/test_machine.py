"""Anything may happen, in any order: leaders answer, cry, rest, leave and erase; the team asks, ends, takes back and
reads; the clock goes on; Telegram refuses, loses answers and brings things again; the process dies at any step.

After each step everything holds that was promised, and what is stored is what a model of it says. How many histories,
on each database: tests/amounts.py.
"""

import os
from pathlib import Path
from random import SystemRandom

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests import amounts
from tests.anything.holding import Broken
from tests.anything.outside import Outside
from tests.by_day import DATABASES_ALIKE
from tests.storage.conftest import ENGINES, Databases, databases  # noqa: F401  a fixture is known where it is imported

STEPS = 25
LONG = amounts.ANYTHING.extended
ANY = LONG and "HILO_SEED" not in os.environ  # whatever chance gives; else what a seed gives, always the same


class Anything(Outside):
    """One installation, and everything that may happen to it."""


@pytest.fixture(params=ENGINES)
def home(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Where the histories happen: in a file, or on a server."""
    monkeypatch.setattr(Anything, "home", tmp_path)
    if request.param == "postgresql":
        found: Databases = request.getfixturevalue("databases")
        monkeypatch.setattr(Anything, "take", staticmethod(found.take))
        monkeypatch.setattr(Anything, "give", staticmethod(found.give))
    return str(request.param)


@pytest.mark.by_day("home", why=DATABASES_ALIKE)
@pytest.mark.proof
@pytest.mark.usefixtures("home")
@pytest.mark.timeout(0 if LONG else 120)
def test_whatever_happens() -> None:
    """After each step of each history everything holds; what does not says in which history, and how to see it."""
    first = SystemRandom().randrange(1_000_000) if ANY else amounts.SEED.value
    for number in range(amounts.ANYTHING.value):
        try:
            history(first + number)
        except Broken as broken:
            broken.add_note(f"in history {number + 1}: HILO_ANYTHING=1 HILO_SEED={first + number}")
            raise


def history(number: int) -> None:
    """Live through one history: each has a seed of its own, so that none resembles the one before."""
    run_state_machine_as_test(  # type: ignore[no-untyped-call]  # hypothesis has no type for it
        seed(number)(Anything),
        settings=settings(
            max_examples=1,
            stateful_step_count=STEPS,
            database=None,
            deadline=None,
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
        ),
    )
