"""A real `hilo run` in a process of its own, against the double, and the commands beside it."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
from sqlalchemy.exc import OperationalError

from tests.bot.ready import ready
from tests.double import Double
from tests.storage.world import opened

READY = 90.0  # on a busy machine the heavier client takes half a minute to be imported
ROOT = Path(__file__).parents[2]


def free_port() -> int:
    """Find a port nobody uses."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


class Hilo:
    """One installation in one folder: commands, and a bot that can be started, stopped and killed."""

    module = "bot"  # what each process runs
    word = "run"  # the command that stays
    python: tuple[str, ...] = (sys.executable,)  # by which the bot itself is run
    patience = READY

    def __init__(self, home: Path, double: Double | None, client: str = "ptb", **settings: str) -> None:
        """Take the folder everything is written to, and Telegram's double (None: web chat alone)."""
        self.port = free_port()
        self.home = home
        self.log = home.parent / f"{home.name}.log"
        self.environment = {
            "PATH": os.environ["PATH"],
            "HILO_HOME": str(home),
            "HILO_LANGUAGE": "en",
            "HILO_TELEGRAM_CLIENT": client,
            "PORT": str(self.port),
            "HILO_CHAT_RATE": "1000",  # people here read nothing, and answer at once
            "PYTHONPATH": str(ROOT),
            **settings,
        }
        if double is not None:
            self.environment |= {"HILO_TELEGRAM_TOKEN": double.token, "HILO_TELEGRAM_API": double.url}
        self.url = settings.get("HILO_DATABASE_URL") or f"sqlite:///{home / 'hilo.db'}"
        self.process: subprocess.Popen[bytes] | None = None
        self.typed = ""

    @property
    def health(self) -> str:
        """Where it answers once it is there."""
        return f"http://127.0.0.1:{self.port}/health"

    def hook(self, secret: str = "a-secret-that-nobody-guesses") -> str:  # noqa: S107  of a test
        """Have updates brought to it from its next start on; returns the address."""
        address = f"http://127.0.0.1:{self.port}/telegram"
        self.environment |= {"HILO_WEBHOOK_URL": address, "HILO_WEBHOOK_SECRET": secret}
        return address

    def unhook(self) -> None:
        """Have it fetch updates from its next start on."""
        del self.environment["HILO_WEBHOOK_URL"]

    def rows(self, query: str) -> list[tuple[object, ...]]:
        """Ask its database, once more where that takes nobody in for a while: among other tests a server is slow."""
        try:
            return self._rows(query)
        except OperationalError:
            return self._rows(query)

    def _rows(self, query: str) -> list[tuple[object, ...]]:
        with opened(self.url) as database, database.read() as connection:
            return [tuple(row) for row in connection.exec_driver_sql(query)]

    def command(self, *words: str, fails: bool = False) -> str:
        """Run `hilo WORDS`; returns what it printed. It must succeed, or fail where `fails` is set."""
        done = subprocess.run(
            [sys.executable, "-m", self.module, *words],
            cwd=self.home.parent,
            env=self.environment,
            input=self.typed,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert (done.returncode != 0) is fails, done.stdout + done.stderr
        assert "Traceback" not in done.stderr, done.stderr
        return done.stdout + done.stderr

    def start(self, *options: str) -> None:
        """Start the bot and wait until it answers."""
        self.begin(*options)
        self.wait()

    def begin(self, *options: str) -> None:
        """Start the bot, and wait for nothing."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*self.python, "-m", self.module, self.word, *options],
                cwd=self.home.parent,
                env=self.environment,
                stdout=log,
                stderr=log,
            )

    def wait(self) -> None:
        """Wait until it answers."""
        assert self.process is not None
        end = time.monotonic() + self.patience
        while time.monotonic() < end:
            assert self.process.poll() is None, self.log.read_text()
            try:
                if httpx.get(self.health).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.05)
        raise AssertionError(self.log.read_text())

    def stop(self) -> None:
        """Ask the bot to stop, and see that it does."""
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            assert self.process.wait(20) in {0, -signal.SIGTERM}, self.log.read_text()
            self.process = None

    def kill(self) -> None:
        """End the bot without any warning."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()
        self.process = None

    def invite(self, cohort: str, *, as_it_is: bool = False, **options: str) -> str:
        """Make an invite; returns its code. The organisation is made ready for it, unless it is to be as it is."""
        if not as_it_is:
            ready(self.home, url=self.url)
        extra = [word for name, value in options.items() for word in (f"--{name}", value)]
        printed = self.command("invite", "--cohort", cohort, *extra)
        return next(line.removeprefix("code: ") for line in printed.splitlines() if line.startswith("code: "))
