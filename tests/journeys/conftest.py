"""One running bot for each messenger, shared by all journeys over it."""

from collections.abc import Iterator

import pytest

from tests.bot.walker import NEUTRAL
from tests.double import Double
from tests.journeys.bot import Bot, awake

RECORD = {**NEUTRAL, "askings_a_week": 50, "messages_a_week": 100}
"""These journeys ask more in minutes than anybody is asked in a week."""


@pytest.fixture(
    scope="module", params=["ptb", *(pytest.param(name, marks=pytest.mark.proof) for name in ("aiogram", "web"))]
)
def bot(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bot]:
    """A bot that is awake: over each Telegram client, and with the web chat alone."""
    folder = tmp_path_factory.mktemp(request.param)
    if request.param == "web":
        with awake(folder, "ptb", None, RECORD) as it:
            yield it
    else:
        with Double() as double:
            with awake(folder, request.param, double, RECORD) as it:
                yield it
            assert not double.violations, double.violations
