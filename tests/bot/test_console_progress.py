"""What a terminal shows while something takes long, and what it does not show anywhere else."""

import io
import sys

import pytest

from bot.cli import console
from bot.export.build import nobody


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("patience", "shown"), [(0.0, True), (60.0, False)])
def test_progress_shows_on_a_terminal_once_it_takes_long(
    monkeypatch: pytest.MonkeyPatch, patience: float, shown: bool
) -> None:
    """After a second it says what it does and how far it is; before, it stays quiet."""
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(console, "PATIENCE", patience)
    monkeypatch.setattr(console, "LANGUAGE", "en")
    monkeypatch.setenv("TERM", "xterm")
    with console.progress("cli.export.progress") as tell:
        tell(50, 200)

    assert (console.words("cli.export.progress") in terminal.getvalue()) is shown
    assert ("25%" in terminal.getvalue()) is shown


def test_elsewhere_nothing_is_shown_nor_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a file or a pipe there is no progress, and nobody has to be told of any."""
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    with console.progress("cli.export.progress") as tell:
        tell(50, 200)

    assert tell is nobody
    assert stream.getvalue() == ""
