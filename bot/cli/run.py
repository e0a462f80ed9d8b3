"""`hilo run`: the one command whose process stays, so it loads nothing that only other commands need."""

import asyncio
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from typing import Final

from bot import redaction
from bot.app import App, outdated
from bot.cli import console
from bot.config import Config, ConfigError
from bot.errors import Problem
from bot.runtime.parts import Part
from storage.database import file_of

_WRITTEN: Final[dict[tuple[str, ...], bool]] = {("run",): False, ("run", "--practice"): True}


def asked(words: Sequence[str]) -> bool | None:
    """Return whether practice is asked for, where a command line is a plain `run`; None for any other one."""
    return _WRITTEN.get(tuple(words))


def start(*, practice: bool, part: Part = "run") -> None:
    """Run the bot; an error that the person can mend is a sentence, not a traceback."""
    try:
        run(practice=practice, part=part)
    except console.FORESEEN as error:
        console.failed(error)
        raise SystemExit(1) from None


def run(*, practice: bool, part: Part = "run") -> None:
    """Run the bot: messengers, scheduler and courier in one process; or one part, among several.

    Raises:
        ConfigError: one part, on SQLite; a worker without what it needs besides.
    """
    redaction.set_up_logging()
    config = Config.load(practice=practice)
    if part != "run" and file_of(config.database_url) is not None:
        raise ConfigError(f"cli.error.{part}_shared")
    if part == "worker" and find_spec("procrastinate") is None:
        raise ConfigError("cli.error.worker_extra", python=sys.executable)
    console.step_down(config)
    if outdated(config):
        # In a process of its own: what migrating loads would stay in the memory of this one. It reports errors itself.
        command = [sys.executable, "-m", "bot", "migrate", *(["--practice"] if practice else [])]
        failure = subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode  # noqa: S603  our own
        if failure:
            raise SystemExit(failure)
    asyncio.run(_run(config, part))


async def _run(config: Config, part: Part) -> None:
    from bot.running import run as run_bot  # noqa: PLC0415  after whatever may be wrong: it is said sooner

    asyncio.get_running_loop().set_exception_handler(redaction.log_unretrieved)
    opened_app = App.open(config)
    try:
        for faulty in opened_app.content.in_files().with_errors():
            console.issues(faulty)
        await run_bot(
            opened_app,
            lambda running: console.ready(config, running.usernames, part),
            lambda: console.failed(Problem("cli.error.conflict")),
            part,
        )
    finally:
        opened_app.close()
