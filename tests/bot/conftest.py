"""The fixtures of the bot's core."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot import clock
from bot.services import week
from tests.bot.rig import Rig
from tests.bot.shell import Shell
from tests.bot.water import FIRST
from tests.by_day import LANGUAGES_ALIKE


@pytest.fixture
def hilo(tmp_path: Path) -> Iterator[Rig]:
    """One installation with an organisation on record."""
    it = Rig(tmp_path)
    yield it
    it.close()


def pytest_itemcollected(item: pytest.Item) -> None:
    """Let what is asked at a terminal in each language be asked in one of them a day."""
    chosen = any("console" in mark.args[0] for mark in item.iter_markers("parametrize"))
    if hasattr(item, "callspec") and "console" in item.callspec.params and not chosen:
        item.add_marker(pytest.mark.by_day("console", why=LANGUAGES_ALIKE))


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a first question follow what is told of it at once: how it waits for that is told in `test_own_time`."""
    monkeypatch.setattr(week, "TELLING_WAITS", timedelta(0))


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


@pytest.fixture
def filled(shell: Shell) -> Iterator[Rig]:
    """An installation with a dialog of its own, which the commands of `shell` open too."""
    own = shell.folder / "dialogs"
    own.mkdir()
    (own / "water.yaml").write_text(FIRST, "utf-8")
    it = Rig(shell.folder, now=clock.now())
    yield it
    it.close()
