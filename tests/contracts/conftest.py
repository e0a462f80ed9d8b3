"""Fixtures of the contract suite: `rig` is every messenger in turn, `carrier` those that carry messages themselves."""

from collections.abc import AsyncIterator, Iterator

import pytest

from bot.messengers.port import Messenger
from tests.contracts.rigs import CARRIERS, RIGS, Carrier, Rig
from tests.double.fixture import double

__all__ = ["double"]


@pytest.fixture
def anyio_backend() -> str:
    """The one loop that adapters run on."""
    return "asyncio"


@pytest.fixture(params=list(RIGS))
def rig(request: pytest.FixtureRequest) -> Iterator[Rig]:
    """Every messenger with somebody who talks."""
    with RIGS[request.param]() as rig:
        yield rig


@pytest.fixture(params=CARRIERS)
def carrier(request: pytest.FixtureRequest) -> Iterator[Rig]:
    """Every messenger that carries messages, with somebody who talks."""
    with RIGS[request.param]() as carrier:
        yield carrier


@pytest.fixture
async def messenger(rig: Rig) -> AsyncIterator[Messenger]:
    """The bot's side of `rig`."""
    messenger = rig.messenger()
    yield messenger
    await messenger.close()


@pytest.fixture
async def sender(carrier: Carrier) -> AsyncIterator[Messenger]:
    """The bot's side of `carrier`."""
    sender = carrier.messenger()
    yield sender
    await sender.close()
