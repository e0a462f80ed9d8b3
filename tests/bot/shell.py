"""The command line: in this process where it is quick, in one of its own where that is the point."""

import io
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.cli import console, main
from tests.bot.rig import texts

ROOT = Path(__file__).parents[2]
MARK = "✗ "


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended, and what it printed."""

    code: int
    out: str
    err: str

    @property
    def sentence(self) -> str:
        """The one sentence of a refusal."""
        assert self.code == 1, self
        assert self.err.startswith(MARK), self
        assert self.err.count("\n") == 1, self
        assert "Traceback" not in self.err
        return self.err.removeprefix(MARK).rstrip("\n")


class Keyboard(io.StringIO):
    """What is typed at a terminal by somebody who sits there."""

    def isatty(self) -> bool:
        """Say that it is one."""
        return True


class Shell:
    """A terminal in a folder of its own, in one language."""

    def __init__(
        self, folder: Path, patch: pytest.MonkeyPatch, capture: pytest.CaptureFixture[str], language: str
    ) -> None:
        self.folder = folder
        self.language = language
        self.settings = {"HILO_HOME": str(folder), "HILO_LANGUAGE": language}
        self._patch = patch
        self._capture = capture

    def __call__(self, *words: str, typed: str = "", somebody: bool = False) -> Ended:
        """Run `hilo WORDS` in this process; `typed` is what is typed at it, line by line, by a script or somebody."""
        self._capture.readouterr()
        with self._patch.context() as patch:
            for name in [name for name in os.environ if name.startswith(("HILO_", "SSH_")) or name == "PORT"]:
                patch.delenv(name)
            for name, value in self.settings.items():
                patch.setenv(name, value)
            patch.chdir(self.folder)
            patch.setattr(sys, "argv", ["hilo", *words])
            patch.setattr(sys, "stdin", Keyboard(typed) if somebody else io.StringIO(typed))
            patch.setattr(console, "LANGUAGE", self.language)
            with pytest.raises(SystemExit) as ended:
                main.main()
        printed = self._capture.readouterr()
        code = ended.value.code
        return Ended(code if isinstance(code, int) else 0, printed.out, printed.err)

    def good(self, *words: str, typed: str = "", somebody: bool = False) -> str:
        """Run a command that has to succeed; returns what it printed."""
        ended = self(*words, typed=typed, somebody=somebody)
        assert (ended.code, ended.err) == (0, ""), ended
        return ended.out

    def refused(self, *words: str, typed: str = "") -> str:
        """Run a command that has to be refused; returns the one sentence it said."""
        return self(*words, typed=typed).sentence

    def apart(self, *words: str, **settings: str) -> Ended:
        """Run `hilo WORDS` in a process of its own."""
        done = subprocess.run(
            [sys.executable, "-W", "error", "-m", "bot", *words],
            cwd=self.folder,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **self.settings, **settings},
            capture_output=True,
            encoding="utf-8",
            timeout=20,
            check=False,
        )
        return Ended(done.returncode, done.stdout, done.stderr)

    def says(self, code: str, /, **facts: object) -> str:
        """Return the sentence of a code in the shell's language."""
        return texts().say(code, self.language, **facts)
