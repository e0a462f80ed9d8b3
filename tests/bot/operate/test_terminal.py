"""A conversation at a real terminal: Ctrl-C at any moment is a sentence, and leaves no secret on the screen."""

import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios

from bot.cli.operate import words
from storage.vault import load_key
from tests.bot.shell import ROOT, Shell

WIPE = "\033[2J"
CTRL_C = "\003"


def _at_a_terminal() -> None:
    """Make standard input the terminal that interrupts, also where the tests run in the background, deaf to Ctrl-C."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.setsid()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def conversation(shell: Shell, *said: str, steps: tuple[tuple[str, str], ...], columns: int = 80) -> str:
    """Run a command at a terminal of its own, answer each text that it shows; returns the whole screen's story."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    running = subprocess.Popen(
        [sys.executable, "-m", "bot", *said],
        cwd=shell.folder,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "TERM": "xterm", **shell.settings},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        preexec_fn=_at_a_terminal,  # noqa: PLW1509  so that Ctrl-C reaches it
    )
    os.close(theirs)
    shown, seen = b"", 0
    waiting = list(steps)
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:  # Linux's way to say that nobody is at the other end
            piece = b""
        if not piece:
            break
        shown += piece
        text = shown.decode("utf-8", "ignore")
        # A line is broken between words where the terminal is narrow.
        sought = re.compile(r"\s+".join(map(re.escape, waiting[0][0].split()))) if waiting else None
        if sought and (found := sought.search(text, seen)):
            seen = found.end()
            os.write(ours, waiting.pop(0)[1].encode())
    os.close(ours)
    assert running.wait(20) == 1
    assert not waiting, shown
    return shown.decode("utf-8").replace("\r\n", "\n")


def test_interrupted_with_the_key_on_the_screen(console: Shell) -> None:
    """Ctrl-C takes the words away before it says that it stopped; a narrow terminal breaks no word from its number."""
    console.good("cohort", "add", "Sierra Norte")
    steps = ((console.says("cli.key.alone"), "\n"), (console.says("cli.key.written"), CTRL_C))
    told = conversation(console, "key", "show", steps=steps, columns=36)
    of_key = words.of_key(load_key(console.folder / "hilo.key"), console.language)
    before, _, after = told.rpartition(WIPE)

    stopped, after = console.says("cli.stopped"), " ".join(after.split())
    assert stopped in after
    left = set(
        re.findall(r"\w+", after.replace(stopped, ""))
    )  # plain words of the key may stand in the sentence itself
    assert not left & set(of_key)
    shown = re.findall(r"(\d+) (\w+)", before)
    assert [word for _, word in sorted(shown[-24:], key=lambda pair: int(pair[0]))] == of_key
    assert max(len(line) for line in before.splitlines() if re.match(r" ?\d+ \w", line)) <= 36


def test_interrupted_at_a_question(console: Shell) -> None:
    """Ctrl-C at a question stands on a line of its own, after what was typed, in the language of the conversation."""
    language = "2" if console.language == "es" else "1"
    console.language = "en" if console.language == "es" else "es"
    steps = (("1 or 2?", f"{language}\n"), (console.says("cli.setup.a.name"), CTRL_C))
    told = conversation(console, "setup", steps=steps)

    assert re.search(r"\n\S*✗\S* " + re.escape(console.says("cli.setup.stopped", command="")[:12]), told)
    assert "Traceback" not in told
