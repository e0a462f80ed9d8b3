"""The fixtures of the bot's core."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bot.rig import Rig
from tests.bot.shell import Shell


@pytest.fixture
def hilo(tmp_path: Path) -> Iterator[Rig]:
    """One installation with an organisation on record."""
    it = Rig(tmp_path)
    yield it
    it.close()


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[Rig]:
    """One installation whose organisation has put nothing on record."""
    it = Rig(tmp_path, record={})
    yield it
    it.close()


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    """A terminal in English, in an empty folder."""
    return Shell(tmp_path, monkeypatch, capsys, "en")


@pytest.fixture(params=["es", "en"])
def console(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Shell:
    """A terminal in each language, in an empty folder."""
    return Shell(tmp_path, monkeypatch, capsys, request.param)
