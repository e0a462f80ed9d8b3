"""The help of every command: in the console's language to the last word, whole, and within the terminal's width."""

import json
import os
import pty
import subprocess
import sys

import pytest

from tests.bot.shell import ROOT, Shell

WIDTH = 60
WALK = """
import json, typer
from typer.main import get_command
from bot.cli.main import app
found = {}
def walk(command, path, parent):
    context = typer.Context(command, info_name=path.split()[-1], parent=parent)
    found[path] = command.get_help(context)
    for name, each in getattr(command, "commands", {}).items():
        walk(each, f"{path} {name}", context)
walk(get_command(app), "hilo", None)
print(json.dumps(found))
"""
FOREIGN = {
    "es": ("Usage", "Options", "Arguments", "Show this", "required", "default", "COMMAND", "NAME ", "<str>", "…."),
    "en": ("Opciones", "Órdenes", "Cómo", "si no se", "NOMBRE", "required", "<str>", "int range"),
}


def settings(console: Shell, **more: str) -> dict[str, str]:
    """Return the environment of a process of its own."""
    return {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "COLUMNS": str(WIDTH), **console.settings, **more}


def test_every_help_is_whole_and_in_one_language(console: Shell) -> None:
    """Nothing is cut with dots, no line is longer than the terminal, and no word is of the library's English."""
    done = subprocess.run(
        [sys.executable, "-c", WALK], env=settings(console), capture_output=True, encoding="utf-8", check=True
    )
    helps = json.loads(done.stdout)
    usage = console.says("cli.help.usage", how="").strip()
    assert {"hilo", "hilo cohort close", "hilo people approve"} <= helps.keys()
    for path, told in helps.items():
        lines = told.split("\n")
        assert lines[0].startswith(f"{usage} {path}"), told
        assert not [word for word in FOREIGN[console.language] if word in told], told
        assert "..." not in told, told
        assert [line for line in lines[1:] if len(line) > WIDTH and len(line.split()) > 1] == [], told


def test_errors_wrap_at_words(console: Shell) -> None:
    """On a terminal of sixty columns no word of an error is cut, and no line is longer."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "bot", "nada"], cwd=console.folder, env=settings(console), stdout=theirs, stderr=theirs
    ) as process:
        os.close(theirs)
        told = b""
        while True:
            try:
                piece = os.read(ours, 4096)
            except OSError:  # how a terminal ends
                break
            if not piece:
                break
            told += piece
        process.wait(20)
    os.close(ours)
    lines = told.decode().replace("\x1b[31m", "").replace("\x1b[0m", "").split("\r\n")

    assert lines[0].startswith("✗ ")
    assert max(map(len, lines)) <= WIDTH, lines


@pytest.mark.parametrize("console", ["es"], indirect=True)
def test_commands_are_understood_in_spanish(console: Shell) -> None:
    """Who types `hilo grupo lista` means `hilo cohort list`."""
    assert console.good("grupo", "lista") == console.good("cohort", "list")
